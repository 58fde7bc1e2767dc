import { hash } from 'node:crypto'
import { UpstreamFault } from './fault.ts'

/** What an ID token is compared with beside what the library checks (signature, `iss`, `aud`, `azp`, `exp`, `nonce`). */
export interface IdTokenContext {
  readonly code: string
  readonly accessToken: string
  readonly now: Date
  /** When the browser was sent there. */
  readonly startedAt: Date
  /** The person was to prove anew who they are. */
  readonly isAnew: boolean
  /** The provider is known to keep to `max_age`; without a word on it, nobody counts as having signed in anew. */
  readonly tellsAuthTime: boolean
}

// Ours: an ID token of the back channel is seconds old; ten minutes allow for a clock that is badly set.
const oldestSeconds = 600
const skewSeconds = 60

// OpenID Connect Core §3.1.3.6: the hash of the signature's algorithm, left half.
const hashOf: Readonly<Record<string, 'sha256' | 'sha384' | 'sha512'>> = {
  '256': 'sha256',
  '384': 'sha384',
  '512': 'sha512',
  EdDSA: 'sha512',
  Ed25519: 'sha512',
}

/**
 * Checks of an ID token what the library leaves open in the code flow.
 *
 * @param idToken the token as it came, for the algorithm in its header; its signature is good already
 * @returns when the person signed in there, as far as the provider says
 * @throws UpstreamFault `refused`
 * @see OpenID Connect Core §3.1.3.7, §3.1.3.8, §3.3.2.11; threats H07, H08
 */
export function checkIdToken(
  claims: Readonly<Record<string, unknown>>,
  idToken: string,
  context: IdTokenContext,
): Date | undefined {
  const nowSeconds = Math.floor(context.now.getTime() / 1000)
  const issuedAt = claims.iat
  if (typeof issuedAt !== 'number' || issuedAt < nowSeconds - oldestSeconds) throw refused('id_token_old')
  if (issuedAt > nowSeconds + oldestSeconds) throw refused('id_token_from_the_future')
  const alg = algOf(idToken)
  for (const [claim, value] of [
    ['at_hash', context.accessToken],
    ['c_hash', context.code],
  ] as const) {
    if (claims[claim] !== undefined && claims[claim] !== leftHalf(value, alg)) throw refused(`id_token_${claim}`)
  }
  return authTimeOf(claims.auth_time, context)
}

function authTimeOf(authTime: unknown, context: IdTokenContext): Date | undefined {
  if (typeof authTime !== 'number') {
    if (context.isAnew && context.tellsAuthTime) throw refused('not_signed_in_anew')
    return undefined
  }
  const when = new Date(authTime * 1000)
  // OpenID Connect Core §3.1.2.1, max_age: who was signed in there already has not proved anything anew (G22).
  if (context.isAnew && when.getTime() < context.startedAt.getTime() - skewSeconds * 1000) {
    throw refused('not_signed_in_anew')
  }
  return when
}

function algOf(idToken: string): string {
  const header: unknown = JSON.parse(Buffer.from(idToken.split('.', 1)[0] ?? '', 'base64url').toString())
  return typeof header === 'object' && header !== null && 'alg' in header ? String(header.alg) : ''
}

function leftHalf(value: string, alg: string): string {
  const name = hashOf[/(256|384|512)$/.exec(alg)?.[1] ?? alg]
  if (name === undefined) throw refused('id_token_alg')
  const digest = hash(name, value, 'buffer')
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

function refused(reason: string): UpstreamFault {
  return new UpstreamFault('refused', reason)
}
