import { describe, expect, test, vi } from 'vitest'
import type { AuditEvent } from '../../src/audit/events.ts'
import { createAudit } from '../../src/audit/record.ts'
import { type Database, statement } from '../../src/db/database.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type DatabaseKind, databaseKinds, openTestDatabase } from '../support/database.ts'

const chainKey = Buffer.alloc(32, 7)
const issued: AuditEvent = {
  type: 'token.issued',
  actor: 'client:abc',
  clientId: 'abc',
  accountId: 'person',
  resource: 'https://mcp.example/mcp',
  address: '192.0.2.1',
  requestId: 'r1',
  detail: { grantType: 'authorization_code', scopes: ['notes:read'], expiresAt: 1_900_000_000 },
}

async function book(kind: DatabaseKind, events = 0) {
  const database = await openTestDatabase(kind)
  const audit = createAudit(database, systemClock, chainKey)
  for (let index = 0; index < events; index += 1) {
    await audit.record({ type: 'session.signed_in', actor: `account:${index}`, accountId: `${index}` })
  }
  return { database, audit }
}

describe.each(databaseKinds)('audit book on %s', (kind) => {
  test('an event is stored with its facts and listed newest first', async () => {
    const { audit } = await book(kind)
    await audit.record({ type: 'server.started', actor: 'system', detail: { version: '1' } })
    await audit.record(issued)
    const [newest, oldest, ...rest] = await audit.list({ limit: 10 })
    expect(rest).toEqual([])
    expect(oldest).toMatchObject({ type: 'server.started', actor: 'system', accountId: undefined, position: undefined })
    expect(newest).toMatchObject({
      type: 'token.issued',
      actor: 'client:abc',
      clientId: 'abc',
      accountId: 'person',
      resource: 'https://mcp.example/mcp',
      address: '192.0.2.1',
      requestId: 'r1',
      detail: { grantType: 'authorization_code', scopes: ['notes:read'], expiresAt: 1_900_000_000 },
    })
    expect(newest?.at).toBeInstanceOf(Date)
  })

  test('events are listed by type, account, client and page', async () => {
    const { audit } = await book(kind, 4)
    await audit.record(issued)
    expect(await audit.list({ type: 'token.issued', limit: 10 })).toHaveLength(1)
    expect(await audit.list({ accountId: '2', limit: 10 })).toHaveLength(1)
    expect(await audit.list({ clientId: 'abc', limit: 10 })).toHaveLength(1)
    const first = await audit.list({ limit: 2 })
    const second = await audit.list({ limit: 2, before: first[1]?.id })
    expect([...first, ...second].map((event) => event.actor)).toEqual([
      'client:abc',
      'account:3',
      'account:2',
      'account:1',
    ])
  })

  test('an event of a unit is written with it or not at all', async () => {
    const { database, audit } = await book(kind)
    const unit = (digest: string) => ({
      conditions: [
        statement('INSERT INTO replay_mark (digest, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING', digest, 1),
      ],
      effects: [audit.statement(issued), audit.statement(issued)],
    })
    expect(await database.commit(unit('a'))).toBe(true)
    expect(await database.commit(unit('a'))).toBe(false)
    expect(await audit.list({ limit: 10 })).toHaveLength(2)
  })

  test('events recorded soon are written by flush and by seal', async () => {
    const { audit } = await book(kind)
    for (let index = 0; index < 45; index += 1) audit.recordSoon(issued)
    expect(await audit.list({ limit: 100 })).toEqual([])
    await audit.flush()
    expect(await audit.list({ limit: 100 })).toHaveLength(45)
    audit.recordSoon(issued)
    expect(await audit.seal()).toBe(46)
    expect(await audit.verify()).toMatchObject({ ok: true, count: 46 })
  })

  test('sealing gives every event its place, once', async () => {
    const { audit } = await book(kind, 20)
    expect(await audit.verify()).toMatchObject({ ok: true, count: 0 })
    expect(await audit.seal()).toBe(20)
    expect(await audit.seal()).toBe(0)
    await audit.record(issued)
    expect(await audit.verify()).toMatchObject({ ok: true, count: 20 })
    expect(await audit.seal()).toBe(1)
    expect(await audit.verify()).toMatchObject({ ok: true, count: 21 })
    expect((await audit.list({ limit: 1 }))[0]?.position).toBe(21)
  })

  test('several sealers at once make one chain', async () => {
    const { database, audit } = await book(kind, 30)
    const other = createAudit(database, systemClock, chainKey)
    const sealed = await Promise.all([audit.seal(), other.seal(), audit.seal(), other.seal()])
    expect(sealed.reduce((sum, count) => sum + count, 0)).toBe(30)
    expect(await audit.verify()).toMatchObject({ ok: true, count: 30 })
  })

  test('more events than one sealing takes are sealed in turn', async () => {
    const { database, audit } = await book(kind)
    const effects = Array.from({ length: 300 }, () => audit.statement(issued))
    await database.commit({ conditions: [], effects })
    expect(await audit.seal()).toBe(300)
    expect(await audit.verify()).toMatchObject({ ok: true, count: 300 })
    const lines: string[] = []
    for await (const line of audit.exportLines()) lines.push(line)
    expect(lines).toHaveLength(300)
    expect(JSON.parse(lines[299] ?? '')).toMatchObject({
      position: 300,
      type: 'token.issued',
      detail: { grantType: 'authorization_code' },
    })
  })

  const edits: readonly [string, (database: Database) => Promise<unknown>, number][] = [
    ['an edited detail', (db) => db.sql.run(`UPDATE audit_event SET detail = '{"x":1}' WHERE position = 3`), 3],
    ['an edited actor', (db) => db.sql.run(`UPDATE audit_event SET actor = 'system' WHERE position = 5`), 5],
    ['an edited instant', (db) => db.sql.run('UPDATE audit_event SET at = at + 1 WHERE position = 1'), 1],
    ['an event taken out', (db) => db.sql.run('DELETE FROM audit_event WHERE position = 2'), 2],
    ['the first taken out', (db) => db.sql.run('DELETE FROM audit_event WHERE position = 1'), 1],
    ['the tail cut off', (db) => db.sql.run('DELETE FROM audit_event WHERE position > 4'), 5],
    ['everything removed', (db) => db.sql.run('DELETE FROM audit_event'), 1],
    ['the tail cut off and the note moved back', cutTailAndNote, 4],
    ['the note removed', (db) => db.sql.run('DELETE FROM audit_head'), 1],
    ['two exchanged', exchange, 2],
    ['one taken out and the rest moved up', moveUp, 3],
    ['a place given by hand', (db) => db.sql.run('UPDATE audit_event SET position = 7 WHERE position IS NULL'), 7],
  ]
  test.each(edits)('verifying finds %s', async (_, edit, position) => {
    const { database, audit } = await book(kind, 6)
    await audit.seal()
    await audit.record(issued)
    await edit(database)
    expect(await audit.verify()).toMatchObject({ ok: false, position })
  })

  test('a chain goes on under a new key and is verified with both', async () => {
    const { database, audit } = await book(kind, 2)
    await audit.seal()
    const next = Buffer.alloc(32, 8)
    const rotated = createAudit(database, systemClock, [next, chainKey])
    await rotated.record(issued)
    await rotated.seal()
    expect(await rotated.verify()).toMatchObject({ ok: true, count: 3 })
    expect(await createAudit(database, systemClock, next).verify()).toMatchObject({ ok: false, position: 1 })
    expect(await audit.verify()).toMatchObject({ ok: false, position: 3 })
  })

  test('a chain made with another key is not ours', async () => {
    const { database, audit } = await book(kind, 2)
    await audit.seal()
    const other = createAudit(database, systemClock, Buffer.alloc(32, 8))
    expect(await other.verify()).toMatchObject({ ok: false })
  })
})

test('events that could not be written are tried again and the log says so', async () => {
  const database = await openTestDatabase()
  const error = vi.fn()
  let away = true
  const failing: Database = {
    ...database,
    commit: (unit) => (away ? Promise.reject(new Error('away')) : database.commit(unit)),
  }
  const audit = createAudit(failing, systemClock, chainKey, { logger: { error } })
  audit.recordSoon(issued)
  await audit.flush()
  expect(error).toHaveBeenCalledOnce()
  away = false
  await audit.flush()
  const [stored, ...rest] = await createAudit(database, systemClock, chainKey).list({ limit: 5 })
  expect(stored?.type).toBe('token.issued')
  expect(rest).toEqual([])
})

async function cutTailAndNote(database: Database): Promise<void> {
  await database.sql.run('DELETE FROM audit_event WHERE position > 4')
  const last = await database.sql.get<{ hash: string }>('SELECT hash FROM audit_event WHERE position = 4')
  await database.sql.run('UPDATE audit_head SET position = 4, hash = ?', [last?.hash ?? ''])
}

async function exchange(database: Database): Promise<void> {
  await database.sql.run('UPDATE audit_event SET position = 100 WHERE position = 2')
  await database.sql.run('UPDATE audit_event SET position = 2 WHERE position = 3')
  await database.sql.run('UPDATE audit_event SET position = 3 WHERE position = 100')
}

async function moveUp(database: Database): Promise<void> {
  await database.sql.run('DELETE FROM audit_event WHERE position = 3')
  for (const position of [4, 5, 6]) {
    await database.sql.run('UPDATE audit_event SET position = ? WHERE position = ?', [position - 1, position])
  }
}
