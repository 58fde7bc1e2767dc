import { describe, expect, it } from 'vitest'
import { createAudit } from '../../src/audit/record.ts'
import { createApprovalStore } from '../../src/clients/approvals/store.ts'
import { cleanUp, previewCleanUp } from '../../src/clients/clean-up/clean-up.ts'
import { createCleanUpStore } from '../../src/clients/clean-up/store.ts'
import { type Client, makeClient } from '../../src/clients/client.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { createClientStore } from '../../src/clients/store.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const now = new Date('2026-11-20T10:00:00Z')
const hour = 3_600_000
const ago = (hours: number) => new Date(now.getTime() - hours * hour)
const operator = { actor: 'operator' } as const

async function open(kind: (typeof databaseKinds)[number]) {
  const database = await openTestDatabase(kind)
  const clock = { now: () => now }
  const store = createClientStore(database, clock)
  const audit = createAudit(database, clock, new Uint8Array(32))
  const ended: string[] = []
  const desk = {
    store,
    approvals: createApprovalStore(database),
    registration: 'open' as const,
    isPinned: () => false,
    auditStatement: audit.statement,
    clock,
    endEverything: async (id: string) => ended.push(id),
    cleanUps: createCleanUpStore(database),
  }
  return {
    database,
    desk,
    audit,
    ended,
    async add(id: string, hours: number, origin: Client['origin'] = 'registered') {
      const said = { client_name: id, redirect_uris: ['https://app.example/cb'] }
      const outcome = normaliseClientMetadata(said, { origin })
      if (!outcome.ok) throw new Error(outcome.description)
      await store.save(makeClient({ id, origin, metadata: outcome.metadata, now: ago(hours) }))
    },
    grant: (clientId: string, made: Date, ends: Date) =>
      database.sql.run(
        'INSERT INTO protocol_grant (id, account_id, client_id, payload, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
        [clientId, 'ada', clientId, '{}', made.getTime(), ends.getTime()],
      ),
    consent: (clientId: string, at: Date) =>
      database.sql.run(
        `INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at)
           VALUES (?, 'ada', ?, 'app.example', 'r', '', 'd', ?, ?)`,
        [clientId, clientId, 1, at.getTime()],
      ),
    left: async () => (await store.list({ limit: 200 })).map(({ id }) => id).sort(),
  }
}

describe.each(databaseKinds)('a clean-up in %s', (kind) => {
  it('removes what was never used, and never what an operator, an administrator or a person stands behind (D01)', async () => {
    const { database, desk, audit, ended, add, grant, consent, left } = await open(kind)
    await add('old', 30)
    await add('young', 3)
    await add('operators', 30, 'operator')
    await add('vouched', 30)
    await desk.store.allow('vouched')
    await add('blocked', 30)
    await desk.store.block('blocked')
    await add('asked-for', 30)
    await database.commit({ conditions: [desk.approvals.askStatement('asked-for', 'ada', now)], effects: [] })
    await add('connected', 30)
    await grant('connected', ago(1), new Date(now.getTime() + hour))
    await add('allowed-once', 30)
    await consent('allowed-once', ago(29))
    const rule = { unusedHours: 24 }
    const preview = await previewCleanUp(desk, rule)
    expect(preview).toMatchObject({ unused: 1, idle: 0, count: 1 })
    expect(preview.samples.map(({ id }) => id)).toEqual(['old'])
    expect(await left()).toHaveLength(8)
    expect(await cleanUp(desk, rule, preview, operator)).toBe(1)
    expect(await left()).not.toContain('old')
    expect(await left()).toHaveLength(7)
    expect((await audit.list({ limit: 10 })).map(({ type }) => type).sort()).toEqual([
      'client.cleaned_up',
      'client.removed',
    ])
    expect(ended).toEqual([])
  })

  it('removes what was used once and lies idle, never one with a live connection', async () => {
    const { desk, ended, add, grant, consent, left } = await open(kind)
    const years = 24 * 365
    for (const id of ['idle', 'connected', 'recent', 'unused']) await add(id, years)
    await consent('idle', ago(24 * 100))
    await grant('idle', ago(24 * 100), ago(24 * 10))
    await consent('connected', ago(24 * 100))
    await grant('connected', ago(24 * 100), new Date(now.getTime() + 1))
    await consent('recent', ago(24 * 80))
    const rule = { idleDays: 90 }
    const preview = await previewCleanUp(desk, rule)
    expect(preview).toMatchObject({ unused: 0, idle: 1, count: 1 })
    await cleanUp(desk, rule, preview, operator)
    expect(await left()).toEqual(['connected', 'recent', 'unused'])
    expect(ended).toEqual(['idle'])
    expect(await previewCleanUp(desk, { unusedHours: 24, idleDays: 90 })).toMatchObject({ unused: 1, idle: 0 })
  })

  it('is bound to its preview: other clients, another rule, another hour remove nothing', async () => {
    const { desk, add, grant, left } = await open(kind)
    await add('a', 30)
    await add('b', 30)
    const rule = { unusedHours: 24 }
    const preview = await previewCleanUp(desk, rule)
    const changed = { code: 'clean_up_changed', status: 409 }
    await expect(cleanUp(desk, { unusedHours: 1 }, preview, operator)).rejects.toMatchObject(changed)
    await expect(cleanUp(desk, rule, { ...preview, token: '' }, operator)).rejects.toMatchObject(changed)
    const tomorrow = new Date(now.getTime() + 24 * hour)
    await expect(cleanUp(desk, rule, { ...preview, asOf: tomorrow }, operator)).rejects.toMatchObject(changed)
    await grant('b', now, tomorrow)
    await expect(cleanUp(desk, rule, preview, operator)).rejects.toMatchObject(changed)
    expect(await left()).toEqual(['a', 'b'])
  })

  it('asks the rule again for each client, in the commit of its removal', async () => {
    const { database, desk, add, grant, left } = await open(kind)
    await add('a', 30)
    await grant('a', now, new Date(now.getTime() + hour))
    const condition = desk.cleanUps.removeStatement({ unusedHours: 24 }, now, 'a', now)
    expect(await database.commit({ conditions: [condition], effects: [] })).toBe(false)
    expect(await left()).toEqual(['a'])
  })
})

it.each([{}, { unusedHours: 0 }, { unusedHours: 1.5 }, { idleDays: -1 }, { idleDays: 4000 }])(
  'a clean-up of %j is refused',
  async (rule) => {
    const { desk } = await open('sqlite')
    await expect(previewCleanUp(desk, rule)).rejects.toMatchObject({ code: 'bad_request', status: 400 })
  },
)
