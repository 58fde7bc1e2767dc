import Router from '@koa/router'
import type { Context } from 'koa'
import type { Account } from '../accounts/account.ts'
import type { ProofGuard } from '../credentials/throttle/guard.ts'
import type { AuthorizationInProgress, InteractionPort } from '../oauth/interaction.ts'
import { checkRedirectUri } from '../oauth/redirect-uri.ts'
import { AppError } from '../runtime/app-error.ts'
import { field, readForm } from '../web/body.ts'
import { type SessionPort, seeOther } from '../web/context.ts'
import { continuePage } from '../web/continue-page.ts'
import { errorPage } from '../web/error-page.ts'
import { retryAfter, waitWords } from '../web/retry-after.ts'
import type { PasswordDesk } from './change-password.ts'
import { type Completion, destination } from './complete.ts'
import type { BrowserMemory } from './known-browser.ts'
import { type LinkRoutesDeps, linkRoutes } from './links/routes.ts'
import { type SignInAgain, type SignInFault, signOutPage } from './page.ts'
import { signInByPasskey } from './passkey-sign-in.ts'
import { requirePasswords, withPasswordsOnly } from './password/allowed.ts'
import { setupRoutes } from './password/routes.ts'
import type { FactorRoutesDeps } from './second-factor/halfway.ts'
import { secondFactorRoutes } from './second-factor/routes.ts'
import { securityRoutes } from './security/routes.ts'
import { type SignInPageDeps, showOwnSignIn, showSignIn } from './show-sign-in.ts'
import { checkSignIn, type SignInDesk } from './sign-in.ts'

/** What the pages of this room need from the rooms below and from the protocol. */
export interface LoginRoutesDeps extends SignInDesk, SignInPageDeps, Pick<PasswordDesk, 'revokeConnections'> {
  readonly links: Pick<LinkRoutesDeps, 'accounts' | 'forgotten'>
  readonly interactions: InteractionPort<Context>
  readonly sessions: SessionPort
  /** What follows a proved identity; shared with sign-in upstream. */
  readonly completion: Completion
  /** The rest of what the pages of second factors need. */
  readonly secondFactors: Pick<FactorRoutesDeps, 'factors' | 'pending' | 'commit' | 'forms' | 'cookies'>
  /** Counts guesses, of passwords and of the own password once more. */
  readonly guard: ProofGuard
  readonly browsers: BrowserMemory
}

const ownPassword = ['pwd'] as const // RFC 8176 §2

/**
 * Serves sign-in, sign-out, setup and change of password. `crossSite()` and `loadSession()` stand in front of it; the
 * dispatcher `/interaction/:uid` is the protocol side's.
 */
export function loginRoutes(deps: LoginRoutesDeps): Router {
  const router = new Router({ sensitive: true })
  interactionRoutes(router, deps)
  ownPageRoutes(router, deps)
  setupRoutes(router, deps)
  const factors = {
    ...deps,
    ...deps.secondFactors,
    authorizationHere: (ctx: Context, uid: string | undefined) => authorizationHere(deps, ctx, uid),
    cancel: (ctx: Context, authorization: AuthorizationInProgress) => answerCancelled(deps, ctx, authorization),
  }
  secondFactorRoutes(router, factors)
  securityRoutes(router, factors)
  linkRoutes(router, {
    ...deps.links,
    waysIn: deps.waysIn,
    passwords: deps.passwords,
    completion: deps.completion,
    // G15: the letter is a way in that nobody's guessing can shut.
    async afterChoice(ctx, { email }) {
      await deps.guard.clearPassword(email)
      deps.browsers.remember(ctx, email, 'letter')
    },
  })
  return router
}

function interactionRoutes(router: Router, deps: LoginRoutesDeps): void {
  router.get('/interaction/:uid/sign-in', async (ctx) => {
    const authorization = await authorizationHere(deps, ctx, ctx.params.uid)
    await showSignIn(deps, ctx, authorization, authorization.loginHint ?? '')
  })

  router.post('/interaction/:uid/sign-in', async (ctx) => {
    const form = await readForm(ctx)
    const authorization = await authorizationHere(deps, ctx, ctx.params.uid)
    if (form.get('decision') === 'cancel') return answerCancelled(deps, ctx, authorization)
    await requirePasswords(deps.waysIn)
    const account = await attempt(deps, ctx, form, authorization.clientId)
    if ('fault' in account) return showSignIn(deps, ctx, authorization, field(form, 'email'), account)
    const place = { kind: 'authorization', authorization } as const
    await deps.completion.complete(ctx, place, { accountId: account.id, amr: ownPassword })
  })

  router.post('/interaction/:uid/sign-in/passkey', async (ctx) => {
    const form = await readForm(ctx)
    const authorization = await authorizationHere(deps, ctx, ctx.params.uid)
    const place = { kind: 'authorization', authorization } as const
    const isIn = await signInByPasskey({ ...deps, ...deps.secondFactors }, ctx, place, field(form, 'passkey'))
    if (!isIn) await showSignIn(deps, ctx, authorization, authorization.loginHint ?? '', { fault: 'passkey' })
  })
}

function ownPageRoutes(router: Router, deps: LoginRoutesDeps): void {
  router.get('/sign-in', async (ctx) => {
    const wanted = first(ctx.query.return_to)
    const session = ctx.state.session
    const again = againOf(first(ctx.query.again), session !== undefined)
    if (session !== undefined && again === undefined) return seeOther(ctx, destination(wanted, session.account.role))
    await showOwnSignIn(deps, ctx, {
      email: session?.account.email ?? '',
      wanted,
      again,
      wasReset: first(ctx.query.done) === 'reset',
    })
  })

  router.post('/sign-in', withPasswordsOnly(deps.waysIn), async (ctx) => {
    const form = await readForm(ctx)
    const wanted = form.get('return_to') ?? undefined
    const account = await attempt(deps, ctx, form)
    if ('fault' in account) {
      const again = againOf(form.get('again'), ctx.state.session !== undefined)
      return showOwnSignIn(deps, ctx, { email: field(form, 'email'), wanted, again, fault: account })
    }
    await deps.completion.complete(ctx, { kind: 'own', returnTo: wanted }, { accountId: account.id, amr: ownPassword })
  })

  router.post('/sign-in/passkey', async (ctx) => {
    const form = await readForm(ctx)
    const wanted = form.get('return_to') ?? undefined
    const place = { kind: 'own', returnTo: wanted } as const
    if (await signInByPasskey({ ...deps, ...deps.secondFactors }, ctx, place, field(form, 'passkey'))) return
    const again = againOf(form.get('again'), ctx.state.session !== undefined)
    const email = ctx.state.session?.account.email ?? ''
    await showOwnSignIn(deps, ctx, { email, wanted, again, fault: { fault: 'passkey' } })
  })

  router.get('/logout', async (ctx) => {
    if (ctx.state.session === undefined) return seeOther(ctx, '/sign-in')
    ctx.state.render(ctx, 'login/sign-out', signOutPage(ctx.state.messages))
  })

  router.post('/logout', async (ctx) => {
    const accountId = ctx.state.session?.account.id
    await deps.sessions.signOut(ctx)
    if (accountId !== undefined) {
      deps.audit.recordSoon({ ...source(ctx), type: 'session.signed_out', actor: `account:${accountId}`, accountId })
    }
    seeOther(ctx, '/sign-in')
  })
}

async function authorizationHere(
  deps: Pick<LoginRoutesDeps, 'interactions'>,
  ctx: Context,
  uid: string | undefined,
): Promise<AuthorizationInProgress> {
  const authorization = await deps.interactions.details(ctx)
  // G05, G13: another browser's, another tab's that is over, or one that waited too long: nothing of it is shown.
  if (authorization === null || authorization.uid !== uid) {
    throw new AppError('interaction_expired', 400, 'This page is no longer valid.')
  }
  return authorization
}

async function attempt(
  deps: LoginRoutesDeps,
  ctx: Context,
  form: URLSearchParams,
  clientId?: string,
): Promise<Account | SignInFault> {
  const input = { email: field(form, 'email'), password: field(form, 'password') }
  if (input.email.trim() === '' || input.password === '') return { fault: 'missing' }
  const now = deps.clock.now()
  const { address } = ctx.state
  const browser = deps.browsers.recognise(ctx, input.email, 'password')
  const outcome = await deps.guard.attempt({ purpose: 'sign_in', account: input.email, address, browser }, () =>
    checkSignIn(deps, input, { ...source(ctx), clientId }, now),
  )
  if (outcome.state === 'proved') return outcome.value
  if (outcome.state === 'refused') return { fault: 'refused' }
  const seconds = (outcome.until.getTime() - now.getTime()) / 1000
  retryAfter(ctx, seconds)
  return { fault: 'wait', wait: waitWords(ctx.state.format, seconds) }
}

// Only who is signed in is asked for it again; for everybody else it is the usual page.
function againOf(value: string | null | undefined, isSignedIn: boolean): SignInAgain | undefined {
  if (!isSignedIn) return undefined
  return value === '1' || value === 'posted' ? value : undefined
}

async function answerCancelled(
  deps: LoginRoutesDeps,
  ctx: Context,
  authorization: AuthorizationInProgress,
): Promise<void> {
  const { clientId, resource, uid } = authorization
  const detail = { reason: 'sign_in_cancelled' }
  deps.audit.recordSoon({ ...source(ctx), type: 'consent.denied', actor: 'system', clientId, resource, detail })
  const target = await deps.interactions.deny(ctx, uid)
  const redirect = checkRedirectUri(authorization.redirectUri)
  if (redirect.ok && redirect.kind !== 'https') return continuePage(ctx, target)
  const words = ctx.state.messages.login.cancelled
  // A16, RFC 9700 §4.11.2: nobody has signed in, so a website gets the browser only when the person follows the link.
  errorPage(ctx, {
    code: 'access_denied',
    status: 200,
    heading: words.heading,
    message: words.text,
    continueTo: { href: target, label: words.back },
  })
}

function source(ctx: Context): { readonly address: string; readonly requestId: string } {
  return { address: ctx.state.address, requestId: ctx.state.requestId }
}

function first(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}
