import { describe, expect, it } from 'vitest'
import { createAudit } from '../../src/audit/record.ts'
import { createApprovalStore } from '../../src/clients/approvals/store.ts'
import { addClient, blockClient, type ClientDesk, removeClient, unblockClient } from '../../src/clients/change.ts'
import { makeClient } from '../../src/clients/client.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { createClientStore } from '../../src/clients/store.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openTestDatabase } from '../support/database.ts'

const by = { actor: 'account:root', address: '192.0.2.7' } as const
const pinnedId = 'https://pinned.example/client.json'

async function openDesk(registration: ClientDesk['registration'] = 'open') {
  const database = await openTestDatabase()
  const audit = createAudit(database, systemClock, new Uint8Array(32))
  const store = createClientStore(database, systemClock)
  const approvals = createApprovalStore(database)
  const ended: string[] = []
  const desk: ClientDesk = {
    store,
    approvals,
    registration,
    isPinned: (id) => id === pinnedId,
    auditStatement: audit.statement,
    clock: systemClock,
    async endEverything(id, { actor }) {
      // What is ended must find the client shut already: nothing new can come of it (F15).
      ended.push(`${actor} ends ${(await store.find(id))?.state} ${id}`)
      return 3
    },
  }
  const has = async (id: string, origin: 'registered' | 'document' = 'registered', setByFile = false) => {
    const said = normaliseClientMetadata({ client_name: 'App', redirect_uris: ['https://app.example/cb'] }, { origin })
    if (!said.ok) throw new Error(said.description)
    await store.save(makeClient({ id, origin, metadata: said.metadata, now: systemClock.now(), setByFile }))
    await database.commit({ conditions: [], effects: [approvals.askStatement(id, 'ada', systemClock.now())] })
  }
  return {
    desk,
    ended,
    has,
    state: async (id: string) => (await store.find(id))?.state,
    waits: async (id: string) => (await approvals.find(id, 'ada')) !== null,
    async book() {
      const rows = await database.sql.all<{ detail: string }>(
        'SELECT type, actor, address, client_id, detail FROM audit_event ORDER BY position',
      )
      return rows.map(({ detail, ...event }) => ({ ...event, detail: JSON.parse(detail) }))
    },
  }
}

const event = (type: string, id: string, detail: object) => ({ type, ...sender, client_id: id, detail })
const sender = { actor: 'account:root', address: '192.0.2.7' }

describe('adding an operator’s client', () => {
  const draft = { clientId: 'app', clientName: 'App', redirectUris: ['https://app.example/cb'] }

  it('writes it, tells the secret once, and writes down who did it', async () => {
    const room = await openDesk()
    const { client, madeSecret } = await addClient(room.desk, draft, by)
    expect(client).toMatchObject({ id: 'app', origin: 'operator', state: 'active' })
    expect(madeSecret).toMatch(/^[\w-]{43}$/)
    expect(await room.state('app')).toBe('active')
    const detail = { origin: 'operator', clientName: 'App', redirectHosts: ['app.example'] }
    expect(await room.book()).toEqual([event('client.registered', 'app', detail)])
  })

  it('an id is given once, also after its client is gone (F21)', async () => {
    const room = await openDesk()
    await addClient(room.desk, draft, by)
    await expect(addClient(room.desk, draft, by)).rejects.toMatchObject({ code: 'client_exists', status: 409 })
    await removeClient(room.desk, 'app', by)
    await expect(addClient(room.desk, draft, by)).rejects.toMatchObject({ code: 'client_exists', status: 409 })
    expect(await room.state('app')).toBe('removed')
  })
})

describe('blocking a client', () => {
  it('shuts it first, forgets who waited, then ends what it holds; a second time is a mistake', async () => {
    const room = await openDesk()
    await room.has('app')
    expect(await blockClient(room.desk, 'app', by, 'spam')).toBe(3)
    expect(await room.state('app')).toBe('blocked')
    expect(await room.waits('app')).toBe(false)
    expect(room.ended).toEqual(['account:root ends blocked app'])
    const again = { code: 'client_state', status: 409, words: 'client_blocked_already' }
    await expect(blockClient(room.desk, 'app', by)).rejects.toMatchObject(again)
    expect(room.ended).toHaveLength(1)
    expect(await room.book()).toEqual([event('client.blocked', 'app', { reason: 'spam' })])
  })

  it.each([
    ['open', 'app', 'registered', 'active'],
    ['approval', 'app', 'registered', 'pending'],
    ['approval', 'https://other.example/client.json', 'document', 'pending'],
    ['approval', pinnedId, 'document', 'active'],
  ] as const)('lifted in mode %s, %s stands as it would have come: %3$s', async (mode, id, origin, state) => {
    const room = await openDesk(mode)
    await room.has(id, origin)
    await blockClient(room.desk, id, by)
    expect(await unblockClient(room.desk, id, by, 'a mistake')).toBe(state)
    expect(await room.state(id)).toBe(state)
    expect((await room.book()).at(-1)).toEqual(event('client.unblocked', id, { reason: 'a mistake' }))
    const again = { code: 'client_state', status: 409, words: 'client_not_blocked' }
    await expect(unblockClient(room.desk, id, by)).rejects.toMatchObject(again)
  })
})

describe('removing a client', () => {
  it('leaves a tombstone first, forgets who waited, then ends what it holds', async () => {
    const room = await openDesk()
    await room.has('app')
    expect(await removeClient(room.desk, 'app', by, 'unused')).toBe(3)
    expect(await room.state('app')).toBe('removed')
    expect(await room.waits('app')).toBe(false)
    expect(room.ended).toEqual(['account:root ends removed app'])
    const detail = { origin: 'registered', clientName: 'App', reason: 'unused' }
    expect(await room.book()).toEqual([event('client.removed', 'app', detail)])
  })
})

describe.each([
  ['blocked', blockClient],
  ['unblocked', unblockClient],
  ['removed', removeClient],
] as const)('what cannot be %s', (_title, act) => {
  it('is a client that is not there any more, or never was', async () => {
    const room = await openDesk()
    await room.has('app')
    await removeClient(room.desk, 'app', by)
    const nothing = { code: 'not_found', status: 404, words: 'client_not_found' }
    await expect(act(room.desk, 'app', by)).rejects.toMatchObject(nothing)
    await expect(act(room.desk, 'never', by)).rejects.toMatchObject(nothing)
    expect(await room.book()).toHaveLength(1)
  })

  it('is one that the configuration file sets: it would come back at the next start', async () => {
    const room = await openDesk()
    await room.has('app', 'registered', true)
    const there = { code: 'set_by_file', status: 409, words: 'client_set_by_file' }
    await expect(act(room.desk, 'app', by)).rejects.toMatchObject(there)
    expect(await room.state('app')).toBe('active')
    expect(room.ended).toEqual([])
  })
})
