import Router from '@koa/router'
import Koa, { type Middleware } from 'koa'
import { errorCodeRoutes } from './admin/diagnostics-errors.ts'
import { type PeopleDeps, peopleRoutes } from './admin/people.ts'
import { adminRoutes } from './admin/routes.ts'
import { type ConsentRoutesDeps, consentRoutes } from './consent/routes.ts'
import { type LinkedRoutesDeps, linkedRoutes } from './federation/linked/routes.ts'
import { type FederationRoutesDeps, federationRoutes } from './federation/routes.ts'
import { type HealthDeps, healthRoutes } from './health/routes.ts'
import { limitDoors, pageDoors } from './limits/door.ts'
import type { Limits } from './limits/limits.ts'
import { type LoginRoutesDeps, loginRoutes } from './login/routes.ts'
import { createSignInPage } from './login/show-sign-in.ts'
import { logoRoutes } from './logos/routes.ts'
import { accountRoutes } from './me/routes.ts'
import type { AuthorizationInProgress, InteractionPort } from './oauth/interaction.ts'
import { type ApprovalRoutesDeps, approvalRoutes } from './provider/approval-routes.ts'
import { protocolErrorPage } from './provider/pages.ts'
import { secondFactorReason } from './provider/second-factor.ts'
import { type SessionPort, seeOther } from './web/context.ts'
import { crossSite } from './web/forms.ts'
import { type Languages, languageRoutes } from './web/language.ts'
import { oneAddress } from './web/middleware/one-address.ts'
import { loadSession } from './web/middleware/session.ts'
import type { Assets } from './web/static.ts'

/** What every mounted route needs. */
export interface RouterParts {
  /** Page tools, request id, log, headers, errors: in front of everything. */
  readonly front: readonly Middleware[]
  readonly languages: Languages
  readonly assets: Assets
  readonly health: HealthDeps
  readonly limits: Limits
  readonly sessions: SessionPort
  readonly interactions: InteractionPort<Koa.Context>
  readonly login: LoginRoutesDeps
  readonly federation: FederationRoutesDeps
  readonly consent: Omit<ConsentRoutesDeps, 'showSignIn'>
  readonly linked: LinkedRoutesDeps
  readonly logos: Parameters<typeof logoRoutes>[0]
  readonly approval: ApprovalRoutesDeps
  readonly account: Parameters<typeof accountRoutes>[0]
  readonly admin: Parameters<typeof adminRoutes>[0]
  readonly people: PeopleDeps
}

/** Every page in one screen. The protocol endpoints are not here: the front hands them to the library. */
export function createPages(parts: RouterParts): Koa {
  const app = new Koa()
  app.proxy = true
  app.on('error', () => {})
  for (const middleware of parts.front) app.use(middleware)
  app.use(oneAddress())
  app.use(parts.assets.middleware())
  mount(app, healthRoutes(parts.health))
  mount(app, logoRoutes(parts.logos))
  app.use(crossSite())
  app.use(loadSession(parts.sessions))
  app.use(limitDoors(parts.limits, pageDoors))
  mount(app, languageRoutes(parts.languages))
  mount(app, entryRoutes(parts.interactions))
  mount(app, loginRoutes(parts.login))
  mount(app, federationRoutes(parts.federation))
  mount(app, linkedRoutes(parts.linked))
  mount(app, consentRoutes({ ...parts.consent, showSignIn: createSignInPage(parts.login) }))
  mount(app, approvalRoutes(parts.approval))
  mount(app, accountRoutes(parts.account))
  mount(app, adminRoutes(parts.admin))
  mount(app, peopleRoutes(parts.people))
  mount(app, errorCodeRoutes())
  return app
}

/** `/` and `/interaction/:uid`: where a person or the library comes in, sent on to the page that is next. */
function entryRoutes(interactions: InteractionPort<Koa.Context>): Router {
  const router = new Router({ sensitive: true })
  router.get('/', (ctx) => seeOther(ctx, '/account'))
  router.get('/interaction/:uid', async (ctx) => {
    const authorization = await interactions.details(ctx)
    if (authorization === null) return protocolErrorPage(ctx, 400, 'session_not_found')
    seeOther(ctx, `/interaction/${authorization.uid}/${pageOf(authorization)}`)
  })
  return router
}

function pageOf({ prompt, reasons }: AuthorizationInProgress): string {
  if (prompt !== 'login') return prompt
  // Step-up: who is signed in and lacks a factor is asked for that one alone.
  return reasons.every((reason) => reason === secondFactorReason) ? 'second-factor' : 'sign-in'
}

function mount(app: Koa, router: Router): void {
  app.use(router.routes())
  app.use(router.allowedMethods())
}
