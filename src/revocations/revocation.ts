// Room: revocations. What verifiers must not accept any more although it has not expired. Owns the rows of `revocation`, the
// statements that acts which revoke put into their own commit, and the signed list at GET /revocations. It lies below the rooms whose
// acts revoke. The format is in docs/verifier.md; it is the verifier's, and this room keeps to it.
// Left to others: ending grants and consents (provider/, consent/), the keys that sign (keys/).
import { sha256Base64url } from '../crypto/digest.ts'

/** One line of the list: tokens with this mark that were issued before this moment are revoked. */
export interface Revocation {
  /** What is meant, without the issuer, in lines: `account` and the `sub`, `client` and the `client_id`, … */
  readonly lines: string
  /** Whole seconds since 1970. */
  readonly moment: number
  /** When it was written, by the clock of the process that wrote it, milliseconds. */
  readonly createdAtMs: number
}

/**
 * How long a line is kept, seconds: the longest life of a token (3600), and 300 more for clocks that differ.
 * @see `tokenLifetimeSeconds` in resources/check.ts, `retirementSeconds` in keys/key.ts
 */
export const keptSeconds = 3900

/** The second after the one in which something is revoked: a token of the same second is refused, too. */
export function momentOf(now: Date): number {
  return Math.floor(now.getTime() / 1000) + 1
}

/** The mark as it is published: 43 characters that tell nothing to whoever cannot name what is meant. */
export function publishedMark(issuer: string, lines: string): string {
  const [kind = '', ...rest] = lines.split('\n')
  return sha256Base64url([kind, issuer, ...rest].join('\n'))
}

/** What can be revoked of a token, in the lines in which it is kept. */
export function linesOfToken(claims: {
  readonly jti: string
  readonly sub: string
  readonly client_id: string
  readonly aud: string
}): readonly [string, string, string, string] {
  const { jti, sub, client_id, aud } = claims
  return [`token\n${jti}`, `account\n${sub}`, `client\n${client_id}`, `consent\n${sub}\n${client_id}\n${aud}`]
}
