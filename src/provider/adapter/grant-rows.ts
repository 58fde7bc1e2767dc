import { randomId } from '../../crypto/random.ts'
import { revokeGrantTokens } from '../../revocations/store.ts'
import { currentUnit, type GrantFacts } from '../unit.ts'
import { type ModelRows, type RowsDependencies, write } from './model-rows.ts'
import { expiryMs, member, payloadText, revive } from './payload.ts'

interface GrantRow {
  payload: string
  consent_id: string | null
  expires_at: number
  paused_at: number | null
}

/** What a grant is kept with beside the library's payload. */
export interface GrantOrigin {
  readonly consentId: string
  readonly resource: string
  readonly stayConnected: boolean
  /** The end that the person chose: nothing that stands on this grant outlives it. */
  readonly endsAt?: Date
}

/** Grants: one for each authorization. `noteOrigin` tells, before the library saves a grant, which consent it is made from. */
export interface GrantRows extends ModelRows {
  noteOrigin(grantId: string, origin: GrantOrigin): void
  /** A name for a grant that is about to be saved. */
  nextId(): string
}

const upsertText = `INSERT INTO protocol_grant (id, account_id, client_id, consent_id, resource, payload, address, created_at, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`

// Of a remembered consent, in the request that also makes the code: not when the browser's session was ended while the
// request ran, or the grant would outlive the revocation of all that the session had (C14).
const insertInSessionText = `INSERT INTO protocol_grant
  (id, account_id, client_id, consent_id, resource, payload, address, created_at, expires_at)
  SELECT ?, ?, ?, ?, ?, ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT)
  WHERE EXISTS (SELECT 1 FROM browser_session WHERE uid = ?)`

// A withdrawn consent takes its grants with it at once, also one that was being made at that very moment, and also when
// the process that withdrew it was killed before it could delete them (C14).
const selectText = `SELECT payload, consent_id, expires_at, paused_at FROM protocol_grant WHERE id = ? AND NOT EXISTS
  (SELECT 1 FROM consent WHERE consent.id = protocol_grant.consent_id AND consent.revoked_at IS NOT NULL)`

/** The rows of grants. Their identifiers are no bearer secrets: they are never shown to anyone. */
export function grantRows(dependencies: RowsDependencies): GrantRows {
  const { database, clock } = dependencies
  const origins = new Map<string, GrantOrigin>()
  return {
    nextId: randomId,

    noteOrigin(grantId, origin) {
      origins.set(grantId, origin)
    },

    async upsert(id, payload) {
      const origin = origins.get(id)
      origins.delete(id)
      const text = payloadText(payload)
      const endsAt = origin?.endsAt?.getTime()
      const params = [
        id,
        member(payload.accountId, 'accountId'),
        member(payload.clientId, 'clientId'),
        origin?.consentId ?? null,
        origin?.resource ?? null,
        origin === undefined
          ? text
          : JSON.stringify({ ...JSON.parse(text), stayConnected: origin.stayConnected, endsAt }),
        currentUnit()?.address ?? null,
        clock.now().getTime(),
        Math.min(expiryMs(payload), endsAt ?? Number.POSITIVE_INFINITY),
      ]
      const session = currentUnit()?.session
      if (session === undefined) await write(dependencies, 'write', `grant:${id}`, { text: upsertText, params })
      else {
        const statement = { text: insertInSessionText, params: [...params, session.uid] }
        await write(dependencies, 'condition', `grant:${id}`, statement)
      }
    },

    async find(id) {
      const row = await database.sql.get<GrantRow>(selectText, [id])
      if (row === undefined) return undefined
      const { stayConnected, endsAt, ...payload } = revive(row.payload, id) as ReturnType<typeof revive> & {
        stayConnected?: boolean
        endsAt?: number
      }
      const unit = currentUnit()
      if (unit !== undefined) {
        const facts: GrantFacts = {
          grantId: id,
          consentId: row.consent_id ?? undefined,
          stayConnected: stayConnected === true,
          isPaused: row.paused_at !== null,
          endsAtMs: endsAt,
          expiresAtMs: row.expires_at,
        }
        unit.grantFacts = facts
        // A repeated refresh consumes nothing, so nothing later would refuse it.
        if (facts.isPaused && unit.grace !== undefined) return undefined
      }
      // A refresh family moves the end of its grant; the column tells it, not the payload of the first day.
      return { ...payload, exp: Math.floor(row.expires_at / 1000) }
    },

    async destroy(id) {
      const listed = revokeGrantTokens(id, clock.now())
      const gone = { text: 'DELETE FROM protocol_grant WHERE id = ?', params: [id] }
      const unit = currentUnit()
      if (unit === undefined) return void (await database.commit({ conditions: [], effects: [listed, gone] }))
      // What is out is read from the row before it goes.
      unit.collect('revocation', `grant:${id}:list`, listed)
      unit.collect('revocation', `grant:${id}:destroy`, gone)
    },
  }
}
