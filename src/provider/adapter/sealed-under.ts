import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject } from 'node:crypto'

const nonce = Buffer.alloc(12)
const tagBytes = 16

// The secret is at least 126 bits of randomness and seals one text: a domain-separated hash is a sound key, and a constant
// nonce is used for one message under it.
function keyOf(purpose: string, secret: string): KeyObject {
  // As a key object: the cipher takes it as it is, where bytes are checked and copied each time.
  return createSecretKey(hash('sha256', `sallyport/${purpose}/${secret}`, 'buffer'))
}

/**
 * Seals a text under a random identifier of which the row keeps only a digest: whoever reads the table cannot read it,
 * and who presents the identifier can.
 *
 * @param secret random, and for each purpose the same text is sealed under it, however often
 */
export function sealUnder(purpose: string, secret: string, text: string): string {
  const cipher = createCipheriv('aes-256-gcm', keyOf(purpose, secret), nonce, { authTagLength: tagBytes })
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/** The text of a box, or null when it was not sealed under this secret. */
export function openUnder(purpose: string, secret: string, box: string): string | null {
  const content = Buffer.from(box, 'base64url')
  if (content.length <= tagBytes) return null
  const decipher = createDecipheriv('aes-256-gcm', keyOf(purpose, secret), nonce, { authTagLength: tagBytes })
  decipher.setAuthTag(content.subarray(content.length - tagBytes))
  const opened = decipher.update(content.subarray(0, content.length - tagBytes))
  try {
    return Buffer.concat([opened, decipher.final()]).toString('utf8')
  } catch {
    // The tag does not fit: sealed under another secret.
    return null
  }
}
