import { describe, expect, it } from 'vitest'
import {
  delayAfter,
  type Lockout,
  lockoutPolicies,
  remaining,
  reserve,
  waitUntil,
} from '../../src/credentials/throttle/lockout.ts'

const start = new Date('2026-03-03T10:00:00Z')
const at = (seconds: number): Date => new Date(start.getTime() + seconds * 1000)
const policy = { free: 3, delaysSeconds: [10, 20, 40], decaySeconds: 60 }

/** Fails so often, each time as soon as it may. @returns the row and the moment of the last failure */
function failing(times: number): { row: Lockout; now: Date } {
  let row: Lockout | undefined
  let now = start
  for (let index = 0; index < times; index += 1) {
    now = waitUntil(row, now) ?? now
    const reserved = reserve(policy, row, now)
    if (!reserved.ok) throw new Error('has to wait')
    row = reserved.next
  }
  if (row === undefined) throw new Error('no failure')
  return { row, now }
}

describe('failures', () => {
  it.each([
    [0, 0],
    [2, 0],
    [3, 10],
    [4, 20],
    [5, 40],
    [6, 40],
    [1000, 40],
  ])('G15 %i of them cost a wait of %i s', (failures, seconds) => {
    expect(delayAfter(policy, failures)).toBe(seconds)
  })

  it('G15 the free ones cost nothing, the last of them begins the first wait', () => {
    expect(failing(2).row.blockedUntil).toBeUndefined()
    const { row, now } = failing(3)
    expect(waitUntil(row, now)).toEqual(at(10))
    expect(reserve(policy, row, at(9))).toEqual({ ok: false, blockedUntil: at(10) })
    expect(reserve(policy, row, at(10)).ok).toBe(true)
  })

  it('G15 waits grow to the longest and no further: nobody is shut out for ever', () => {
    const { row, now } = failing(40)
    expect((row.blockedUntil?.getTime() ?? 0) - now.getTime()).toBe(40_000)
    for (const { delaysSeconds } of Object.values(lockoutPolicies))
      expect(Math.max(...delaysSeconds)).toBeLessThanOrEqual(900)
  })

  it('are forgotten one by one', () => {
    const { row } = failing(2)
    expect(remaining(policy, row, at(59))).toBe(2)
    expect(remaining(policy, row, at(60))).toBe(1)
    expect(remaining(policy, row, at(120))).toBe(0)
  })

  it('an attempt does not begin the forgetting anew', () => {
    const first = reserve(policy, undefined, start)
    const second = first.ok ? reserve(policy, first.next, at(59)) : first
    const third = second.ok ? reserve(policy, second.next, at(119)) : second
    // Two minutes for three attempts: one is forgotten at 60 s, the next at 120 s.
    expect(third.ok && third.next.failures).toBe(2)
    expect(third.ok && remaining(policy, third.next, at(120))).toBe(1)
  })

  it('a row lives until its last failure is forgotten and its wait is over', () => {
    const { row, now } = failing(7)
    expect(row.expiresAt.getTime()).toBeGreaterThanOrEqual(row.blockedUntil?.getTime() ?? 0)
    expect(remaining(policy, row, row.expiresAt)).toBe(0)
    expect(row.expiresAt > now).toBe(true)
  })

  it('G15 everyone together never waits longer than seconds: a flood does not shut the server', () => {
    expect(Math.max(...lockoutPolicies.everyone.delaysSeconds)).toBeLessThanOrEqual(10)
  })
})
