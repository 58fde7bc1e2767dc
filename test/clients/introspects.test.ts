import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAudit } from '../../src/audit/record.ts'
import { createApprovalStore } from '../../src/clients/approvals/store.ts'
import { addClient, blockClient, type ClientDesk, removeClient } from '../../src/clients/change.ts'
import { makeClient } from '../../src/clients/client.ts'
import { setIntrospects } from '../../src/clients/introspects/set.ts'
import { createIntrospectorStore } from '../../src/clients/introspects/store.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { makeOperatorClient, type OperatorClientDraft } from '../../src/clients/operator-client.ts'
import { createClientStore } from '../../src/clients/store.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { startApp } from '../support/app.ts'
import { type DatabaseKind, databaseKinds, openTestDatabase } from '../support/database.ts'

const by = { actor: 'account:root', address: '192.0.2.7' } as const
const notes = 'https://notes.example/mcp'
const other = 'https://other.example/mcp'
const machine = { clientId: 'server', clientName: 'Notes', grantTypes: ['client_credentials'] }

describe('an operator’s client that asks about tokens', () => {
  const make = (draft: Partial<OperatorClientDraft>) =>
    makeOperatorClient({ ...machine, ...draft }, systemClock.now()).client

  it('asks for canonical identifiers, each once, in one order', () => {
    const { introspects } = make({ introspects: [other, 'HTTPS://Notes.Example/mcp/', notes] })
    expect(introspects).toEqual([notes, other])
    expect(make({}).introspects).toEqual([])
  })

  it('gets no tokens itself unless it is given a ceiling, and without the right has what it had', () => {
    expect(make({ introspects: [notes] }).resourceCeiling).toEqual({})
    const resources = new Map([[notes, ['notes:read']]])
    expect(make({ introspects: [notes], resources }).resourceCeiling).toEqual({ [notes]: ['notes:read'] })
    expect(make({ introspects: [] }).resourceCeiling).toBeNull()
  })

  it.each<[string, Partial<OperatorClientDraft>, RegExp]>([
    ['proves nothing', { tokenEndpointAuthMethod: 'none', grantTypes: undefined }, /can prove itself/],
    ['names no identifier', { introspects: ['notes'] }, /notes is not the identifier/],
    ['names too many', { introspects: Array.from({ length: 101 }, (_, at) => `${notes}/${at}`) }, /more than 100/],
  ])('is not made when it %s (RFC 7662 §4)', (_title, draft, words) => {
    const redirectUris = ['https://a.example/cb']
    expect(() => make({ introspects: [notes], redirectUris, ...draft })).toThrow(words)
  })
})

async function openDesk(kind: DatabaseKind) {
  const database = await openTestDatabase(kind)
  const audit = createAudit(database, systemClock, new Uint8Array(32))
  const store = createClientStore(database, systemClock)
  const desk: ClientDesk = {
    store,
    approvals: createApprovalStore(database),
    registration: 'open',
    isPinned: () => false,
    auditStatement: audit.statement,
    clock: systemClock,
    endEverything: async () => 0,
  }
  const book = async () => {
    const rows = await database.sql.all<{ type: string; detail: string }>(
      "SELECT type, detail FROM audit_event WHERE type LIKE 'client.%' ORDER BY id",
    )
    return rows.map(({ type, detail }) => [type, JSON.parse(detail)])
  }
  /** Another process: it remembers nothing of this one. */
  const beside = () => ({ ...desk, store: createClientStore(database, systemClock) })
  return { desk, store, book, beside, servers: createIntrospectorStore(database) }
}

it('the log says at the start when the file names an MCP server that is not there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'introspects-'))
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(join(folder, 'secret'), randomBytes(32).toString('base64url'))
  writeFileSync(
    file,
    `resources:
  - { identifier: "${notes}", name: Notes, aliases: ["https://www.notes.example/mcp"], scopes: { a: { description: A, risk: read } } }
clients:
  - client_id: server
    client_name: Notes
    grant_types: [client_credentials]
    client_secret_file: ./secret
    introspects: ["https://www.notes.example/mcp", "${other}"]
`,
  )
  const app = await startApp({ settings: { CONFIG: file }, resources: [] })
  const told = app.log().split('\n')
  const warnings = told.filter((line) => line.includes('may ask about tokens')).map((line) => JSON.parse(line))
  expect(warnings).toMatchObject([{ clientId: 'server', resource: other, level: 'warn' }])
})

describe.each(databaseKinds)('the right to ask, on %s', (kind) => {
  it('is given, replaced and taken away; everything else of the client stays, and the book says what changed', async () => {
    const { desk, store, book, beside } = await openDesk(kind)
    const resources = new Map([[notes, ['notes:read']]])
    await addClient(desk, { ...machine, resources }, by)
    const before = await store.find('server')
    for (const servers of [[notes], [other, `${notes}/`], [other], []]) {
      const said = await setIntrospects(desk, 'server', servers, by)
      const read = await beside().store.find('server')
      expect(said.introspects).toEqual(read?.introspects)
      expect((await store.find('server'))?.introspects).toEqual(read?.introspects)
      const { updatedAt: _, ...rest } = { ...read, introspects: [] }
      expect(rest).toEqual({ ...before, updatedAt: undefined, introspects: [] })
    }
    const changed = (added: string[], removed: string[]) => [
      'client.introspection_changed',
      { clientName: 'Notes', added, removed },
    ]
    expect((await book()).slice(1)).toEqual([
      changed([notes], []),
      changed([other], []),
      changed([], [notes]),
      changed([], [other]),
    ])
  })

  it('given with a new client stands in its event; said again it changes nothing', async () => {
    const { desk, book } = await openDesk(kind)
    await addClient(desk, { ...machine, introspects: [notes] }, by)
    await setIntrospects(desk, 'server', [`${notes}/`, notes], by)
    expect(await book()).toEqual([['client.registered', expect.objectContaining({ introspects: [notes] })]])
  })

  it('is for operators’ clients that prove themselves, of nobody’s file, and there', async () => {
    const { desk, store, book } = await openDesk(kind)
    const said = normaliseClientMetadata({ redirect_uris: ['https://app.example/cb'] }, { origin: 'registered' })
    if (!said.ok) throw new Error(said.description)
    await store.save(
      makeClient({ id: 'stranger', origin: 'registered', metadata: said.metadata, now: systemClock.now() }),
    )
    await store.save(makeOperatorClient({ ...machine, clientId: 'file', setByFile: true }, systemClock.now()).client)
    await addClient(desk, { clientId: 'app', tokenEndpointAuthMethod: 'none', redirectUris: ['https://a.example'] }, by)
    await addClient(desk, { ...machine, clientId: 'gone' }, by)
    await removeClient(desk, 'gone', by)
    const events = (await book()).length
    const refusals = [
      ['stranger', 409, 'client_introspects_origin'],
      ['file', 409, 'client_set_by_file'],
      ['app', 400, 'client_introspects_invalid'],
      ['gone', 404, 'client_not_found'],
      ['nobody', 404, 'client_not_found'],
    ] as const
    for (const [id, status, words] of refusals) {
      await expect(setIntrospects(desk, id, [notes], by)).rejects.toMatchObject({ status, words })
      expect((await store.find(id))?.introspects ?? []).toEqual([])
    }
    expect(await book()).toHaveLength(events)
  })

  it('of a blocked client stays with it and lifts no block', async () => {
    const { desk, store, servers } = await openDesk(kind)
    await addClient(desk, machine, by)
    await blockClient(desk, 'server', by)
    await setIntrospects(desk, 'server', [notes], by)
    expect(await store.find('server')).toMatchObject({ state: 'blocked', introspects: [notes] })
    expect((await servers.of(notes)).map(({ id, state }) => [id, state])).toEqual([['server', 'blocked']])
  })

  it('raises no client that went meanwhile, and does not overwrite what another said meanwhile', async () => {
    const { desk, beside, store, book } = await openDesk(kind)
    for (const clientId of ['server', 'changed']) {
      await addClient(desk, { ...machine, clientId }, by)
      // What this process remembers from now on is old.
      await store.find(clientId)
    }
    await removeClient(beside(), 'server', by)
    await setIntrospects(beside(), 'changed', [other], by)
    const events = (await book()).length
    for (const id of ['server', 'changed']) {
      const refused = { code: 'client_state', status: 409, words: 'client_introspects_race' }
      await expect(setIntrospects(desk, id, [notes], by)).rejects.toMatchObject(refused)
    }
    expect(await beside().store.find('server')).toMatchObject({ state: 'removed', secretDigest: null })
    expect(await beside().store.find('changed')).toMatchObject({ introspects: [other] })
    expect(await book()).toHaveLength(events)
  })

  it('is found by its server: by name, without those that are gone or ask about others', async () => {
    const { desk, servers } = await openDesk(kind)
    const clients = [
      ['b', 'Zebra', notes],
      ['a', 'Ant', notes],
      ['c', 'Cat', other],
      ['d', 'Dog', notes],
    ] as const
    for (const [clientId, clientName, server] of clients) {
      await addClient(desk, { ...machine, clientId, clientName, introspects: [server] }, by)
    }
    await removeClient(desk, 'd', by)
    expect((await servers.of(notes)).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(await servers.of('https://nobody.example/mcp')).toEqual([])
  })
})
