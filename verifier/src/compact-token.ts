import { base64url } from 'jose'
import type { RefusalReason } from './errors.ts'
import { parseStrictObject, parseStrictText, StrictJsonError } from './strict-json.ts'

/** The three segments of a compact JWS, each canonical base64url; nothing of it is decoded or verified yet. */
export type CompactToken =
  | { readonly ok: true; readonly header: string; readonly payload: string; readonly signature: string }
  | { readonly ok: false; readonly reason: RefusalReason }

/** A decoded segment, or why it is none. */
export type DecodedSegment =
  | { readonly ok: true; readonly members: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: RefusalReason }

/**
 * Takes a compact JWS apart, strictly and without any cryptography.
 *
 * @param token as presented
 * @param maxBytes refused above, before anything is decoded
 * @throws nothing; what is wrong comes back as a reason
 * @see RFC 7515 §7.1
 */
export function splitCompactToken(token: string, maxBytes: number): CompactToken {
  // Counted before base64 and JSON: a stranger's megabyte must cost nothing. Beyond ASCII a token is refused below anyway.
  if (token.length > maxBytes) return { ok: false, reason: 'token_too_large' }
  // Four are enough to see that there are more than three.
  const [header, payload, signature, more] = token.split('.', 4)
  // Five segments would be a JWE (RFC 7516 §7.1): an access token of ours is signed, never encrypted, so nothing is inflated.
  if (!isCanonicalBase64url(header) || !isCanonicalBase64url(payload) || !isCanonicalBase64url(signature)) {
    return { ok: false, reason: 'token_malformed' }
  }
  if (more !== undefined) return { ok: false, reason: 'token_malformed' }
  return { ok: true, header, payload, signature }
}

/**
 * Decodes the header or the payload of a compact JWS.
 *
 * @param segment canonical base64url
 * @throws nothing; what is wrong comes back as a reason
 * @see RFC 8725 §2.4
 */
export function decodeSegment(segment: string): DecodedSegment {
  try {
    const text = decodeAscii(segment)
    const members = text === undefined ? parseStrictObject(base64url.decode(segment)) : parseStrictText(text)
    return { ok: true, members }
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
    return { ok: false, reason: error.kind === 'duplicate_member' ? 'duplicate_member' : 'token_malformed' }
  }
}

// Most tokens are ASCII, and atob then gives the text at once, in a tenth of the time of bytes and UTF-8.
function decodeAscii(segment: string): string | undefined {
  const text = atob(segment.replaceAll('-', '+').replaceAll('_', '/'))
  return /[^\0-\x7f]/.test(text) ? undefined : text
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

// RFC 4648 §3.5: the bits that the last character has to spare must be zero. Decoders ignore them, which would give one
// signature several spellings, and a list of revoked tokens as many holes.
function isCanonicalBase64url(segment: string | undefined): segment is string {
  if (segment === undefined || !/^[A-Za-z0-9_-]+$/.test(segment)) return false
  const spareBits = [0, undefined, 4, 2][segment.length % 4]
  if (spareBits === undefined) return false
  return alphabet.indexOf(segment.slice(-1)) % 2 ** spareBits === 0
}
