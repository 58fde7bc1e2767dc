import { type Database, type Sql, type Statement, statement } from '../../db/database.ts'
import type { RegistrationMode } from '../registration-policy.ts'
import type { Approval } from './approval.ts'

/** A client in the queue. */
export interface WaitingClient {
  readonly clientId: string
  /** When the first of those who wait asked. */
  readonly since: Date
  readonly people: number
}

/** A person in the queue. */
export interface WaitingPerson {
  readonly clientId: string
  readonly accountId: string
  readonly email: string
  readonly name: string
  readonly askedAt: Date
}

/** Rows of `client_approval`: who waits for which client, and for whom alone one was let in. */
export interface ApprovalStore {
  find(clientId: string, accountId: string): Promise<Approval | null>
  /** Writes that somebody asks; a second time changes nothing. */
  askStatement(clientId: string, accountId: string, now: Date): Statement
  /** Lets a client in for one person. As a condition it succeeds once. */
  allowStatement(clientId: string, accountId: string, now: Date): Statement
  /** Forgets all that was asked and allowed, when a client is let in for all, is refused, goes, or says something else of itself. */
  dropStatement(clientId: string): Statement
  /** How many clients somebody waits for. Cheap: one indexed count. */
  count(): Promise<number>
  /** The queue, who waited longest first. @param after the last client of the page before */
  list(page: {
    readonly limit: number
    readonly after?: { readonly since: Date; readonly clientId: string }
  }): Promise<readonly WaitingClient[]>
  /** Who waits for these clients, who asked first at the top. */
  people(clientIds: readonly string[], limit: number): Promise<readonly WaitingPerson[]>
  /** For whom alone a client was let in. */
  allowedFor(clientId: string, limit: number): Promise<readonly WaitingPerson[]>
}

// Also of clients that had come in before clients had to wait.
const waiting = `FROM client_approval p JOIN client c ON c.id = p.client_id
  WHERE p.state = 'pending' AND c.state IN ('pending', 'active') AND c.allowed_at IS NULL`

/**
 * Makes the store over a database.
 *
 * @param mode of registration: where clients need not wait (any more), nobody is in the queue
 */
export function createApprovalStore(
  { sql }: Pick<Database, 'sql'>,
  mode: RegistrationMode = 'approval',
): ApprovalStore {
  const isHeldUp = mode === 'approval'
  return {
    async find(clientId, accountId) {
      const row = await sql.get<{ state: string; asked_at: number; decided_at: number | null }>(
        'SELECT state, asked_at, decided_at FROM client_approval WHERE client_id = ? AND account_id = ?',
        [clientId, accountId],
      )
      if (row === undefined) return null
      const askedAt = new Date(row.asked_at)
      // A state that this version does not know lets nobody in.
      if (row.state !== 'allowed') return { state: 'pending', askedAt }
      return { state: 'allowed', askedAt, decidedAt: row.decided_at === null ? null : new Date(row.decided_at) }
    },

    askStatement: (clientId, accountId, now) =>
      statement(
        `INSERT INTO client_approval (client_id, account_id, state, asked_at) VALUES (?, ?, 'pending', ?)
           ON CONFLICT (client_id, account_id) DO NOTHING`,
        clientId,
        accountId,
        now.getTime(),
      ),

    allowStatement: (clientId, accountId, now) =>
      statement(
        `UPDATE client_approval SET state = 'allowed', decided_at = ?
           WHERE client_id = ? AND account_id = ? AND state = 'pending'
             AND EXISTS (SELECT 1 FROM client
                          WHERE id = client_approval.client_id AND state IN ('pending', 'active') AND allowed_at IS NULL)`,
        now.getTime(),
        clientId,
        accountId,
      ),

    // Whom a person has shut out for themselves stays shut out, whatever is decided for others.
    dropStatement: (clientId) =>
      statement("DELETE FROM client_approval WHERE client_id = ? AND state <> 'blocked'", clientId),

    async count() {
      if (!isHeldUp) return 0
      const row = await sql.get<{ count: number }>(`SELECT count(DISTINCT p.client_id) AS count ${waiting}`)
      return Number(row?.count ?? 0)
    },

    async list({ limit, after }) {
      if (!isHeldUp) return []
      const since = after?.since.getTime() ?? -1
      const rows = await sql.all<{ client_id: string; since: number; people: number }>(
        `SELECT p.client_id AS client_id, min(p.asked_at) AS since, count(*) AS people ${waiting}
           GROUP BY p.client_id
           HAVING min(p.asked_at) > ? OR (min(p.asked_at) = ? AND p.client_id > ?)
           ORDER BY since, client_id LIMIT ?`,
        [since, since, after?.clientId ?? '', limit],
      )
      return rows.map((row) => ({
        clientId: row.client_id,
        since: new Date(Number(row.since)),
        people: Number(row.people),
      }))
    },

    people: (clientIds, limit) => readPeople(sql, 'pending', clientIds, limit),

    allowedFor: (clientId, limit) => readPeople(sql, 'allowed', [clientId], limit),
  }
}

async function readPeople(
  sql: Sql,
  state: Approval['state'],
  clientIds: readonly string[],
  limit: number,
): Promise<readonly WaitingPerson[]> {
  if (clientIds.length === 0) return []
  const rows = await sql.all<{ client_id: string; account_id: string; email: string; name: string; asked_at: number }>(
    `SELECT p.client_id, p.account_id, a.email, a.name, p.asked_at
       FROM client_approval p JOIN account a ON a.id = p.account_id
       WHERE p.state = ? AND p.client_id IN (${clientIds.map(() => '?').join(', ')})
       ORDER BY p.asked_at, p.account_id LIMIT ?`,
    [state, ...clientIds, limit],
  )
  return rows.map((row) => ({
    clientId: row.client_id,
    accountId: row.account_id,
    email: row.email,
    name: row.name,
    askedAt: new Date(Number(row.asked_at)),
  }))
}
