import { publicHalf } from './generate.ts'
import { type KeyAlg, keyAlgs, type PrivateJwk, type PublicJwk, type SigningKey } from './key.ts'
import { signerOf, successorOf } from './schedule.ts'

/** A key as known to this process, opened. */
export interface OpenedKey {
  readonly key: SigningKey
  readonly privateJwk: PrivateJwk
}

/** What the server signs with and publishes at one moment. Never changed: another moment has another key set. */
export interface Keyset {
  /** For the protocol library, which signs with the first key of an algorithm: that is the current one. */
  readonly jwks: { readonly keys: readonly PrivateJwk[] }
  /** For /jwks, in the same order: current, next and retired keys, public members only. */
  readonly published: { readonly keys: readonly PublicJwk[] }
  /** Algorithms that have a current key, preferred first. */
  readonly algs: readonly KeyAlg[]
}

/**
 * Orders keys into a key set: first the current key of each algorithm, then the successors, then the rest.
 * The published half is taken from what was sealed, not from the readable column beside it: a row that somebody
 * without the secret put into the table is never published.
 */
export function buildKeyset(opened: readonly OpenedKey[]): Keyset {
  const keys = opened.map(({ key }) => key)
  const rank = new Map<string, number>()
  for (const alg of keyAlgs) rank.set(signerOf(keys, alg)?.kid ?? '', 0)
  for (const alg of keyAlgs) rank.set(successorOf(keys, alg)?.kid ?? '', 1)
  const ordered = [...opened].sort(
    (one, other) =>
      (rank.get(one.key.kid) ?? 2) - (rank.get(other.key.kid) ?? 2) ||
      keyAlgs.indexOf(one.key.alg) - keyAlgs.indexOf(other.key.alg) ||
      other.key.createdAt.getTime() - one.key.createdAt.getTime(),
  )
  return {
    jwks: { keys: ordered.map(({ privateJwk }) => privateJwk) },
    published: { keys: ordered.map(({ privateJwk }) => publicHalf(privateJwk)) },
    algs: keyAlgs.filter((alg) => signerOf(keys, alg) !== undefined),
  }
}
