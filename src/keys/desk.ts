import type { Audit } from '../audit/record.ts'
import type { Sealer } from '../crypto/seal.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../runtime/clock.ts'
import { generateKey, publicHalf, type RsaBits } from './generate.ts'
import type { CurrentKey, KeyAlg, KeyPolicy, NextKey } from './key.ts'
import type { KeyStore, StoredKey } from './store.ts'

/** What a key ring needs from outside. */
export interface KeyRingParts {
  readonly database: Pick<Database, 'kind' | 'sql' | 'commit' | 'transaction'>
  /** A sealer of the purpose `signing-keys`. */
  readonly sealer: Sealer
  readonly clock: Clock
  readonly audit: Pick<Audit, 'record' | 'statement'>
  readonly policy?: KeyPolicy
  readonly rsaBits?: RsaBits
}

/** What the acts of this room work with. */
export interface KeyDesk extends Omit<KeyRingParts, 'policy'> {
  readonly store: KeyStore
  readonly policy: KeyPolicy
  /** Makes a key in one of the two states a new key can have, sealed. */
  make(alg: KeyAlg, state: 'next' | 'current'): Promise<StoredKey>
}

/** Makes a key and seals its private half. Writes nothing. */
export async function makeKey(parts: KeyRingParts, alg: KeyAlg, state: 'next' | 'current'): Promise<StoredKey> {
  const privateJwk = await generateKey(alg, parts.rsaBits)
  const now = parts.clock.now()
  const common = { kid: privateJwk.kid, alg, createdAt: now }
  const key: NextKey | CurrentKey = state === 'next' ? { ...common, state } : { ...common, state, activatedAt: now }
  return { key, publicJwk: publicHalf(privateJwk), sealedPrivateJwk: parts.sealer.seal(JSON.stringify(privateJwk)) }
}
