import type { Database, Statement } from '../db/database.ts'
import { statement } from '../db/database.ts'
import { type KeyAlg, keyAlgs, type Move, type PublicJwk, type SigningKey } from './key.ts'

/** A key with its private half in a sealed box. */
export interface StoredKey {
  readonly key: SigningKey
  readonly publicJwk: PublicJwk
  readonly sealedPrivateJwk: string
}

/** Rows of signing keys. Every change is a compare-and-set, so instances that act at once do a thing once. */
export interface KeyStore {
  /** Every key, oldest first; the public half is left in its column, nothing here trusts it. */
  list(): Promise<readonly Omit<StoredKey, 'publicJwk'>[]>
  /**
   * Writes a new key unless the algorithm already has one in the same state.
   * @returns false when it has; nothing is written then
   */
  insertUnlessTaken(stored: StoredKey): Promise<boolean>
  /**
   * Carries moves and inserts out together.
   * @returns false when one of the keys is not in the expected state any more; nothing is written then
   */
  save(moves: readonly Move[], inserts: readonly StoredKey[], effects: readonly Statement[]): Promise<boolean>
}

const insertText =
  'INSERT INTO signing_key (id, alg, state, public_jwk, sealed_private_jwk, created_at, activated_at, retired_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'

// One statement, and SQLite has one writer: the question and the answer cannot be torn apart.
const insertUnlessTakenText =
  'INSERT INTO signing_key (id, alg, state, public_jwk, sealed_private_jwk, created_at, activated_at, retired_at) SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM signing_key WHERE alg = ? AND state = ?)'

// Any constant of ours: instances that make keys wait for each other on it.
const advisoryLock = 5_311_140_842_001n

interface Row {
  readonly id: string
  readonly alg: string
  readonly state: string
  readonly sealed_private_jwk: string
  readonly created_at: number
  readonly activated_at: number | null
  readonly retired_at: number | null
}

/** Keeps signing keys in the database of the server. */
export function createKeyStore(database: Pick<Database, 'kind' | 'sql' | 'commit' | 'transaction'>): KeyStore {
  return {
    async list() {
      const rows = await database.sql.all<Row>(
        'SELECT id, alg, state, sealed_private_jwk, created_at, activated_at, retired_at FROM signing_key ORDER BY created_at, id',
      )
      return rows.flatMap((row) => {
        const key = fromRow(row)
        return key === null ? [] : [{ key, sealedPrivateJwk: row.sealed_private_jwk }]
      })
    },

    async insertUnlessTaken(stored) {
      const { alg, state } = stored.key
      if (database.kind === 'sqlite') {
        const insert = statement(insertUnlessTakenText, ...values(stored), alg, state)
        return await database.commit({ conditions: [insert], effects: [] })
      }
      // PostgreSQL: two instances can both find nothing and both insert; the lock makes the second one look after the first is done.
      return await database.transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(${advisoryLock})`
        if ((await tx.signingKey.count({ where: { alg, state } })) > 0) return false
        await tx.signingKey.create({ data: columns(stored) })
        return true
      })
    },

    async save(moves, inserts, effects) {
      const added = inserts.map((stored) => statement(insertText, ...values(stored)))
      return await database.commit({ conditions: moves.map(moveStatement), effects: [...added, ...effects] })
    },
  }
}

function moveStatement({ from, to }: Move): Statement {
  if (to === null) return statement('DELETE FROM signing_key WHERE id = ? AND state = ?', from.kid, from.state)
  return statement(
    'UPDATE signing_key SET state = ?, activated_at = ?, retired_at = ? WHERE id = ? AND state = ?',
    to.state,
    activatedAt(to),
    retiredAt(to),
    from.kid,
    from.state,
  )
}

function values({ key, publicJwk, sealedPrivateJwk }: StoredKey) {
  return [
    key.kid,
    key.alg,
    key.state,
    JSON.stringify(publicJwk),
    sealedPrivateJwk,
    key.createdAt.getTime(),
    activatedAt(key),
    retiredAt(key),
  ] as const
}

function columns({ key, publicJwk, sealedPrivateJwk }: StoredKey) {
  return {
    id: key.kid,
    alg: key.alg,
    state: key.state,
    publicJwk: JSON.stringify(publicJwk),
    sealedPrivateJwk,
    createdAt: key.createdAt.getTime(),
    activatedAt: activatedAt(key),
    retiredAt: retiredAt(key),
  }
}

function activatedAt(key: SigningKey): number | null {
  return key.state === 'next' ? null : key.activatedAt.getTime()
}

function retiredAt(key: SigningKey): number | null {
  return key.state === 'retired' ? key.retiredAt.getTime() : null
}

function fromRow(row: Row): SigningKey | null {
  const alg: KeyAlg | undefined = keyAlgs.find((known) => known === row.alg)
  if (alg === undefined) return null
  const common = { kid: row.id, alg, createdAt: new Date(row.created_at) }
  if (row.state === 'next') return { ...common, state: 'next' }
  const since = new Date(row.activated_at ?? row.created_at)
  if (row.state === 'current') return { ...common, state: 'current', activatedAt: since }
  return { ...common, state: 'retired', activatedAt: since, retiredAt: new Date(row.retired_at ?? row.created_at) }
}
