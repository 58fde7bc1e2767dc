import { describe, expect, test } from 'vitest'
import { type Database, statement } from '../../src/db/database.ts'
import { isUniqueViolation } from '../../src/db/errors.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const insertCode = `INSERT INTO authorization_code (digest, grant_id, client_id, account_id, payload, expires_at, consumed_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)`
const consumeCode = 'UPDATE authorization_code SET consumed_at = ? WHERE digest = ? AND consumed_at IS NULL'
const insertMark = 'INSERT INTO replay_mark (digest, expires_at) VALUES (?, ?)'
const markOnce = `${insertMark} ON CONFLICT DO NOTHING`
const insertInteraction = 'INSERT INTO interaction (digest, payload, expires_at) VALUES (?, ?, ?)'

async function addCode(database: Database, digest: string): Promise<void> {
  await database.sql.run(insertCode, [digest, 'g', 'c', 'a', 'what? "quoted" \'text\'', 1_900_000_000_000, null])
}
async function count(database: Database, table: string): Promise<number> {
  return (await database.sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))?.n ?? -1
}

describe.each(databaseKinds)('unit of work on %s', (kind) => {
  test('prepared statements give numbers for instants and counts, 1 and 0 for booleans', async () => {
    const database = await openTestDatabase(kind)
    await addCode(database, 'one')
    const row = await database.sql.get(
      'SELECT expires_at, consumed_at, payload FROM authorization_code WHERE digest = ?',
      ['one'],
    )
    expect(row).toEqual({ expires_at: 1_900_000_000_000, consumed_at: null, payload: 'what? "quoted" \'text\'' })
    expect(await count(database, 'authorization_code')).toBe(1)
    await database.sql.run(
      `INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ['x', 'a', 'c', 'h', 'r', 's', 'm', 1, 5],
    )
    expect(await database.sql.all('SELECT stay_connected FROM consent')).toEqual([{ stay_connected: 1 }])
    expect(await database.prisma.consent.findFirst({ select: { stayConnected: true, grantedAt: true } })).toEqual({
      stayConnected: true,
      grantedAt: 5n,
    })
    expect(await database.sql.get('SELECT id FROM consent WHERE id = ?', ['no'])).toBeUndefined()
    expect(await database.sql.run('UPDATE consent SET scopes = ? WHERE id = ?', ['t', 'no'])).toBe(0)
    expect(await database.sql.all('DELETE FROM consent WHERE id = ? RETURNING client_id', ['x'])).toEqual([
      { client_id: 'c' },
    ])
    expect(await count(database, 'consent')).toBe(0)
  })

  test('all of a unit is written, in one commit', async () => {
    const database = await openTestDatabase(kind)
    await addCode(database, 'one')
    const before = database.commits
    const done = await database.commit({
      conditions: [statement(consumeCode, 7, 'one'), statement(markOnce, 'proof', 9)],
      effects: [statement(insertInteraction, 'i', 'p', 9), statement('DELETE FROM setup_link')],
    })
    expect(done).toBe(true)
    expect(database.commits).toBe(before + 1)
    expect(await database.sql.get('SELECT consumed_at FROM authorization_code')).toEqual({ consumed_at: 7 })
    expect(await count(database, 'interaction')).toBe(1)
    expect(await count(database, 'replay_mark')).toBe(1)
  })

  test.each([
    ['the first of two conditions', [statement(consumeCode, 7, 'none'), statement(markOnce, 'new', 9)]],
    ['the second of two conditions', [statement(markOnce, 'new', 9), statement(consumeCode, 7, 'none')]],
    ['the only condition', [statement(consumeCode, 7, 'none')]],
    ['a replayed mark', [statement(markOnce, 'seen', 9)]],
    ['one of two conditions on one table', [statement(markOnce, 'new', 9), statement(markOnce, 'seen', 9)]],
  ])('nothing of a unit is written when %s fails', async (_, conditions) => {
    const database = await openTestDatabase(kind)
    await database.sql.run(insertMark, ['seen', 9])
    const before = database.commits
    const done = await database.commit({ conditions, effects: [statement(insertInteraction, 'i', 'p', 9)] })
    expect(done).toBe(false)
    expect(database.commits).toBe(before)
    expect(await count(database, 'interaction')).toBe(0)
    expect(await count(database, 'replay_mark')).toBe(1)
  })

  test('effects on one table run in their order', async () => {
    const database = await openTestDatabase(kind)
    const insert =
      'INSERT INTO browser_session (digest, uid, payload, created_at, used_at, expires_at) VALUES (?, ?, ?, 1, 1, 1)'
    await database.sql.run(insert, ['old', 'same', '{}'])
    const done = await database.commit({
      conditions: [],
      effects: [
        statement('DELETE FROM browser_session WHERE digest = ?', 'old'),
        statement(insert, 'new', 'same', '{}'),
      ],
    })
    expect(done).toBe(true)
    expect(await database.sql.all('SELECT digest FROM browser_session')).toEqual([{ digest: 'new' }])
  })

  test('effects may read a table that an earlier one wrote', async () => {
    const database = await openTestDatabase(kind)
    const done = await database.commit({
      conditions: [],
      effects: [
        statement(insertMark, 'a', 5),
        statement(
          'INSERT INTO interaction (digest, payload, expires_at) SELECT digest, digest, expires_at FROM replay_mark',
        ),
      ],
    })
    expect(done).toBe(true)
    expect(await database.sql.all('SELECT digest, expires_at FROM interaction')).toEqual([
      { digest: 'a', expires_at: 5 },
    ])
  })

  test('several plain inserts into one table go together', async () => {
    const database = await openTestDatabase(kind)
    await addCode(database, 'one')
    const done = await database.commit({
      conditions: [statement(consumeCode, 7, 'one')],
      effects: [statement(insertMark, 'a', 1), statement(insertMark, 'b', 2), statement(insertMark, 'c', 3)],
    })
    expect(done).toBe(true)
    expect(await count(database, 'replay_mark')).toBe(3)
  })

  test('a unit that throws harms no other and writes nothing itself', async () => {
    const database = await openTestDatabase(kind)
    await database.sql.run(insertMark, ['taken', 1])
    await addCode(database, 'one')
    const outcomes = await Promise.allSettled([
      database.commit({ conditions: [], effects: [statement(insertInteraction, 'first', 'p', 1)] }),
      database.commit({
        conditions: [statement(consumeCode, 7, 'one')],
        effects: [statement(insertInteraction, 'guilty', 'p', 1), statement(insertMark, 'taken', 1)],
      }),
      database.commit({ conditions: [], effects: [statement(insertInteraction, 'last', 'p', 1)] }),
    ])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]?.status === 'rejected' && isUniqueViolation(outcomes[1].reason)).toBe(true)
    expect(await database.sql.all('SELECT digest FROM interaction ORDER BY digest')).toEqual([
      { digest: 'first' },
      { digest: 'last' },
    ])
    expect(await database.sql.get('SELECT consumed_at FROM authorization_code')).toEqual({ consumed_at: null })
  })

  test('an empty unit is done', async () => {
    const database = await openTestDatabase(kind)
    expect(await database.commit({ conditions: [], effects: [] })).toBe(true)
    expect(await database.commit({ conditions: [], effects: [statement('DELETE FROM replay_mark')] })).toBe(true)
  })

  test.each([
    ['one condition', (n: number) => ({ conditions: [statement(consumeCode, n, 'one')], effects: [] })],
    [
      'one statement',
      (n: number) => ({ conditions: [statement(consumeCode, n, 'one')], effects: [statement(insertMark, `m${n}`, n)] }),
    ],
    [
      'a sequence',
      (n: number) => ({
        conditions: [statement(consumeCode, n, 'one')],
        effects: [
          statement(insertMark, `m${n}`, n),
          statement('UPDATE replay_mark SET expires_at = ? WHERE digest = ?', n, `m${n}`),
        ],
      }),
    ],
    [
      'two conditions',
      (n: number) => ({
        conditions: [statement(markOnce, `m${n}`, n), statement(consumeCode, n, 'one')],
        effects: [statement(insertInteraction, `i${n}`, 'p', n)],
      }),
    ],
  ])('of 50 parallel units with one compare-and-set exactly one wins: %s', async (shape, unit) => {
    const database = await openTestDatabase(kind)
    for (let round = 1; round <= 3; round += 1) {
      await database.sql.run('DELETE FROM authorization_code')
      await database.sql.run('DELETE FROM replay_mark')
      await database.sql.run('DELETE FROM interaction')
      await addCode(database, 'one')
      const outcomes = await Promise.all(Array.from({ length: 50 }, (_, n) => database.commit(unit(n + 1))))
      expect(outcomes.filter(Boolean)).toHaveLength(1)
      const winner = outcomes.indexOf(true) + 1
      expect(await database.sql.get('SELECT consumed_at FROM authorization_code')).toEqual({ consumed_at: winner })
      expect(await count(database, 'replay_mark')).toBe(shape === 'one condition' ? 0 : 1)
    }
  })

  test('units, single writes and transactions at once all get their turn', async () => {
    const database = await openTestDatabase(kind)
    const work = Array.from({ length: 20 }, (_, n) => [
      database.commit({ conditions: [], effects: [statement(insertMark, `unit${n}`, n)] }),
      database.sql.run(insertMark, [`run${n}`, n]),
      database.prisma.replayMark.create({ data: { digest: `model${n}`, expiresAt: BigInt(n) } }),
      database.transaction(async (tx) => {
        await tx.replayMark.create({ data: { digest: `tx${n}`, expiresAt: BigInt(n) } })
        const found = await tx.replayMark.findUnique({ where: { digest: `tx${n}` } })
        await tx.interaction.create({ data: { digest: `tx${n}`, payload: '', expiresAt: found?.expiresAt ?? 0n } })
      }),
    ]).flat()
    await Promise.all(work)
    expect(await count(database, 'replay_mark')).toBe(80)
    expect(await count(database, 'interaction')).toBe(20)
  })

  test('a transaction that throws leaves nothing behind', async () => {
    const database = await openTestDatabase(kind)
    const failing = database.transaction(async (tx) => {
      await tx.replayMark.create({ data: { digest: 'gone', expiresAt: 1n } })
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await count(database, 'replay_mark')).toBe(0)
    await database.sql.run(insertMark, ['next', 1])
  })

  test('a second row with one key is told as such by drivers and Prisma', async () => {
    const database = await openTestDatabase(kind)
    const create = () => database.prisma.replayMark.create({ data: { digest: 'one', expiresAt: 1n } })
    await create()
    expect(await create().catch(isUniqueViolation)).toBe(true)
    expect(await database.sql.run(insertMark, ['one', 1]).catch(isUniqueViolation)).toBe(true)
  })
})
