import { describe, expect, it } from 'vitest'
import { type Client, clientFromPayload, makeClient, payloadOf } from '../../src/clients/client.ts'
import type { ClientMetadata } from '../../src/clients/metadata.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { digestSecret, hasSecretMark, secretMatches } from '../../src/clients/secret.ts'
import { createClientStore } from '../../src/clients/store.ts'
import { syncFileClients } from '../../src/clients/sync.ts'
import { statement } from '../../src/db/database.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const start = new Date('2026-11-20T10:00:00Z')

function metadata(members: object = {}, origin: Client['origin'] = 'registered'): ClientMetadata {
  const outcome = normaliseClientMetadata(
    { client_name: 'App', redirect_uris: ['https://app.example.com/cb'], ...members },
    { origin },
  )
  if (!outcome.ok) throw new Error(outcome.description)
  return outcome.metadata
}
const documentId = 'https://app.example.com/client.json'
const documentClient = (members: object = {}, now = start) =>
  makeClient({ id: documentId, origin: 'document', metadata: metadata(members, 'document'), now })

describe.each(databaseKinds)('clients in %s', (kind) => {
  async function open() {
    const database = await openTestDatabase(kind)
    let now = start
    const clock = { now: () => now }
    return {
      database,
      clock,
      store: createClientStore(database, clock),
      later: (seconds: number) => {
        now = new Date(now.getTime() + seconds * 1000)
        return now
      },
    }
  }

  it('come back as they were written, the secret as a digest only', async () => {
    const { store, database } = await open()
    const payload = { client_id: 'a', client_secret: 'plain-secret', ...metadata() }
    const client = clientFromPayload('a', payload, metadata({ software_id: 's' }), start)
    expect(await store.save(client)).toBe(true)
    expect(await createClientStore(database, { now: () => start }).find('a')).toEqual(client)
    expect(client).toMatchObject({ trust: 'registered', softwareId: 's', provenHost: null, claimedName: 'App' })
    const rows = await database.sql.all('SELECT * FROM client')
    expect(JSON.stringify(rows)).not.toContain('plain-secret')
    expect(payloadOf(client)).toMatchObject({
      client_id: 'a',
      client_secret: digestSecret('plain-secret'),
      client_secret_expires_at: 0,
    })
    expect(await store.find('unknown')).toBeNull()
    // What no client can be called is unknown, and no fault of the database (K13).
    for (const odd of ['a\0', '\ud800', 'ä', '']) expect(await store.find(odd)).toBeNull()
  })

  it('what another process wrote of a document is not hidden by what is remembered (F14)', async () => {
    const { store, database, clock } = await open()
    const id = 'https://app.example/client.json'
    const saying = (name: string) =>
      makeClient({ id, origin: 'document', metadata: metadata({ client_name: name }), now: start })
    await store.see(saying('Before'))
    expect((await store.find(id))?.claimedName).toBe('Before')
    await createClientStore(database, clock).see(saying('After'))
    await store.see(saying('After'))
    expect((await store.find(id))?.claimedName).toBe('After')
  })

  it('an update that brings the stored digest back keeps it', async () => {
    const client = clientFromPayload('a', { client_secret: 'plain-secret' }, metadata(), start)
    const again = clientFromPayload('a', payloadOf(client), metadata({ client_name: 'B' }), start)
    expect(again.secretDigest).toBe(client.secretDigest)
    expect(again.metadataDigest).not.toBe(client.metadataDigest)
  })

  it('a removal leaves a tombstone with the name, once, and an update that raced it raises nothing', async () => {
    const { store } = await open()
    const client = clientFromPayload('a', { client_secret: 'x' }, metadata(), start)
    await store.save(client)
    expect(await store.remove('a')).toBe(true)
    expect(await store.remove('a')).toBe(false)
    expect(await store.save(client)).toBe(false)
    expect(await store.find('a')).toMatchObject({
      state: 'removed',
      claimedName: 'App',
      secretDigest: null,
      removedAt: start,
    })
    expect(await store.list()).toEqual([])
    expect(await store.list({ state: 'removed' })).toHaveLength(1)
  })

  it('a blocked client stays blocked, whatever it says', async () => {
    const { store, later } = await open()
    await store.see(documentClient())
    expect(await store.block(documentId)).toBe(true)
    expect(await store.block(documentId)).toBe(false)
    expect(await store.see(documentClient({ client_name: 'Other' }, later(60)))).toMatchObject({
      state: 'blocked',
      claimedName: 'Other',
    })
    expect(await store.unblock(documentId)).toBe(true)
    expect(await store.unblock(documentId)).toBe(false)
    expect(await store.find(documentId)).toMatchObject({ state: 'active' })
  })

  it('a document is first seen once, and written again only when it says something new', async () => {
    const { store, database, later } = await open()
    expect(await store.see(documentClient())).toMatchObject({
      createdAt: start,
      provenHost: 'app.example.com',
      trust: 'document',
    })
    const commits = database.commits
    expect((await store.see(documentClient({}, later(60)))).createdAt).toEqual(start)
    expect(database.commits).toBe(commits)
    const changed = await store.see(documentClient({ redirect_uris: ['https://other.example/cb'] }, later(60)))
    expect(changed).toMatchObject({ createdAt: start, redirectUris: ['https://other.example/cb'] })
    expect(changed.metadataDigest).not.toBe(documentClient().metadataDigest)
  })

  it('a removed document client that comes again is seen for the first time', async () => {
    const { store, later } = await open()
    await store.see(documentClient())
    await store.remove(documentId)
    const back = later(60)
    expect(await store.see(documentClient({}, back))).toMatchObject({
      state: 'active',
      createdAt: back,
      removedAt: null,
    })
  })

  it('what shall be known of a change is written in the same commit, or not at all', async () => {
    const { store, database } = await open()
    const mark = statement("INSERT INTO setup_link (digest, created_at) VALUES ('d', 1)")
    expect(await store.remove('unknown', [mark])).toBe(false)
    expect(await database.sql.all('SELECT digest FROM setup_link')).toEqual([])
    await store.save(documentClient())
    expect(await store.remove(documentId, [mark])).toBe(true)
    expect(await database.sql.all('SELECT digest FROM setup_link')).toEqual([{ digest: 'd' }])
  })

  it('another process sees a change after five seconds, this one at once', async () => {
    const { store, database, clock, later } = await open()
    const elsewhere = createClientStore(database, clock)
    await store.save(documentClient())
    expect((await elsewhere.find(documentId))?.state).toBe('active')
    await store.block(documentId)
    expect((await store.find(documentId))?.state).toBe('blocked')
    expect((await elsewhere.find(documentId))?.state).toBe('active')
    later(5)
    expect((await elsewhere.find(documentId))?.state).toBe('blocked')
  })

  it('are listed newest first, by filter and by page', async () => {
    const { store, later } = await open()
    for (const id of ['a', 'b', 'c']) {
      await store.save(
        makeClient({ id, origin: 'registered', metadata: metadata({ client_name: `App ${id}` }), now: later(1) }),
      )
    }
    await store.save(documentClient())
    const page = await store.list({ limit: 2 })
    expect(page.map(({ id }) => id)).toEqual(['c', 'b'])
    expect((await store.list({ limit: 2, after: page[1] })).map(({ id }) => id)).toEqual(['a', documentId])
    expect((await store.list({ origin: 'document' })).map(({ id }) => id)).toEqual([documentId])
    expect((await store.list({ text: 'App b' })).map(({ id }) => id)).toEqual(['b'])
  })

  it('of the file come, change, go, and are left alone when nothing is new', async () => {
    const { store, database, later } = await open()
    const draft = {
      clientId: 'nightly-report',
      grantTypes: ['client_credentials'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      clientSecret: 'a-secret-of-32-characters-or-more',
      resources: new Map([['HTTPS://RS.example/mcp/', ['notes:read']]]),
    }
    expect(await syncFileClients(store, [draft], start)).toEqual({
      created: ['nightly-report'],
      updated: [],
      removed: [],
    })
    const commits = database.commits
    expect(await syncFileClients(store, [draft], later(1))).toEqual({ created: [], updated: [], removed: [] })
    expect(database.commits).toBe(commits)
    const client = await store.find('nightly-report')
    expect(client).toMatchObject({
      setByFile: true,
      trust: 'operator',
      resourceCeiling: { 'https://rs.example/mcp': ['notes:read'] },
    })
    expect(secretMatches(draft.clientSecret, client?.secretDigest)).toBe(true)

    const changed = { ...draft, clientSecret: 'another-secret-of-32-characters' }
    expect(await syncFileClients(store, [changed], later(1))).toEqual({
      created: [],
      updated: ['nightly-report'],
      removed: [],
    })
    expect(await syncFileClients(store, [], later(1))).toEqual({
      created: [],
      updated: [],
      removed: ['nightly-report'],
    })
    expect(await store.find('nightly-report')).toMatchObject({ state: 'removed' })
    expect(await syncFileClients(store, [draft], later(1))).toEqual({
      created: ['nightly-report'],
      updated: [],
      removed: [],
    })
  })

  it('of the file are refused together, every fault named, nothing written', async () => {
    const { store } = await open()
    await store.save(makeClient({ id: 'taken', origin: 'registered', metadata: metadata(), now: start }))
    const redirectUris = ['https://app.example.com/cb']
    const drafts = [
      { clientId: 'good', tokenEndpointAuthMethod: 'none', redirectUris },
      { clientId: 'https://x.example/c', tokenEndpointAuthMethod: 'none', redirectUris },
      { clientId: 'no-secret', redirectUris },
      { clientId: 'bad-redirect', tokenEndpointAuthMethod: 'none', redirectUris: ['http://evil.example/'] },
      { clientId: 'taken', tokenEndpointAuthMethod: 'none', redirectUris },
      { clientId: 'good', tokenEndpointAuthMethod: 'none', redirectUris },
    ]
    const failure = await syncFileClients(store, drafts, start).catch((error: unknown) => String(error))
    for (const word of ['client_id must', 'no-secret', 'bad-redirect', 'taken', 'twice'])
      expect(failure).toContain(word)
    expect(await store.find('good')).toBeNull()
  })
})

describe('secrets of clients', () => {
  it('match their digest, and neither the digest nor its text matches itself', () => {
    const digest = digestSecret('secret')
    expect(secretMatches('secret', digest)).toBe(true)
    expect(secretMatches('Secret', digest)).toBe(false)
    expect(secretMatches(digest, digest)).toBe(false)
    expect(secretMatches(digest.slice(7), digest)).toBe(false)
    expect(secretMatches('secret', 'secret')).toBe(false)
    expect(secretMatches('', null)).toBe(false)
    expect(hasSecretMark(digest)).toBe(true)
  })
})
