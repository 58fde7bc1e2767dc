import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Seals texts that are needed again (private keys, successors of refresh tokens) before they are stored. */
export interface Sealer {
  /** Puts a text into a box: `v1.<key id>.<iv, ciphertext and tag in base64url>`; a new one at each call. */
  seal(plain: string): string
  /** The text of a box, or null when it is malformed, altered, of another purpose, or under a key that is not listed. */
  open(box: string): string | null
}

interface BoxKey {
  readonly id: string
  readonly key: Uint8Array
}

const version = 'v1'
const ivBytes = 12
const tagBytes = 16

/**
 * Derives a key of so many bytes from a secret for one named purpose, so that keys of different purposes are unrelated.
 * @see RFC 5869 (HKDF, SHA-256, no salt: the secret is uniformly random already)
 */
export function deriveKey(secret: Uint8Array, purpose: string, bytes: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `sallyport/${purpose}`, bytes))
}

/**
 * Makes a sealer (AES-256-GCM) for one purpose. The first secret seals, every listed one opens, so a secret is changed by
 * putting the new one in front; the box carries a key id that names the secret without telling anything of it.
 *
 * @throws RangeError when no secret is given
 */
export function createSealer(secrets: readonly Uint8Array[], purpose: string): Sealer {
  const keys = secrets.map((secret) => boxKey(secret, purpose))
  const [first] = keys
  if (first === undefined) throw new RangeError('a sealer needs at least one secret')

  return {
    seal(plain) {
      // 96 random bits under one key: safe for 2^32 boxes, far beyond what one server seals.
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', first.key, iv, { authTagLength: tagBytes })
      cipher.setAAD(associatedData(first.id, purpose))
      const content = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${version}.${first.id}.${content.toString('base64url')}`
    },
    open(box) {
      const [boxVersion, id, text, ...rest] = box.split('.')
      if (boxVersion !== version || id === undefined || text === undefined || rest.length > 0) return null
      const found = keys.find((key) => key.id === id)
      if (found === undefined) return null
      return decrypt(found, purpose, Buffer.from(text, 'base64url'))
    },
  }
}

function boxKey(secret: Uint8Array, purpose: string): BoxKey {
  const id = Buffer.from(deriveKey(secret, `key-id/${purpose}`, 6)).toString('base64url')
  return { id, key: deriveKey(secret, `seal/${purpose}`, 32) }
}

function decrypt({ id, key }: BoxKey, purpose: string, content: Buffer): string | null {
  if (content.length < ivBytes + tagBytes) return null
  const decipher = createDecipheriv('aes-256-gcm', key, content.subarray(0, ivBytes), { authTagLength: tagBytes })
  decipher.setAAD(associatedData(id, purpose))
  decipher.setAuthTag(content.subarray(content.length - tagBytes))
  const opened = decipher.update(content.subarray(ivBytes, content.length - tagBytes))
  try {
    return Buffer.concat([opened, decipher.final()]).toString('utf8')
  } catch {
    // GCM: the tag does not fit, so the box was altered; final() says nothing more exact.
    return null
  }
}

function associatedData(id: string, purpose: string): Buffer {
  return Buffer.from(`${version}.${id}.${purpose}`, 'utf8')
}
