import { base64url } from 'jose'
import type { RefusalReason } from './errors.ts'
import { parseStrictObject, StrictJsonError } from './strict-json.ts'

/** A compact JWS taken apart; nothing of it is verified yet. */
export type CompactToken =
  | {
      readonly ok: true
      readonly header: Readonly<Record<string, unknown>>
      readonly payload: Readonly<Record<string, unknown>>
    }
  | { readonly ok: false; readonly reason: RefusalReason }

/**
 * Takes a compact JWS apart, strictly and without any cryptography.
 *
 * @param token as presented
 * @param maxBytes refused above, before anything is decoded
 * @throws nothing; what is wrong comes back as a reason
 * @see RFC 7515 §7.1, RFC 8725 §3.10
 */
export function parseCompactToken(token: string, maxBytes: number): CompactToken {
  // Counted before base64 and JSON: a stranger's megabyte must cost nothing. Beyond ASCII a token is refused below anyway.
  if (token.length > maxBytes) return { ok: false, reason: 'token_too_large' }
  const segments = token.split('.')
  const [encodedHeader, encodedPayload, encodedSignature] = segments
  // Five segments would be a JWE (RFC 7516 §7.1): an access token of ours is signed, never encrypted, so nothing is inflated.
  if (
    segments.length !== 3 ||
    encodedHeader === undefined ||
    encodedPayload === undefined ||
    encodedSignature === undefined ||
    !segments.every(isCanonicalBase64url)
  ) {
    return { ok: false, reason: 'token_malformed' }
  }
  try {
    return {
      ok: true,
      header: parseStrictObject(base64url.decode(encodedHeader)),
      payload: parseStrictObject(base64url.decode(encodedPayload)),
    }
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
    return { ok: false, reason: error.kind === 'duplicate_member' ? 'duplicate_member' : 'token_malformed' }
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

// RFC 4648 §3.5: the bits that the last character has to spare must be zero. Decoders ignore them, which would give one
// signature several spellings, and a list of revoked tokens as many holes.
function isCanonicalBase64url(segment: string): boolean {
  if (!/^[A-Za-z0-9_-]+$/.test(segment)) return false
  const spareBits = [0, undefined, 4, 2][segment.length % 4]
  if (spareBits === undefined) return false
  return alphabet.indexOf(segment.slice(-1)) % 2 ** spareBits === 0
}
