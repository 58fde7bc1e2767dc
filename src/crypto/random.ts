// Room: crypto. Random values, digests, constant-time comparison and sealed boxes; keys of tokens live in `keys/`.
// Imports nothing of ours; serves no path.
import { randomBytes } from 'node:crypto'

/** A new identifier: 16 random bytes = 128 bits, base64url, 22 characters. Not a secret. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}

/** A new secret: 32 random bytes = 256 bits, base64url, 43 characters. A plain SHA-256 is enough to store it. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}
