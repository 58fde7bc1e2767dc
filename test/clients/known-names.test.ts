import { describe, expect, it } from 'vitest'
import { makeClient } from '../../src/clients/client.ts'
import { createKnownNames } from '../../src/clients/known-names/store.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { createClientStore } from '../../src/clients/store.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const early = new Date('2026-01-01T00:00:00Z')
const late = new Date('2026-02-01T00:00:00Z')

describe.each(databaseKinds)('names of known clients are reserved (D10, D11), %s', (kind) => {
  async function open() {
    const database = await openTestDatabase(kind)
    const clock = { now: () => late }
    const clients = createClientStore(database, clock)
    const add = async (
      origin: 'document' | 'registered' | 'operator',
      id: string,
      name: string,
      uri: string,
      at: Date,
    ) => {
      const outcome = normaliseClientMetadata({ client_name: name, redirect_uris: [uri] }, { origin })
      if (!outcome.ok) throw new Error(outcome.description)
      const client = makeClient({ id, origin, metadata: outcome.metadata, now: at })
      await clients.save(client)
      return client
    }
    return {
      clients,
      add,
      lookAlike: (...args: Parameters<ReturnType<typeof createKnownNames>['lookAlike']>) =>
        createKnownNames(database, clock).lookAlike(...args),
    }
  }
  const claude = 'https://claude.example/client.json'

  it('a stranger with the name of a proven client is found, also in other letters', async () => {
    const { add, lookAlike } = await open()
    await add('document', claude, 'Claude', 'https://claude.example/cb', late)
    const stranger = await add('registered', 'c1', 'СIаudе', 'https://evil.example/cb', early)
    expect(await lookAlike(stranger, 'evil.example')).toEqual({
      id: claude,
      claimedName: 'Claude',
      provenHost: 'claude.example',
    })
    expect(await lookAlike(stranger, 'loopback')).not.toBeNull()
  })

  it('an answer that goes to the known client itself is no harm', async () => {
    const { add, lookAlike } = await open()
    await add('document', claude, 'Claude', 'https://claude.example/cb', early)
    const older = await add('registered', 'c1', 'Claude', 'https://claude.example/cb', late)
    expect(await lookAlike(older, 'claude.example')).toBeNull()
  })

  it('of two documents the one that came first has the name', async () => {
    const { add, lookAlike } = await open()
    const first = await add('document', claude, 'Claude', 'https://claude.example/cb', early)
    const second = await add('document', 'https://evil.example/c.json', 'CIaude', 'https://evil.example/cb', late)
    expect((await lookAlike(second, 'evil.example'))?.id).toBe(first.id)
    expect(await lookAlike(first, 'claude.example')).toBeNull()
  })

  it('names of operators’ clients and of those let in for everyone count, those of strangers do not', async () => {
    const { add, clients, lookAlike } = await open()
    await add('operator', 'ours', 'Nightly', 'https://ours.example/cb', late)
    const let1 = await add('registered', 'let-in', 'Helper', 'https://helper.example/cb', early)
    await add('registered', 'anybody', 'Editor', 'https://editor.example/cb', early)
    await clients.allow(let1.id)
    const ask = async (name: string) =>
      (await lookAlike(await add('registered', `asks-${name}`, name, 'https://evil.example/cb', late), 'evil.example'))
        ?.id
    expect(await ask('Nightly')).toBe('ours')
    expect(await ask('HeIper')).toBe('let-in')
    expect(await ask('Editor')).toBeUndefined()
  })
})
