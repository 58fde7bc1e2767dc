import { type Database, type SqlValue, type Statement, statement } from '../../db/database.ts'
import type { CleanUpRule } from '../clean-up/clean-up.ts'
import { meantBy } from '../clean-up/conditions.ts'

/** Where a walk through the clients stands: the last one that was looked at. */
export interface Place {
  readonly createdAt: number
  readonly id: string
}

/** Rows of clients that go by themselves. */
export interface ExpiryStore {
  /**
   * Looks at the next clients from a place on, the oldest first.
   *
   * @returns those that the rule means, and where to go on; undefined after the last
   */
  meant(
    rule: CleanUpRule,
    now: Date,
    after: Place | undefined,
    stretch: number,
  ): Promise<{ readonly ids: readonly string[]; readonly next: Place | undefined }>
  /**
   * Leaves tombstones of those that the rule still means at this moment, in one commit with the end of what was remembered for them.
   *
   * @param ids at most 50
   * @returns how many went
   */
  remove(rule: CleanUpRule, now: Date, ids: readonly string[]): Promise<number>
  /** Deletes tombstones that are older, with what was kept beside them; those of operators stay. @returns how many went */
  dropTombstones(before: Date, limit: number): Promise<number>
  /** Deletes initial access tokens that ended before. @returns how many went */
  dropTokens(before: Date): Promise<number>
}

/** Ids that one statement takes: statements are prepared once, so lists have one length and repeat their last. */
export const listSize = 50
const marks = Array.from({ length: listSize }, () => '?').join(', ')
const removedOfThese = `SELECT id FROM client WHERE id IN (${marks}) AND state = 'removed'`

/** Makes the store over a database. */
export function createExpiryStore({ sql, commit }: Pick<Database, 'sql' | 'commit'>): ExpiryStore {
  return {
    async meant(rule, now, after, stretch) {
      const from: readonly SqlValue[] = [after?.createdAt ?? -1, after?.id ?? '']
      // Read by the index alone: how far this stretch goes, whatever is in it.
      const places = await sql.all<{ id: string; created_at: number }>(
        'SELECT id, created_at FROM client WHERE (created_at, id) > (?, ?) AND created_at < ? ORDER BY created_at, id LIMIT ?',
        [...from, now.getTime(), stretch],
      )
      const last = places.at(-1)
      if (last === undefined) return { ids: [], next: undefined }
      const end = { createdAt: Number(last.created_at), id: last.id }
      const meant = meantBy(rule, now)
      const rows = await sql.all<{ id: string }>(
        `SELECT c.id AS id FROM client c
           WHERE (c.created_at, c.id) > (?, ?) AND (c.created_at, c.id) <= (?, ?) AND ${meant.text}
           ORDER BY c.created_at, c.id`,
        [...from, end.createdAt, end.id, ...meant.params],
      )
      return { ids: rows.map(({ id }) => id), next: places.length < stretch ? undefined : end }
    },

    async remove(rule, now, ids) {
      const these = filled(ids)
      const at = now.getTime()
      const meant = meantBy(rule, now)
      // The last condition stands on the row itself: an authorization that is written at this moment writes that row, too, and the
      // one that comes second sees what the first one did.
      const tombstones = statement(
        `UPDATE client SET state = 'removed', secret_digest = NULL, removed_at = ?, updated_at = ?
           WHERE id IN (${marks}) AND state IN ('active', 'pending') AND allowed_at IS NULL
             AND EXISTS (SELECT 1 FROM client c WHERE c.id = client.id AND ${meant.text})
             AND coalesce(last_used_at, 0) < ?`,
        at,
        at,
        ...these,
        ...meant.params,
        at - shortestMs(rule),
      )
      const isDone = await commit({ conditions: [tombstones], effects: leftovers(these, at) })
      if (!isDone) return 0
      const row = await sql.get<{ count: number }>(
        `SELECT count(*) AS count FROM client WHERE id IN (${marks}) AND state = 'removed' AND removed_at = ?`,
        [...these, at],
      )
      return Number(row?.count ?? 0)
    },

    async dropTombstones(before, limit) {
      const rows = await sql.all<{ id: string }>(
        "SELECT id FROM client WHERE state = 'removed' AND origin <> 'operator' AND removed_at < ? LIMIT ?",
        [before.getTime(), Math.min(limit, listSize)],
      )
      if (rows.length === 0) return 0
      const these = filled(rows.map(({ id }) => id))
      const gone = `SELECT id FROM client WHERE id IN (${marks}) AND state = 'removed' AND removed_at < ?`
      await commit({
        conditions: [],
        effects: [
          ...['registration_token', 'client_logo'].map((table) =>
            statement(`DELETE FROM ${table} WHERE client_id IN (${gone})`, ...these, before.getTime()),
          ),
          statement(`DELETE FROM client WHERE id IN (${gone})`, ...these, before.getTime()),
        ],
      })
      return rows.length
    },

    dropTokens: (before) => sql.run('DELETE FROM initial_access_token WHERE expires_at < ?', [before.getTime()]),
  }
}

// What ends with a client: what people allowed it (a document that comes back has to ask anew), its registration token, who waited.
// Whom a person has shut out for themselves stays shut out.
function leftovers(these: readonly string[], at: number): readonly Statement[] {
  return [
    statement(
      `UPDATE consent SET revoked_at = ? WHERE client_id IN (${removedOfThese}) AND revoked_at IS NULL`,
      at,
      ...these,
    ),
    statement(`DELETE FROM registration_token WHERE client_id IN (${removedOfThese})`, ...these),
    statement(`DELETE FROM client_approval WHERE client_id IN (${removedOfThese}) AND state <> 'blocked'`, ...these),
  ]
}

function shortestMs({ unusedHours, idleDays }: CleanUpRule): number {
  return Math.min(unusedHours ?? Number.POSITIVE_INFINITY, (idleDays ?? Number.POSITIVE_INFINITY) * 24) * 3_600_000
}

function filled(ids: readonly string[]): string[] {
  return Array.from({ length: listSize }, (_, index) => ids[index] ?? ids.at(-1) ?? '')
}
