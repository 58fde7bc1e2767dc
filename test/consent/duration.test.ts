import { describe, expect, it } from 'vitest'
import { endOf, offeredDurations, readDuration } from '../../src/consent/duration.ts'

const now = new Date('2026-03-03T22:30:00Z')
const day = 86_400

describe('how long a person allows something', () => {
  it.each([
    ['hour', '2026-03-03T23:30:00.000Z'],
    ['day', '2026-03-04T00:00:00.000Z'],
    ['month', '2026-04-02T22:30:00.000Z'],
    ['revoked', '2026-06-01T22:30:00.000Z'],
  ] as const)('%s ends at %s', (duration, end) => {
    expect(endOf(duration, now, 90 * day)?.toISOString()).toBe(end)
  })

  it('never longer than a connection may live', () => {
    expect(endOf('month', now, 60)?.getTime()).toBe(now.getTime() + 60_000)
  })

  it('until revoked has no end where nothing bounds it', () => expect(endOf('revoked', now, undefined)).toBeUndefined())

  it('at midnight today is the whole day', () => {
    const midnight = new Date('2026-03-03T00:00:00Z')
    expect(endOf('day', midnight, undefined)?.toISOString()).toBe('2026-03-04T00:00:00.000Z')
  })

  it.each([
    [[], 'revoked'],
    [['hour'], 'hour'],
    [['HOUR'], null],
    [[''], null],
    [['year'], null],
    [['hour', 'revoked'], null],
  ] as const)('the form %j means %s (G04)', (values, meaning) => expect(readDuration(values)).toBe(meaning))

  it('offers what makes a difference', () => {
    expect(offeredDurations(now, 90 * day)).toEqual(['hour', 'day', 'month', 'revoked'])
    expect(offeredDurations(now, day)).toEqual(['hour', 'day', 'revoked'])
    expect(offeredDurations(now, 600)).toEqual(['revoked'])
  })
})
