import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Consent } from '../../src/consent/consent.ts'
import { remembered } from '../../src/consent/remembered.ts'
import { revokeAllOfClient, revokeConsent } from '../../src/consent/revoke.ts'
import { type ConsentStore, createConsentStore } from '../../src/consent/store.ts'
import { type Database, statement } from '../../src/db/database.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'
import { addGrant, notes, registered } from './room.ts'

const consent: Consent = {
  id: 'one',
  accountId: 'ada',
  clientId: 'client-1',
  redirectHost: 'app.example',
  resourceId: 'notes-id',
  scopes: ['notes:read', 'notes:write'],
  metadataDigest: 'digest-1',
  stayConnected: true,
  grantedAt: new Date(1_000),
  expiresAt: new Date(9_000_000_000_000),
  revokedAt: undefined,
}

describe.each(databaseKinds)('the consent store on %s', (kind) => {
  let database: Database
  let store: ConsentStore

  beforeAll(async () => {
    database = await openTestDatabase(kind)
    store = createConsentStore(database)
  }, 60_000)
  afterAll(() => database.close())
  beforeEach(async () => {
    await database.sql.run('DELETE FROM consent')
    await database.sql.run('DELETE FROM protocol_grant')
  })

  const connect = (id: string, consentId: string) =>
    addGrant(database, { id, consentId, accountId: 'ada', clientId: 'client-1', resource: 'r', scopes: [] })

  it('gives back what was written', async () => {
    expect(await store.grant(consent)).toBe(true)
    expect(await store.find('one')).toEqual(consent)
    expect(await store.listForClient('ada', 'client-1')).toEqual([consent])
    const plain = { ...consent, id: 'two', redirectHost: 'b', scopes: [], stayConnected: false, expiresAt: undefined }
    await store.grant(plain)
    expect(await store.find('two')).toEqual(plain)
    expect(await store.find('none')).toBeNull()
  })

  it('finds nothing of another person or client (G02)', async () => {
    await store.grant(consent)
    expect(await store.listForClient('bob', 'client-1')).toEqual([])
    expect(await store.listForClient('ada', 'client-2')).toEqual([])
  })

  it('keeps one standing consent for a key; grants move to the newer one', async () => {
    await store.grant(consent)
    await connect('laptop', 'one')
    await store.grant({ ...consent, id: 'two', grantedAt: new Date(2_000) })
    expect((await store.listForClient('ada', 'client-1')).map((one) => one.id)).toEqual(['two'])
    expect((await store.find('one'))?.revokedAt).toEqual(new Date(2_000))
    expect(await store.grantIdsOf('two')).toEqual(['laptop'])
  })

  it('writes the same id once, and nothing of the loser (G12)', async () => {
    const effect = (id: string) =>
      statement('INSERT INTO replay_mark (digest, expires_at) VALUES (?, ?)', `${kind}-${id}`, 1)
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => store.grant({ ...consent, scopes: [name] }, [effect(name)])),
    )
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    const [row] = await database.sql.all<{ count: number }>('SELECT count(*) AS count FROM replay_mark')
    expect(Number(row?.count)).toBe(1)
  })

  it('withdraws once', async () => {
    await store.grant(consent)
    expect(await store.revoke('one', new Date(5_000))).toBe(true)
    expect(await store.revoke('one', new Date(6_000))).toBe(false)
    expect(await store.listForClient('ada', 'client-1')).toEqual([])
    expect((await store.find('one'))?.revokedAt).toEqual(new Date(5_000))
  })

  it('ends without withdrawing, never later than before', async () => {
    await store.grant(consent)
    await store.end('one', new Date(5_000))
    await store.end('one', new Date(6_000))
    expect((await store.find('one'))?.expiresAt).toEqual(new Date(5_000))
  })

  it('lists newest first, by person, client or MCP server', async () => {
    await store.grant(consent)
    await store.grant({ ...consent, id: 'two', accountId: 'bob', grantedAt: new Date(2_000) })
    await store.grant({ ...consent, id: 'three', clientId: 'client-2', resourceId: 'r2', grantedAt: new Date(3_000) })
    const ids = async (filter: object) => (await store.list({ limit: 10, ...filter })).map((one) => one.id)
    expect(await ids({})).toEqual(['three', 'two', 'one'])
    expect(await ids({ accountId: 'bob' })).toEqual(['two'])
    expect(await ids({ clientId: 'client-1' })).toEqual(['two', 'one'])
    expect(await ids({ resourceId: 'r2' })).toEqual(['three'])
    expect(await ids({ limit: 1, offset: 1 })).toEqual(['two'])
    await store.revoke('two', new Date())
    expect(await ids({})).toEqual(['three', 'one'])
    expect(await ids({ withRevoked: true })).toHaveLength(3)
  })

  it('a withdrawn consent takes its connections along; all of a client at once too (G25)', async () => {
    const ended: string[] = []
    const desk = {
      store,
      revokeGrants: async (grantIds: readonly string[]) => void ended.push(...grantIds),
      auditStatement: () => statement('DELETE FROM replay_mark WHERE digest = ?', 'none'),
      clock: systemClock,
    }
    await store.grant(consent)
    await store.grant({ ...consent, id: 'two', accountId: 'bob' })
    await connect('laptop', 'one')
    await connect('phone', 'two')
    expect(await revokeConsent(desk, consent, { actor: 'operator' })).toBe(true)
    expect(ended).toEqual(['laptop'])
    expect(await revokeAllOfClient(desk, 'client-1', { actor: 'operator' })).toBe(1)
    expect(ended).toEqual(['laptop', 'phone'])
  })

  it('answers an authorization with the remembered consent or with a reason', async () => {
    await store.grant(consent)
    const sources = {
      store,
      findClient: async (id: string) => (id === 'gone' ? null : registered),
      findResource: async (identifier: string) => (identifier === notes.identifier ? notes : null),
      mayUse: async (_resource: unknown, accountId: string) => accountId !== 'shut-out',
    }
    const question = {
      accountId: 'ada',
      clientId: 'client-1',
      redirectUri: 'https://app.example/cb2',
      resource: 'https://notes.example/mcp',
      scopes: ['notes:read'],
      startedCrossSite: false,
      askedByClient: false,
    }
    const lookUp = (over: object) => remembered(sources, { ...question, ...over }, systemClock.now())
    expect(await lookUp({})).toMatchObject({ ask: null, consentId: 'one', scopes: ['notes:read'], stayConnected: true })
    expect(await lookUp({ scopes: ['notes:delete'] })).toEqual({ ask: 'new-scope' })
    expect(await lookUp({ redirectUri: 'https://evil.example/cb' })).toEqual({ ask: 'new-redirect-host' })
    expect(await lookUp({ startedCrossSite: true })).toEqual({ ask: 'cross-site-start' })
    expect(await lookUp({ clientId: 'gone' })).toEqual({ ask: 'new-client' })
    expect(await lookUp({ resource: 'https://gone.example' })).toEqual({ ask: 'new-client' })
    expect(await lookUp({ accountId: 'shut-out' })).toEqual({ ask: 'new-resource' })
  })
})
