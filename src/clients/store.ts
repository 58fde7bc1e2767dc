import { type Database, type Statement, statement } from '../db/database.ts'
import { revokeClient } from '../revocations/store.ts'
import type { Clock } from '../runtime/clock.ts'
import { createCache } from './cache.ts'
import type { Client, ClientOrigin, ClientState } from './client.ts'
import { type ClientRow, clientColumns, clientFromModel, clientFromRow, valuesOf } from './row.ts'

/** Which clients a list shows, newest first. */
export interface ClientFilter {
  readonly origin?: ClientOrigin
  /** Without it tombstones are left out. */
  readonly state?: ClientState
  /** Part of the name or of the id. */
  readonly text?: string
  /** Only those older than this one: the last of the page before. */
  readonly after?: Pick<Client, 'id' | 'createdAt'>
  /** 1 to 200, 50 when absent. */
  readonly limit?: number
}

/** Rows of clients. Whoever shall know of a change in the same commit hands its statements as `also`. */
export interface ClientStore {
  /** The client, tombstones included, or null when there never was one. Hot: cached for at most five seconds. */
  find(id: string): Promise<Client | null>
  /** To go into a unit of work; call `forget` once the unit is committed. */
  upsertStatement(client: Client): Statement
  /** To go into a unit of work; call `forget` once the unit is committed. */
  removeStatement(id: string): Statement
  /** Drops what is remembered of a client. */
  forget(id: string): void
  /** Writes a client in a commit of its own. @returns false when a registration was removed meanwhile */
  save(client: Client, also?: readonly Statement[]): Promise<boolean>
  /**
   * Writes what a document says, only when that is new.
   *
   * @param endsAll whether it ends what the client holds; its tokens are put on the list of revocations in the same commit
   * @returns the client with its state and the time it was first seen
   */
  see(client: Client, endsAll?: (before: Client) => boolean): Promise<Client>
  /** Leaves a tombstone. @returns false when there is nothing to remove */
  remove(id: string, also?: readonly Statement[]): Promise<boolean>
  /** @returns false when it is not active or pending */
  block(id: string, also?: readonly Statement[]): Promise<boolean>
  /** @param to where it stands then; `pending` where an administrator has yet to let it in @returns false when it is not blocked */
  unblock(id: string, also?: readonly Statement[], to?: 'active' | 'pending'): Promise<boolean>
  /** Lets a client in for everyone. @returns false when it does not wait, and has not waited to be vouched for either */
  allow(id: string, also?: readonly Statement[]): Promise<boolean>
  /** Commits a decision about a client that is kept in another table. @returns false when its condition changed no row */
  decide(id: string, condition: Statement, also?: readonly Statement[]): Promise<boolean>
  /** Commits what belongs to no single client. */
  note(statements: readonly Statement[]): Promise<void>
  list(filter?: ClientFilter): Promise<readonly Client[]>
  /** Every client that the YAML file set, tombstones left out. */
  listSetByFile(): Promise<readonly Client[]>
}

const selectText = `SELECT ${clientColumns} FROM client WHERE id = ?`

// A blocked client stays blocked whatever it says. A tombstone is raised by its document or by an operator, who mean the same
// client again, never by an update of a registration, which raced its removal. What people or an administrator relied upon is
// kept beside what is said now. One that registered itself and was let in by an administrator is let in no more when that
// changes: vouched for by one name and address, it must not go on under others (D13). Who invited it stays.
const isRaised = "client.state = 'removed'"
const saysOther = "client.metadata_digest <> excluded.metadata_digest AND excluded.origin <> 'operator'"
const isAnother = `excluded.origin = 'registered' AND ${saysOther}`
const waitsAgain = `client.state = 'active' AND excluded.state = 'pending' AND ${isAnother}`
const upsertText = `INSERT INTO client
  (id, origin, state, claimed_name, software_id, proven_host, redirect_hosts, payload, secret_digest, metadata_digest,
   resource_ceiling, set_by_file, invited_by, created_at, updated_at, removed_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)
  ON CONFLICT (id) DO UPDATE SET
    origin = excluded.origin,
    state = CASE WHEN ${isRaised} OR ${waitsAgain} THEN excluded.state ELSE client.state END,
    claimed_name = excluded.claimed_name,
    software_id = excluded.software_id,
    proven_host = excluded.proven_host,
    redirect_hosts = excluded.redirect_hosts,
    payload = excluded.payload,
    secret_digest = excluded.secret_digest,
    metadata_digest = excluded.metadata_digest,
    resource_ceiling = excluded.resource_ceiling,
    set_by_file = excluded.set_by_file,
    previous_payload = CASE WHEN ${isRaised} THEN NULL WHEN ${saysOther} THEN client.payload ELSE client.previous_payload END,
    changed_at = CASE WHEN ${isRaised} THEN NULL WHEN ${saysOther} THEN excluded.updated_at ELSE client.changed_at END,
    allowed_at = CASE WHEN ${isRaised} OR (${isAnother}) THEN NULL ELSE client.allowed_at END,
    last_used_at = CASE WHEN ${isRaised} THEN NULL ELSE client.last_used_at END,
    created_at = CASE WHEN client.state = 'removed' THEN excluded.created_at ELSE client.created_at END,
    updated_at = excluded.updated_at,
    removed_at = NULL
  WHERE client.state <> 'removed' OR excluded.origin <> 'registered'`

function upsertStatement(client: Client): Statement {
  return statement(upsertText, ...valuesOf(client))
}

/** A tombstone keeps name, origin and metadata; the secret goes. As a condition it succeeds once. */
function removeStatement(id: string, now: Date): Statement {
  return statement(
    "UPDATE client SET state = 'removed', secret_digest = NULL, removed_at = ?, updated_at = ? WHERE id = ? AND state <> 'removed'",
    now.getTime(),
    now.getTime(),
    id,
  )
}

function moveStatement(id: string, from: ClientState, to: ClientState, now: Date): Statement {
  return statement(
    'UPDATE client SET state = ?, updated_at = ? WHERE id = ? AND state = ?',
    to,
    now.getTime(),
    id,
    from,
  )
}

function allowStatement(id: string, now: Date): Statement {
  return statement(
    "UPDATE client SET state = 'active', allowed_at = ?, updated_at = ? WHERE id = ? AND state IN ('pending', 'active') AND allowed_at IS NULL",
    now.getTime(),
    now.getTime(),
    id,
  )
}

/** Keeps clients in the database of the server. */
export function createClientStore(
  { sql, commit, prisma }: Pick<Database, 'sql' | 'commit' | 'prisma'>,
  clock: Clock,
): ClientStore {
  const cache = createCache<Client>(clock, { maximum: 1000, lifetimeMs: 5000 })

  async function read(id: string): Promise<Client | null> {
    const row = await sql.get<ClientRow>(selectText, [id])
    return row === undefined ? null : clientFromRow(row)
  }

  async function change(id: string, condition: Statement, also: readonly Statement[]): Promise<boolean> {
    try {
      return await commit({ conditions: [condition], effects: also })
    } finally {
      cache.forget(id)
    }
  }

  return {
    async find(id) {
      // RFC 6749 appendix A.1: no client has such an id, and PostgreSQL takes no NUL even to compare with (K13).
      if (!/^[\x20-\x7e]+$/.test(id)) return null
      const known = cache.get(id)
      if (known !== undefined) return known
      const begun = cache.begin()
      const client = await read(id)
      // An unknown id is not remembered: anyone can make them up, and the next moment it may be registered elsewhere.
      if (client !== null) cache.set(id, client, begun)
      return client
    },

    upsertStatement(client) {
      cache.forget(client.id)
      return upsertStatement(client)
    },

    removeStatement(id) {
      cache.forget(id)
      return removeStatement(id, clock.now())
    },

    forget: (id) => cache.forget(id),

    save: (client, also = []) => change(client.id, upsertStatement(client), also),

    async see(client, endsAll = () => false) {
      const before = await read(client.id)
      const isKnown =
        before !== null &&
        before.state !== 'removed' &&
        JSON.stringify(before.metadata) === JSON.stringify(client.metadata)
      if (isKnown) {
        // Another process wrote it: what is remembered here may be what the document said before.
        cache.forget(client.id)
        return before
      }
      const ends = before !== null && endsAll(before)
      await change(client.id, upsertStatement(client), ends ? [revokeClient(client.id, clock.now())] : [])
      return (await read(client.id)) ?? client
    },

    remove: (id, also = []) => change(id, removeStatement(id, clock.now()), [...also, revokeClient(id, clock.now())]),

    async block(id, also = []) {
      const effects = [...also, revokeClient(id, clock.now())]
      if (await change(id, moveStatement(id, 'active', 'blocked', clock.now()), effects)) return true
      return await change(id, moveStatement(id, 'pending', 'blocked', clock.now()), effects)
    },

    unblock: (id, also = [], to = 'active') => change(id, moveStatement(id, 'blocked', to, clock.now()), also),

    allow: (id, also = []) => change(id, allowStatement(id, clock.now()), also),

    decide: (id, condition, also = []) => change(id, condition, also),

    async note(statements) {
      await commit({ conditions: [], effects: statements })
    },

    async list({ origin, state, text, after, limit = 50 } = {}) {
      const createdAt = after === undefined ? undefined : BigInt(after.createdAt.getTime())
      const rows = await prisma.client.findMany({
        where: {
          origin,
          state: state ?? { not: 'removed' },
          AND: [
            text === undefined ? {} : { OR: [{ claimedName: { contains: text } }, { id: { contains: text } }] },
            after === undefined ? {} : { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: after.id } }] },
          ],
        },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: Math.min(Math.max(Math.trunc(limit), 1), 200),
      })
      return rows.map(clientFromModel)
    },

    async listSetByFile() {
      const rows = await prisma.client.findMany({
        where: { setByFile: true, state: { not: 'removed' } },
        orderBy: { id: 'asc' },
      })
      return rows.map(clientFromModel)
    },
  }
}
