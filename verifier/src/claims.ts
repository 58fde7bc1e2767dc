import type { RefusalReason } from './errors.ts'
import { parseScopes } from './scopes.ts'

/**
 * The claims of a verified access token, under their names on the wire, and `scopes`, which is `scope` taken apart.
 * Times are seconds since 1970 (RFC 7519 NumericDate). Who is asking is the pair of `iss` and `sub`, never `sub` alone.
 *
 * @see RFC 9068 §2.2
 */
export interface AccessTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly client_id: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
  readonly nbf?: number
  readonly scope?: string
  readonly scopes: readonly string[]
  readonly [claim: string]: unknown
}

/** What claims are measured against. */
export interface ClaimsPolicy {
  readonly issuer: string
  readonly resource: string
  readonly acceptAudienceArrays: boolean
  readonly maxLifetimeSeconds: number
  readonly clockSkewSeconds: number
}

/** The claims, or why not. */
export type ClaimsVerdict =
  | { readonly ok: true; readonly claims: AccessTokenClaims }
  | { readonly ok: false; readonly reason: RefusalReason }

/**
 * Judges the payload of an access token. Pure: no clock, no network.
 *
 * @param payload the payload as parsed; its signature is somebody else's business
 * @param nowSeconds whole seconds since 1970
 * @see RFC 9068 §4, RFC 7519 §4.1
 */
export function judgeClaims(
  payload: Readonly<Record<string, unknown>>,
  policy: ClaimsPolicy,
  nowSeconds: number,
): ClaimsVerdict {
  const { iss, sub, aud, client_id, jti, iat, exp, nbf, scope, ...others } = payload
  // RFC 9068 §4: compared byte for byte; a slash or a capital more is another issuer.
  if (iss !== policy.issuer) return refused('issuer')
  if (!isOurAudience(aud, policy)) return refused('audience')
  // RFC 9449 §7.1, RFC 8705 §3: a token bound to a key proves nothing without that key, whoever carries it as a Bearer has stolen it.
  if ('cnf' in payload) return refused('sender_constrained')
  // RFC 9068 §2.2: all of these are required.
  if (!isFilledString(sub) || !isFilledString(client_id) || !isFilledString(jti)) return refused('claim')
  if (!isTimestamp(iat) || !isTimestamp(exp)) return refused('claim')
  if (nbf !== undefined && !isTimestamp(nbf)) return refused('claim')
  // Ours: a token that outlives its purpose is a long-lived key, whatever its issuer thinks.
  if (exp <= iat || exp - iat > policy.maxLifetimeSeconds) return refused('lifetime')
  // RFC 7519 §4.1.4: on or after exp it must not be accepted.
  if (nowSeconds >= exp + policy.clockSkewSeconds) return refused('expired')
  // A token from the future would have its lifetime stretched by as much.
  if (iat > nowSeconds + policy.clockSkewSeconds) return refused('not_yet_valid')
  if (nbf !== undefined && nbf > nowSeconds + policy.clockSkewSeconds) return refused('not_yet_valid')
  const claims: AccessTokenClaims = {
    ...others,
    iss: policy.issuer,
    sub,
    aud,
    client_id,
    jti,
    iat,
    exp,
    ...(nbf !== undefined && { nbf }),
    // A scope that is not even a string is dropped; `scopes` is then empty, and every operation that needs one is refused.
    ...(typeof scope === 'string' && { scope }),
    scopes: Object.freeze(parseScopes(scope)),
  }
  return { ok: true, claims: Object.freeze(claims) }
}

function refused(reason: RefusalReason): ClaimsVerdict {
  return { ok: false, reason }
}

// One string, exactly ours. A token for several services is good at each of them for the others to replay; so an array,
// even of one, is only taken where it was asked for (RFC 9068 §3, RFC 8707 §2).
function isOurAudience(aud: unknown, policy: ClaimsPolicy): aud is string | readonly string[] {
  if (typeof aud === 'string') return aud === policy.resource
  if (!policy.acceptAudienceArrays || !Array.isArray(aud)) return false
  return aud.every((entry) => typeof entry === 'string') && aud.includes(policy.resource)
}

function isFilledString(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

// Whole seconds after 1970. Fractions are legal in RFC 7519 but nobody of ours mints them, and 1e308 is one of them.
function isTimestamp(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}
