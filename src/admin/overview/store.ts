import { firstIdAt } from '../../audit/event-id.ts'
import type { Database } from '../../db/database.ts'

/** How many events of one type fell into one hour. */
export interface HourCount {
  readonly type: string
  /** Hours since 1970. */
  readonly hour: number
  readonly count: number
}

/** Refusals that say the same. */
export interface RefusalCount {
  readonly type: string
  readonly resource: string | undefined
  readonly detail: Readonly<Record<string, unknown>>
  readonly count: number
  readonly lastAt: Date
}

/** What the console counts. Every query looks at a bounded number of rows, however long the audit book is. */
export interface OverviewStore {
  /** Counts by type and hour since a moment, among the newest `windowSize` events. */
  hours(since: Date): Promise<readonly HourCount[]>
  /** Refusals since a moment, among the same. */
  refusals(since: Date, types: readonly string[]): Promise<readonly RefusalCount[]>
  /** The last token for each MCP server, by identifier, among the newest `windowSize` events. */
  lastTokens(): Promise<ReadonlyMap<string, Date>>
  connections(): Promise<{ readonly count: number; readonly people: number; readonly clients: number }>
  /** The last place of the audit chain, and since when the oldest event waits for one. */
  chain(): Promise<{ readonly position: number; readonly waitingSince: Date | undefined }>
}

/** Ours: enough for the last day of most servers, read in a few milliseconds. A busier one shows "at least". */
export const windowSize = 10_000

const newest = `FROM audit_event WHERE id > ? ORDER BY id DESC LIMIT ${windowSize}`

/** Makes the store over a database. */
export function createOverviewStore({ sql }: Pick<Database, 'sql'>): OverviewStore {
  return {
    async hours(since) {
      // Milliseconds are whole numbers on both databases, and so is their quotient.
      const rows = await sql.all<{ type: string; hour: number; n: number }>(
        `SELECT type, at / 3600000 AS hour, count(*) AS n FROM (SELECT type, at ${newest}) e GROUP BY type, at / 3600000`,
        [firstIdAt(since)],
      )
      return rows.map(({ type, hour, n }) => ({ type, hour: Number(hour), count: Number(n) }))
    },

    async refusals(since, types) {
      const rows = await sql.all<{ type: string; resource: string | null; detail: string; n: number; last: number }>(
        `SELECT type, resource, detail, count(*) AS n, max(at) AS last
           FROM (SELECT type, resource, detail, at ${newest}) e
          WHERE type IN (${types.map(() => '?').join(', ')})
          GROUP BY type, resource, detail ORDER BY n DESC LIMIT 200`,
        [firstIdAt(since), ...types],
      )
      return rows.map(({ type, resource, detail, n, last }) => ({
        type,
        resource: resource ?? undefined,
        detail: JSON.parse(detail),
        count: Number(n),
        lastAt: new Date(Number(last)),
      }))
    },

    async lastTokens() {
      const rows = await sql.all<{ resource: string; last: number }>(
        `SELECT resource, max(at) AS last FROM (SELECT type, resource, at ${newest}) e
          WHERE type IN ('token.issued', 'token.refreshed', 'token.refresh_grace') AND resource IS NOT NULL
          GROUP BY resource`,
        [''],
      )
      return new Map(rows.map(({ resource, last }) => [resource, new Date(Number(last))]))
    },

    async connections() {
      const row = await sql.get<{ n: number; people: number; clients: number }>(
        // Apart, so that each is read off an index alone: the rows are large.
        `SELECT (SELECT count(*) FROM protocol_grant) AS n,
                (SELECT count(*) FROM (SELECT DISTINCT account_id FROM protocol_grant) a) AS people,
                (SELECT count(*) FROM (SELECT DISTINCT client_id FROM protocol_grant) c) AS clients`,
      )
      return { count: Number(row?.n ?? 0), people: Number(row?.people ?? 0), clients: Number(row?.clients ?? 0) }
    },

    async chain() {
      const [head, waiting] = await Promise.all([
        sql.get<{ position: number }>("SELECT position FROM audit_head WHERE id = 'head'"),
        sql.get<{ at: number }>('SELECT at FROM audit_event WHERE position IS NULL ORDER BY id LIMIT 1'),
      ])
      return {
        position: Number(head?.position ?? 0),
        waitingSince: waiting === undefined ? undefined : new Date(Number(waiting.at)),
      }
    },
  }
}

/**
 * Remembers each answer for a few seconds: a console that several people have open, each asking again by itself, costs no
 * more than one.
 */
export function rememberOverview(store: OverviewStore, now: () => Date, seconds = 5): OverviewStore {
  const answers = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>()
  function once<Answer>(name: string, ask: () => Promise<Answer>): Promise<Answer> {
    const at = now().getTime()
    const known = answers.get(name)
    // Parse boundary: the name decides the type, both are written below.
    if (known !== undefined && at - known.at < seconds * 1000 && at >= known.at) return known.answer as Promise<Answer>
    const answer = ask()
    answers.set(name, { at, answer })
    answer.catch(() => answers.delete(name))
    return answer
  }
  return {
    hours: (since) => once('hours', () => store.hours(since)),
    refusals: (since, types) => once(`refusals ${types.join()}`, () => store.refusals(since, types)),
    lastTokens: () => once('lastTokens', store.lastTokens),
    connections: () => once('connections', store.connections),
    chain: () => once('chain', store.chain),
  }
}
