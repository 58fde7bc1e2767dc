import type { Database } from '../../../db/database.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { softwareOf } from '../conditions.ts'
import { noUsage, type Usage } from '../directory.ts'

/** What a group is known by. */
export interface GroupKey {
  readonly origin: string
  readonly host: string | null
  readonly software: string
  readonly hosts: string
}

/** Reads how much clients are used: from grants and their refresh families, by index. */
export interface UsageReader {
  /** Of at most 50 clients. */
  ofClients(ids: readonly string[]): Promise<(id: string) => Usage>
  /** Of at most 50 groups. */
  ofGroups(groups: readonly GroupKey[]): Promise<(group: GroupKey) => Usage>
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

    async ofGroups(groups) {
      if (groups.length === 0) return () => noUsage
      const list = filled([...new Set(groups.map(({ software }) => software))])
      const rows = await sql.all<UsageRow & GroupKey>(
        `SELECT c.origin AS origin, c.proven_host AS host, ${softwareOf} AS software, c.redirect_hosts AS hosts, ${counted}
           FROM client c JOIN protocol_grant g ON g.client_id = c.id LEFT JOIN refresh_family f ON f.grant_id = g.id
           WHERE ${softwareOf} IN (${marks}) AND c.state <> 'removed' AND g.expires_at > ?
           GROUP BY c.origin, c.proven_host, ${softwareOf}, c.redirect_hosts`,
        [...list, clock.now().getTime()],
      )
      const found = new Map(rows.map((row) => [textOf(row), row]))
      return (group) => usageOf(found.get(textOf(group)), undefined)
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

function textOf({ origin, host, software, hosts }: GroupKey): string {
  return JSON.stringify([origin, host, software, hosts])
}

function filled(values: readonly string[]): string[] {
  return Array.from({ length: size }, (_, index) => values[index] ?? values.at(-1) ?? '')
}
