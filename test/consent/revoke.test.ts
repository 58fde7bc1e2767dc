import { describe, expect, it } from 'vitest'
import { createAudit } from '../../src/audit/record.ts'
import {
  type RevocationDesk,
  revokeAllOfClient,
  revokeAllOfResource,
  revokeConsent,
  revokeLostAccess,
} from '../../src/consent/revoke.ts'
import { createConsentStore } from '../../src/consent/store.ts'
import { type Database, statement } from '../../src/db/database.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'
import { earlier } from './question.ts'
import { addGrant } from './room.ts'

const by = { actor: 'account:root', address: '192.0.2.7' } as const

/** People with one consent each, in this order from the newest to the oldest, each with a connection. */
async function withConsents(database: Database, count: number, clientId = 'client-1', resourceId = 'r') {
  const people = Array.from({ length: count }, (_, index) => `${clientId}-${String(index).padStart(3, '0')}`)
  await database.commit({
    conditions: [],
    effects: people.flatMap((id, index) => [
      statement(
        `INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at)
           VALUES (?, ?, ?, 'app.example', ?, 'notes:read', 'd', ?, ?)`,
        id,
        `of-${id}`,
        clientId,
        resourceId,
        1,
        1000 - index,
      ),
      statement(
        `INSERT INTO protocol_grant (id, account_id, client_id, consent_id, resource, payload, created_at, expires_at)
           VALUES (?, ?, ?, ?, 'r', '{}', 0, 9000000000000)`,
        `grant-${id}`,
        `of-${id}`,
        clientId,
        id,
      ),
    ]),
  })
  return people
}

async function openDesk(kind: 'sqlite' | 'postgresql' = 'sqlite') {
  const database = await openTestDatabase(kind)
  const audit = createAudit(database, systemClock, new Uint8Array(32))
  const desk: RevocationDesk = {
    store: createConsentStore(database),
    revokeGrants: async (ids) => {
      for (const id of ids) await database.sql.run('DELETE FROM protocol_grant WHERE id = ?', [id])
    },
    auditStatement: audit.statement,
    clock: systemClock,
  }
  const ids = async (text: string) => (await database.sql.all<{ id: string }>(text)).map(({ id }) => id)
  return {
    database,
    desk,
    standing: () => ids('SELECT id FROM consent WHERE revoked_at IS NULL ORDER BY id'),
    connections: () => ids('SELECT consent_id AS id FROM protocol_grant ORDER BY consent_id'),
  }
}

describe('withdrawing one consent', () => {
  it('is written down with what it was for; a second time writes nothing and ends what is still there (G25)', async () => {
    const { database, desk, connections } = await openDesk()
    const consent = { ...earlier, scopes: ['notes:read', 'notes:write'] }
    await createConsentStore(database).grant(consent)
    expect(await revokeConsent(desk, consent, by)).toBe(true)
    const grant = {
      id: 'late',
      accountId: 'ada',
      clientId: 'client-1',
      consentId: consent.id,
      resource: 'r',
      scopes: [],
    }
    await addGrant(database, grant)
    expect(await revokeConsent(desk, consent, by)).toBe(false)
    expect(await connections()).toEqual([])
    const events = await database.sql.all<{ detail: string }>(
      'SELECT type, actor, address, account_id, client_id, detail FROM audit_event',
    )
    expect(events.map(({ detail, ...event }) => ({ ...event, detail: JSON.parse(detail) }))).toEqual([
      {
        type: 'consent.revoked',
        actor: 'account:root',
        address: '192.0.2.7',
        account_id: 'ada',
        client_id: 'client-1',
        detail: { consentId: 'earlier', scopes: ['notes:read', 'notes:write'], redirectHost: 'app.example' },
      },
    ])
  })
})

describe.each(databaseKinds)('withdrawing what many people allowed on %s', (kind) => {
  it('of a client: more than a page of them, and nothing of another client (G25)', async () => {
    const { database, desk, standing, connections } = await openDesk(kind)
    await withConsents(database, 201)
    const others = await withConsents(database, 2, 'client-2')
    expect(await revokeAllOfClient(desk, 'client-1', by)).toBe(201)
    expect(await standing()).toEqual(others)
    expect(await connections()).toEqual(others)
    expect(await revokeAllOfClient(desk, 'client-1', by)).toBe(0)
  })

  it('for an MCP server: more than a page of them, and nothing for another one', async () => {
    const { database, desk, standing, connections } = await openDesk(kind)
    await withConsents(database, 201)
    const others = await withConsents(database, 2, 'client-2', 'r2')
    expect(await revokeAllOfResource(desk, 'r', by)).toBe(201)
    expect(await standing()).toEqual(others)
    expect(await connections()).toEqual(others)
  })

  it('who lost access loses the consent, page after page, and nobody else', async () => {
    const { database, desk, standing, connections } = await openDesk(kind)
    const people = await withConsents(database, 203)
    const elsewhere = await withConsents(database, 2, 'client-2', 'r2')
    // Two of three stay, so that each page holds some of both.
    const kept = people.filter((_, index) => index % 3 !== 0)
    const asked: string[] = []
    const mayUse = async ({ id }: { id: string }) => {
      asked.push(id)
      return kept.includes(id)
    }
    expect(await revokeLostAccess(desk, { resourceId: 'r' }, mayUse, by)).toBe(people.length - kept.length)
    expect(asked).toEqual(people)
    expect(await standing()).toEqual([...kept, ...elsewhere])
    expect(await connections()).toEqual([...kept, ...elsewhere])
    // One person's, for every server.
    const [first = ''] = kept
    expect(await revokeLostAccess(desk, { accountId: `of-${first}` }, async () => false, by)).toBe(1)
    expect(await standing()).toEqual([...kept.slice(1), ...elsewhere])
  })

  it('what another one withdrew at the same moment is not counted', async () => {
    const { database, desk, standing } = await openDesk(kind)
    const [first = ''] = await withConsents(database, 3)
    const mayUse = async ({ id }: { id: string }) => {
      await desk.store.revoke(first, systemClock.now())
      return id === 'client-1-002'
    }
    expect(await revokeLostAccess(desk, { resourceId: 'r' }, mayUse, by)).toBe(1)
    expect(await standing()).toEqual(['client-1-002'])
  })
})
