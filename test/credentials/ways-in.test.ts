// The last way into an account stays, whichever ways there are and however many are taken away at once.
import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPasskeyStore } from '../../src/credentials/passkeys/store.ts'
import { createSealer } from '../../src/crypto/seal.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { createIdentityStore } from '../../src/federation/identities/store.ts'
import { linkPerson } from '../../src/federation/people.ts'
import { createUpstreamStore } from '../../src/federation/upstreams/store.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { madePerson, madeUpstream } from '../federation/made.ts'
import { openFederation } from '../federation/room.ts'
import { databaseKinds, freshDatabaseAddress } from '../support/database.ts'

const upstream = madeUpstream()

async function openRoom(kind: 'sqlite' | 'postgresql', { hasPassword = false } = {}) {
  const room = await openFederation(kind)
  const passkeys = createPasskeyStore(room.database)
  const { id: accountId } = await room.person('me@acme.example', { hasPassword })
  await room.upstreams.add(upstream)
  const facts = { publicKey: 'x', counter: 0, transports: [], aaguid: '', backedUp: false, lastUsedAt: undefined }
  const passkey = { ...facts, id: 'key-0', accountId, name: 'Key', createdAt: room.clock.now() }
  await room.database.commit({ conditions: [passkeys.addStatement(passkey, false)], effects: [] })
  const remove = (id: string, passwords = true) =>
    room.database.commit({ conditions: passkeys.removeStatements(accountId, id, passwords), effects: [] })
  return { ...room, accountId, remove }
}

describe.each(databaseKinds)('ways into an account on %s', (kind) => {
  it('a passkey goes where a password or a provider that is on is left, and else stays', async () => {
    const withPassword = await openRoom(kind, { hasPassword: true })
    expect(await withPassword.remove('key-0', false)).toBe(false)
    expect(await withPassword.remove('key-0')).toBe(true)
    const room = await openRoom(kind)
    expect(await room.remove('key-0')).toBe(false)
    await linkPerson(room.desk, room.accountId, upstream, madePerson(upstream))
    // A provider that is switched off lets nobody in.
    await room.upstreams.setEnabled(upstream.id, false)
    expect(await room.remove('key-0')).toBe(false)
    await room.upstreams.setEnabled(upstream.id, true)
    expect(await room.remove('somebody else’s')).toBe(false)
    expect(await room.remove('key-0')).toBe(true)
  })
})

/** A passkey of an account without a password, and a linked identity of a provider that is on. */
async function openPair() {
  const address = await freshDatabaseAddress('postgresql')
  if (address.kind !== 'postgresql') throw new TypeError('not on PostgreSQL')
  const database = await openDatabase(address)
  const other = new Client({ connectionString: address.url })
  await other.connect()
  onTestFinished(async () => {
    await other.end()
    await database.close()
  })
  const { sql } = database
  await sql.run(
    `INSERT INTO account (id, email, name, role, state, created_at)
     VALUES ('me', 'me@acme.example', 'Me', 'member', 'active', ?)`,
    [1_700_000_000_000],
  )
  const upstreams = createUpstreamStore(database, createSealer([Buffer.alloc(32, 7)], 'upstream secrets'), systemClock)
  await upstreams.add(upstream)
  const identities = createIdentityStore(database)
  const identity = { issuer: upstream.issuer, subject: 'me', upstreamId: upstream.id, accountId: 'me', label: 'Me' }
  await identities.link(identity, systemClock.now(), [])
  const passkeys = createPasskeyStore(database)
  const facts = { publicKey: 'x', counter: 0, transports: [], aaguid: '', backedUp: false, lastUsedAt: undefined }
  const passkey = { ...facts, id: 'key', accountId: 'me', name: 'Key', createdAt: systemClock.now() }
  await database.commit({ conditions: [passkeys.addStatement(passkey, false)], effects: [] })
  const [{ id = '' } = {}] = await identities.ofAccount('me')
  const ways = { passwords: false }
  return {
    sql,
    other,
    removePasskey: () => database.commit({ conditions: passkeys.removeStatements('me', 'key', false), effects: [] }),
    unlink: () => identities.unlink(id, 'me', ways, []),
  }
}

/** Resolves when a statement of this database waits for a lock, or when the work is done without having waited. */
async function waitingOrDone({ sql }: Pick<Database, 'sql'>, work: Promise<unknown>): Promise<void> {
  const done = work.then(() => true)
  for (;;) {
    const waiting = sql
      .get<{ n: number }>(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      )
      .then((row) => Number(row?.n) > 0)
    if ((await waiting) || (await Promise.race([done, waiting]))) return
  }
}

// As two processes do it: what one of them takes away is not committed yet when the other one looks.
describe('two ways taken away at once on postgresql leave one', () => {
  it('a linked account waits for the passkey', async () => {
    const { sql, other, unlink } = await openPair()
    await other.query('BEGIN')
    await other.query("UPDATE account SET name = name WHERE id = 'me'")
    await other.query("DELETE FROM passkey WHERE id = 'key'")
    const unlinked = unlink()
    await waitingOrDone({ sql }, unlinked)
    await other.query('COMMIT')
    expect(await unlinked).toBe(false)
  })

  it('a passkey waits for the linked account', async () => {
    const { sql, other, removePasskey } = await openPair()
    await other.query('BEGIN')
    await other.query("UPDATE account SET name = name WHERE id = 'me'")
    await other.query('DELETE FROM upstream_identity')
    const removed = removePasskey()
    await waitingOrDone({ sql }, removed)
    await other.query('COMMIT')
    expect(await removed).toBe(false)
  })
})
