import type { RefusalReason } from './errors.ts'
import { parseScopes } from './scopes.ts'
import { isRecord } from './strict-json.ts'

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

/** Under which names an authorization server writes what RFC 9068 calls `client_id`, `jti` and `scope`. */
export interface ClaimNames {
  readonly client_id?: string
  readonly jti?: string
  readonly scope?: string
}

/** The names of RFC 9068 §2.2. */
export const defaultClaimNames: Required<ClaimNames> = { client_id: 'client_id', jti: 'jti', scope: 'scope' }

/** What claims are measured against. */
export interface ClaimsPolicy {
  readonly issuer: string
  readonly audience: string
  readonly acceptAudienceArrays: boolean
  readonly claimNames: Required<ClaimNames>
  readonly maxLifetimeSeconds: number
  readonly clockSkewSeconds: number
  /** Undefined: no token that is bound to a key is good. */
  readonly dpop: unknown
}

/** The claims, or why not. */
export type ClaimsVerdict =
  | {
      readonly ok: true
      readonly claims: AccessTokenClaims
      /** Thumbprint of the key that the token is bound to; the token is good only together with a proof of that key. */
      readonly boundKeyThumbprint: string | undefined
    }
  | { readonly ok: false; readonly reason: RefusalReason }

/**
 * Judges the payload of an access token. Pure: no clock, no network.
 *
 * @param payload the payload as parsed; its signature is somebody else's business
 * @param isAccessTokenType whether the header said `at+jwt`; otherwise the claims must not look like another kind of token
 * @param nowSeconds whole seconds since 1970
 * @see RFC 9068 §4, RFC 7519 §4.1
 */
export function judgeClaims(
  payload: Readonly<Record<string, unknown>>,
  policy: ClaimsPolicy,
  isAccessTokenType: boolean,
  nowSeconds: number,
): ClaimsVerdict {
  const { claimNames } = policy
  const { iss, sub, aud, iat, exp, nbf } = payload
  const client_id = payload[claimNames.client_id]
  const jti = payload[claimNames.jti]
  const scope = payload[claimNames.scope]
  // RFC 9068 §4: compared byte for byte; a slash or a capital more is another issuer.
  if (iss !== policy.issuer) return refused('issuer')
  if (!isOurAudience(aud, policy)) return refused('audience')
  if (!isAccessTokenType && isOtherKind(payload)) return refused('wrong_type')
  // RFC 9449 §7.1, RFC 8705 §3: a token bound to a key proves nothing without that key, whoever carries it as a Bearer has stolen it.
  const boundKeyThumbprint = readBoundKey(payload.cnf)
  if ('cnf' in payload && (policy.dpop === undefined || boundKeyThumbprint === undefined)) {
    return refused('sender_constrained')
  }
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
    ...(typeof scope === 'string' ? payload : withoutScope(payload)),
    iss: policy.issuer,
    sub,
    aud,
    client_id,
    jti,
    iat,
    exp,
    // A scope that is not even a string is dropped; `scopes` is then empty, and every operation that needs one is refused.
    ...(typeof scope === 'string' && { scope }),
    scopes: parseScopes(scope),
  }
  return { ok: true, claims: freeze(claims), boundKeyThumbprint }
}

function refused(reason: RefusalReason): ClaimsVerdict {
  return { ok: false, reason }
}

// To the ground: every request with this token is given the same claims, and a role that one handler adds is there for the next.
function freeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) freeze(member)
  return Object.freeze(value)
}

function withoutScope(payload: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { scope: _, ...others } = payload
  return others
}

// One string, exactly ours. A token for several services is good at each of them for the others to replay; so an array,
// even of one, is only taken where it was asked for (RFC 9068 §3, RFC 8707 §2).
function isOurAudience(aud: unknown, policy: ClaimsPolicy): aud is string | readonly string[] {
  if (typeof aud === 'string') return aud === policy.audience
  if (!policy.acceptAudienceArrays || !Array.isArray(aud)) return false
  return aud.every((entry) => typeof entry === 'string') && aud.includes(policy.audience)
}

// Only asked where `typ: JWT` is accepted, which says nothing. OpenID Connect Core §2 and §3.1.3.6: these claims are of ID tokens.
// Keycloak writes what a token is into a claim `typ` (Bearer, DPoP; ID, Refresh, Logout and so on are others).
function isOtherKind(payload: Readonly<Record<string, unknown>>): boolean {
  if ('nonce' in payload || 'at_hash' in payload || 'c_hash' in payload || 'events' in payload) return true
  return 'typ' in payload && payload.typ !== 'Bearer' && payload.typ !== 'DPoP'
}

// RFC 9449 §6.1: a SHA-256 thumbprint and nothing beside it. Another method of confirmation is one that nobody here would check.
function readBoundKey(cnf: unknown): string | undefined {
  if (!isRecord(cnf) || Object.keys(cnf).length !== 1) return undefined
  return typeof cnf.jkt === 'string' && /^[A-Za-z0-9_-]{43}$/.test(cnf.jkt) ? cnf.jkt : undefined
}

function isFilledString(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

// Whole seconds after 1970. Fractions are legal in RFC 7519 but nobody of ours mints them, and 1e308 is one of them.
function isTimestamp(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}
