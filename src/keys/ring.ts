import type { Sealer } from '../crypto/seal.ts'
import { AppError } from '../runtime/app-error.ts'
import { type KeyDesk, type KeyRingParts, makeKey } from './desk.ts'
import { readPrivateJwk } from './generate.ts'
import { defaultKeyPolicy, type KeyAlg, type KeyPolicy, type SigningKey } from './key.ts'
import { eventsOf, type KeyAuthor } from './key-events.ts'
import { buildKeyset, type Keyset, type OpenedKey } from './keyset.ts'
import { carryOutSteps, type RotationReport, rotateAlg, startOver } from './rotate.ts'
import { signerOf } from './schedule.ts'
import { createKeyStore } from './store.ts'

/** How a rotation is wanted. */
export interface RotationWish {
  /** The private keys may be known to others: start over with new ones at once, withdraw all old ones. */
  readonly now?: boolean
  readonly author?: KeyAuthor
}

/** The signing keys of this server, as this process knows them. */
export interface KeyRing {
  /** Reads the keys for the first time. @throws AppError `keys_sealed` when the secret does not open one */
  load(): Promise<Keyset>
  /** Reads the keys again, because another process may have changed them; tells the listeners when it has. */
  refresh(): Promise<Keyset>
  /** The key set as last read. @throws Error before `load` */
  keyset(): Keyset
  /** Every key as last read, oldest first. */
  keys(): readonly SigningKey[]
  /** Makes sure that each of these algorithms has a current key; its first key signs at once. */
  ensure(algs: Iterable<KeyAlg>): Promise<Keyset>
  /** Rotates every algorithm in use, as far as can be done without a failed verification; with `now` at any price. */
  rotate(wish?: RotationWish): Promise<readonly RotationReport[]>
  /** Reads the keys again and does what is due. For a job that runs every `keyTickSeconds`. */
  tick(): Promise<Keyset>
  /** Calls back after every change of the key set. @returns takes the listener away again */
  onChange(listener: (keyset: Keyset) => void): () => void
  readonly policy: KeyPolicy
}

/** How often every instance should call `tick`: news of a key must arrive well within the lead of `defaultKeyPolicy`. */
export const keyTickSeconds = 15

/**
 * Makes the key ring of a process. Several processes may use one database: each change is a compare-and-set in the rows,
 * each process follows by reading again.
 */
export function createKeyRing(parts: KeyRingParts): KeyRing {
  const policy = parts.policy ?? defaultKeyPolicy
  const desk: KeyDesk = {
    ...parts,
    policy,
    store: createKeyStore(parts.database),
    make: (alg, state) => makeKey(parts, alg, state),
  }
  const listeners = new Set<(keyset: Keyset) => void>()
  const opened = new Map<string, OpenedKey['privateJwk']>()
  let known: readonly SigningKey[] = []
  let keyset: Keyset | undefined
  let fingerprint = ''
  let begun = 0
  let taken = 0

  async function refresh(): Promise<Keyset> {
    begun += 1
    const turn = begun
    const rows = await desk.store.list()
    // A reading that was overtaken by a later one tells of the past.
    if (turn < taken && keyset !== undefined) return keyset
    taken = turn
    const found = rows.map(({ key, sealedPrivateJwk }) => {
      const privateJwk = opened.get(sealedPrivateJwk) ?? open(parts.sealer, key, sealedPrivateJwk)
      opened.set(sealedPrivateJwk, privateJwk)
      return { key, privateJwk }
    })
    // Private halves of keys that are gone leave the memory too.
    const boxes = new Set(rows.map(({ sealedPrivateJwk }) => sealedPrivateJwk))
    for (const box of opened.keys()) if (!boxes.has(box)) opened.delete(box)
    const seen = rows.map(({ key }) => `${key.kid}:${key.state}`).join(' ')
    known = rows.map(({ key }) => key)
    if (keyset === undefined || seen !== fingerprint) {
      fingerprint = seen
      keyset = buildKeyset(found)
      for (const listener of listeners) listener(keyset)
    }
    return keyset
  }

  return {
    policy,
    load: refresh,
    refresh,
    keyset() {
      if (keyset === undefined) throw new Error('the signing keys have not been loaded')
      return keyset
    },
    keys: () => known,

    async ensure(algs) {
      await refresh()
      for (const alg of algs) {
        if (signerOf(known, alg) !== undefined) continue
        const stored = await desk.make(alg, 'current')
        if (await desk.store.insertUnlessTaken(stored)) await recordNew(desk, stored.key)
      }
      return await refresh()
    },

    async rotate(wish = {}) {
      const { algs } = await refresh()
      const author = wish.author ?? { actor: 'operator' }
      const reports: RotationReport[] = []
      if (wish.now === true) reports.push(...(await startOver(desk, known, author)))
      else for (const alg of algs) reports.push(await rotateAlg(desk, known, alg, author))
      await refresh()
      return reports
    },

    async tick() {
      await refresh()
      const done = await carryOutSteps(desk, known)
      return done > 0 ? await refresh() : (keyset ?? (await refresh()))
    },

    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function open(sealer: Sealer, key: SigningKey, box: string): OpenedKey['privateJwk'] {
  const text = sealer.open(box)
  const privateJwk = text === null ? null : readPrivateJwk(text, key.kid)
  // Fail closed: a key that does not open is neither used nor published, and nobody should find that out by failing tokens.
  if (privateJwk === null) {
    throw new AppError(
      'keys_sealed',
      500,
      `The signing key ${key.kid} does not open with the present secret. Put the secret it was sealed with behind the new one, separated by a comma.`,
    )
  }
  return privateJwk
}

async function recordNew(desk: KeyDesk, key: SigningKey): Promise<void> {
  for (const event of eventsOf([], [key], { actor: 'system' })) await desk.audit.record(event)
}
