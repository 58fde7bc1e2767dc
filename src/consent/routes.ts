import Router from '@koa/router'
import type { Context } from 'koa'
import { connectionEndSeconds } from '../clients/connection-end.ts'
import type { AuthorizationInProgress, InteractionPort } from '../oauth/interaction.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Clock } from '../runtime/clock.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import { allowedPage, blockedPage, deniedPage, returnedPage, stopPage } from './after.ts'
import { type AnswerDesk, allow, type Caller, deny } from './answer.ts'
import { type Asked, type AskedSources, readAsked } from './asked.ts'
import { type BlockDesk, blockHere, unblockHere, vouchHere } from './block.ts'
import type { AskingClient } from './client-card.ts'
import { editsOf, readAnswer } from './form.ts'
import { type Chosen, consentPage, mostCounted } from './page.ts'
import type { ConsentStore } from './store.ts'

/** What the consent page needs from the rooms below and from the protocol. */
export interface ConsentRoutesDeps extends AskedSources {
  readonly store: Pick<ConsentStore, 'listForClient' | 'countPeople'>
  readonly interactions: InteractionPort<Context>
  /** Shows the sign-in page of an interaction, for another person or because nobody is signed in. */
  readonly showSignIn: (ctx: Context, authorization: AuthorizationInProgress) => Promise<void> | void
  /** The address of a client's picture below the issuer, if there is one to show. */
  readonly logoOf: (client: AskingClient) => Promise<string | undefined>
  readonly desk: AnswerDesk<Context>
  readonly blockDesk: BlockDesk
  readonly clock: Clock
  readonly logger: { warn(details: object, message: string): void }
}

/**
 * Serves `/interaction/:uid/consent` with `…/switch`, `…/block`, `…/unblock`, `…/vouch`, `…/answer`. Cross-site posts are refused in
 * front of it (G03).
 */
export function consentRoutes(deps: ConsentRoutesDeps): Router {
  const router = new Router({ sensitive: true })
  const base = '/interaction/:uid'

  router.get(`${base}/consent`, async (ctx) => {
    if (await showReturned(deps, ctx, ctx.params.uid, false)) return
    const asked = await askedHere(deps, ctx, ctx.params.uid)
    if (asked === null) return
    if (asked.isBlocked) return showBlocked(ctx, asked, 'stands')
    if (asked.friction.stop !== undefined) return showStop(ctx, asked, false)
    await showQuestion(deps, ctx, asked)
  })

  router.post(`${base}/consent`, async (ctx) => {
    const form = await readForm(ctx)
    const asked = await askedHere(deps, ctx, ctx.params.uid)
    if (asked === null) return
    noteEdits(deps, ctx, form, asked)
    const answer = readAnswer(form, asked)
    if (answer.act === 'deny') return answerDenied(deps, ctx, asked)
    if (asked.isBlocked) return showBlocked(ctx, asked, 'stands', undefined, 403)
    switch (answer.act) {
      case 'stop':
        return showStop(ctx, asked, answer.isMissing, 400)
      case 'ask':
        return showQuestion(deps, ctx, asked)
      case 'ask-again':
        return showQuestion(deps, ctx, asked, answer.chosen)
      case 'allow': {
        const target = await allow(deps.desk, ctx, asked, answer.choice, callerOf(ctx), deps.clock.now())
        const { messages, render } = ctx.state
        render(ctx, 'consent/allowed', allowedPage(asked, target, messages, render.basePath))
      }
    }
  })

  router.post(`${base}/answer`, async (ctx) => {
    if (!(await showReturned(deps, ctx, ctx.params.uid, true))) await authorizationHere(deps, ctx, undefined)
  })

  router.post(`${base}/switch`, async (ctx) => {
    await deps.showSignIn(ctx, await authorizationHere(deps, ctx, ctx.params.uid))
  })

  router.post(`${base}/block`, async (ctx) => {
    const asked = await askedHere(deps, ctx, ctx.params.uid)
    if (asked === null) return
    const outcome = await blockHere(deps.blockDesk, asked, callerOf(ctx))
    // A client that is blocked for everyone is told nothing; one that is blocked by a person gets the person's no.
    const target = outcome === 'you' ? await deny(deps.desk, ctx, asked, callerOf(ctx), deps.clock.now()) : undefined
    showBlocked(ctx, asked, outcome, target)
  })

  router.post(`${base}/unblock`, async (ctx) => {
    const asked = await askedHere(deps, ctx, ctx.params.uid)
    if (asked === null) return
    await unblockHere(deps.blockDesk, asked, callerOf(ctx))
    seeOther(ctx, `/interaction/${encodeURIComponent(asked.authorization.uid)}/consent`)
  })

  router.post(`${base}/vouch`, async (ctx) => {
    const asked = await askedHere(deps, ctx, ctx.params.uid)
    if (asked === null) return
    if (!(await vouchHere(deps.blockDesk, asked, callerOf(ctx)))) {
      throw new AppError('not_found', 404, 'There is no page at this address, or it is not for your account.', {
        words: 'no_page_for_you',
      })
    }
    seeOther(ctx, `/interaction/${encodeURIComponent(asked.authorization.uid)}/consent`)
  })

  return router
}

async function authorizationHere(
  deps: Pick<ConsentRoutesDeps, 'interactions'>,
  ctx: Context,
  uid: string | undefined,
): Promise<AuthorizationInProgress> {
  const authorization = await deps.interactions.details(ctx)
  // G05, G13: another browser's, another tab's that is over, or one that waited too long: nothing of it is shown.
  if (authorization === null || authorization.uid !== uid) {
    throw new AppError(
      'interaction_expired',
      400,
      'This page is no longer valid: it waited too long, was answered already, or belongs to another browser. Go back to the client and connect again.',
    )
  }
  return authorization
}

// G19: what an administrator may do for everyone is an act of the console, and wants what the console wants.
function withoutConsole(ctx: Context, asked: Asked): Asked {
  const { session } = ctx.state
  // Nobody's session, or somebody else's, has proved nothing about this person: the authorization knows one factor of them.
  if (session !== undefined && session.account.id === asked.account.id && !session.lacksSecondFactor) return asked
  return { ...asked, account: { ...asked.account, role: 'member' } }
}

async function askedHere(deps: ConsentRoutesDeps, ctx: Context, uid: string | undefined): Promise<Asked | null> {
  const authorization = await authorizationHere(deps, ctx, uid)
  const { prompt, accountId } = authorization
  if (prompt === 'login' || accountId === undefined) {
    await deps.showSignIn(ctx, authorization)
    return null
  }
  const asked = withoutConsole(ctx, await readAsked(deps, authorization, accountId, deps.clock.now()))
  // D13: the answer is to what the page said of the client, and it may say something else since.
  if (authorization.clientDigest !== undefined && authorization.clientDigest !== asked.client.metadataDigest) {
    throw new AppError(
      'client_changed',
      409,
      'The client describes itself otherwise than when this page was made. Nothing was allowed: go back to it and connect again.',
    )
  }
  return asked
}

async function showQuestion(deps: ConsentRoutesDeps, ctx: Context, asked: Asked, chosen?: Chosen): Promise<void> {
  const { messages, format, render } = ctx.state
  const [people, logo] = await Promise.all([
    deps.store.countPeople(asked.client.id, mostCounted + 1),
    deps.logoOf(asked.client),
  ])
  const tools = {
    messages,
    format,
    basePath: render.basePath,
    now: deps.clock.now(),
    longestSeconds: connectionEndSeconds(asked.client.id, deps.desk.consentLifetimeSeconds),
  }
  render(ctx, 'consent/ask', consentPage(asked, { people, logo }, tools, chosen), chosen?.fault ? 400 : 200)
}

function showStop(ctx: Context, asked: Asked, isMissing: boolean, status = 200): void {
  const { messages, format, render } = ctx.state
  const known = asked.friction.stop
  if (known === undefined) throw new TypeError('there is nothing to stop for')
  const tools = { messages, format, basePath: render.basePath }
  render(ctx, 'consent/stop', stopPage(asked, known, isMissing, tools), status)
}

function showBlocked(
  ctx: Context,
  asked: Asked,
  outcome: 'everyone' | 'you' | 'stands',
  target?: string,
  status = 200,
): void {
  const { messages, render } = ctx.state
  render(ctx, 'consent/blocked', blockedPage(asked, outcome, messages, render.basePath, target), status)
}

/** For who comes back after Allow: the answer was given, and can be taken to the client by hand. */
async function showReturned(
  deps: ConsentRoutesDeps,
  ctx: Context,
  uid: string | undefined,
  isAskedFor: boolean,
): Promise<boolean> {
  const answer = await deps.interactions.answered?.(ctx)
  if (answer === undefined || answer === null || answer.uid !== uid) return false
  const [client, resource] = await Promise.all([
    deps.findClient(answer.clientId, ''),
    deps.findResource(answer.resource),
  ])
  const { messages, render } = ctx.state
  const isShown = isAskedFor || answer.byHand
  const names = { clientName: client?.claimedName ?? answer.clientId, serverName: resource?.name ?? answer.resource }
  render(
    ctx,
    'consent/returned',
    returnedPage({ ...answer, ...names }, isShown, messages, render.basePath),
    isShown ? 200 : 400,
  )
  return true
}

async function answerDenied(
  deps: Pick<ConsentRoutesDeps, 'desk' | 'clock'>,
  ctx: Context,
  asked: Asked,
): Promise<void> {
  const target = await deny(deps.desk, ctx, asked, callerOf(ctx), deps.clock.now())
  ctx.state.render(ctx, 'consent/denied', deniedPage(asked, target, ctx.state.messages))
}

function noteEdits(deps: Pick<ConsentRoutesDeps, 'logger'>, ctx: Context, form: URLSearchParams, asked: Asked): void {
  const edits = editsOf(form, asked)
  if (edits.foreign.length === 0 && edits.unknownFields.length === 0) return
  // G04: somebody edited the form. The stored request decides; the log keeps what was tried.
  const { clientId } = asked.authorization
  deps.logger.warn({ requestId: ctx.state.requestId, clientId, ...edits }, 'edited consent form')
}

function callerOf(ctx: Context): Caller {
  return { address: ctx.state.address, requestId: ctx.state.requestId }
}
