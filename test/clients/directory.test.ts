import { describe, expect, it } from 'vitest'
import { lastChanges } from '../../src/clients/changes.ts'
import { type Client, makeClient } from '../../src/clients/client.ts'
import { createDirectory } from '../../src/clients/directory/store.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { createClientStore } from '../../src/clients/store.ts'
import type { Database } from '../../src/db/database.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const start = new Date('2026-11-20T10:00:00Z')

function metadata(members: object = {}, origin: Client['origin'] = 'registered') {
  const outcome = normaliseClientMetadata(
    { client_name: 'App', redirect_uris: ['https://app.example.com/cb'], ...members },
    { origin },
  )
  if (!outcome.ok) throw new Error(outcome.description)
  return outcome.metadata
}

async function addGrant(database: Database, id: string, clientId: string, accountId: string, at: Date, used?: Date) {
  await database.sql.run(
    'INSERT INTO protocol_grant (id, account_id, client_id, payload, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
    [id, accountId, clientId, '{}', at.getTime(), at.getTime() + 86_400_000],
  )
  if (used === undefined) return
  await database.sql.run(
    `INSERT INTO refresh_family (digest, grant_id, client_id, account_id, current_digest, payload, created_at, used_at, expires_at, ends_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [id, id, clientId, accountId, id, '{}', at.getTime(), used.getTime(), at.getTime() + 1e9, at.getTime() + 1e9],
  )
}

describe.each(databaseKinds)('the directory of clients in %s', (kind) => {
  async function open() {
    const database = await openTestDatabase(kind)
    let now = start
    const clock = { now: () => now }
    const store = createClientStore(database, clock)
    const later = (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000)
      return now
    }
    return {
      database,
      store,
      directory: createDirectory(database, clock),
      later,
      add: (id: string, members: object = {}, origin: Client['origin'] = 'registered') =>
        store.save(makeClient({ id, origin, metadata: metadata(members, origin), now: later(1) })),
    }
  }

  it('registrations of one program are one row; who only calls itself so has another (D10, D01)', async () => {
    const { directory, add } = await open()
    await add('a', { software_id: 'claude', client_name: 'Claude' })
    await add('b', { software_id: 'claude', client_name: 'Claude' })
    await add('c', { software_id: 'claude', client_name: 'Claude', redirect_uris: ['https://evil.example/cb'] })
    await add('d', { client_name: 'claude' })
    await add('e', { client_name: 'claude' })
    await add('https://claude.example/mcp.json', { client_name: 'claude' }, 'document')
    const { groups } = await directory.groups({}, { limit: 10 })
    expect(groups.map(({ client, count }) => [client.id, count])).toEqual([
      ['https://claude.example/mcp.json', 1],
      // A software id that reads like another one's name is something else.
      ['e', 2],
      ['c', 1],
      ['b', 2],
    ])
    const folded = groups.at(-1)?.client
    if (folded === undefined) throw new Error('no group')
    const members = await directory.members(folded, {}, { limit: 10 })
    expect(members.map(({ client }) => client.id)).toEqual(['b', 'a'])
    const next = await directory.members(folded, {}, { limit: 10, after: members[0]?.client })
    expect(next.map(({ client }) => client.id)).toEqual(['a'])
    expect(await directory.counts(folded)).toMatchObject({ alike: 2, consents: 0, people: 0 })
  })

  it('a code is a use, also after everything that came of it has ended', async () => {
    const { database, directory, add, later } = await open()
    await add('a')
    const at = later(60)
    await database.sql.run('UPDATE client SET last_used_at = ?', [at.getTime()])
    const { groups } = await directory.groups({}, { limit: 10 })
    expect(groups[0]?.usage.lastUsedAt).toEqual(at)
    const [client] = groups.map((group) => group.client)
    if (client === undefined) throw new Error('no group')
    expect((await directory.counts(client)).lastUsedAt).toEqual(at)
    expect((await directory.members(client, {}, { limit: 1 }))[0]?.usage.lastUsedAt).toEqual(at)
  })

  it('pages follow each other without gap or repetition, whatever is added meanwhile', async () => {
    const { directory, add } = await open()
    for (let index = 0; index < 7; index += 1) await add(`c${index}`, { client_name: `App ${index}` })
    const seen: string[] = []
    let after: string | undefined
    for (let page = 0; page < 3; page += 1) {
      const { groups, next } = await directory.groups({}, { limit: 3, after })
      seen.push(...groups.map(({ client }) => client.id))
      after = next
      if (page === 0) await add('newer', { client_name: 'Newer' })
    }
    expect(after).toBeUndefined()
    expect(seen).toEqual(['c6', 'c5', 'c4', 'c3', 'c2', 'c1', 'c0'])
  })

  it('filters by origin, state, text and use; what is typed is text, not a pattern (G21)', async () => {
    const { database, directory, store, add } = await open()
    await add('one', { client_name: 'Größe 100%' })
    await add('two', { client_name: 'Other', redirect_uris: ['cursor://x.y/cb'] })
    await add('three', { client_name: 'Third' }, 'operator')
    await store.block('two')
    await addGrant(database, 'g', 'one', 'ada', start)
    const found = async (filter: Parameters<typeof directory.groups>[0]) =>
      (await directory.groups(filter, { limit: 10 })).groups.map(({ client }) => client.id)
    expect(await found({ text: 'größe' })).toEqual(['one'])
    expect(await found({ text: '100%' })).toEqual(['one'])
    expect(await found({ text: '%' })).toEqual(['one'])
    expect(await found({ text: "' OR 1=1 --" })).toEqual([])
    expect(await found({ text: '\\' })).toEqual([])
    expect(await found({ text: 'CURSOR:' })).toEqual(['two'])
    expect(await found({ origin: 'operator' })).toEqual(['three'])
    expect(await found({ state: 'blocked' })).toEqual(['two'])
    expect(await found({ unused: true })).toEqual(['three', 'two'])
    await store.remove('one')
    expect(await found({ text: 'größe' })).toEqual([])
    expect(await found({ state: 'removed' })).toEqual(['one'])
  })

  it('use is counted over people, connections and refreshes, for a row and for many in one', async () => {
    const { database, directory, add } = await open()
    await add('a')
    await add('b')
    await add('c', { client_name: 'Single' })
    const hour = (count: number) => new Date(start.getTime() + count * 3_600_000)
    await addGrant(database, '1', 'a', 'ada', hour(1), hour(3))
    await addGrant(database, '2', 'b', 'ada', hour(2))
    await addGrant(database, '3', 'b', 'bob', hour(2))
    await addGrant(database, '4', 'c', 'bob', hour(1))
    await addGrant(database, 'gone', 'c', 'eve', new Date(start.getTime() - 100 * 86_400_000))
    const [single, folded] = (await directory.groups({}, { limit: 10 })).groups
    expect(single?.usage).toEqual({ people: 1, connections: 1, lastUsedAt: hour(1) })
    expect(folded).toMatchObject({ count: 2, state: 'active' })
    expect(folded?.usage).toEqual({ people: 2, connections: 3, lastUsedAt: hour(3) })
  })

  it('a page looks at a stretch of clients alone: counts are cut and say so, and no program is on two pages (D01)', async () => {
    const { database, directory, add } = await open()
    await add('oldest', { client_name: 'Oldest' })
    await add('early', { client_name: 'Twice' })
    await add('flood', { client_name: 'Flood' })
    const columns = `origin, state, claimed_name, software_id, proven_host, redirect_hosts, payload, metadata_digest, updated_at`
    await database.sql.run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 16000)
         INSERT INTO client (id, created_at, ${columns})
         SELECT 'copy' || n.i, c.created_at + n.i / 100, ${columns} FROM client c, n WHERE c.id = 'flood'`,
    )
    for (let index = 0; index < 20; index += 1) await add(`pause${index}`, { client_name: 'Pause' })
    await add('late', { client_name: 'Twice' })
    await addGrant(database, 'old', 'flood', 'ada', start)
    await addGrant(database, 'new', 'copy16000', 'bob', start)
    const first = await directory.groups({}, { limit: 50 })
    const shown = first.groups.map(({ client, count, isCut }) => [client.id, count, isCut])
    expect(shown).toEqual([
      ['late', 1, true],
      ['pause19', 20, false],
      ['copy16000', 4979, true],
    ])
    expect(first.groups.map(({ usage, isUsageCut }) => [usage.people, isUsageCut])).toEqual([
      [0, true],
      [0, false],
      [1, true],
    ])
    const second = await directory.groups({}, { limit: 50, after: first.next })
    expect(second).toMatchObject({ groups: [{ client: { id: 'oldest' }, count: 1, isCut: false }], next: undefined })
    // Who has the time gets everything.
    const whole = await directory.groups({}, { limit: 50, isWhole: true })
    expect(whole.groups.map(({ count, isCut }) => [count, isCut])).toEqual([
      [2, false],
      [20, false],
      [16_001, false],
      [1, false],
    ])
    expect(whole.groups[2]?.usage.people).toBe(2)
  })

  it('a document that changed keeps what it said before, and says since when (F14)', async () => {
    const { store, later } = await open()
    const id = 'https://app.example.com/client.json'
    const says = (members: object) =>
      store.see(makeClient({ id, origin: 'document', metadata: metadata(members, 'document'), now: later(60) }))
    expect(lastChanges(await says({ client_name: 'First' }))).toEqual([])
    const changed = await says({ client_name: 'Second', redirect_uris: ['https://b.example/cb'] })
    expect(changed.changedAt).toEqual(new Date(start.getTime() + 120_000))
    expect(lastChanges(changed)).toEqual([
      { member: 'redirect_uris', before: ['https://app.example.com/cb'], now: ['https://b.example/cb'] },
      { member: 'client_name', before: ['First'], now: ['Second'] },
    ])
    // A new version alone is no change that anybody relied on.
    const again = await says({ client_name: 'Second', redirect_uris: ['https://b.example/cb'], software_version: '2' })
    expect(again.previousMetadata?.client_name).toBe('First')
    // Removed and seen again, it begins anew.
    await store.remove(id)
    expect(await says({ client_name: 'Third' })).toMatchObject({ previousMetadata: null, changedAt: null })
  })
})
