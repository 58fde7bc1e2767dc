import { describe, expect, it, test } from 'vitest'
import { createTotpStore } from '../../src/credentials/totp/store.ts'
import { codeAt, newSeed, seedWords, stepOf } from '../../src/credentials/totp/totp.ts'
import { createSealer } from '../../src/crypto/seal.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

// RFC 6238 appendix B, SHA-1: the key "12345678901234567890"; ours are the last six of its eight digits.
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const vectors: readonly (readonly [seconds: number, code: string])[] = [
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
]
const now = new Date('2026-03-01T12:00:15Z')
const step = Math.floor(now.getTime() / 30_000)
const around = (steps: number) => codeAt(seed, new Date(now.getTime() + steps * 30_000))

test.each(vectors)('at %i seconds the code is %s (RFC 6238 appendix B)', (seconds, code) => {
  expect(codeAt(seed, new Date(seconds * 1000))).toBe(code)
  expect(stepOf(seed, code, new Date(seconds * 1000))).toBe(Math.floor(seconds / 30))
})

describe('which codes count', () => {
  it('the code of this step, the one before and the one after, each for its own step', () => {
    for (const steps of [-1, 0, 1]) expect(stepOf(seed, around(steps), now)).toBe(step + steps)
  })

  it('none further away', () => {
    for (const steps of [-3, -2, 2, 3]) expect(stepOf(seed, around(steps), now)).toBeNull()
  })

  it('spaces are nothing, anything but six digits is no code', () => {
    expect(stepOf(seed, ` ${around(0).slice(0, 3)} ${around(0).slice(3)} `, now)).toBe(step)
    for (const text of ['', '12345', '1234567', 'abcdef', '-12345', '１２３４５６', `${around(0)}\n0`]) {
      expect(stepOf(seed, text, now)).toBeNull()
    }
  })
})

it('a seed is 160 random bits, told to the app with the product, the host and the person', () => {
  const fresh = newSeed()
  expect(fresh).toMatch(/^[A-Z2-7]{32}$/)
  expect(newSeed()).not.toBe(fresh)
  const { grouped, picture } = seedWords(fresh, 'ada@example.test', 'Sallyport (auth.example)')
  expect(grouped.replaceAll(' ', '')).toBe(fresh)
  expect(picture).toMatch(/^<svg [^>]*viewBox/)
})

describe.each(databaseKinds)('the row, %s', (kind) => {
  const sealer = createSealer([new Uint8Array(32)], 'totp seeds')

  it('keeps the seed sealed and opens it again', async () => {
    const database = await openTestDatabase(kind)
    const store = createTotpStore(database, sealer)
    await database.commit({ conditions: [store.enrolStatement('ada', seed, step, now, false)], effects: [] })
    expect(JSON.stringify(await database.sql.all('SELECT * FROM totp_factor'))).not.toContain(seed)
    expect(await store.seed('ada')).toBe(seed)
    expect(await createTotpStore(database, createSealer([Buffer.alloc(32, 9)], 'totp seeds')).seed('ada')).toBeNull()
  })

  it('G16 each step counts once, however many use it at one moment, and none before it afterwards', async () => {
    const database = await openTestDatabase(kind)
    const store = createTotpStore(database, sealer)
    await database.commit({ conditions: [store.enrolStatement('ada', seed, step - 2, now, false)], effects: [] })
    const use = (at: number) => database.commit({ conditions: [store.useStatement('ada', at, now)], effects: [] })
    const results = await Promise.all(Array.from({ length: 20 }, () => use(step)))
    expect(results.filter((isIn) => isIn)).toHaveLength(1)
    expect(await use(step)).toBe(false)
    expect(await use(step - 1)).toBe(false)
    expect(await use(step + 1)).toBe(true)
  })

  it('G19 a first one is set up only where there is none, of either sort', async () => {
    const database = await openTestDatabase(kind)
    const store = createTotpStore(database, sealer)
    const enrol = (accountId: string, onlyFirst: boolean) =>
      database.commit({ conditions: [store.enrolStatement(accountId, newSeed(), step, now, onlyFirst)], effects: [] })
    expect(await enrol('ada', true)).toBe(true)
    expect(await enrol('ada', true)).toBe(false)
    expect(await enrol('ada', false)).toBe(true)
    await database.sql.run(
      `INSERT INTO passkey (id, account_id, public_key, counter, transports, name, aaguid, backed_up, created_at)
       VALUES ('key', 'bob', '', 0, '', '', '', ?, 0)`,
      [0],
    )
    expect(await enrol('bob', true)).toBe(false)
  })
})
