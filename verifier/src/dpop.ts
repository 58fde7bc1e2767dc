/*
 * Judges DPoP proofs: that whoever sends a token holds the key that it is bound to, for this one request.
 * Owns the checks of RFC 9449 §4.3 in their order; leaves the token itself to token-check.ts.
 */
import { calculateJwkThumbprint, compactVerify, errors, type JWK } from 'jose'
import { decodeSegment, splitCompactToken } from './compact-token.ts'
import type { RefusalReason } from './errors.ts'
import { importVerificationKey, isSigningAlgorithm } from './key-set.ts'
import type { DpopSettings } from './settings.ts'
import { sha256 } from './sha256.ts'
import { isRecord } from './strict-json.ts'

/** What a proof must be about. */
export interface ProvenRequest {
  readonly method: string
  /** As received, without the query. */
  readonly path: string
  readonly token: string
  /** What the token is bound to: the `jkt` of its `cnf`. */
  readonly boundKeyThumbprint: string
}

/** A proof that holds but for its nonce and whether it was used before, or why not. */
export type ProofVerdict =
  | { readonly ok: true; readonly jti: string; readonly nonce: string | undefined }
  | { readonly ok: false; readonly reason: RefusalReason; readonly cause?: unknown }

/** What proofs are measured against. */
export interface ProofPolicy extends Pick<DpopSettings, 'algorithms' | 'maxAgeSeconds' | 'publicUrl'> {
  readonly maxTokenBytes: number
  readonly clockSkewSeconds: number
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/**
 * Judges a proof. The replay store and the nonce are the caller's: they are asked last, so that nobody can fill the one or try out the other
 * with proofs that are no good anyway.
 *
 * @param proof value of the only `DPoP` header
 * @param nowSeconds whole seconds since 1970
 * @throws nothing; what is wrong comes back as a reason
 * @see RFC 9449 §4.3
 */
export async function judgeProof(
  proof: string,
  request: ProvenRequest,
  policy: ProofPolicy,
  nowSeconds: number,
): Promise<ProofVerdict> {
  const split = splitCompactToken(proof, policy.maxTokenBytes)
  if (!split.ok) return refused('proof_malformed')
  const header = decodeSegment(split.header)
  const payload = decodeSegment(split.payload)
  if (!header.ok || !payload.ok) return refused('proof_malformed')
  const { typ, alg, jwk, crit, b64 } = header.members
  if (typ !== 'dpop+jwt' || crit !== undefined || b64 !== undefined) return refused('proof_malformed')
  if (!isSigningAlgorithm(alg) || !policy.algorithms.includes(alg)) return refused('proof_key')
  if (!isRecord(jwk) || privateMembers.some((member) => member in jwk)) return refused('proof_key')
  const { jti, htm, htu, iat, ath, nonce } = payload.members
  // Ours: 256 characters are more than any client of ours makes, and bound what is hashed.
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return refused('proof_malformed')
  if (nonce !== undefined && typeof nonce !== 'string') return refused('proof_malformed')
  // RFC 9110 §9.1: methods have a case.
  if (htm !== request.method || !isSameAddress(htu, policy.publicUrl(request.path))) return refused('proof_request')
  if (!Number.isSafeInteger(iat)) return refused('proof_malformed')
  const issuedAt = Number(iat)
  if (issuedAt > nowSeconds + policy.clockSkewSeconds || issuedAt < nowSeconds - policy.maxAgeSeconds) {
    return refused('proof_time')
  }
  // RFC 9449 §4.3 no. 12: made for this very token, by the holder of the key that it is bound to.
  if (ath !== (await sha256(request.token))) return refused('proof_token')
  const key = await importVerificationKey(jwk, [alg])
  if (key === undefined) return refused('proof_key')
  if ((await thumbprintOf(jwk)) !== request.boundKeyThumbprint) return refused('proof_key')
  try {
    await compactVerify(proof, key.key, { algorithms: [alg] })
  } catch (cause) {
    if (cause instanceof errors.JOSEError) return { ok: false, reason: 'proof_signature', cause }
    throw cause
  }
  return { ok: true, jti, nonce }
}

function refused(reason: RefusalReason): ProofVerdict {
  return { ok: false, reason }
}

// RFC 9449 §4.3 no. 9: without query and fragment, after the normalisation that every URL parser does.
function isSameAddress(htu: unknown, expected: string): boolean {
  // What a client sends as a path (`*`, or a whole address) need not make an address with our origin.
  if (typeof htu !== 'string' || !URL.canParse(htu) || !URL.canParse(expected)) return false
  const claimed = new URL(htu)
  const ours = new URL(expected)
  if (claimed.username !== '' || claimed.password !== '') return false
  return claimed.origin === ours.origin && claimed.pathname === ours.pathname
}

async function thumbprintOf(jwk: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  try {
    // Parse boundary: jose checks the members that count and throws on what does not fit.
    return await calculateJwkThumbprint(jwk as JWK, 'sha256')
  } catch {
    return undefined
  }
}
