import type { Database } from '../../../db/database.ts'
import { alike, type ProgramKey, whereOf } from '../conditions.ts'
import type { DirectoryFilter } from '../directory.ts'

/** Registrations of one program within a stretch. */
export interface FoldedRow extends ProgramKey {
  readonly count: number
  /** The least and the greatest of their states. */
  readonly low: string
  readonly high: string
  /** Cursor of the newest of them. */
  readonly newest: string
}

/** Reads stretches of the newest clients that a filter means. */
export interface StretchReader {
  /**
   * Folds the next `length` clients from a cursor on, without programs that have a newer member: those were shown before.
   *
   * @returns the first programs, and where the stretch ended; no end when there are no more clients
   */
  read(
    filter: DirectoryFilter,
    after: string | undefined,
    length: number,
    limit: number,
  ): Promise<{ readonly folded: readonly FoldedRow[]; readonly end: string | undefined }>
  /** Whether a program has, or may have, members older than a cursor: only so many of its copies are looked at. */
  goesOn(filter: DirectoryFilter, program: ProgramKey, after: string): Promise<boolean>
}

// Instants have 13 digits until the year 2286, so that the text sorts like the number, and the newest row of a group comes
// with its id in one pass on both databases.
const cursor = "CAST(created_at AS TEXT) || ' ' || id"
const mostLookedAt = 200

/** Makes the reader. */
export function createStretchReader({ sql }: Pick<Database, 'sql'>): StretchReader {
  return {
    async read(filter, after, length, limit) {
      const where = whereOf(filter)
      const from = after === undefined ? [] : placeOf(after)
      // Only the members that the filter means count as newer, so this looks at all newer copies of a program at worst.
      const isNewer = `c.redirect_hosts = f.hosts AND c.origin = f.origin AND coalesce(c.proven_host, '') = coalesce(f.host, '')
        AND (c.created_at, c.id) >= (?, ?) AND ${where.text}`
      const unseen = `WHERE NOT EXISTS (SELECT 1 FROM client c WHERE c.software_id = f.software_id AND ${isNewer})
        AND NOT EXISTS (SELECT 1 FROM client c WHERE f.software_id IS NULL AND c.software_id IS NULL AND c.claimed_name = f.name AND ${isNewer})`
      const rows = await sql.all<FoldedRow & { isEnd: number }>(
        `WITH stretch AS MATERIALIZED (
             SELECT c.id, c.created_at, c.origin, c.proven_host, c.software_id, c.redirect_hosts, c.state,
                    CASE WHEN c.software_id IS NULL THEN c.claimed_name END AS name
               FROM client c WHERE ${where.text} ${after === undefined ? '' : 'AND (c.created_at, c.id) < (?, ?)'}
               ORDER BY c.created_at DESC, c.id DESC LIMIT ?),
           folded AS (
             SELECT origin, proven_host AS host, software_id, name, redirect_hosts AS hosts, count(*) AS count,
                    min(state) AS low, max(state) AS high, max(${cursor}) AS newest
               FROM stretch GROUP BY origin, proven_host, software_id, name, redirect_hosts)
         SELECT 0 AS "isEnd", shown.* FROM (
             SELECT f.* FROM folded f ${after === undefined ? '' : unseen} ORDER BY f.newest DESC LIMIT ?) shown
         UNION ALL SELECT 1, '', '', '', '', '', count(*), '', '', min(${cursor}) FROM stretch`,
        [
          ...where.params,
          ...from,
          length,
          ...(after === undefined ? [] : [...from, ...where.params, ...from, ...where.params]),
          limit,
        ],
      )
      const last = rows.find(({ isEnd }) => Number(isEnd) === 1)
      return {
        folded: rows.filter((row) => row !== last).sort((a, b) => (a.newest < b.newest ? 1 : -1)),
        end: Number(last?.count ?? 0) < length ? undefined : last?.newest,
      }
    },

    async goesOn(filter, program, after) {
      const where = whereOf(filter)
      const same = alike(program)
      const row = await sql.get<{ found: number | null; looked: number }>(
        `SELECT max(o.found) AS found, count(*) AS looked FROM (
             SELECT CASE WHEN ${where.text} THEN 1 ELSE 0 END AS found FROM client c
               WHERE ${same.text} AND (c.created_at, c.id) < (?, ?) ORDER BY c.created_at DESC, c.id DESC LIMIT ?) o`,
        [...where.params, ...same.params, ...placeOf(after), mostLookedAt],
      )
      return Number(row?.found ?? 0) === 1 || Number(row?.looked ?? 0) === mostLookedAt
    },
  }
}

function placeOf(after: string): [number, string] {
  const space = after.indexOf(' ')
  return [Number(after.slice(0, space)), after.slice(space + 1)]
}
