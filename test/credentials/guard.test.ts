import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProofGuard, type ProofGuard, type ProofSubject } from '../../src/credentials/throttle/guard.ts'
import { codePolicy, lockoutPolicies } from '../../src/credentials/throttle/lockout.ts'
import { createLockoutStore } from '../../src/credentials/throttle/store.ts'
import type { Database } from '../../src/db/database.ts'
import { sweepExpired } from '../../src/provider/adapter/sweep.ts'
import type { DatabaseKind } from '../support/database.ts'
import { openTestDatabase } from '../support/database.ts'

const wrong = async () => null
const right = async () => 'yes'
const { pair, account, address, everyone, browser } = lockoutPolicies

describe.each<DatabaseKind>(['sqlite', 'postgresql'])('the guard on %s', (kind) => {
  let database: Database
  let guard: ProofGuard
  let now: Date
  const clock = { now: () => now }
  const pass = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000)
  }
  const make = () => createProofGuard({ store: createLockoutStore(database), key: new Uint8Array(32).fill(3), clock })
  const subject = (over: Partial<ProofSubject> = {}): ProofSubject => ({
    purpose: 'sign_in',
    account: 'ann@example.test',
    address: '203.0.113.5',
    ...over,
  })
  const fail = (over: Partial<ProofSubject> = {}) => guard.attempt(subject(over), wrong)
  const failures = async (times: number, over: (index: number) => Partial<ProofSubject>) => {
    const states: string[] = []
    for (let index = 0; index < times; index += 1) states.push((await fail(over(index))).state)
    return states.filter((state) => state === 'refused').length
  }

  beforeEach(async () => {
    database = await openTestDatabase(kind)
    now = new Date('2026-03-03T10:00:00Z')
    guard = make()
  })
  afterEach(() => database.close())

  it('G16 of a hundred guesses at once, one before the limit, one is tried', async () => {
    for (let index = 1; index < pair.free; index += 1) await fail()
    let tried = 0
    const guess = async () => {
      tried += 1
      await new Promise((resolve) => setImmediate(resolve))
      return null
    }
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => guard.attempt(subject(), guess)))
    expect(tried).toBe(1)
    expect(outcomes.filter(({ state }) => state === 'wait')).toHaveLength(99)
  })

  it('G16 K24 two guards on one database count together, also at once', async () => {
    const other = make()
    let tried = 0
    const guess = async () => {
      tried += 1
      return null
    }
    await Promise.all(Array.from({ length: 60 }, (_, index) => (index % 2 ? guard : other).attempt(subject(), guess)))
    expect(tried).toBe(pair.free)
  })

  it('G15 one account from one address: the free failures, then waits that grow', async () => {
    expect(await failures(50, () => ({}))).toBe(pair.free)
    expect(await fail()).toMatchObject({ state: 'wait', until: new Date(now.getTime() + 15_000) })
    pass(15)
    expect((await fail()).state).toBe('refused')
    expect(await fail()).toMatchObject({ state: 'wait', until: new Date(now.getTime() + 30_000) })
  })

  it('G15 one account from many addresses, IPv4 and /64', async () => {
    const tried = await failures(200, (index) => ({
      address: index % 2 ? `198.51.100.${index}` : `2001:db8:${index.toString(16)}::1`,
    }))
    expect(tried).toBe(account.free)
  })

  it('G15 one address over many accounts', async () => {
    expect(await failures(100, (index) => ({ account: `user${index}@example.test` }))).toBe(address.free)
  })

  it('G15 new addresses of one /64 are one, and so are all spellings of one', async () => {
    const tried = await failures(100, (index) => ({
      account: `user${index}@example.test`,
      address: index % 3 ? `2001:db8:1:2::${index.toString(16)}` : `2001:0DB8:0001:0002:0:0:0:${index.toString(16)}`,
    }))
    expect(tried).toBe(address.free)
    const mapped = await failures(100, (index) => ({
      account: `other${index}@example.test`,
      address: ['198.51.100.9', '::ffff:198.51.100.9', '::ffff:c633:6409'][index % 3] ?? '',
    }))
    expect(mapped).toBe(address.free)
  })

  it('G15 many accounts from many addresses: everyone together has a cap, and waits seconds', async () => {
    const tried = await failures(everyone.free + 20, (index) => ({
      account: `user${index}@example.test`,
      address: `198.18.${index >> 8}.${index & 255}`,
    }))
    expect(tried).toBe(everyone.free)
    pass(everyone.delaysSeconds[0])
    expect((await fail({ account: 'ann2@example.test' })).state).toBe('refused')
  })

  it('G15 a browser that signed in before gets in while strangers guess, and has a count of its own', async () => {
    await failures(60, (index) => ({ address: `198.51.100.${index}` }))
    expect((await guard.attempt(subject(), right)).state).toBe('wait')
    expect(await guard.attempt(subject({ browser: 'handle' }), right)).toEqual({ state: 'proved', value: 'yes' })
    expect(await failures(50, () => ({ browser: 'handle' }))).toBe(browser.free)
  })

  it('G15 the victim of guesses from one address gets in from another', async () => {
    await failures(50, () => ({ address: '198.51.100.66' }))
    expect((await guard.attempt(subject(), right)).state).toBe('proved')
  })

  it('G15 nobody is shut out for ever: after a quarter of an hour there is a try, however long it went on', async () => {
    for (let round = 0; round < 40; round += 1) {
      await failures(3, (index) => ({ address: `198.51.100.${(round * 3 + index) % 250}` }))
      pass(900)
    }
    expect((await guard.attempt(subject(), right)).state).toBe('proved')
  })

  it('a success clears the account and takes its own attempt back from the address', async () => {
    await failures(pair.free - 1, () => ({}))
    expect((await guard.attempt(subject(), right)).state).toBe('proved')
    expect((await guard.standing('ann@example.test')).failures).toBe(0)
    // The failures stay with the address: whoever has an account of their own does not wash it clean.
    const left = address.free - (pair.free - 1)
    expect(await failures(60, (index) => ({ account: `user${index}@example.test` }))).toBe(left)
  })

  it('a success in the last free attempt leaves no wait behind', async () => {
    await failures(address.free - 1, (index) => ({ account: `user${index}@example.test` }))
    expect((await guard.attempt(subject(), right)).state).toBe('proved')
    expect((await guard.attempt(subject(), right)).state).toBe('proved')
  })

  it('a fault counts as nothing', async () => {
    for (let index = 0; index < 20; index += 1) {
      await expect(guard.attempt(subject(), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    }
    expect((await guard.standing('ann@example.test')).failures).toBe(0)
    expect((await guard.attempt(subject(), right)).state).toBe('proved')
  })

  it('G14 an address that nobody has is counted like one that somebody has, in every spelling', async () => {
    const spellings = ['ann@example.test', ' Ann@Example.TEST ', 'ANN@EXAMPLE.TEST']
    expect(await failures(50, (index) => ({ account: spellings[index % 3] ?? '' }))).toBe(pair.free)
    expect(await failures(50, () => ({ account: 'not an address', address: '198.51.100.7' }))).toBe(pair.free)
  })

  it('a wait outlives a restart', async () => {
    await failures(pair.free, () => ({}))
    guard = make()
    expect((await guard.attempt(subject(), right)).state).toBe('wait')
  })

  it('passwords and codes are counted apart', async () => {
    await failures(pair.free, () => ({}))
    expect((await guard.attempt(subject({ purpose: 'second_factor' }), right)).state).toBe('proved')
  })

  it('G16 codes of one account, from everywhere: ten, and in the end one an hour', async () => {
    const code = (index: number) => ({ purpose: 'second_factor', address: `198.51.100.${index}` }) as const
    expect(await failures(60, code)).toBe(codePolicy.free)
    for (let index = 60; index < 80; index += 1) {
      const outcome = await fail(code(index))
      if (outcome.state === 'wait') now = outcome.until
    }
    const last = await fail(code(81))
    expect(last.state === 'wait' ? last.until.getTime() - now.getTime() : 0).toBe(3_600_000)
  })

  it('rows go when everything is forgotten', async () => {
    await failures(pair.free, () => ({}))
    await sweepExpired(database, now)
    expect((await guard.attempt(subject(), right)).state).toBe('wait')
    await sweepExpired(database, new Date(now.getTime() + 100 * 3_600_000))
    expect(await database.sql.all('SELECT key FROM sign_in_throttle')).toEqual([])
  })

  it('an administrator sees the wait of an account, and lifts it for all its counts', async () => {
    await failures(60, (index) => ({ address: `198.51.100.${index}` }))
    await failures(pair.free, () => ({ purpose: 'second_factor' }))
    const standing = await guard.standing('Ann@example.test')
    expect(standing.failures).toBe(account.free + pair.free)
    expect(standing.blockedUntil).toEqual(new Date(now.getTime() + 15_000))
    expect(await guard.clear('ann@example.test')).toBe(true)
    expect(await guard.clear('ann@example.test')).toBe(false)
    expect(await guard.standing('ann@example.test')).toEqual({ failures: 0, blockedUntil: undefined })
    expect((await guard.attempt(subject(), right)).state).toBe('proved')
  })

  it('K13 the rows name nobody', async () => {
    await fail()
    const rows = await database.sql.all<{ key: string }>('SELECT key FROM sign_in_throttle')
    expect(rows).toHaveLength(4)
    expect(JSON.stringify(rows)).not.toMatch(/ann|example|203\.0/)
  })
})
