import type { Database } from '../../../db/database.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Where } from '../conditions.ts'
import { noUsage, type Usage } from '../directory.ts'

/** Reads how much clients are used: from grants and their refresh families, by index. */
export interface UsageReader {
  /** Of at most 50 clients. */
  ofClients(ids: readonly string[]): Promise<(id: string) => Usage>
  /** Of the newest copies of one program, tombstones left out. */
  ofProgram(program: Where, copies: number): Promise<Usage>
}

interface UsageRow {
  readonly people: number
  readonly connections: number
  readonly made: number | null
  readonly used: number | null
}

const counted = `count(DISTINCT g.account_id) AS people, count(DISTINCT g.id) AS connections,
  max(g.created_at) AS made, max(f.used_at) AS used`
const size = 50
const marks = Array.from({ length: size }, () => '?').join(', ')

/** Makes the reader. */
export function createUsageReader({ sql }: Pick<Database, 'sql'>, clock: Clock): UsageReader {
  return {
    async ofClients(ids) {
      if (ids.length === 0) return () => noUsage
      const list = filled(ids)
      const [rows, consents] = await Promise.all([
        sql.all<UsageRow & { id: string }>(
          `SELECT g.client_id AS id, ${counted}
             FROM protocol_grant g LEFT JOIN refresh_family f ON f.grant_id = g.id
             WHERE g.client_id IN (${marks}) AND g.expires_at > ? GROUP BY g.client_id`,
          [...list, clock.now().getTime()],
        ),
        sql.all<{ id: string; at: number }>(
          `SELECT client_id AS id, max(granted_at) AS at FROM consent WHERE client_id IN (${marks}) GROUP BY client_id`,
          list,
        ),
      ])
      const found = new Map(rows.map((row) => [row.id, row]))
      const granted = new Map(consents.map(({ id, at }) => [id, Number(at)]))
      return (id) => usageOf(found.get(id), granted.get(id))
    },

    async ofProgram({ text, params }, copies) {
      const row = await sql.get<UsageRow>(
        `SELECT ${counted}
           FROM (SELECT c.id FROM client c WHERE ${text} AND c.state <> 'removed' ORDER BY c.created_at DESC, c.id DESC LIMIT ?) m
           JOIN protocol_grant g ON g.client_id = m.id LEFT JOIN refresh_family f ON f.grant_id = g.id
           WHERE g.expires_at > ?`,
        [...params, copies, clock.now().getTime()],
      )
      return usageOf(row, undefined)
    },
  }
}

function usageOf(row: UsageRow | undefined, grantedAt: number | undefined): Usage {
  const last = Math.max(Number(row?.used ?? 0), Number(row?.made ?? 0), grantedAt ?? 0)
  return {
    people: Number(row?.people ?? 0),
    connections: Number(row?.connections ?? 0),
    lastUsedAt: last === 0 ? null : new Date(last),
  }
}

function filled(values: readonly string[]): string[] {
  return Array.from({ length: size }, (_, index) => values[index] ?? values.at(-1) ?? '')
}
