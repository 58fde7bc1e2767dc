import { type Database, type SqlValue, type Statement, statement } from '../../db/database.ts'
import type { Client } from '../client.ts'
import { neverUsed } from '../directory/conditions.ts'
import { type ClientRow, clientColumns, clientFromRow } from '../row.ts'
import type { CleanUpRule } from './clean-up.ts'

/** Which clients a rule means, in rows. */
export interface CleanUpStore {
  /** The oldest first. */
  ids(rule: CleanUpRule, asOf: Date, limit: number): Promise<readonly string[]>
  counts(rule: CleanUpRule, asOf: Date): Promise<{ readonly unused: number; readonly idle: number }>
  samples(rule: CleanUpRule, asOf: Date, limit: number): Promise<readonly Client[]>
  /** Leaves a tombstone where the rule still means this client; as a condition it succeeds once. */
  removeStatement(rule: CleanUpRule, asOf: Date, id: string, now: Date): Statement
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

// What stays whatever a rule says.
const mayGo = `c.origin <> 'operator' AND c.state IN ('active', 'pending') AND c.allowed_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM client_approval p WHERE p.client_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM protocol_grant g WHERE g.client_id = c.id AND g.expires_at > ?)`
const isUnused = `c.created_at < ? AND ${neverUsed}`
const isIdle = `c.created_at < ? AND EXISTS (SELECT 1 FROM consent n WHERE n.client_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM consent n WHERE n.client_id = c.id AND n.granted_at >= ?)
  AND NOT EXISTS (SELECT 1 FROM protocol_grant g WHERE g.client_id = c.id AND g.created_at >= ?)`

/** Makes the store over a database. */
export function createCleanUpStore({ sql }: Pick<Database, 'sql'>): CleanUpStore {
  async function count(rule: CleanUpRule, asOf: Date): Promise<number> {
    const meant = meantBy(rule, asOf)
    const row = await sql.get<{ count: number }>(
      `SELECT count(*) AS count FROM client c WHERE ${meant.text}`,
      meant.params,
    )
    return Number(row?.count ?? 0)
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

    async counts({ unusedHours, idleDays }, asOf) {
      const [unused, idle] = await Promise.all([
        unusedHours === undefined ? 0 : count({ unusedHours }, asOf),
        idleDays === undefined ? 0 : count({ idleDays }, asOf),
      ])
      return { unused, idle }
    },

    async samples(rule, asOf, limit) {
      const meant = meantBy(rule, asOf)
      const rows = await sql.all<ClientRow>(
        `SELECT ${clientColumns.replaceAll(/\w+/g, 'c.$&')} FROM client c WHERE ${meant.text} ORDER BY c.created_at, c.id LIMIT ?`,
        [...meant.params, limit],
      )
      return rows.map(clientFromRow)
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

function meantBy({ unusedHours, idleDays }: CleanUpRule, asOf: Date): { text: string; params: readonly SqlValue[] } {
  const now = asOf.getTime()
  const kinds: string[] = []
  const params: SqlValue[] = [now]
  if (unusedHours !== undefined) {
    kinds.push(`(${isUnused})`)
    params.push(now - unusedHours * hourMs)
  }
  if (idleDays !== undefined) {
    kinds.push(`(${isIdle})`)
    const since = now - idleDays * dayMs
    params.push(since, since, since)
  }
  return { text: `${mayGo} AND (${kinds.join(' OR ')})`, params }
}
