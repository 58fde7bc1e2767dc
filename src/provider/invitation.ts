import type { Context } from 'koa'
import { stateOfToken } from '../clients/initial-access-tokens/initial-access-token.ts'
import type { InitialAccessTokenStore } from '../clients/initial-access-tokens/store.ts'
import type { Clock } from '../runtime/clock.ts'
import { currentUnit } from './unit.ts'

/** What looking at initial access tokens needs. */
export interface InvitationDependencies {
  readonly tokens: Pick<InitialAccessTokenStore, 'findByToken' | 'useStatement'>
  readonly clock: Clock
  readonly issuer: string
}

/**
 * Looks at the initial access token of a registration. Its use is counted in the commit of the registration, as a condition: a
 * registration that is refused uses nothing up, and of parallel ones exactly as many succeed as the token has uses (D14).
 *
 * Ours instead of the library's feature: that one knows neither uses nor who came with what, and answers a missing token with 400.
 *
 * @returns false after it has answered 401
 * @see RFC 7591 §3, RFC 6750 §2.1 (the header alone: a token in an address ends up in logs), §3
 */
export async function admitInvited(ctx: Context, dependencies: InvitationDependencies): Promise<boolean> {
  const { tokens, clock, issuer } = dependencies
  const presented = /^Bearer +([\w.~+/-]+=*)$/i.exec(ctx.get('Authorization').trim())?.[1]
  const row = presented === undefined ? null : await tokens.findByToken(presented)
  const now = clock.now()
  if (row !== null && stateOfToken(row, now) === 'good') {
    const unit = currentUnit()
    if (unit === undefined) throw new TypeError('a registration runs in a unit')
    unit.invitedBy = row.id
    unit.collect('condition', `invitation:${row.id}`, tokens.useStatement(row.id, now))
    return true
  }
  // One answer for unknown, expired, revoked and used up: the holder of a dead token learns nothing about it.
  const words = presented === undefined ? 'an initial access token is needed' : 'the initial access token is not good'
  challenge(ctx, issuer, presented === undefined ? undefined : words)
  ctx.status = 401
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { error: 'invalid_token', error_description: words }
  return false
}

/** RFC 6750 §3: every 401 says by what one may come in; a request without a token gets no error code there (§3.1). */
export function challenge(ctx: Context, realm: string, words?: string): void {
  const error = words === undefined ? '' : `, error="invalid_token", error_description="${words}"`
  ctx.set('WWW-Authenticate', `Bearer realm="${realm}"${error}`)
}
