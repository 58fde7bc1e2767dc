// Room: keys. The signing keys of the server: made, published as `next`, used as `current`, kept published as `retired` until
// the last token has expired, then destroyed. Private material is sealed at rest and leaves the room only as the key set for
// the protocol library. Serves no path: the provider room serves `published` at /jwks, console and command line list and rotate.
// Left to others: who may rotate (admin/, cli/), which algorithm a resource wants (resources/).
import type { JWK } from 'jose'

/** Algorithms this server signs with, preferred first. */
export const keyAlgs = ['ES256', 'EdDSA', 'RS256'] as const

/** An algorithm this server signs with. */
export type KeyAlg = (typeof keyAlgs)[number]

interface KeyCommon {
  /** RFC 7638 thumbprint (SHA-256, base64url), 43 characters. */
  readonly kid: string
  readonly alg: KeyAlg
  readonly createdAt: Date
}

/** Published, not yet used: verifiers everywhere get the time to learn of it. */
export interface NextKey extends KeyCommon {
  readonly state: 'next'
}

/** Signs. */
export interface CurrentKey extends KeyCommon {
  readonly state: 'current'
  readonly activatedAt: Date
}

/** Signs no more, still published: tokens it signed are still out. */
export interface RetiredKey extends KeyCommon {
  readonly state: 'retired'
  readonly activatedAt: Date
  readonly retiredAt: Date
}

/** A signing key in one of its three states; after `retired` it is gone. */
export type SigningKey = NextKey | CurrentKey | RetiredKey

/** A public key as published. */
export type PublicJwk = JWK & { readonly kid: string; readonly alg: KeyAlg; readonly use: 'sig' }

/** A private key as the library takes it. */
export type PrivateJwk = PublicJwk & { readonly d: string }

/** A published key begins to sign. */
export function activate(key: NextKey, now: Date): CurrentKey {
  return { kid: key.kid, alg: key.alg, createdAt: key.createdAt, state: 'current', activatedAt: now }
}

/** A signing key stops to sign. */
export function retire(key: CurrentKey, now: Date): RetiredKey {
  return { ...key, state: 'retired', retiredAt: now }
}

/** A change of one key that is carried out only if the key is still in the state it is taken from; `null`: destroyed. */
export interface Move {
  readonly from: SigningKey
  readonly to: SigningKey | null
}

/** Times that the life of a key keeps to, in seconds. */
export interface KeyPolicy {
  /** How long a key signs. */
  readonly rotationSeconds: number
  /** How long a key is published before it signs. */
  readonly publishLeadSeconds: number
  /** How long a key stays published after it signed for the last time. */
  readonly retirementSeconds: number
}

/**
 * The policy of the server.
 * Lead: verifiers keep a key set for up to 10 minutes (jose's `cacheMaxAge`), other instances learn of a key within a minute.
 * Retirement: the longest token lives 3600 s; 300 s more cover other instances' late news and clocks that differ.
 */
export const defaultKeyPolicy: KeyPolicy = {
  rotationSeconds: 90 * 24 * 3600,
  publishLeadSeconds: 660,
  retirementSeconds: 3600 + 300,
}

/** When the key changes its state by itself: a next key signs, a current key is succeeded, a retired key is destroyed. */
export function changesAt(key: SigningKey, policy: KeyPolicy): Date {
  switch (key.state) {
    case 'next':
      return after(key.createdAt, policy.publishLeadSeconds)
    case 'current':
      return after(key.activatedAt, policy.rotationSeconds)
    case 'retired':
      return after(key.retiredAt, policy.retirementSeconds)
  }
}

function after(start: Date, seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000)
}
