import { describe, expect, it } from 'vitest'
import { sha256Base64url } from '../../src/crypto/digest.ts'
import { createSealer } from '../../src/crypto/seal.ts'
import type { UpstreamState } from '../../src/federation/states/state.ts'
import { createStateStore } from '../../src/federation/states/store.ts'
import { openTestDatabase } from '../support/database.ts'

const now = new Date()
const later = new Date(now.getTime() + 599_000)

const state: UpstreamState = {
  ...{ upstreamId: 'acme', issuer: 'https://login.acme.example', browserDigest: 'b', isAnew: true, createdAt: now },
  ...{ nonce: 'the nonce', verifier: 'the verifier' },
  purpose: { kind: 'authorization', uid: 'the uid', clientId: 'client', resource: 'http://localhost:9728/mcp' },
}

describe.each(['sqlite', 'postgresql'] as const)('states of hops (%s)', (kind) => {
  const open = async () => {
    const database = await openTestDatabase(kind)
    return { database, store: createStateStore(database, createSealer([Buffer.alloc(32, 1)], 'upstream states')) }
  }

  it('H01 come back whole, once, within ten minutes', async () => {
    const { store } = await open()
    await store.add('handle', state)
    expect(await store.consume('handle', later)).toEqual(state)
    expect(await store.consume('handle', later)).toBeNull()
    await store.add('late', state)
    expect(await store.consume('late', new Date(now.getTime() + 600_000))).toBeNull()
    // Used up by that, too.
    expect(await store.consume('late', later)).toBeNull()
  })

  it.each<UpstreamState['purpose']>([
    { kind: 'own', returnTo: 'history', accountId: undefined },
    { kind: 'own', returnTo: undefined, accountId: 'a' },
    { kind: 'link', accountId: 'a' },
    { kind: 'arrived', uid: 'u', clientId: 'c', accountId: 'a', authTime: now },
    { kind: 'arrived', uid: 'u', clientId: 'c', accountId: 'a', authTime: undefined },
  ])('keep what they were begun for: $kind', async (purpose) => {
    const { store } = await open()
    await store.add('handle', { ...state, purpose })
    expect((await store.consume('handle', later))?.purpose).toEqual(purpose)
  })

  it('H13 hold handle, nonce, verifier and uid as digest or sealed only', async () => {
    const { database, store } = await open()
    await store.add('the handle', state)
    const text = JSON.stringify(await database.sql.all('SELECT * FROM upstream_state'))
    for (const secret of ['the handle', 'the nonce', 'the verifier', 'the uid']) expect(text).not.toContain(secret)
    expect(text).toContain(sha256Base64url('the handle'))
  })

  it('H06 what is sealed belongs to its row: moved to another it is nothing', async () => {
    const { database, store } = await open()
    await store.add('mine', state)
    await store.add('theirs', { ...state, purpose: { kind: 'link', accountId: 'theirs' } })
    await database.sql.run(
      `UPDATE upstream_state SET sealed = (SELECT sealed FROM upstream_state WHERE digest = ?) WHERE digest = ?`,
      [sha256Base64url('theirs'), sha256Base64url('mine')],
    )
    expect(await store.consume('mine', later)).toBeNull()
  })
})
