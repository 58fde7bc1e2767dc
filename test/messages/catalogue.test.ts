import { describe, expect, it } from 'vitest'
import { direction, locales, messagesFor } from '../../src/messages/messages.ts'
import { placesOf } from '../../src/messages/places.ts'
import { readModules } from '../support/source-modules.ts'

type Text = { readonly path: string; readonly text: string; readonly arity: number | undefined }

// Words that are the same in both languages, and texts that are made of values alone.
const sameInBoth: ReadonlySet<string> = new Set([
  'Code',
  'Passkey',
  'Passkeys',
  'Client',
  'Clients',
  'Name',
  'Host',
  'Status',
  'System',
  'Administrator',
  'Test',
  'Issuer',
  'Scopes',
  // Names of products.
  'OpenID Connect',
  'Google',
  'Microsoft Entra ID',
  'Okta',
  'Auth0',
  'Keycloak',
  'GitLab',
  'GitHub',
  '{product}',
])

/** Every text of a catalogue; functions are called with stand-ins, once for one and once for many. */
function texts(value: unknown, path: string): Text[] {
  if (typeof value === 'string') return [{ path, text: value, arity: undefined }]
  if (typeof value === 'function') {
    return [1, 2].map((count) => {
      const given = Array.from({ length: value.length }, (_, index) => (index === 0 ? count : `‹${index}›`))
      return { path: `${path}(${count})`, text: String(value(...given)), arity: value.length }
    })
  }
  return Object.entries(value as object).flatMap(([key, inner]) => texts(inner, path === '' ? key : `${path}.${key}`))
}

const english = texts(messagesFor('en'), '')
const others = locales.filter((locale) => locale !== 'en')

it('no English text is empty or has spaces around it', () => {
  expect(english.filter(({ text }) => text.trim() === '' || text !== text.trim()).map(({ path }) => path)).toEqual([])
})

describe.each(others)('%s', (locale) => {
  const own = new Map(texts(messagesFor(locale), '').map((text) => [text.path, text]))

  it('has the same texts as English, no more and no fewer', () => {
    expect([...own.keys()].sort()).toEqual(english.map(({ path }) => path).sort())
    for (const { path, arity } of english) expect(own.get(path)?.arity, path).toBe(arity)
  })

  it('has no empty text', () => {
    expect([...own.values()].filter(({ text }) => text.trim() === '' || text !== text.trim())).toEqual([])
  })

  it('has the same places in each text', () => {
    for (const { path, text } of english)
      expect([...placesOf(own.get(path)?.text ?? '')].sort(), path).toEqual([...placesOf(text)].sort())
  })

  it('leaves nothing in English by accident', () => {
    const same = english.filter(
      ({ path, text }) =>
        /\p{L}{3}/u.test(text.replaceAll(/\{\w+\}/g, '')) && own.get(path)?.text === text && !sameInBoth.has(text),
    )
    expect(same.map(({ path, text }) => `${path}: ${text}`)).toEqual([])
  })

  it('has no typewriter quotes and dashes', () => {
    expect([...own.values()].filter(({ text }) => /["']| - /.test(text)).map(({ path }) => path)).toEqual([])
  })
})

it('every error for people that begins in our code has its words', () => {
  const known = new Set(Object.keys(messagesFor('en').errors))
  const wordless = readModules('src').flatMap(({ path, text }) =>
    [...text.matchAll(/new AppError\(\s*'(\w+)'([^;]*?)\n?\s*\)(?=[;\s])/g)].flatMap(([, code = '', rest = '']) => {
      const words = /words: '(\w+)'/.exec(rest)?.[1] ?? code
      return known.has(words) || notYet.test(path) ? [] : [`${path}: ${words}`]
    }),
  )
  expect(wordless).toEqual([])
})

// Rooms whose errors still say their English message, and the start of the server, which speaks to its operator.
const notYet = /^src\/(?:(?:admin|resources|clients|keys)\/|provider\/guard-check\.ts$)/

it.each([
  ['en', 'ltr'],
  ['de', 'ltr'],
  ['ar', 'rtl'],
  ['he-IL', 'rtl'],
])('%s is written %s', (locale, expected) => expect(direction(locale)).toBe(expected))
