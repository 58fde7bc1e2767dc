import { type Database, type Statement, statement } from '../../db/database.ts'
import type { Client } from '../client.ts'
import { type ClientRow, clientColumns, clientFromRow } from '../row.ts'
import type { CleanUpRule } from './clean-up.ts'
import { meantBy, wasUsed } from './conditions.ts'

/** Which clients a rule means, in rows. */
export interface CleanUpStore {
  /** The oldest first. */
  ids(rule: CleanUpRule, asOf: Date, limit: number): Promise<readonly string[]>
  /** The same with the number of all that the rule means, in one pass, and what is known of the first ones. */
  preview(rule: CleanUpRule, asOf: Date, limit: number): Promise<CleanUpFindings>
  /** Leaves a tombstone where the rule still means this client; as a condition it succeeds once. */
  removeStatement(rule: CleanUpRule, asOf: Date, id: string, now: Date): Statement
}

/** What a rule means. */
export interface CleanUpFindings {
  readonly ids: readonly string[]
  readonly unused: number
  readonly idle: number
  readonly samples: readonly Client[]
}

const mostSamples = 10

/** Makes the store over a database. */
export function createCleanUpStore({ sql }: Pick<Database, 'sql'>): CleanUpStore {
  async function read(ids: readonly string[]): Promise<readonly Client[]> {
    if (ids.length === 0) return []
    const list = Array.from({ length: mostSamples }, (_, index) => ids[index] ?? ids.at(-1) ?? '')
    const rows = await sql.all<ClientRow>(
      `SELECT ${clientColumns} FROM client WHERE id IN (${list.map(() => '?').join(', ')}) ORDER BY created_at, id`,
      list,
    )
    return rows.map(clientFromRow)
  }

  return {
    async ids(rule, asOf, limit) {
      const meant = meantBy(rule, asOf)
      const rows = await sql.all<{ id: string }>(
        `SELECT c.id AS id FROM client c WHERE ${meant.text} ORDER BY c.created_at, c.id LIMIT ?`,
        [...meant.params, limit],
      )
      return rows.map(({ id }) => id)
    },

    async preview(rule, asOf, limit) {
      const meant = meantBy(rule, asOf)
      const rows = await sql.all<{ id: string; total: number; idle: number }>(
        `WITH meant AS MATERIALIZED (
             SELECT c.id AS id, c.created_at AS at,
                    CASE WHEN ${wasUsed} THEN 1 ELSE 0 END AS idle
               FROM client c WHERE ${meant.text})
         SELECT id, (SELECT count(*) FROM meant) AS total, (SELECT sum(idle) FROM meant) AS idle
           FROM meant ORDER BY at, id LIMIT ?`,
        [...meant.params, limit],
      )
      const ids = rows.map(({ id }) => id)
      const idle = Number(rows[0]?.idle ?? 0)
      return { ids, idle, unused: Number(rows[0]?.total ?? 0) - idle, samples: await read(ids.slice(0, mostSamples)) }
    },

    removeStatement(rule, asOf, id, now) {
      const meant = meantBy(rule, asOf)
      return statement(
        `UPDATE client SET state = 'removed', secret_digest = NULL, removed_at = ?, updated_at = ?
           WHERE id = ? AND state <> 'removed' AND EXISTS (SELECT 1 FROM client c WHERE c.id = client.id AND ${meant.text})`,
        now.getTime(),
        now.getTime(),
        id,
        ...meant.params,
      )
    },
  }
}
