import { type Database, type Statement, statement } from '../../db/database.ts'

/** Clients that a person has shut out for themselves. */
export interface OwnBlocks {
  has(clientId: string, accountId: string): Promise<boolean>
  /** Shuts out. Replaces whatever the person had asked for or was let in to. */
  add(clientId: string, accountId: string, now: Date, effects?: readonly Statement[]): Promise<void>
  /** Lifts it. @returns false when there is none */
  remove(clientId: string, accountId: string, effects?: readonly Statement[]): Promise<boolean>
}

/** Keeps them beside what administrators decided for one person: state `blocked` of `client_approval`, which lets nobody in. */
export function createOwnBlocks({ sql, commit }: Pick<Database, 'sql' | 'commit'>): OwnBlocks {
  return {
    async has(clientId, accountId) {
      const row = await sql.get(
        "SELECT 1 AS found FROM client_approval WHERE client_id = ? AND account_id = ? AND state = 'blocked'",
        [clientId, accountId],
      )
      return row !== undefined
    },

    async add(clientId, accountId, now, effects = []) {
      await commit({
        conditions: [],
        effects: [
          statement(
            `INSERT INTO client_approval (client_id, account_id, state, asked_at, decided_at)
               VALUES (?, ?, 'blocked', ?, ?)
               ON CONFLICT (client_id, account_id) DO UPDATE SET state = 'blocked', decided_at = excluded.decided_at`,
            clientId,
            accountId,
            now.getTime(),
            now.getTime(),
          ),
          ...effects,
        ],
      })
    },

    remove: (clientId, accountId, effects = []) =>
      commit({
        conditions: [
          statement(
            "DELETE FROM client_approval WHERE client_id = ? AND account_id = ? AND state = 'blocked'",
            clientId,
            accountId,
          ),
        ],
        effects,
      }),
  }
}
