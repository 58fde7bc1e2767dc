/*
 * Decides whether an access token is what it says: one of our issuer's, for this server, now. Owns the order of the checks; each check
 * lives in a file of its own. Leaves scopes, proofs and revocation to verifier.ts, which asks them with every request.
 */
import { compactVerify, errors } from 'jose'
import { type AccessTokenClaims, judgeClaims } from './claims.ts'
import { decodeSegment, splitCompactToken } from './compact-token.ts'
import { createExpiringMap } from './expiring-map.ts'
import { type Keys, KeysUnavailableError } from './keys.ts'
import type { Refusals } from './refusals.ts'
import type { VerifierSettings } from './settings.ts'
import { sha256 } from './sha256.ts'
import { createHeaderReader } from './token-header.ts'

/** A token that holds. */
export interface CheckedToken {
  readonly claims: AccessTokenClaims
  /** Undefined for a bearer token; otherwise the token is good only with a proof of the key of this thumbprint. */
  readonly boundKeyThumbprint: string | undefined
  /** Whether it was known from before. */
  readonly isRemembered: boolean
}

/** Checks tokens, and knows those again that held a moment ago. */
export interface TokenCheck {
  /**
   * @returns no promise for a token that is remembered, where the runtime can hash at once: then nothing has to wait
   * @throws VerifierError `invalid_token`, `keys_unavailable`
   */
  check(token: string, refusals: Refusals): CheckedToken | Promise<CheckedToken>
  /** How many tokens are remembered. */
  readonly rememberedTokens: number
}

// Ours: how long a verdict may be older than what it was made of.
const maxRememberedSeconds = 60

/** Makes the check of one verifier. */
export function createTokenCheck(settings: VerifierSettings, keys: Keys): TokenCheck {
  const headers = createHeaderReader(settings)
  // Only tokens that held are in here, so no stranger can fill it, and no refusal outlives its cause. The key is the digest of the whole
  // token: two tokens never share a place, and no token that could be used lies in memory.
  const remembered = createExpiringMap<CheckedToken>(settings.rememberedTokens)
  let rememberedUnder = keys.version

  function find(digest: string, nowSeconds: number): CheckedToken | undefined {
    // Other keys: whatever the old ones vouched for has to be vouched for again.
    if (rememberedUnder !== keys.version) {
      remembered.clear()
      rememberedUnder = keys.version
    }
    return remembered.get(digest, nowSeconds)
  }

  // Cheap checks first, in one visible order; the signature last. Nothing is believed, or answered, before it has held.
  async function checkAnew(
    token: string,
    digest: string | undefined,
    nowSeconds: number,
    refusals: Refusals,
  ): Promise<CheckedToken> {
    const versionBefore = keys.version
    const split = splitCompactToken(token, settings.maxTokenBytes)
    if (!split.ok) throw refusals.invalidToken(split.reason)
    const header = headers.read(split.header)
    if (!header.ok) throw refusals.invalidToken(header.reason)
    const payload = decodeSegment(split.payload)
    if (!payload.ok) throw refusals.invalidToken(payload.reason)
    const verdict = judgeClaims(payload.members, settings, header.isAccessTokenType, nowSeconds)
    if (!verdict.ok) throw refusals.invalidToken(verdict.reason)
    const found = findKey(header.kid, header.algorithm, refusals)
    const key = found instanceof Promise ? await found : found
    if (key === undefined) throw refusals.invalidToken('key_unknown')
    try {
      await compactVerify(token, key, { algorithms: [header.algorithm] })
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refusals.invalidToken('signature', error)
      throw error
    }
    headers.remember(split.header, header)
    const { claims, boundKeyThumbprint } = verdict
    // Keys that changed on the way may have been changed because of the one that vouched for this token.
    if (digest !== undefined && keys.version === versionBefore) {
      const untilSeconds = Math.min(nowSeconds + maxRememberedSeconds, claims.exp, Math.floor(keys.goodUntilSeconds))
      remembered.set(digest, { claims, boundKeyThumbprint, isRemembered: true }, nowSeconds, untilSeconds)
    }
    return { claims, boundKeyThumbprint, isRemembered: false }
  }

  function findKey(kid: string | undefined, algorithm: string, refusals: Refusals) {
    const found = keys.find(kid, algorithm)
    if (!(found instanceof Promise)) return found
    return found.catch((error: unknown) => {
      if (!(error instanceof KeysUnavailableError)) throw error
      throw refusals.unavailable('keys_unavailable', error.retryAfterSeconds, error.cause)
    })
  }

  return {
    check(token, refusals) {
      const nowSeconds = Math.floor(settings.now().getTime() / 1000)
      // Without a compiler in between, `headers.authorization?.slice(7)` is what comes of a request without a token.
      if (typeof token !== 'string') throw refusals.invalidToken('token_malformed')
      // Counted before it is hashed: a stranger's megabyte must cost nothing.
      if (token.length > settings.maxTokenBytes) throw refusals.invalidToken('token_too_large')
      if (settings.rememberedTokens === 0) return checkAnew(token, undefined, nowSeconds, refusals)
      const lookUp = (digest: string) => find(digest, nowSeconds) ?? checkAnew(token, digest, nowSeconds, refusals)
      const digest = sha256(token)
      return typeof digest === 'string' ? lookUp(digest) : digest.then(lookUp)
    },
    get rememberedTokens() {
      return remembered.size
    },
  }
}
