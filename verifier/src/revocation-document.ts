import type { AccessTokenClaims } from './claims.ts'
import { sha256 } from './sha256.ts'
import { isRecord } from './strict-json.ts'

/** What the payload of a revocation document says. Times are seconds since 1970. See docs/verifier.md for the format. */
export interface RevocationDocument {
  readonly expiresAt: number
  /** Where the next question goes on. */
  readonly cursor: string
  /** Whether more is waiting behind the cursor. */
  readonly hasMore: boolean
  /** Mark → tokens with this mark that were issued before this moment are revoked. */
  readonly revoked: readonly (readonly [mark: string, before: number])[]
}

/** What a document must agree with. */
export interface DocumentExpectations {
  readonly issuer: string
  /** The cursor that was asked for; undefined for the first question. */
  readonly since: string | undefined
  readonly nowSeconds: number
  readonly clockSkewSeconds: number
}

// Ours: a statement about the present that is good for longer than a day is none.
const maxDocumentLifetimeSeconds = 86_400

/**
 * Reads the payload of a revocation document whose signature has held.
 *
 * @throws Error when it is not one, is of another issuer, is over, or does not begin where we are: a list with a hole in it would let
 * revoked tokens pass
 */
export function readRevocationDocument(
  payload: Readonly<Record<string, unknown>>,
  { issuer, since, nowSeconds, clockSkewSeconds }: DocumentExpectations,
): RevocationDocument {
  const { iss, iat, exp, cursor, revoked } = payload
  if (iss !== issuer) throw new Error('the revocations are of another issuer')
  if (!isTimestamp(iat) || !isTimestamp(exp)) throw new Error('the revocations have no time')
  if (exp <= iat || exp - iat > maxDocumentLifetimeSeconds) throw new Error('the revocations are good for too long')
  if (iat > nowSeconds + clockSkewSeconds) throw new Error('the revocations are from the future')
  if (nowSeconds >= exp + clockSkewSeconds) throw new Error('the revocations are over')
  if (typeof cursor !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(cursor))
    throw new Error('the revocations have no cursor')
  if (payload.complete !== true && (since === undefined || payload.since !== since)) {
    throw new Error('the revocations begin somewhere else')
  }
  if (!isRecord(revoked)) throw new Error('the revocations have no list')
  const entries = Object.entries(revoked).map(([mark, before]): readonly [string, number] => {
    if (!/^[A-Za-z0-9_-]{43}$/.test(mark) || !isTimestamp(before)) throw new Error('the revocations are malformed')
    // A moment that has not come would refuse people tokens that are not yet issued.
    if (before > nowSeconds + clockSkewSeconds + 1) throw new Error('the revocations are from the future')
    return [mark, before]
  })
  return { expiresAt: exp, cursor, hasMore: payload.more === true, revoked: entries }
}

/**
 * The four marks under which a token can be revoked: by itself, with everything of its account, of its client, or of what this person
 * allowed this client on this server. Digests, so that whoever may read the list learns nobody's name from it.
 *
 * @param audience what the token's `aud` was compared with
 */
export async function marksOfToken(claims: AccessTokenClaims, audience: string): Promise<readonly string[]> {
  const { iss, jti, sub, client_id } = claims
  return Promise.all([
    sha256(['token', iss, jti].join('\n')),
    sha256(['account', iss, sub].join('\n')),
    sha256(['client', iss, client_id].join('\n')),
    sha256(['consent', iss, sub, client_id, audience].join('\n')),
  ])
}

function isTimestamp(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}
