import { type CryptoKey, importJWK, type JWK } from 'jose'
import { isRecord } from './strict-json.ts'

/** Signature algorithms that may be allowed: asymmetric ones only, so that a public key can never serve as a shared secret. */
export type SigningAlgorithm =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'

interface AlgorithmFacts {
  readonly kty: 'EC' | 'OKP' | 'RSA'
  readonly crv?: string
}

/** What a key must be for each algorithm (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
export const signingAlgorithms: Readonly<Record<SigningAlgorithm, AlgorithmFacts>> = {
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
}

/** One public key, ready for use, bound to exactly one algorithm. */
export interface VerificationKey {
  readonly kid: string | undefined
  readonly algorithm: SigningAlgorithm
  readonly key: CryptoKey
}

/** Whether a name is one of the algorithms that may be allowed. */
export function isSigningAlgorithm(name: unknown): name is SigningAlgorithm {
  return typeof name === 'string' && Object.hasOwn(signingAlgorithms, name)
}

/**
 * Reads a JWK set and keeps the keys that can verify signatures under the allowed algorithms.
 *
 * @param document as fetched
 * @throws Error when it is no JWK set, holds a private key, uses one kid twice or leaves no usable key:
 * then the caller goes on with the last set that was good
 * @see RFC 7517 §4 and §5, RFC 8725 §3.1
 */
export async function importKeySet(
  document: unknown,
  allowed: readonly SigningAlgorithm[],
): Promise<readonly VerificationKey[]> {
  if (!isRecord(document) || !Array.isArray(document.keys)) throw new Error('the document is not a JWK set')
  const jwks: unknown[] = document.keys
  // An issuer that publishes a private key has lost it; nothing that it signed from now on can be told from a forgery.
  if (jwks.some((jwk) => isRecord(jwk) && jwk.kty !== 'oct' && 'd' in jwk)) {
    throw new Error('the JWK set holds a private key')
  }
  const imported = await Promise.all(jwks.map((jwk) => importVerificationKey(jwk, allowed)))
  const keys = imported.filter((key) => key !== undefined)
  const kids = keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid]))
  if (new Set(kids).size !== kids.length) throw new Error('the JWK set uses one kid twice')
  if (keys.length === 0) throw new Error('the JWK set holds no usable key')
  return keys
}

/**
 * Reads one public key.
 *
 * @returns undefined when it cannot verify signatures under an allowed algorithm. RFC 7517 §5: keys that are not understood are passed
 * over. `oct` is among them: a public document cannot hold a secret, and a symmetric key here is what an HS256 forgery needs.
 */
export async function importVerificationKey(
  jwk: unknown,
  allowed: readonly SigningAlgorithm[],
): Promise<VerificationKey | undefined> {
  if (!isRecord(jwk)) return undefined
  if (jwk.use !== undefined && jwk.use !== 'sig') return undefined
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify'))) return undefined
  if (jwk.kid !== undefined && typeof jwk.kid !== 'string') return undefined
  const algorithm = chooseAlgorithm(jwk, allowed)
  if (algorithm === undefined) return undefined
  try {
    // Parse boundary: importJWK checks the members itself and throws on what does not fit.
    const key = await importJWK({ ...jwk, ext: true } as JWK, algorithm)
    if (key instanceof Uint8Array || !isLongEnough(key)) return undefined
    return { kid: jwk.kid, algorithm, key }
  } catch {
    return undefined // members that do not fit together: a key that is not understood
  }
}

// RFC 8725 §3.1: a key serves exactly one algorithm. Where the JWK names none, it is only used
// when its type leaves a single allowed one, so that nobody can swap RS256 for PS256.
function chooseAlgorithm(
  jwk: Readonly<Record<string, unknown>>,
  allowed: readonly SigningAlgorithm[],
): SigningAlgorithm | undefined {
  const fitting = allowed.filter((name) => {
    const { kty, crv } = signingAlgorithms[name]
    return jwk.kty === kty && (crv === undefined || jwk.crv === crv)
  })
  if (jwk.alg !== undefined) return fitting.find((name) => name === jwk.alg)
  return fitting.length === 1 ? fitting[0] : undefined
}

// RFC 7518 §3.3: RSA keys of 2048 bits or more.
function isLongEnough(key: CryptoKey): boolean {
  return !('modulusLength' in key.algorithm) || Number(key.algorithm.modulusLength) >= 2048
}
