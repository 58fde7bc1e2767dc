import { describe, expect, it } from 'vitest'
import { createAudit } from '../../src/audit/record.ts'
import { createApprovalStore } from '../../src/clients/approvals/store.ts'
import { type Client, makeClient } from '../../src/clients/client.ts'
import { createExpiry } from '../../src/clients/expiry/expiry.ts'
import { createExpiryStore } from '../../src/clients/expiry/store.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { createClientStore } from '../../src/clients/store.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const start = new Date('2026-11-20T10:00:00Z')
const hour = 3_600_000
const day = 24 * hour

async function open(kind: (typeof databaseKinds)[number], spans: { unusedHours?: number; idleDays?: number } = {}) {
  const database = await openTestDatabase(kind)
  let now = start
  const clock = { now: () => now }
  const clients = createClientStore(database, clock)
  const audit = createAudit(database, clock, new Uint8Array(32))
  const expiry = createExpiryStore(database)
  const at = (ms: number) => new Date(start.getTime() + ms)
  return {
    database,
    clients,
    audit,
    expiry,
    approvals: createApprovalStore(database),
    at,
    passes: (ms: number) => {
      now = new Date(now.getTime() + ms)
    },
    run: createExpiry({ expiry, clients, audit, clock, unusedHours: 24, idleDays: 90, ...spans }),
    async add(id: string, ageMs: number, origin: Client['origin'] = 'registered') {
      const said = { client_name: id, redirect_uris: ['https://app.example/cb'] }
      const outcome = normaliseClientMetadata(said, { origin })
      if (!outcome.ok) throw new Error(outcome.description)
      await clients.save(makeClient({ id, origin, metadata: outcome.metadata, now: at(-ageMs) }))
    },
    grant: (clientId: string, made: number, ends: number) =>
      database.sql.run(
        'INSERT INTO protocol_grant (id, account_id, client_id, payload, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
        [clientId, 'ada', clientId, '{}', at(made).getTime(), at(ends).getTime()],
      ),
    family: (clientId: string, ends: number) =>
      database.sql.run(
        `INSERT INTO refresh_family (digest, grant_id, client_id, account_id, current_digest, payload, created_at, used_at, expires_at, ends_at)
           VALUES (?, ?, ?, 'ada', 'c', '{}', 1, 1, ?, ?)`,
        [clientId, clientId, clientId, at(ends).getTime(), at(ends).getTime()],
      ),
    used: (clientId: string, when: number) =>
      database.sql.run('UPDATE client SET last_used_at = ? WHERE id = ?', [at(when).getTime(), clientId]),
    consent: (clientId: string, when: number) =>
      database.sql.run(
        `INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at)
           VALUES (?, 'ada', ?, 'app.example', 'r', '', 'd', ?, ?)`,
        [clientId, clientId, 1, at(when).getTime()],
      ),
    left: async () => (await clients.list({ limit: 200 })).map(({ id }) => id).sort(),
    cleanUps: async () => (await audit.list({ type: 'client.cleaned_up', limit: 50 })).map(({ detail }) => detail),
  }
}

describe.each(databaseKinds)('clients that nobody uses go by themselves in %s', (kind) => {
  it('D01 never used after a day, by registration and by document; whoever has a use or a friend stays', async () => {
    const house = await open(kind)
    const { database, clients, approvals, add, grant, used, consent, run, left } = house
    await add('old', 25 * hour)
    await add('https://app.example/old.json', 25 * hour, 'document')
    await add('young', 23 * hour)
    await add('operators', 25 * hour, 'operator')
    for (const id of ['vouched', 'blocked', 'awaited', 'let-in-for-one', 'connected', 'consented', 'used']) {
      await add(id, 25 * hour)
    }
    await clients.allow('vouched')
    await clients.block('blocked')
    await database.commit({ conditions: [approvals.askStatement('awaited', 'ada', start)], effects: [] })
    await database.commit({
      conditions: [approvals.askStatement('let-in-for-one', 'ada', start)],
      effects: [approvals.allowStatement('let-in-for-one', 'ada', start)],
    })
    await grant('connected', -hour, hour)
    await consent('consented', -hour)
    await used('used', -hour)
    expect(await run()).toMatchObject({ removed: 2 })
    expect(await left()).toEqual([
      'awaited',
      'blocked',
      'connected',
      'consented',
      'let-in-for-one',
      'operators',
      'used',
      'vouched',
      'young',
    ])
    expect(await run()).toMatchObject({ removed: 0 })
    // Once for the run, and nothing for the run without a result.
    expect(await house.cleanUps()).toEqual([{ count: 2, reason: 'unused for 24 h, idle for 90 d' }])
  })

  it('D01 idle after ninety days, never one with a live grant or refresh family', async () => {
    const { add, grant, family, used, consent, run, left } = await open(kind)
    const ids = ['idle', 'used-and-forgotten', 'recently-used', 'granted', 'refreshing', 'recent-consent']
    for (const id of ids) await add(id, 200 * day)
    await consent('idle', -100 * day)
    await grant('idle', -100 * day, -10 * day)
    await used('used-and-forgotten', -91 * day)
    await used('recently-used', -89 * day)
    await consent('granted', -100 * day)
    await grant('granted', -100 * day, hour)
    // The grant has ended by its own row and its family has not: whichever lives longer counts.
    await consent('refreshing', -100 * day)
    await grant('refreshing', -100 * day, -hour)
    await family('refreshing', hour)
    await consent('recent-consent', -89 * day)
    expect(await run()).toMatchObject({ removed: 2 })
    expect(await left()).toEqual(['granted', 'recent-consent', 'recently-used', 'refreshing'])
  })

  it('what people allowed it, its registration token and who waited end with it; whom a person shut out stays out', async () => {
    const { database, clients, add, consent, used, run } = await open(kind)
    await add('idle', 200 * day)
    await consent('idle', -100 * day)
    await used('idle', -100 * day)
    await database.sql.run(
      "INSERT INTO registration_token (digest, client_id, payload, created_at) VALUES ('d', 'idle', '{}', 1)",
    )
    for (const state of ['allowed', 'blocked']) {
      await database.sql.run(
        'INSERT INTO client_approval (client_id, account_id, state, asked_at) VALUES (?, ?, ?, 1)',
        ['idle', state, state],
      )
    }
    await run()
    expect(await clients.find('idle')).toMatchObject({ state: 'removed', removedAt: start, secretDigest: null })
    const rows = (text: string) => database.sql.all(text)
    expect(await rows('SELECT id FROM consent WHERE revoked_at IS NULL')).toEqual([])
    expect(await rows('SELECT digest FROM registration_token')).toEqual([])
    expect(await rows('SELECT state FROM client_approval')).toEqual([{ state: 'blocked' }])
  })

  it('a client that is used between the look and the removal stays', async () => {
    const { expiry, add, grant, used, left } = await open(kind)
    const rule = { unusedHours: 24, idleDays: 90 }
    for (const id of ['granted', 'coded', 'gone']) await add(id, 30 * hour)
    const { ids } = await expiry.meant(rule, start, undefined, 100)
    expect(ids).toHaveLength(3)
    await grant('granted', 0, hour)
    await used('coded', 0)
    expect(await expiry.remove(rule, start, ids)).toBe(1)
    expect(await left()).toEqual(['coded', 'granted'])
  })

  it('walks in stretches, each client once a round', async () => {
    const { expiry, add } = await open(kind)
    for (let one = 0; one < 5; one += 1) await add(`c${one}`, 30 * hour - one)
    const rule = { unusedHours: 24 }
    const first = await expiry.meant(rule, start, undefined, 2)
    const second = await expiry.meant(rule, start, first.next, 2)
    const third = await expiry.meant(rule, start, second.next, 2)
    expect([first.ids, second.ids, third.ids]).toEqual([['c0', 'c1'], ['c2', 'c3'], ['c4']])
    expect(third.next).toBeUndefined()
  })

  it('tombstones go after half a year, with what was kept beside them; those of operators stay', async () => {
    const { database, clients, add, passes, run } = await open(kind)
    await add('stranger', 25 * hour)
    await add('operators', 25 * hour, 'operator')
    await run()
    await clients.remove('operators')
    await database.sql.run(
      "INSERT INTO registration_token (digest, client_id, payload, created_at) VALUES ('d', 'stranger', '{}', 1)",
    )
    passes(179 * day)
    expect(await run()).toMatchObject({ tombstones: 0 })
    passes(2 * day)
    expect(await run()).toMatchObject({ tombstones: 1 })
    expect(await clients.find('stranger')).toBeNull()
    expect(await clients.find('operators')).toMatchObject({ state: 'removed' })
    expect(await database.sql.all('SELECT digest FROM registration_token')).toEqual([])
  })

  it('a document that comes back is raised, and begins anew', async () => {
    const { clients, add, used, run, passes, at } = await open(kind)
    const id = 'https://app.example/c.json'
    await add(id, 200 * day, 'document')
    await used(id, -100 * day)
    await run()
    const before = await clients.find(id)
    expect(before).toMatchObject({ state: 'removed' })
    passes(hour)
    if (before === null) throw new Error('no tombstone')
    await clients.see(makeClient({ id, origin: 'document', metadata: before.metadata, now: at(hour) }))
    expect(await clients.find(id)).toMatchObject({ state: 'active', createdAt: at(hour), lastUsedAt: null })
    expect(await run()).toMatchObject({ removed: 0 })
  })

  it('each span can be turned off', async () => {
    const never = await open(kind, { unusedHours: 0, idleDays: 0 })
    await never.add('old', 1000 * day)
    expect(await never.run()).toMatchObject({ removed: 0 })
    const idleOnly = await open(kind, { unusedHours: 0 })
    await idleOnly.add('unused', 1000 * day)
    await idleOnly.add('idle', 1000 * day)
    await idleOnly.used('idle', -500 * day)
    expect(await idleOnly.run()).toMatchObject({ removed: 1 })
    expect(await idleOnly.left()).toEqual(['unused'])
  })
})
