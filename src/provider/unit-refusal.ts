import type { Context } from 'koa'
import type { AuditEvent } from '../audit/events.ts'
import { challenge } from './invitation.ts'
import type { Unit, UnitKind } from './unit.ts'

/**
 * Why a unit was not written. race: somebody else was first · session: the browser's session was ended meanwhile ·
 * replay: a proof or an assertion had been shown before (`index` counts them in the order in which they were looked at).
 */
export type Loss =
  | { readonly lost: 'race' }
  | { readonly lost: 'session' }
  | { readonly lost: 'replay'; readonly index: number }

/** Answers with a page; the unit's own `renderLost`. */
type RenderLost = (ctx: Context, status: number, code: string) => void

/** The refusal that a loss becomes, and what the audit book is told of it. The library knows nothing of either. */
export function lossEvents(
  ctx: Context,
  unit: Unit,
  loss: Loss,
): { readonly error: string; readonly events: readonly AuditEvent[] } {
  const error = errorOf(ctx, unit, loss)
  return { error, events: unit.events.flatMap((event) => refused(event, error, loss)) }
}

function errorOf(ctx: Context, { kind }: Unit, loss: Loss): string {
  if (kind === 'authorize') return loss.lost === 'session' ? 'session_not_found' : 'already_answered'
  if (kind === 'registration') return 'invalid_token'
  // The assertion of a client is looked at before anything else, so it is the first mark (C19).
  const isAssertion = loss.lost === 'replay' && loss.index === 0
  if (isAssertion && ctx.oidc?.client?.clientAuthMethod === 'private_key_jwt') return 'invalid_client'
  return 'invalid_grant'
}

/** What would have been told of the success is told as the refusal that it became. */
function refused(event: AuditEvent, error: string, loss: Loss): readonly AuditEvent[] {
  const { type, detail, ...facts } = event
  const reason = loss.lost
  if (type === 'code.issued') return [{ ...facts, type: 'authorization.refused', detail: { error, reason } }]
  if (type !== 'token.issued' && type !== 'token.refreshed' && type !== 'token.refresh_grace') return []
  const grantType = type === 'token.issued' ? event.detail?.grantType : 'refresh_token'
  if (grantType === 'authorization_code' && reason === 'race') {
    // The parallel twin of a redemption: refused, and its grant left alone (C02).
    return [{ ...facts, type: 'code.replayed', detail: { reason, revoked: false } }]
  }
  return [{ ...facts, type: 'token.refused', detail: { grantType, error, reason } }]
}

/** Answers a request that came too late. */
export function refuseLost(ctx: Context, kind: UnitKind, error: string, renderLost: RenderLost): void {
  withhold(ctx)
  if (kind === 'authorize') {
    renderLost(ctx, 400, error)
    return
  }
  ctx.status = error === 'invalid_client' || error === 'invalid_token' ? 401 : 400
  const description = descriptions[error]
  // Two registrations with the last use of one token, or two updates with one registration token.
  if (error === 'invalid_token') challenge(ctx, ctx.oidc?.provider.issuer ?? '', description)
  ctx.body = { error, error_description: description }
}

const descriptions: Readonly<Record<string, string>> = {
  invalid_client: 'client authentication failed',
  invalid_grant: 'grant request is invalid',
  invalid_token: 'the token was used',
}

/** Answers a request that could not be written: nothing of it has happened. */
export function refuseUnavailable(ctx: Context, kind: UnitKind, renderLost: RenderLost): void {
  withhold(ctx)
  ctx.set('Retry-After', '5')
  if (kind === 'authorize') {
    renderLost(ctx, 503, 'temporarily_unavailable')
    return
  }
  ctx.status = 503
  ctx.body = {
    error: 'temporarily_unavailable',
    error_description: 'the server cannot write at the moment, try again',
  }
}

/** Neither a redirect with a code in it nor the cookie of a session that was not written may leave. */
function withhold(ctx: Context): void {
  ctx.remove('Location')
  ctx.remove('Set-Cookie')
}

/**
 * Takes the session's cookie out of an answer whose unit did not write the session: the browser may have been given a
 * newer one in another tab, and must keep it (G12).
 */
export function leaveSessionCookie(ctx: Context): void {
  const name: unknown = ctx.oidc?.provider.cookieName('session')
  if (typeof name !== 'string') return
  const header: unknown = ctx.response.get('Set-Cookie')
  const lines = [header].flat().filter((line): line is string => typeof line === 'string' && line !== '')
  const kept = lines.filter((line) => !line.startsWith(`${name}=`) && !line.startsWith(`${name}.sig=`))
  if (kept.length === lines.length) return
  ctx.remove('Set-Cookie')
  if (kept.length > 0) ctx.set('Set-Cookie', kept)
}
