import Router from '@koa/router'
import type { Context } from 'koa'
import type { AuthorizationInProgress, InteractionPort } from '../oauth/interaction.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Clock } from '../runtime/clock.ts'
import { readForm } from '../web/body.ts'
import { continuePage } from '../web/continue-page.ts'
import type { PageLocals } from '../web/render.ts'
import { type AnswerDesk, allow, type Caller, deny } from './answer.ts'
import { type Asked, type AskedSources, readAsked } from './asked.ts'
import { identityOf, redirectKind } from './client-card.ts'
import { grantedScopes, staysConnected } from './decision.ts'
import { consentPage } from './page.ts'

/** What the consent page needs from the rooms below and from the protocol. */
export interface ConsentRoutesDeps extends AskedSources {
  readonly interactions: InteractionPort<Context>
  /** Shows the sign-in page of an interaction, for another person or because nobody is signed in. */
  readonly showSignIn: (ctx: Context, authorization: AuthorizationInProgress) => Promise<void> | void
  readonly desk: AnswerDesk<Context>
  readonly clock: Clock
  readonly logger: { warn(details: object, message: string): void }
}

const knownFields: ReadonlySet<string> = new Set(['_csrf', 'decision', 'scope', 'stay_connected'])

/** Serves `/interaction/:uid/consent` and `/interaction/:uid/switch`. Cross-site posts are refused in front of it (G03). */
export function consentRoutes(deps: ConsentRoutesDeps): Router {
  const router = new Router({ sensitive: true })

  router.get('/interaction/:uid/consent', async (ctx) => {
    const asked = await askedHere(deps, ctx, ctx.params.uid)
    if (asked === null) return
    ctx.state.render(ctx, 'consent/ask', consentPage(asked, ctx.state.render.basePath))
  })

  router.post('/interaction/:uid/consent', async (ctx) => {
    const form = await readForm(ctx)
    const asked = await askedHere(deps, ctx, ctx.params.uid)
    if (asked === null) return
    const decision = form.get('decision')
    if (decision !== 'allow' && decision !== 'deny') throw new AppError('bad_request', 400, 'Choose Allow or Deny.')

    const { granted, foreign } = grantedScopes(form.getAll('scope'), asked.permissions)
    const unknownFields = [...form.keys()].filter((name) => !knownFields.has(name))
    if (foreign.length > 0 || unknownFields.length > 0) {
      // G04: somebody edited the form. The stored request decides; the log keeps what was tried.
      const { clientId } = asked.authorization
      deps.logger.warn({ requestId: ctx.state.requestId, clientId, foreign, unknownFields }, 'edited consent form')
    }
    // Nothing left of all that was asked is a no.
    const nothingLeft = asked.permissions.length > 0 && granted.length === 0
    if (decision === 'deny' || nothingLeft) return answerDenied(deps, ctx, asked)

    const stayConnected = staysConnected(form.getAll('stay_connected'), asked.mayRefresh)
    const choice = { granted, stayConnected }
    continuePage(ctx, await allow(deps.desk, ctx, asked, choice, callerOf(ctx), deps.clock.now()))
  })

  router.post('/interaction/:uid/switch', async (ctx) => {
    await deps.showSignIn(ctx, await authorizationHere(deps, ctx, ctx.params.uid))
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

async function askedHere(deps: ConsentRoutesDeps, ctx: Context, uid: string | undefined): Promise<Asked | null> {
  const authorization = await authorizationHere(deps, ctx, uid)
  const { prompt, accountId } = authorization
  if (prompt === 'login' || accountId === undefined) {
    await deps.showSignIn(ctx, authorization)
    return null
  }
  const asked = await readAsked(deps, authorization, accountId, deps.clock.now())
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

interface DeniedPage extends PageLocals {
  readonly clientName: string
  readonly target: string
}

async function answerDenied(
  deps: Pick<ConsentRoutesDeps, 'desk' | 'clock'>,
  ctx: Context,
  asked: Asked,
): Promise<void> {
  const target = await deny(deps.desk, ctx, asked, callerOf(ctx), deps.clock.now())
  const kind = redirectKind(asked.authorization.redirectUri)
  // A16, RFC 9700 §4.11.2: a stranger's website gets the browser only when the person follows the link.
  const stranger = kind === 'https' && identityOf(asked.client, kind) === 'unverified'
  const page: DeniedPage = {
    title: 'Nothing was allowed',
    page: 'error',
    errorCode: 'access_denied',
    clientName: asked.client.claimedName,
    target,
    refreshTo: stranger ? undefined : target,
  }
  ctx.state.render(ctx, 'consent/denied', page)
}

function callerOf(ctx: Context): Caller {
  return { address: ctx.state.address, requestId: ctx.state.requestId }
}
