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

/**
 * The parts of a token that we made, or null for anything else: cut, re-cased, padded, invented.
 *
 * @param keys the key in use, then those that it replaced: a token outlives a change of the server's secret
 */
export function parseRefreshToken(keys: readonly Uint8Array[], text: string): RefreshToken | null {
  const [, family, id, found] = shape.exec(text) ?? []
  if (family === undefined || id === undefined || found === undefined) return null
  return keys.some((key) => equalSecrets(found, check(key, family, id))) ? { family, id } : null
}

// 8 bytes = 64 bits: enough to tell damage and guesses apart; the secret itself is the 256-bit id.
function check(key: Uint8Array, family: string, id: string): string {
  return Buffer.from(hmacBase64url(key, `${family}.${id}`), 'base64url')
    .subarray(0, 8)
    .toString('base64url')
}
