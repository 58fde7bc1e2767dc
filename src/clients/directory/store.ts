import type { Database } from '../../db/database.ts'
import type { Clock } from '../../runtime/clock.ts'
import { type Client, type ClientState, redirectHosts } from '../client.ts'
import { type ClientRow, clientColumns, clientFromRow } from '../row.ts'
import { alike, whereOf } from './conditions.ts'
import type { ClientDirectory, ClientGroup, Usage } from './directory.ts'
import { createStretchReader, type FoldedRow } from './stretch/store.ts'
import { createUsageReader } from './usage/store.ts'

interface GroupRow extends FoldedRow {
  /** There are, or may be, more of them than were counted. */
  readonly isCut: boolean
}

/** Makes the directory over a database. A page costs what one stretch of the newest clients costs, however many there are. */
export function createDirectory({ sql }: Pick<Database, 'sql'>, clock: Clock): ClientDirectory {
  const usage = createUsageReader({ sql }, clock)
  const stretches = createStretchReader({ sql })

  async function read(ids: readonly string[]): Promise<ReadonlyMap<string, Client>> {
    const rows = await sql.all<ClientRow>(`SELECT ${clientColumns} FROM client WHERE id IN (${marks})`, filled(ids))
    return new Map(rows.map((row) => [row.id, clientFromRow(row)]))
  }

  async function show(rows: readonly GroupRow[], copies: number): Promise<ClientGroup[]> {
    const leaders = await read(rows.map(({ newest }) => idOf(newest)))
    const single = await usage.ofClients(rows.filter(isSingle).map(({ newest }) => idOf(newest)))
    return Promise.all(
      rows.flatMap((row) => {
        const id = idOf(row.newest)
        const client = leaders.get(id)
        return client === undefined ? [] : [groupOf(row, client, copies, isSingle(row) ? single(id) : undefined)]
      }),
    )
  }

  async function groupOf(row: GroupRow, client: Client, copies: number, own: Usage | undefined): Promise<ClientGroup> {
    const { isCut } = row
    const count = Number(row.count)
    const used = own ?? (await usage.ofProgram(alikeOf(client), copies))
    return {
      client,
      count,
      isCut,
      state: stateOf(row),
      usage: withCode(used, client),
      isUsageCut: isCut || count > copies,
    }
  }

  return {
    async groups(filter, { limit, after, isWhole = false }) {
      const size = Math.min(limit, listSize)
      const [length, copies] = isWhole ? [everything, everything] : [stretchLength, mostCopies]
      const rows: GroupRow[] = []
      let from = after
      for (let round = 0; round < mostStretches; round += 1) {
        const { folded, end } = await stretches.read(filter, from, length, size - rows.length + 1)
        const shown = folded.slice(0, size - rows.length)
        const more = await Promise.all(shown.map((row) => end !== undefined && stretches.goesOn(filter, row, end)))
        rows.push(...shown.map((row, index) => ({ ...row, isCut: more[index] === true })))
        if (shown.length < folded.length) return { groups: await show(rows, copies), next: rows.at(-1)?.newest }
        from = end
        if (end === undefined || rows.length === size) break
      }
      return { groups: await show(rows, copies), next: from }
    },

    async members(client, filter, { limit, after }) {
      const where = whereOf(filter)
      const same = alikeOf(client)
      const before = after?.createdAt.getTime() ?? Number.MAX_SAFE_INTEGER
      const rows = await sql.all<ClientRow>(
        `SELECT ${clientColumns.replaceAll(/\w+/g, 'c.$&')} FROM client c
           WHERE ${same.text} AND ${where.text} AND (c.created_at, c.id) < (?, ?)
           ORDER BY c.created_at DESC, c.id DESC LIMIT ?`,
        [...same.params, ...where.params, before, after?.id ?? '', Math.min(limit, listSize)],
      )
      const clients = rows.map(clientFromRow)
      const used = await usage.ofClients(clients.map(({ id }) => id))
      return clients.map((one) => ({ client: one, usage: withCode(used(one.id), one) }))
    },

    async counts(client) {
      const same = alikeOf(client)
      const [used, consents, others] = await Promise.all([
        usage.ofClients([client.id]),
        sql.get<{ count: number }>(
          'SELECT count(*) AS count FROM consent WHERE client_id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)',
          [client.id, clock.now().getTime()],
        ),
        sql.get<{ count: number }>(
          `SELECT count(*) AS count FROM client c WHERE ${same.text} AND c.state <> 'removed'`,
          same.params,
        ),
      ])
      return {
        ...withCode(used(client.id), client),
        consents: Number(consents?.count ?? 0),
        alike: Number(others?.count ?? 0),
      }
    },
  }
}

// Ours: rows of a page at most; statements are prepared once, so lists of ids have one length and repeat their last.
const listSize = 50
// Ours: so many clients that a page fills from one stretch unless a few programs flood it, so few that they are folded in milliseconds.
const stretchLength = 5000
const mostStretches = 3
const mostCopies = 200
const everything = 1_000_000_000
const marks = Array.from({ length: listSize }, () => '?').join(', ')

function filled(ids: readonly string[]): string[] {
  return Array.from({ length: listSize }, (_, index) => ids[index] ?? ids.at(-1) ?? '')
}

function alikeOf(client: Client) {
  return alike({
    origin: client.origin,
    host: client.provenHost,
    software_id: client.softwareId,
    name: client.claimedName,
    hosts: redirectHosts(client.metadata).join(' '),
  })
}

/** A code that was given out is a use also after everything that came of it has ended. */
function withCode(usage: Usage, { lastUsedAt }: Client): Usage {
  const isLater = lastUsedAt !== null && (usage.lastUsedAt === null || lastUsedAt > usage.lastUsedAt)
  return isLater ? { ...usage, lastUsedAt } : usage
}

function idOf(newest: string): string {
  return newest.slice(newest.indexOf(' ') + 1)
}

function isSingle({ count, isCut }: GroupRow): boolean {
  return Number(count) === 1 && !isCut
}

function stateOf({ low, high }: GroupRow): ClientState | null {
  const states: readonly ClientState[] = ['active', 'pending', 'blocked', 'removed']
  return low === high ? (states.find((state) => state === low) ?? null) : null
}
