import type { en } from '../en/en.ts'
import { admin } from './admin.ts'
import { approvals } from './approvals.ts'
import { common } from './common.ts'
import { consent } from './consent.ts'
import { errors } from './errors.ts'
import { login } from './login.ts'
import { mail } from './mail.ts'
import { me } from './me.ts'
import { provider } from './provider.ts'

/** German: informal in tone, polite in address, short. */
export const de: typeof en = { common, errors, login, consent, me, admin, mail, provider, approvals }
