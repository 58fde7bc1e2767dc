import Router from '@koa/router'
import type { Context } from 'koa'
import type { AuthorizationInProgress, CompleteSignIn, InteractionPort } from '../oauth/interaction.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther, signedIn } from '../web/context.ts'
import { continuePage } from '../web/continue-page.ts'
import { requireRecentSignIn } from '../web/middleware/recent-sign-in.ts'
import { requireAccount } from '../web/middleware/require-account.ts'
import { type CallbackDesk, receiveAnswer } from './callback.ts'
import { UpstreamFault } from './fault.ts'
import { continueUpstreamPage, type WhoAsks } from './page.ts'
import { noteRefusal, refusalPage } from './refusal.ts'
import { startHop } from './start.ts'
import type { HopPurpose } from './states/state.ts'
import type { Upstream } from './upstream.ts'

/** What the pages of the hop need from the rooms below and from the protocol. */
export interface FederationRoutesDeps extends CallbackDesk {
  readonly interactions: Pick<InteractionPort<Context>, 'details'>
  /** Who waits for the sign-in, with all that is known and claimed of it. */
  readonly whoAsks: (ctx: Context, authorization: AuthorizationInProgress) => Promise<WhoAsks>
  /** What follows a proved identity; shared with the sign-in by password. */
  readonly complete: CompleteSignIn<Context>
}

// Ours. RFC 8176 has no value for "another provider said so", and what that provider says of its methods is its word, not our
// knowledge: nothing of it counts as a factor here.
const byUpstream = ['ext'] as const

/**
 * Serves the hop: the page before it inside an authorization, its start from there, from the sign-in page and from the person's
 * own page, and the callback. Cross-site posts are refused in front of it (G03).
 */
export function federationRoutes(deps: FederationRoutesDeps): Router {
  const router = new Router({ sensitive: true })
  interactionRoutes(router, deps)
  ownPageRoutes(router, deps)
  router.get('/upstream/:id/callback', async (ctx) => {
    const outcome = await receiveAnswer(deps, ctx, ctx.params.id ?? '')
    if (!outcome.ok) return refusalPage(ctx, outcome.refusal)
    if (outcome.next === 'linked') return seeOther(ctx, '/account/security/upstreams?done=linked')
    if (outcome.next === 'arrive') return seeOther(ctx, `/interaction/${outcome.uid}/upstream/${ctx.params.id}/arrived`)
    const { accountId, authTime, returnTo } = outcome
    await deps.complete(ctx, { kind: 'own', returnTo }, { accountId, amr: byUpstream, authTime })
  })
  return router
}

function interactionRoutes(router: Router, deps: FederationRoutesDeps): void {
  router.get('/interaction/:uid/upstream/:id', async (ctx) => {
    const authorization = await authorizationHere(deps, ctx)
    const upstream = await upstreamHere(deps, ctx)
    const { messages, render } = ctx.state
    const path = `${render.basePath}/interaction/${encodeURIComponent(authorization.uid)}`
    const asks = await deps.whoAsks(ctx, authorization)
    render(ctx, 'federation/continue', continueUpstreamPage(messages, asks, upstream, path))
  })

  router.post('/interaction/:uid/upstream/:id', async (ctx) => {
    const { uid, clientId, resource, reasons } = await authorizationHere(deps, ctx)
    const upstream = await upstreamHere(deps, ctx)
    // OpenID Connect Core §3.1.2.1: a client that wants a fresh sign-in does not get one that the upstream remembers.
    const isAnew = reasons.includes('login_prompt') || reasons.includes('max_age')
    await hop(deps, ctx, upstream, { kind: 'authorization', uid, clientId, resource }, isAnew)
  })

  router.get('/interaction/:uid/upstream/:id/arrived', async (ctx) => {
    const { uid = '', id } = ctx.params
    const handle = deps.cookies.valueOf(ctx, uid)
    const state = handle === undefined ? null : await deps.states.consume(handle, deps.clock.now())
    deps.cookies.drop(ctx, uid)
    // H02, H03: the library's own cookie of this authorization is asked for as well, and it is sent to this path only.
    const authorization = await authorizationHere(deps, ctx)
    const purpose = state?.purpose
    if (purpose?.kind !== 'arrived' || purpose.uid !== uid || state === null || state.upstreamId !== id) {
      return refusalPage(ctx, { code: 'spent', purpose: undefined, upstreamName: undefined })
    }
    // Switched off, or set up otherwise, since the answer came: what it proved counts no more.
    const upstream = await deps.upstreams.find(state.upstreamId)
    if (!upstream?.enabled || upstream.issuer !== state.issuer) {
      const { clientId, resource } = authorization
      const begunFor: HopPurpose = { kind: 'authorization', uid, clientId, resource }
      const refusal = { code: 'gone', purpose: begunFor, upstreamName: upstream?.name } as const
      noteRefusal(deps, ctx, refusal, state.upstreamId)
      return refusalPage(ctx, refusal)
    }
    const { accountId, authTime } = purpose
    await deps.complete(ctx, { kind: 'authorization', authorization }, { accountId, amr: byUpstream, authTime })
  })
}

function ownPageRoutes(router: Router, deps: FederationRoutesDeps): void {
  router.post('/sign-in/upstream/:id', async (ctx) => {
    const form = await readForm(ctx)
    const upstream = await upstreamHere(deps, ctx)
    const accountId = form.has('again') ? ctx.state.session?.account.id : undefined
    const purpose: HopPurpose = { kind: 'own', returnTo: form.get('return_to') ?? undefined, accountId }
    await hop(deps, ctx, upstream, purpose, accountId !== undefined)
  })

  // Somebody else at an open browser would link their own identity and come back whenever they like (G22).
  router.post('/account/security/upstreams/:id', requireAccount(), requireRecentSignIn(), async (ctx) => {
    const upstream = await upstreamHere(deps, ctx)
    await hop(deps, ctx, upstream, { kind: 'link', accountId: signedIn(ctx).account.id }, false)
  })
}

async function hop(
  deps: FederationRoutesDeps,
  ctx: Context,
  upstream: Upstream,
  purpose: HopPurpose,
  isAnew: boolean,
): Promise<void> {
  try {
    continuePage(ctx, await startHop(deps, ctx, upstream, purpose, isAnew))
  } catch (fault) {
    if (!(fault instanceof UpstreamFault)) throw fault
    // H12: the page leads back to the other ways to sign in.
    const refusal = { code: `upstream_${fault.kind}`, purpose, upstreamName: upstream.name } as const
    noteRefusal(deps, ctx, { ...refusal, fault }, upstream.id)
    refusalPage(ctx, refusal)
  }
}

async function upstreamHere({ upstreams }: FederationRoutesDeps, ctx: Context): Promise<Upstream> {
  const upstream = await upstreams.find(ctx.params.id ?? '')
  if (!upstream?.enabled) throw new AppError('upstream_unknown', 404, 'Nobody can sign in through this provider here.')
  return upstream
}

async function authorizationHere(deps: FederationRoutesDeps, ctx: Context): Promise<AuthorizationInProgress> {
  const authorization = await deps.interactions.details(ctx)
  // G05, G13: another browser's, or one that is over: nothing of it is shown, and nothing begins for it.
  if (authorization === null || authorization.uid !== ctx.params.uid) {
    throw new AppError('interaction_expired', 400, 'This page is no longer valid.')
  }
  return authorization
}
