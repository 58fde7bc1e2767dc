import type { en } from '../en/en.ts'
import { admin } from './admin.ts'
import { adminAudit } from './admin-audit.ts'
import { adminClients } from './admin-clients.ts'
import { adminConsents } from './admin-consents.ts'
import { adminHome } from './admin-home.ts'
import { adminKeys } from './admin-keys.ts'
import { adminResources } from './admin-resources.ts'
import { adminSettings } from './admin-settings.ts'
import { approvals } from './approvals.ts'
import { common } from './common.ts'
import { consent } from './consent.ts'
import { diagnostics } from './diagnostics.ts'
import { doctor } from './doctor.ts'
import { errors } from './errors.ts'
import { federation } from './federation.ts'
import { login } from './login.ts'
import { mail } from './mail.ts'
import { me } from './me.ts'
import { people } from './people.ts'
import { provider } from './provider.ts'
import { registration } from './registration.ts'
import { resources } from './resources.ts'
import { factors } from './second-factors.ts'
import { upstreams } from './upstreams.ts'

/** German: informal in tone, polite in address, short. */
export const de: typeof en = {
  common,
  diagnostics,
  doctor,
  adminKeys,
  adminConsents,
  adminAudit,
  errors,
  federation,
  login,
  factors,
  consent,
  me,
  admin,
  people,
  mail,
  provider,
  adminClients,
  approvals,
  registration,
  adminResources,
  resources,
  adminHome,
  adminSettings,
  upstreams,
}
