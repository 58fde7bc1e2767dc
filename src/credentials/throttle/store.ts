import { type Database, type Statement, statement } from '../../db/database.ts'
import type { Lockout } from './lockout.ts'

/** A change of one row: from what was read to what it becomes. */
export interface Swap {
  readonly key: string
  /** Undefined: there was no row. */
  readonly from: Lockout | undefined
  readonly to: Lockout
}

/** The rows of the `sign_in_throttle` table. A key is a digest under a key of ours and names nobody. */
export interface LockoutStore {
  find(keys: readonly string[]): Promise<ReadonlyMap<string, Lockout>>
  /** Writes all of them, or none when any row is not what it was: somebody else was quicker. */
  swap(changes: readonly Swap[]): Promise<boolean>
  /** Takes one failure back, and the wait that it began. A wait that another one began meanwhile stays. */
  giveBack(changes: readonly Swap[], forget: readonly string[]): Promise<void>
  /** The rows whose keys begin so. */
  beginningWith(prefixes: readonly string[]): Promise<ReadonlyMap<string, Lockout>>
  /** Forgets rows, with further writes of the same commit. False when there was none of them. */
  forget(prefixes: readonly string[], effects: readonly Statement[]): Promise<boolean>
}

interface Row {
  readonly key: string
  readonly failures: number
  readonly since: number
  readonly blocked_until: number
  readonly expires_at: number
}

const columns = 'key, failures, since, blocked_until, expires_at'

/** Makes the store over a database. */
export function createLockoutStore(database: Database): LockoutStore {
  const { sql } = database

  return {
    async find(keys) {
      const marks = keys.map(() => '?').join(', ')
      return byKey(await sql.all<Row>(`SELECT ${columns} FROM sign_in_throttle WHERE key IN (${marks})`, keys))
    },
    swap: (changes) => database.commit({ conditions: changes.map(swapStatement), effects: [] }),
    async giveBack(changes, forget) {
      const effects = [
        ...forget.map((key) => statement('DELETE FROM sign_in_throttle WHERE key = ?', key)),
        ...changes.map(({ key, to }) =>
          statement(
            `UPDATE sign_in_throttle
                SET failures = failures - 1,
                    blocked_until = CASE WHEN blocked_until = ? THEN 0 ELSE blocked_until END
              WHERE key = ? AND failures > 0`,
            to.blockedUntil?.getTime() ?? 0,
            key,
          ),
        ),
      ]
      await database.commit({ conditions: [], effects })
    },
    async beginningWith(prefixes) {
      const rows = await Promise.all(
        prefixes.map((prefix) =>
          sql.all<Row>(`SELECT ${columns} FROM sign_in_throttle WHERE substr(key, 1, ?) = ?`, [prefix.length, prefix]),
        ),
      )
      return byKey(rows.flat())
    },
    async forget(prefixes, effects) {
      const rows = [...(await this.beginningWith(prefixes)).keys()]
      if (rows.length === 0) return false
      const deletes = rows.map((key) => statement('DELETE FROM sign_in_throttle WHERE key = ?', key))
      return database.commit({ conditions: [], effects: [...deletes, ...effects] })
    },
  }
}

function swapStatement({ key, from, to }: Swap): Statement {
  const { failures, since, blockedUntil, expiresAt } = to
  const values = [failures, since.getTime(), blockedUntil?.getTime() ?? 0, expiresAt.getTime()]
  if (from === undefined) {
    return statement(
      `INSERT INTO sign_in_throttle (${columns}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      key,
      ...values,
    )
  }
  // Compared with everything that was read: of any number of attempts at once, each counts (G16).
  return statement(
    `UPDATE sign_in_throttle SET failures = ?, since = ?, blocked_until = ?, expires_at = ?
      WHERE key = ? AND failures = ? AND since = ? AND blocked_until = ?`,
    ...values,
    key,
    from.failures,
    from.since.getTime(),
    from.blockedUntil?.getTime() ?? 0,
  )
}

function byKey(rows: readonly Row[]): ReadonlyMap<string, Lockout> {
  return new Map(
    rows.map((row) => [
      row.key,
      {
        failures: row.failures,
        since: new Date(row.since),
        blockedUntil: row.blocked_until === 0 ? undefined : new Date(row.blocked_until),
        expiresAt: new Date(row.expires_at),
      },
    ]),
  )
}
