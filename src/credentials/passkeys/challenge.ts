import { equalSecrets } from '../../crypto/compare.ts'
import { hmacBase64url, sha256Base64url } from '../../crypto/digest.ts'
import { randomId } from '../../crypto/random.ts'

/** What a challenge is good for. */
export interface ChallengeUse {
  /** `sign_in`, `prove:<digest of the sign-in>`, `register:<account>`. */
  readonly purpose: string
  /** Digest of the browser that it was given to. */
  readonly browserDigest: string
}

/** A challenge that came back in time and to the right place; it has still to be spent. */
export interface OpenChallenge extends ChallengeUse {
  readonly digest: string
  readonly expiresAt: Date
}

/** Makes and recognises challenges. */
export interface Challenges {
  make(use: ChallengeUse, now: Date): string
  /** Null: not ours, for another use or browser, or too old. */
  open(challenge: string, use: ChallengeUse, now: Date): OpenChallenge | null
}

// Ours: a page may wait that long for a finger; a sign-in page that lies open longer is loaded again.
const lifetimeSeconds = 600

/**
 * Challenges that are recognised by their own check value: making one writes nothing, so nobody fills a table by loading
 * the sign-in page. That each counts once is the row that is written when it comes back.
 *
 * @param keys the first makes, all recognise
 * @see WebAuthn L2 §13.4.3: at least 16 random bytes; ours are 16, with an HMAC-SHA-256 over everything
 */
export function createChallenges(keys: readonly Uint8Array[]): Challenges {
  const [first] = keys
  if (first === undefined) throw new RangeError('challenges need at least one key')
  const mac = (key: Uint8Array, head: string, { purpose, browserDigest }: ChallengeUse) =>
    hmacBase64url(key, `${head}.${browserDigest}.${purpose}`)

  return {
    make(use, now) {
      const head = `${randomId()}.${Math.floor(now.getTime() / 1000) + lifetimeSeconds}`
      return `${head}.${mac(first, head, use)}`
    },
    open(challenge, use, now) {
      const [nonce, seconds, check, ...rest] = challenge.split('.')
      if (nonce === undefined || check === undefined || rest.length > 0 || !/^\d{1,12}$/.test(seconds ?? ''))
        return null
      const head = `${nonce}.${seconds}`
      if (!keys.some((key) => equalSecrets(check, mac(key, head, use)))) return null
      const expiresAt = new Date(Number(seconds) * 1000)
      return expiresAt <= now ? null : { ...use, digest: sha256Base64url(challenge), expiresAt }
    },
  }
}
