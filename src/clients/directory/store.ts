import type { Database } from '../../db/database.ts'
import type { Clock } from '../../runtime/clock.ts'
import { type Client, type ClientState, redirectHosts } from '../client.ts'
import { type ClientRow, clientColumns, clientFromRow } from '../row.ts'
import { softwareOf, whereOf } from './conditions.ts'
import type { ClientDirectory, ClientGroup } from './directory.ts'
import { createUsageReader } from './usage/store.ts'

interface GroupRow {
  readonly origin: string
  readonly host: string | null
  readonly software: string
  readonly hosts: string
  readonly count: number
  readonly low: string
  readonly high: string
  readonly newest: string
}

// Instants have 13 digits until the year 2286, so that the text sorts like the number, and the newest row of a group comes
// with its id in one pass on both databases.
const newestOf = "max(CAST(c.created_at AS TEXT) || ' ' || c.id)"

/** Makes the directory over a database. Every page costs one pass over the filtered clients, and no more for what it shows. */
export function createDirectory({ sql }: Pick<Database, 'sql'>, clock: Clock): ClientDirectory {
  const usage = createUsageReader({ sql }, clock)

  async function read(ids: readonly string[]): Promise<ReadonlyMap<string, Client>> {
    const rows = await sql.all<ClientRow>(`SELECT ${clientColumns} FROM client WHERE id IN (${marks})`, filled(ids))
    return new Map(rows.map((row) => [row.id, clientFromRow(row)]))
  }

  return {
    async groups(filter, { limit, after }) {
      const where = whereOf(filter)
      const rows = await sql.all<GroupRow>(
        `SELECT c.origin AS origin, c.proven_host AS host, ${softwareOf} AS software, c.redirect_hosts AS hosts, count(*) AS count,
                min(c.state) AS low, max(c.state) AS high, ${newestOf} AS newest
           FROM client c WHERE ${where.text}
           GROUP BY c.origin, c.proven_host, ${softwareOf}, c.redirect_hosts
           ${after === undefined ? '' : `HAVING ${newestOf} < ?`}
           ORDER BY newest DESC LIMIT ?`,
        [...where.params, ...(after === undefined ? [] : [after]), Math.min(limit, listSize)],
      )
      const leaders = await read(rows.map(({ newest }) => idOf(newest)))
      const single = await usage.ofClients(rows.filter(isSingle).map(({ newest }) => idOf(newest)))
      const folded = await usage.ofGroups(rows.filter((row) => !isSingle(row)))
      return rows.flatMap((row): ClientGroup[] => {
        const id = idOf(row.newest)
        const client = leaders.get(id)
        if (client === undefined) return []
        const used = isSingle(row) ? single(id) : folded(row)
        return [{ client, count: Number(row.count), state: stateOf(row), usage: used, cursor: row.newest }]
      })
    },

    async members(client, filter, { limit, after }) {
      const where = whereOf(filter)
      const alike = alikeOf(client)
      const before = after?.createdAt.getTime() ?? Number.MAX_SAFE_INTEGER
      const rows = await sql.all<ClientRow>(
        `SELECT ${clientColumns.replaceAll(/\w+/g, 'c.$&')} FROM client c
           WHERE ${alike.text} AND ${where.text} AND (c.created_at < ? OR (c.created_at = ? AND c.id < ?))
           ORDER BY c.created_at DESC, c.id DESC LIMIT ?`,
        [...alike.params, ...where.params, before, before, after?.id ?? '', Math.min(limit, listSize)],
      )
      const clients = rows.map(clientFromRow)
      const used = await usage.ofClients(clients.map(({ id }) => id))
      return clients.map((one) => ({ client: one, usage: used(one.id) }))
    },

    async counts(client) {
      const alike = alikeOf(client)
      const [used, consents, others] = await Promise.all([
        usage.ofClients([client.id]),
        sql.get<{ count: number }>(
          'SELECT count(*) AS count FROM consent WHERE client_id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)',
          [client.id, clock.now().getTime()],
        ),
        sql.get<{ count: number }>(
          `SELECT count(*) AS count FROM client c WHERE ${alike.text} AND c.state <> 'removed'`,
          alike.params,
        ),
      ])
      return { ...used(client.id), consents: Number(consents?.count ?? 0), alike: Number(others?.count ?? 0) }
    },
  }
}

// Ours: rows of a page at most; statements are prepared once, so lists of ids have one length and repeat their last.
const listSize = 50
const marks = Array.from({ length: listSize }, () => '?').join(', ')

function filled(ids: readonly string[]): string[] {
  return Array.from({ length: listSize }, (_, index) => ids[index] ?? ids.at(-1) ?? '')
}

function alikeOf(client: Client) {
  const host = client.provenHost
  // Two texts instead of one: the index on software_id serves those who have one.
  const bySoftware = client.softwareId === null ? 'c.software_id IS NULL AND c.claimed_name = ?' : 'c.software_id = ?'
  return {
    text: `${bySoftware} AND c.redirect_hosts = ? AND c.origin = ? AND coalesce(c.proven_host, '') = ?`,
    params: [
      client.softwareId ?? client.claimedName,
      redirectHosts(client.metadata).join(' '),
      client.origin,
      host ?? '',
    ],
  }
}

function idOf(newest: string): string {
  return newest.slice(newest.indexOf(' ') + 1)
}

function isSingle({ count }: GroupRow): boolean {
  return Number(count) === 1
}

function stateOf({ low, high }: GroupRow): ClientState | null {
  const states: readonly ClientState[] = ['active', 'pending', 'blocked', 'removed']
  return low === high ? (states.find((state) => state === low) ?? null) : null
}
