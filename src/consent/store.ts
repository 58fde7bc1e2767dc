import type { Database, SqlValue, Statement } from '../db/database.ts'
import { statement } from '../db/database.ts'
import { revokeConsentTokens } from '../revocations/store.ts'
import type { Consent, ConsentKey } from './consent.ts'

/** A consent with the names a list shows; a name is undefined when its row is gone. */
export interface ConsentEntry extends Consent {
  readonly email: string | undefined
  readonly claimedName: string | undefined
  readonly resourceName: string | undefined
  readonly resourceIdentifier: string | undefined
}

/** Which consents a list holds. */
export interface ConsentFilter {
  readonly accountId?: string
  readonly clientId?: string
  readonly resourceId?: string
  /** Withdrawn ones too; without it only those that stand. */
  readonly withRevoked?: boolean
  readonly limit: number
  readonly offset?: number
}

/** The rows of the `consent` table. */
export interface ConsentStore {
  /** One consent by its id, withdrawn or not. */
  find(id: string): Promise<Consent | null>
  /** Hot path: all consents of a person for a client that were not withdrawn, newest first; one prepared, indexed read. */
  listForClient(accountId: string, clientId: string): Promise<readonly Consent[]>
  /** Consents with names, newest first. */
  list(filter: ConsentFilter): Promise<readonly ConsentEntry[]>
  /**
   * Writes a consent and withdraws the ones it replaces (same key), in one commit. Grants made from the replaced ones
   * now belong to the new one: other installations of the client stay connected.
   *
   * @param effects further writes of the same commit, such as the audit row
   * @returns false when a consent with this id is there already: somebody else was first, nothing is written
   */
  grant(consent: Consent, effects?: readonly Statement[]): Promise<boolean>
  /**
   * Withdraws a consent, and puts its tokens on the list of revocations; false when it is unknown or withdrawn already. The grants are the
   * caller's next step.
   */
  revoke(id: string, now: Date, effects?: readonly Statement[]): Promise<boolean>
  /** Ends a consent without withdrawing it: running connections go on, the next authorization asks. */
  end(id: string, now: Date): Promise<void>
  /** How many people have a standing consent for a client; counts to `most` and no further. */
  countPeople(clientId: string, most: number): Promise<number>
  /** The grants that were made from a consent. */
  grantIdsOf(consentId: string): Promise<readonly string[]>
}

interface Row {
  id: string
  account_id: string
  client_id: string
  redirect_host: string
  resource_id: string
  scopes: string
  metadata_digest: string
  stay_connected: number | boolean
  granted_at: number
  expires_at: number | null
  revoked_at: number | null
}

/** A row of the `consent` table with the names that a list shows. */
export interface EntryRow extends Row {
  email: string | null
  claimed_name: string | null
  resource_name: string | null
  resource_identifier: string | null
}

const columns =
  'id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at, expires_at, revoked_at'
const sameKey = 'account_id = ? AND client_id = ? AND redirect_host = ? AND resource_id = ?'

/** Makes the consent store over a database. */
export function createConsentStore(database: Database): ConsentStore {
  const { sql } = database
  return {
    async find(id) {
      const row = await sql.get<Row>(`SELECT ${columns} FROM consent WHERE id = ?`, [id])
      return row === undefined ? null : toConsent(row)
    },

    async listForClient(accountId, clientId) {
      const rows = await sql.all<Row>(
        `SELECT ${columns} FROM consent WHERE account_id = ? AND client_id = ? AND revoked_at IS NULL ORDER BY granted_at DESC`,
        [accountId, clientId],
      )
      return rows.map(toConsent)
    },

    async list(filter) {
      const wanted = [
        ['n.account_id = ?', filter.accountId],
        ['n.client_id = ?', filter.clientId],
        ['n.resource_id = ?', filter.resourceId],
      ] as const
      const used = wanted.filter(([, value]) => value !== undefined)
      const conditions: string[] = used.map(([condition]) => condition)
      const params: SqlValue[] = used.map(([, value]) => value ?? null)
      if (filter.withRevoked !== true) conditions.push('n.revoked_at IS NULL')
      const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
      const rows = await sql.all<EntryRow>(
        `SELECT ${columns.replaceAll(/\w+/g, 'n.$&')}, a.email AS email, c.claimed_name AS claimed_name,
                r.name AS resource_name, r.identifier AS resource_identifier
           FROM consent n
           LEFT JOIN account a ON a.id = n.account_id
           LEFT JOIN client c ON c.id = n.client_id
           LEFT JOIN resource r ON r.id = n.resource_id
           ${where} ORDER BY n.granted_at DESC, n.id LIMIT ? OFFSET ?`,
        [...params, filter.limit, filter.offset ?? 0],
      )
      return rows.map(toEntry)
    },

    grant: (consent, effects = []) =>
      database.commit({
        conditions: [insert(consent)],
        effects: [
          statement(
            `UPDATE protocol_grant SET consent_id = ? WHERE consent_id IN
               (SELECT id FROM consent WHERE ${sameKey} AND revoked_at IS NULL AND id <> ?)`,
            consent.id,
            ...keyParams(consent),
            consent.id,
          ),
          statement(
            `UPDATE consent SET revoked_at = ? WHERE ${sameKey} AND revoked_at IS NULL AND id <> ?`,
            consent.grantedAt.getTime(),
            ...keyParams(consent),
            consent.id,
          ),
          ...effects,
        ],
      }),

    revoke: (id, now, effects = []) =>
      database.commit({
        conditions: [
          statement('UPDATE consent SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', now.getTime(), id),
        ],
        effects: [revokeConsentTokens(id, now), ...effects],
      }),

    async end(id, now) {
      await sql.run(
        'UPDATE consent SET expires_at = ? WHERE id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)',
        [now.getTime(), id, now.getTime()],
      )
    },

    async countPeople(clientId, most) {
      const row = await sql.get<{ people: number }>(
        `SELECT count(*) AS people FROM
           (SELECT DISTINCT account_id FROM consent WHERE client_id = ? AND revoked_at IS NULL LIMIT ?) AS counted`,
        [clientId, most],
      )
      return Number(row?.people ?? 0)
    },

    async grantIdsOf(consentId) {
      const rows = await sql.all<{ id: string }>('SELECT id FROM protocol_grant WHERE consent_id = ?', [consentId])
      return rows.map((row) => row.id)
    },
  }
}

function insert(consent: Consent): Statement {
  return statement(
    `INSERT INTO consent (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    consent.id,
    ...keyParams(consent),
    consent.scopes.join(' '),
    consent.metadataDigest,
    consent.stayConnected ? 1 : 0,
    consent.grantedAt.getTime(),
    consent.expiresAt?.getTime() ?? null,
    consent.revokedAt?.getTime() ?? null,
  )
}

function keyParams(key: ConsentKey): readonly string[] {
  return [key.accountId, key.clientId, key.redirectHost, key.resourceId]
}

function toConsent(row: Row): Consent {
  return {
    id: row.id,
    accountId: row.account_id,
    clientId: row.client_id,
    redirectHost: row.redirect_host,
    resourceId: row.resource_id,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    metadataDigest: row.metadata_digest,
    stayConnected: Boolean(row.stay_connected),
    grantedAt: new Date(row.granted_at),
    expiresAt: row.expires_at === null ? undefined : new Date(row.expires_at),
    revokedAt: row.revoked_at === null ? undefined : new Date(row.revoked_at),
  }
}

/** The row as our type; the one way from columns to a consent. */
export function toEntry(row: EntryRow): ConsentEntry {
  return {
    ...toConsent(row),
    email: row.email ?? undefined,
    claimedName: row.claimed_name ?? undefined,
    resourceName: row.resource_name ?? undefined,
    resourceIdentifier: row.resource_identifier ?? undefined,
  }
}
