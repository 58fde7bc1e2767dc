import Router from '@koa/router'
import { requireAdmin } from '../web/middleware/require-account.ts'
import { allowOwnScripts } from '../web/middleware/security-headers.ts'
import { approvalPages, countWaiting } from './approval-pages.ts'
import { auditPages } from './audit-pages.ts'
import { clientCleanUp } from './client-clean-up.ts'
import { clientHosts } from './client-hosts.ts'
import { clientPages } from './client-pages.ts'
import { consentPages } from './consent-pages.ts'
import type { AdminRoutesDeps } from './console.ts'
import { diagnosticsPages } from './diagnostics.ts'
import { doctorPages } from './doctor-pages.ts'
import { homePages } from './home.ts'
import { keyPages } from './keys.ts'
import { registrationPages } from './registration.ts'
import { resourcePages } from './resource-pages.ts'
import { settingsPages } from './settings.ts'
import { upstreamPages } from './upstream-pages.ts'

/** Serves `/admin` and below. A member gets 404 on every one of them, also on posts (G21). */
export function adminRoutes(deps: AdminRoutesDeps): Router {
  // sensitive: the router matches the prefix of its guards letter by letter, but routes without regard to case: /ADMIN/clients
  // would be the page without its guard (G21).
  const router = new Router({ prefix: '/admin', sensitive: true })
  router.use(requireAdmin())
  router.use(countWaiting(deps.clientDesk.approvals, deps.clock))
  router.use(allowOwnScripts())
  homePages(router, deps)
  resourcePages(router, deps)
  clientPages(router, deps)
  clientCleanUp(router, deps)
  clientHosts(router, deps)
  registrationPages(router, deps)
  approvalPages(router, deps)
  upstreamPages(router, deps)
  consentPages(router, deps)
  auditPages(router, deps)
  keyPages(router, deps)
  diagnosticsPages(router, deps)
  doctorPages(router, deps)
  settingsPages(router, deps)
  return router
}
