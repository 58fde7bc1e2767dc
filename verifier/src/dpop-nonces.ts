import { base64url } from 'jose'

/** Nonces for proofs, made from a secret and the time, so that nothing is stored. @see RFC 9449 §8 and §9 */
export interface DpopNonces {
  /** The nonce to give out now. */
  current(nowSeconds: number): Promise<string>
  /** Whether a nonce is one that was given out a short while ago. */
  accepts(nonce: string, nowSeconds: number): Promise<boolean>
}

// Ours: a nonce is good for one to two minutes, in the slot in which it was made and in the next.
const slotSeconds = 60

/**
 * Makes nonces of HMAC-SHA-256 over the number of the minute.
 *
 * @param secret 32 characters or more, shared by all instances; undefined: 32 random bytes, for this process alone
 */
export function createDpopNonces(secret: string | undefined): DpopNonces {
  let key: Promise<CryptoKey> | undefined
  const made = new Map<number, string>()

  async function nonceOf(slot: number): Promise<string> {
    const known = made.get(slot)
    if (known !== undefined) return known
    key ??= importSecret(secret)
    const mac = await crypto.subtle.sign('HMAC', await key, new TextEncoder().encode(`DPoP-Nonce ${slot}`))
    const nonce = base64url.encode(new Uint8Array(mac))
    if (made.size > 4) made.clear() // slots that are over
    made.set(slot, nonce)
    return nonce
  }

  const slotAt = (nowSeconds: number): number => Math.floor(nowSeconds / slotSeconds)
  return {
    current: (nowSeconds) => nonceOf(slotAt(nowSeconds)),
    async accepts(nonce, nowSeconds) {
      const slot = slotAt(nowSeconds)
      // The next one too: the clock of another instance may be a little ahead.
      for (const near of [slot, slot - 1, slot + 1]) if (nonce === (await nonceOf(near))) return true
      return false
    },
  }
}

function importSecret(secret: string | undefined): Promise<CryptoKey> {
  const bytes = secret === undefined ? crypto.getRandomValues(new Uint8Array(32)) : new TextEncoder().encode(secret)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}
