import { type Database, type Statement, statement } from '../../db/database.ts'
import { type BlockedHost, coversHost } from './blocked-host.ts'

/** The rows of blocked hosts. */
export interface BlockedHostStore {
  /** By name. */
  list(): Promise<readonly BlockedHost[]>
  /** @returns false when it is blocked already; nothing is written then */
  add(host: string, now: Date, effects: readonly Statement[]): Promise<boolean>
  /** @returns false when it is not blocked */
  remove(host: string, effects: readonly Statement[]): Promise<boolean>
  /** Ids of the clients whose documents lie on this host or below it. */
  clientsOn(host: string): Promise<readonly string[]>
}

/** Keeps them in the database of the server. */
export function createBlockedHostStore({ sql, commit }: Pick<Database, 'sql' | 'commit'>): BlockedHostStore {
  return {
    async list() {
      const rows = await sql.all<{ host: string; blocked_at: number }>(
        'SELECT host, blocked_at FROM blocked_host ORDER BY host',
      )
      return rows.map((row) => ({ host: row.host, since: new Date(Number(row.blocked_at)) }))
    },

    add: (host, now, effects) =>
      commit({
        conditions: [
          statement(
            'INSERT INTO blocked_host (host, blocked_at) VALUES (?, ?) ON CONFLICT (host) DO NOTHING',
            host,
            now.getTime(),
          ),
        ],
        effects,
      }),

    remove: (host, effects) =>
      commit({ conditions: [statement('DELETE FROM blocked_host WHERE host = ?', host)], effects }),

    async clientsOn(host) {
      const rows = await sql.all<{ id: string }>(
        "SELECT id FROM client WHERE origin = 'document' AND state <> 'removed' AND id LIKE ?",
        // Finds too many (a query that names the host), never too few; the rule itself is below.
        [`https://%${host}%`],
      )
      return rows.map(({ id }) => id).filter((id) => coversHost(host, URL.parse(id)?.hostname ?? ''))
    },
  }
}
