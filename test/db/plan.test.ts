import { describe, expect, test } from 'vitest'
import { statement } from '../../src/db/database.ts'
import { numberPlaceholders } from '../../src/db/placeholders.ts'
import { planUnit } from '../../src/db/unit-statement.ts'
import { openTestDatabase } from '../support/database.ts'

const consume = statement('UPDATE authorization_code SET consumed_at = ? WHERE digest = ?', 1, 'x')
const mark = statement('INSERT INTO replay_mark (digest, expires_at) VALUES (?, ?)', 'm', 1)
const markOnce = statement(`${mark.text} ON CONFLICT DO NOTHING`, 'm', 1)
const audit = statement('INSERT INTO audit_event (id) VALUES (?)', 'e')

describe('a unit on PostgreSQL', () => {
  test('is one statement with numbered placeholders when its parts are independent', () => {
    expect(planUnit({ conditions: [consume], effects: [audit] })).toMatchObject({
      kind: 'single',
      text:
        'WITH p0 AS (UPDATE authorization_code SET consumed_at = $1 WHERE digest = $2 RETURNING 1), ' +
        'p1 AS (INSERT INTO audit_event (id) VALUES ($3)) SELECT 1 / (SELECT count(*) FROM p0) AS done',
    })
  })

  test.each([
    ['conditions on two tables', [consume, markOnce], [audit, audit], 'single'],
    ['no condition', [], [mark, audit], 'single'],
    ['two writes of one row', [consume], [statement('DELETE FROM authorization_code')], 'sequence'],
    ['two conditions on one table', [markOnce, markOnce], [], 'sequence'],
    ['an upsert beside an insert', [], [mark, markOnce], 'sequence'],
    [
      'a part that reads what another wrote',
      [],
      [mark, statement('DELETE FROM x WHERE y IN (SELECT digest FROM replay_mark)')],
      'sequence',
    ],
    ['a quoted name of the same table', [mark], [statement('DELETE FROM "replay_mark"')], 'sequence'],
    ['a name of a table within a text', [mark], [statement(`DELETE FROM x WHERE y = 'replay_mark'`)], 'single'],
  ])('%s', (_, conditions, effects, kind) => {
    expect(planUnit({ conditions, effects }).kind).toBe(kind)
  })
})

test.each([
  ['a = ? AND b = ?', 'a = $1 AND b = $2'],
  [`a = 'what?' AND b = ?`, `a = 'what?' AND b = $1`],
  [`a = 'it''s?' AND "b?" = ? -- `, `a = 'it''s?' AND "b?" = $1 -- `],
])('placeholders of %s are numbered outside quotes', (text, numbered) => {
  expect(numberPlaceholders(text).text).toBe(numbered)
})

test('units that finish together share one commit on SQLite', async () => {
  const database = await openTestDatabase()
  const unit = (name: string) => ({
    conditions: [],
    effects: [statement('INSERT INTO replay_mark (digest, expires_at) VALUES (?, ?)', name, 1)],
  })
  const before = database.commits
  await Promise.all(Array.from({ length: 20 }, (_, index) => database.commit(unit(`${index}`))))
  expect(database.commits).toBe(before + 1)
  await database.commit(unit('alone'))
  expect(database.commits).toBe(before + 2)
})

test('a unit waits for an open transaction without stopping the event loop', async () => {
  const database = await openTestDatabase()
  const order: string[] = []
  const long = database.transaction(async (tx) => {
    await tx.setupLink.create({ data: { digest: 'tx', createdAt: 1n } })
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    order.push('transaction')
  })
  const unit = database.commit({ conditions: [], effects: [statement('DELETE FROM setup_link')] })
  await Promise.all([long, unit.then(() => order.push('unit'))])
  expect(order).toEqual(['transaction', 'unit'])
  expect(await database.prisma.setupLink.count()).toBe(0)
})
