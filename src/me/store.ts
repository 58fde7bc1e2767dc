import { z } from 'zod'
import { type Database, statement } from '../db/database.ts'
import type { Connection } from './connection.ts'

/** Reads grants as connections; only ever of one account, so that no id of another person opens anything (G21). */
export interface ConnectionStore {
  /** A person's live connections, newest first. */
  list(accountId: string, now: Date): Promise<readonly Connection[]>
  /** One connection of this person, or null: another person's is as unknown as one that never was. */
  find(accountId: string, grantId: string, now: Date): Promise<Connection | null>
}

interface Row {
  id: string
  account_id: string
  client_id: string
  consent_id: string | null
  resource: string | null
  payload: string
  created_at: number
  expires_at: number
  redirect_host: string | null
  used_at: number | null
  rotated_at: number | null
  family_ends_at: number | null
  idle_ends_at: number | null
  paused_at: number | null
  address: string | null
}

// The library's Grant as stored; its other members are not ours to know.
const grantPayload = z.object({ resources: z.record(z.string(), z.string()).optional() })

// Families have an index by grant and none by account: without it every family there is would be read.
const select = `SELECT g.id AS id, g.account_id AS account_id, g.client_id AS client_id, g.consent_id AS consent_id,
    g.resource AS resource, g.payload AS payload, g.created_at AS created_at, g.expires_at AS expires_at,
    n.redirect_host AS redirect_host, f.used_at AS used_at, f.rotated_at AS rotated_at, f.family_ends_at AS family_ends_at,
    f.idle_ends_at AS idle_ends_at, g.paused_at AS paused_at, COALESCE(f.address, g.address) AS address
  FROM protocol_grant g
  LEFT JOIN consent n ON n.id = g.consent_id
  LEFT JOIN (SELECT grant_id, MAX(used_at) AS used_at, MAX(rotated_at) AS rotated_at, MAX(ends_at) AS family_ends_at,
                    MAX(expires_at) AS idle_ends_at, MAX(address) AS address
               FROM refresh_family WHERE grant_id IN (SELECT id FROM protocol_grant WHERE account_id = ?)
              GROUP BY grant_id) f ON f.grant_id = g.id
  WHERE g.account_id = ? AND g.expires_at > ? AND (f.idle_ends_at IS NULL OR f.idle_ends_at > ?)`

// What else is kept of a person by their account's number. Grants, refresh families and sessions end with the account;
// the audit book keeps the number and nothing else of them.
const traces = ['consent', 'account_link', 'resource_member', 'client_approval'] as const

/** Deletes what is still kept of a person whose account is gone; may run twice. */
export async function forgetPerson({ commit }: Pick<Database, 'commit'>, accountId: string): Promise<void> {
  await commit({
    conditions: [],
    effects: traces.map((table) => statement(`DELETE FROM ${table} WHERE account_id = ?`, accountId)),
  })
}

/** Makes the store of connections over a database. */
export function createConnectionStore({ sql }: Pick<Database, 'sql'>): ConnectionStore {
  return {
    async list(accountId, now) {
      const params = [accountId, accountId, now.getTime(), now.getTime()]
      const rows = await sql.all<Row>(`${select} ORDER BY g.created_at DESC, g.id LIMIT 1000`, params)
      return rows.map(toConnection)
    },

    async find(accountId, grantId, now) {
      const row = await sql.get<Row>(`${select} AND g.id = ?`, [
        accountId,
        accountId,
        now.getTime(),
        now.getTime(),
        grantId,
      ])
      return row === undefined ? null : toConnection(row)
    },
  }
}

function toConnection(row: Row): Connection {
  const resource = row.resource ?? undefined
  return {
    grantId: row.id,
    accountId: row.account_id,
    clientId: row.client_id,
    consentId: row.consent_id ?? undefined,
    resource,
    scopes: scopesOf(row.payload, resource),
    redirectHost: row.redirect_host ?? undefined,
    since: new Date(Number(row.created_at)),
    usedAt: row.rotated_at === null || row.used_at === null ? undefined : new Date(Number(row.used_at)),
    staysConnected: row.family_ends_at !== null,
    endsAt: new Date(Number(row.family_ends_at ?? row.expires_at)),
    idleEndsAt: row.idle_ends_at === null ? undefined : new Date(Number(row.idle_ends_at)),
    pausedAt: row.paused_at === null ? undefined : new Date(Number(row.paused_at)),
    address: row.address ?? undefined,
  }
}

function scopesOf(payload: string, resource: string | undefined): readonly string[] {
  const parsed = grantPayload.safeParse(JSON.parse(payload))
  if (!parsed.success || resource === undefined) return []
  return (parsed.data.resources?.[resource] ?? '').split(' ').filter((scope) => scope !== '')
}
