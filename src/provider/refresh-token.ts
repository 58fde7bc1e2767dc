import { createCipheriv, createDecipheriv, hash } from 'node:crypto'
import { equalSecrets } from '../crypto/compare.ts'
import { hmacBase64url } from '../crypto/digest.ts'

/** The parts of a refresh token as a client holds it: `<family>.<id>.<check>`. */
export interface RefreshToken {
  /** Handle of the family, 128 bits, base64url, 22 characters: the same through all rotations. */
  readonly family: string
  /** The library's own identifier of this generation, 256 bits, base64url, 43 characters. */
  readonly id: string
}

const shape = /^([\w-]{22})\.([\w-]{43})\.([\w-]{11})$/

/** Writes a refresh token. The check lets a mangled token be told from an old one, so that it never counts as reuse (C26). */
export function formatRefreshToken(key: Uint8Array, { family, id }: RefreshToken): string {
  return `${family}.${id}.${check(key, family, id)}`
}

/** The parts of a token that we made, or null for anything else: cut, re-cased, padded, invented. */
export function parseRefreshToken(key: Uint8Array, text: string): RefreshToken | null {
  const [, family, id, found] = shape.exec(text) ?? []
  if (family === undefined || id === undefined || found === undefined) return null
  return equalSecrets(found, check(key, family, id)) ? { family, id } : null
}

// 8 bytes = 64 bits: enough to tell damage and guesses apart; the secret itself is the 256-bit id.
function check(key: Uint8Array, family: string, id: string): string {
  return Buffer.from(hmacBase64url(key, `${family}.${id}`), 'base64url')
    .subarray(0, 8)
    .toString('base64url')
}

const nonce = Buffer.alloc(12)

// The token is 256 bits of randomness and its key seals exactly one message: a domain-separated hash is a sound key,
// and a constant nonce is used once under it.
function successorKey(token: string): Buffer {
  return hash('sha256', `sallyport/successor/${token}`, 'buffer')
}

/** Seals the next token under the one it replaces: only who still holds the old one can read the new one. */
export function sealSuccessor(token: string, successor: string): string {
  const cipher = createCipheriv('aes-256-gcm', successorKey(token), nonce)
  return Buffer.concat([cipher.update(successor, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/** The sealed next token, or null when `token` is not the one it was sealed under. */
export function openSuccessor(token: string, box: string): string | null {
  const content = Buffer.from(box, 'base64url')
  if (content.length <= 16) return null
  const decipher = createDecipheriv('aes-256-gcm', successorKey(token), nonce, { authTagLength: 16 })
  decipher.setAuthTag(content.subarray(content.length - 16))
  const opened = decipher.update(content.subarray(0, content.length - 16))
  try {
    return Buffer.concat([opened, decipher.final()]).toString('utf8')
  } catch {
    // The tag does not fit: sealed under another token.
    return null
  }
}
