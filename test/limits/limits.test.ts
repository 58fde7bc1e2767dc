import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LimitName, limitsOf } from '../../src/config/limit-table.ts'
import type { Database } from '../../src/db/database.ts'
import { BoundedMemoryLimiter, memoryCounter } from '../../src/limits/counter.ts'
import { createLimits, type LimitRefusal, type LimitSubject } from '../../src/limits/limits.ts'
import { sharedCounter } from '../../src/limits/store.ts'
import { sweepExpired } from '../../src/provider/adapter/sweep.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openTestDatabase } from '../support/database.ts'

// The library asks Date, and so does our clock: the test moves it.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-03T10:00:00Z') }))
afterEach(() => void vi.useRealTimers())
const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

const table = limitsOf({
  token: { address: { points: 3, window_seconds: 60 } },
  registration: { address: { points: 3, window_seconds: 60 }, everyone: { points: 5, window_seconds: 600 } },
})

/** Takes so often. @returns how many were let through */
async function letThrough(take: (index: number) => Promise<LimitRefusal | null>, times: number): Promise<number> {
  let count = 0
  for (let index = 0; index < times; index += 1) if ((await take(index)) === null) count += 1
  return count
}

describe('limits in memory', () => {
  const open = (listeners = {}) => createLimits(table, (_limit, _by, rule) => memoryCounter(rule), listeners)
  const from = (address: string): LimitSubject => ({ address })

  it('let through so many in a window, and say how long the rest of it is', async () => {
    const limits = open()
    expect(await letThrough(() => limits.take('token', from('192.0.2.1')), 10)).toBe(3)
    pass(20)
    expect(await limits.take('token', from('192.0.2.1'))).toMatchObject({
      limit: 'token',
      by: 'address',
      retryAfterSeconds: 40,
    })
    pass(40)
    expect(await letThrough(() => limits.take('token', from('192.0.2.1')), 10)).toBe(3)
  })

  it('count each address, and each limit, by itself', async () => {
    const limits = open()
    await letThrough(() => limits.take('token', from('192.0.2.1')), 10)
    expect(await limits.take('token', from('192.0.2.2'))).toBeNull()
    expect(await limits.take('registration', from('192.0.2.1'))).toBeNull()
  })

  it('D01 count an IPv6 /64 as one, in every spelling, and IPv4 in IPv6 as IPv4', async () => {
    const limits = open()
    const spellings = ['2001:db8:1:2::1', '2001:0db8:1:2:ffff:ffff:ffff:ffff', '2001:DB8:1:2:0:0:0:9', '2001:db8:1:2::']
    expect(await letThrough((index) => limits.take('token', from(spellings[index % 4] ?? '')), 20)).toBe(3)
    expect(await limits.take('token', from('2001:db8:1:3::1'))).toBeNull()
    const mapped = ['198.51.100.9', '::ffff:198.51.100.9', '::ffff:c633:6409']
    expect(await letThrough((index) => limits.take('token', from(mapped[index % 3] ?? '')), 20)).toBe(3)
  })

  it('D01 what one address may not do does not use up what everyone may', async () => {
    const limits = open()
    expect(await letThrough(() => limits.take('registration', from('192.0.2.1')), 100)).toBe(3)
    const others = await letThrough((index) => limits.take('registration', from(`198.51.100.${index}`)), 100)
    expect(others).toBe(2)
    expect(await limits.take('registration', from('203.0.113.1'))).toMatchObject({ by: 'everyone' })
  })

  it('tell of every refusal, and once for each key and window what the book should know', async () => {
    let refused = 0
    const reached: string[] = []
    const limits = open({
      refused: () => {
        refused += 1
      },
      reached: ({ limit, by }: LimitRefusal, { address }: LimitSubject) =>
        void reached.push(`${limit} ${by} ${address}`),
    })
    await letThrough(() => limits.take('token', from('192.0.2.1')), 50)
    await letThrough(() => limits.take('token', from('192.0.2.2')), 4)
    expect(refused).toBe(48)
    expect(reached).toEqual(['token address 192.0.2.1', 'token address 192.0.2.2'])
    pass(61)
    await letThrough(() => limits.take('token', from('192.0.2.1')), 50)
    expect(reached).toHaveLength(3)
  })

  it('K07 a flood from many networks does not flood the book either', async () => {
    let reached = 0
    const limits = open({
      reached: () => {
        reached += 1
      },
    })
    for (let index = 0; index < 300; index += 1) {
      await letThrough(() => limits.take('token', from(`198.18.${index >> 8}.${index & 255}`)), 4)
    }
    expect(reached).toBe(100)
  })

  it('D01 K07 a million addresses do not fill the memory: the oldest goes', async () => {
    const limiter = new BoundedMemoryLimiter({ points: 1, windowSeconds: 600 }, 100)
    for (let index = 0; index < 5000; index += 1) await limiter.consume(`address ${index}`)
    expect(limiter.size).toBe(100)
    // Parse boundary: the library's own map is what takes the memory.
    const { storage } = limiter.dump() as { storage: readonly unknown[] }
    expect(storage).toHaveLength(100)
    await expect(limiter.consume('address 4999')).rejects.toMatchObject({ consumedPoints: 2 })
    await expect(limiter.consume('address 0')).resolves.toMatchObject({ consumedPoints: 1 })
  })

  it('what the file changes counts, and what it switches off does not', async () => {
    const off = createLimits(
      limitsOf({ token: 'off', registration: { everyone: 'off', address: { points: 1, window_seconds: 1 } } }),
      (_limit, _by, rule) => memoryCounter(rule),
    )
    expect(await letThrough(() => off.take('token', from('192.0.2.1')), 5000)).toBe(5000)
    expect(await letThrough((index) => off.take('registration', from(`192.0.2.${index % 200}`)), 400)).toBe(200)
  })

  it('a key that a stranger writes is cut', async () => {
    const seen: string[] = []
    const limits = createLimits(table, () => ({
      async count(key) {
        seen.push(key)
        return { waitMilliseconds: 0, isFirst: false }
      },
    }))
    await limits.take('client_management', { address: '192.0.2.1', client: 'x'.repeat(5000) })
    expect(Math.max(...seen.map((key) => key.length))).toBeLessThanOrEqual(254)
  })
})

describe('limits in PostgreSQL', () => {
  let database: Database
  beforeEach(async () => {
    database = await openTestDatabase('postgresql')
  })
  afterEach(() => database.close())

  const open = (name: LimitName = 'registration', onReached = () => {}) =>
    createLimits(
      { ...limitsOf({}), [name]: table[name] },
      (limit, by, rule) =>
        sharedCounter(database, `${limit}.${by}`, rule, (text) => `digest of ${text.length}`, systemClock),
      { reached: onReached },
    )

  it('D01 K24 two processes count together, also at once', async () => {
    const [one, other] = [open(), open()]
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 ? one : other).take('registration', { address: '192.0.2.1' }),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(3)
    // A restart forgets nothing.
    expect(await open().take('registration', { address: '192.0.2.1' })).toMatchObject({ by: 'address' })
  })

  it('begin anew after the window', async () => {
    const limits = open()
    expect(await letThrough(() => limits.take('registration', { address: '192.0.2.1' }), 10)).toBe(3)
    pass(61)
    expect(await letThrough(() => limits.take('registration', { address: '192.0.2.1' }), 2)).toBe(2)
  })

  it('who is refused costs no commit any more, and one of all processes tells the book', async () => {
    let reached = 0
    const note = () => {
      reached += 1
    }
    const [one, other] = [open('registration', note), open('registration', note)]
    await letThrough((index) => (index % 2 ? one : other).take('registration', { address: '192.0.2.1' }), 10)
    const before = database.commits
    await letThrough((index) => (index % 2 ? one : other).take('registration', { address: '192.0.2.1' }), 100)
    expect(database.commits).toBe(before)
    expect(reached).toBe(1)
  })

  it('the rows name nobody, and are swept when their window is over', async () => {
    await open().take('registration', { address: '192.0.2.1' })
    const rows = await database.sql.all<{ key: string }>('SELECT key FROM rate_limit ORDER BY key')
    expect(rows.map(({ key }) => key)).toEqual([
      'registration.address:digest of 9',
      'registration.everyone:digest of 3',
    ])
    await sweepExpired(database, new Date(Date.now() + 601_000))
    expect(await database.sql.all('SELECT key FROM rate_limit')).toEqual([])
  })

  it('while the database is away this process counts for itself', async () => {
    const away = { sql: { ...database.sql, all: () => Promise.reject(new Error('away')) } }
    const rule = { points: 3, windowSeconds: 60 }
    const counter = sharedCounter(away, 'registration.address', rule, (text) => text, systemClock)
    const outcomes = []
    for (let index = 0; index < 5; index += 1) outcomes.push((await counter.count('192.0.2.1')).waitMilliseconds > 0)
    expect(outcomes).toEqual([false, false, false, true, true])
  })
})
