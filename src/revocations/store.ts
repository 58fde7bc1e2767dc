import { type Database, type Statement, statement } from '../db/database.ts'
import { keptSeconds, momentOf, type Revocation } from './revocation.ts'

/** The rows of `revocation`. They are written by the statements below, each in the commit of the act that revokes. */
export interface RevocationStore {
  /** Every line that was written at this moment or later, milliseconds, the oldest first. */
  since(createdAtMs: number): Promise<readonly Revocation[]>
  /** Whether one of these is revoked for tokens that were issued then, whole seconds. */
  covers(lines: readonly [string, string, string, string], issuedAt: number): Promise<boolean>
}

/** Makes the store over a database. */
export function createRevocationStore({ sql }: Pick<Database, 'sql'>): RevocationStore {
  return {
    async since(createdAtMs) {
      const rows = await sql.all<{ mark: string; moment: number; created_at: number }>(
        'SELECT mark, moment, created_at FROM revocation WHERE created_at >= ? ORDER BY created_at, mark, moment',
        [createdAtMs],
      )
      return rows.map(({ mark, moment, created_at }) => ({
        lines: mark,
        moment: Number(moment),
        createdAtMs: Number(created_at),
      }))
    },

    async covers(lines, issuedAt) {
      const row = await sql.get('SELECT 1 AS found FROM revocation WHERE mark IN (?, ?, ?, ?) AND moment > ? LIMIT 1', [
        ...lines,
        issuedAt,
      ])
      return row !== undefined
    },
  }
}

// The statements below read rows that the act may delete: they stand before the deletion. Whoever never got a token is not put on the
// list: a grant outlives its tokens, so where there is none (any more), there is nothing to refuse, and strangers who register and
// remove clients cannot make it long.
const insert = 'INSERT INTO revocation (mark, moment, created_at, expires_at)'
const when = 'CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT)'
// Twice in one second says it once.
const once = 'ON CONFLICT (mark, moment) DO NOTHING'
const consentOfGrant = "'consent\n' || g.account_id || '\n' || g.client_id || '\n' || g.resource"

function times(now: Date): readonly [number, number, number] {
  return [momentOf(now), now.getTime(), now.getTime() + keptSeconds * 1000]
}

/** Every token of an account: disabled, removed, another password, signed out everywhere (C14). */
export function revokeAccount(accountId: string, now: Date): Statement {
  return statement(
    `${insert} SELECT 'account\n' || CAST(? AS TEXT), ${when}
       WHERE EXISTS (SELECT 1 FROM protocol_grant WHERE account_id = ?) ${once}`,
    accountId,
    ...times(now),
    accountId,
  )
}

/** Every token of a client: blocked, removed, changed. An operator's client may have tokens without a grant, for itself. */
export function revokeClient(clientId: string, now: Date): Statement {
  return statement(
    `${insert} SELECT 'client\n' || CAST(? AS TEXT), ${when}
       WHERE EXISTS (SELECT 1 FROM protocol_grant WHERE client_id = ?)
          OR EXISTS (SELECT 1 FROM client WHERE id = ? AND origin = 'operator') ${once}`,
    clientId,
    ...times(now),
    clientId,
    clientId,
  )
}

/** Every token of the clients whose documents lie on this host or below it. @param host as `readHost` gives it */
export function revokeClientsOn(host: string, now: Date): Statement {
  return statement(
    `${insert} SELECT 'client\n' || c.id, ${when} FROM client c
       WHERE c.origin = 'document' AND '.' || c.proven_host || ':' LIKE ? ESCAPE '!'
         AND EXISTS (SELECT 1 FROM protocol_grant g WHERE g.client_id = c.id) ${once}`,
    ...times(now),
    `%.${host.replaceAll('_', '!_')}:%`,
  )
}

/** What a person allowed a client on a server, by the consent that is withdrawn. */
export function revokeConsentTokens(consentId: string, now: Date): Statement {
  return statement(
    `${insert} SELECT 'consent\n' || n.account_id || '\n' || n.client_id || '\n' || r.identifier, ${when}
       FROM consent n JOIN resource r ON r.id = n.resource_id
       WHERE n.id = ? AND EXISTS (SELECT 1 FROM protocol_grant g WHERE g.consent_id = n.id) ${once}`,
    ...times(now),
    consentId,
  )
}

/** What a person allowed a client on a server, by a connection that ends or may do less. */
export function revokeGrantTokens(grantId: string, now: Date): Statement {
  return statement(
    `${insert} SELECT ${consentOfGrant}, ${when} FROM protocol_grant g WHERE g.id = ? AND g.resource IS NOT NULL ${once}`,
    ...times(now),
    grantId,
  )
}

/** What people and operators' clients hold for a server that is removed. */
export function revokeResource(identifier: string, now: Date): readonly Statement[] {
  return [
    statement(
      `${insert} SELECT DISTINCT ${consentOfGrant}, ${when} FROM protocol_grant g WHERE g.resource = ? ${once}`,
      ...times(now),
      identifier,
    ),
    statement(
      `${insert} SELECT 'consent\nclient:' || c.id || '\n' || c.id || '\n' || CAST(? AS TEXT), ${when}
         FROM client c WHERE c.origin = 'operator' AND c.state = 'active' ${once}`,
      identifier,
      ...times(now),
    ),
  ]
}
