import { describe, expect, it } from 'vitest'
import { formatFor } from '../../src/messages/format.ts'
import { acceptedLanguages, firstKnown, requestedLanguages } from '../../src/messages/negotiate.ts'
import { fill } from '../../src/messages/places.ts'

describe('Accept-Language', () => {
  it.each([
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['en-US,en;q=0.9,de;q=0.8', 'en'],
    ['fr-FR,fr;q=0.9,de;q=0.5,en;q=0.4', 'de'],
    ['en;q=0.1, de;q=0.9', 'de'],
    ['DE-de', 'de'],
    ['de;q=0, en', 'en'],
    ['fr', undefined],
    ['*', undefined],
    ['', undefined],
    ['de;q=x', undefined],
    ['../../etc, <script>', undefined],
    ['__proto__,constructor', undefined],
  ])('%j → %s', (header, expected) => expect(firstKnown(acceptedLanguages(header))).toBe(expected))
})

describe('ui_locales', () => {
  it.each([
    ['fr-CA de en', 'de'],
    ['en-GB', 'en'],
    ['tlh', undefined],
    [['de', 'en'], undefined],
    [undefined, undefined],
  ])('%j → %s', (given, expected) => expect(firstKnown(requestedLanguages(given))).toBe(expected))
})

describe('how a language writes', () => {
  const at = new Date('2026-03-03T14:05:00Z')
  const [en, de] = [formatFor('en'), formatFor('de')]

  it('moments, for people and for machines', () => {
    expect(en.date(at)).toEqual({ iso: '2026-03-03T14:05:00.000Z', words: '3 March 2026' })
    expect(en.dateTime(at).words).toBe('3 March 2026, 14:05 UTC')
    expect(de.date(at).words).toBe('3. März 2026')
    expect(de.dateTime(at).words).toBe('3. März 2026, 14:05 UTC')
  })

  it('numbers and lists', () => {
    expect([en.number(12_345.5), de.number(12_345.5)]).toEqual(['12,345.5', '12.345,5'])
    expect([en.list(['a', 'b', 'c']), de.list(['a', 'b', 'c'])]).toEqual(['a, b and c', 'a, b und c'])
  })

  it.each([
    [90, '90 seconds', '90 Sekunden'],
    [60, '1 minute', '1 Minute'],
    [300, '5 minutes', '5 Minuten'],
    [3600, '1 hour', '1 Stunde'],
    [30 * 86_400, '30 days', '30 Tage'],
    [0, '0 seconds', '0 Sekunden'],
  ])('a span of %d seconds', (seconds, english, german) => {
    expect([en.duration(seconds), de.duration(seconds)]).toEqual([english, german])
  })

  it.each([
    [0, 'now', 'jetzt'],
    [-3 * 86_400, '3 days ago', 'vor 3 Tagen'],
    [5 * 60, 'in 5 minutes', 'in 5 Minuten'],
    [-86_400, 'yesterday', 'gestern'],
  ])('%d seconds away', (seconds, english, german) => {
    const then = new Date(at.getTime() + seconds * 1000)
    expect([en.relative(then, at).words, de.relative(then, at).words]).toEqual([english, german])
  })
})

it('a sentence with a hole is a fault of ours', () => {
  expect(fill('{name} asks for {count}', { name: '{count}', count: 2 })).toBe('{count} asks for 2')
  expect(() => fill('{name} asks', {})).toThrow(RangeError)
})
