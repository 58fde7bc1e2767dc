import { decodeSegment } from './compact-token.ts'
import type { RefusalReason } from './errors.ts'

/** What is used of a header, or why the token is refused. */
export type HeaderVerdict =
  | {
      readonly ok: true
      readonly algorithm: string
      readonly kid: string | undefined
      readonly isAccessTokenType: boolean
    }
  | { readonly ok: false; readonly reason: RefusalReason }

/** What headers are measured against. */
export interface HeaderPolicy {
  readonly algorithms: readonly string[]
  /** Lower case, without `application/`. */
  readonly acceptTypes: readonly string[]
}

/** Reads headers, and knows those again that a good signature has vouched for. */
export interface HeaderReader {
  /** @param segment canonical base64url */
  read(segment: string): HeaderVerdict
  /** Keeps a header: all tokens of one key have the same one, and parsing it is a good part of the work besides the signature. */
  remember(segment: string, verdict: HeaderVerdict): void
}

// Ours: one for each key and type of the issuer; only the issuer can make more.
const maxRemembered = 16

/** Makes a reader of headers for one verifier. */
export function createHeaderReader(policy: HeaderPolicy): HeaderReader {
  const remembered = new Map<string, HeaderVerdict>()
  return {
    read(segment) {
      const known = remembered.get(segment)
      if (known !== undefined) return known
      const decoded = decodeSegment(segment)
      return decoded.ok ? judgeHeader(decoded.members, policy) : decoded
    },
    remember(segment, verdict) {
      if (remembered.has(segment)) return
      if (remembered.size >= maxRemembered) remembered.clear()
      remembered.set(segment, verdict)
    },
  }
}

/**
 * Judges the header of an access token. Only `alg`, `kid` and `typ` are ever used: `jwk`, `jku`, `x5c`, `x5u` are not looked at, because
 * a token must not bring its own key (RFC 8725 §3.10).
 */
export function judgeHeader(header: Readonly<Record<string, unknown>>, policy: HeaderPolicy): HeaderVerdict {
  const { alg, kid, typ, crit, b64 } = header
  // RFC 9068 §4: the type keeps ID tokens, logout tokens and proofs of the same issuer out; RFC 7515 §4.1.9: media types have no case.
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined
  if (type === undefined || !policy.acceptTypes.includes(type)) return { ok: false, reason: 'wrong_type' }
  // RFC 8725 §3.1: what may be used is our decision, not the token's.
  if (typeof alg !== 'string' || !policy.algorithms.includes(alg)) return { ok: false, reason: 'algorithm_not_allowed' }
  // RFC 7515 §4.1.11: an extension that is not understood must be refused, and we understand none (RFC 7797 neither).
  if (crit !== undefined || b64 !== undefined) return { ok: false, reason: 'critical_header' }
  if (kid !== undefined && typeof kid !== 'string') return { ok: false, reason: 'key_unknown' }
  return { ok: true, algorithm: alg, kid, isAccessTokenType: type === 'at+jwt' }
}
