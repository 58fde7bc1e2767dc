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

// Beside what people blocked for themselves (`consent/own-blocks`): state `blocked` of `client_approval`, here for everybody and for
// every document of the host. No account has this id, and no document this address: one needs a path.
const everybody = '*'
const prefix = 'https://'
const suffix = '/'

/** Keeps them in the database of the server. */
export function createBlockedHostStore({ sql, commit }: Pick<Database, 'sql' | 'commit'>): BlockedHostStore {
  return {
    async list() {
      const rows = await sql.all<{ client_id: string; asked_at: number }>(
        "SELECT client_id, asked_at FROM client_approval WHERE state = 'blocked' AND account_id = ? ORDER BY client_id",
        [everybody],
      )
      return rows.map((row) => ({
        host: row.client_id.slice(prefix.length, -suffix.length),
        since: new Date(Number(row.asked_at)),
      }))
    },

    add: (host, now, effects) =>
      commit({
        conditions: [
          statement(
            `INSERT INTO client_approval (client_id, account_id, state, asked_at, decided_at)
               VALUES (?, ?, 'blocked', ?, ?) ON CONFLICT (client_id, account_id) DO NOTHING`,
            `${prefix}${host}${suffix}`,
            everybody,
            now.getTime(),
            now.getTime(),
          ),
        ],
        effects,
      }),

    remove: (host, effects) =>
      commit({
        conditions: [
          statement(
            "DELETE FROM client_approval WHERE client_id = ? AND account_id = ? AND state = 'blocked'",
            `${prefix}${host}${suffix}`,
            everybody,
          ),
        ],
        effects,
      }),

    async clientsOn(host) {
      const rows = await sql.all<{ id: string }>(
        "SELECT id FROM client WHERE origin = 'document' AND state <> 'removed' AND id LIKE ?",
        // Finds too many (a query that names the host), never too few; the rule itself is below.
        [`${prefix}%${host}%`],
      )
      return rows.map(({ id }) => id).filter((id) => coversHost(host, URL.parse(id)?.hostname ?? ''))
    },
  }
}
