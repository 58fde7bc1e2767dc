import {
  activate,
  type CurrentKey,
  changesAt,
  type KeyAlg,
  type KeyPolicy,
  keyAlgs,
  type Move,
  type NextKey,
  retire,
  type SigningKey,
} from './key.ts'

/** One thing that is due. The moves of a step are carried out together or not at all. */
export type Step =
  | { readonly kind: 'publish'; readonly alg: KeyAlg }
  | { readonly kind: 'move'; readonly moves: readonly Move[] }

/**
 * What must happen to these keys at this moment, in order; empty most of the time.
 * A successor is published one lead before the current key's time is over, and takes over when it has been published long enough.
 */
export function dueSteps(keys: readonly SigningKey[], now: Date, policy: KeyPolicy): Step[] {
  return keyAlgs.flatMap((alg) => {
    const ofAlg = keys.filter((key) => key.alg === alg)
    return [...stepsOfSigners(alg, ofAlg, now, policy), ...stepsOfRetired(ofAlg, now, policy)]
  })
}

/** The key that signs: of several, which only a fault could leave, the one that has signed longest. */
export function signerOf(keys: readonly SigningKey[], alg: KeyAlg): CurrentKey | undefined {
  return keys
    .filter((key): key is CurrentKey => key.state === 'current' && key.alg === alg)
    .sort((one, other) => one.activatedAt.getTime() - other.activatedAt.getTime() || compare(one.kid, other.kid))[0]
}

/** The published key that will sign next, if there is one: the one published longest. */
export function successorOf(keys: readonly SigningKey[], alg: KeyAlg): NextKey | undefined {
  return keys
    .filter((key): key is NextKey => key.state === 'next' && key.alg === alg)
    .sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime() || compare(one.kid, other.kid))[0]
}

/** Has the key been published long enough to sign? */
export function mayActivate(key: NextKey, now: Date, policy: KeyPolicy): boolean {
  return changesAt(key, policy) <= now
}

/** The moves of a takeover: the successor signs, whoever signed before retires. */
export function takeover(keys: readonly SigningKey[], successor: NextKey, now: Date): Move[] {
  const signers = keys.filter((key): key is CurrentKey => key.state === 'current' && key.alg === successor.alg)
  return [
    { from: successor, to: activate(successor, now) },
    ...signers.map((key) => ({ from: key, to: retire(key, now) })),
  ]
}

function stepsOfSigners(alg: KeyAlg, keys: readonly SigningKey[], now: Date, policy: KeyPolicy): Step[] {
  const signer = signerOf(keys, alg)
  const successor = successorOf(keys, alg)
  if (successor !== undefined) {
    return mayActivate(successor, now, policy) ? [{ kind: 'move', moves: takeover(keys, successor, now) }] : []
  }
  if (signer === undefined) return []
  const publishAt = changesAt(signer, policy).getTime() - policy.publishLeadSeconds * 1000
  return publishAt <= now.getTime() ? [{ kind: 'publish', alg }] : []
}

function stepsOfRetired(keys: readonly SigningKey[], now: Date, policy: KeyPolicy): Step[] {
  return keys
    .filter((key) => key.state === 'retired' && changesAt(key, policy) <= now)
    .map((key) => ({ kind: 'move', moves: [{ from: key, to: null }] }))
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
