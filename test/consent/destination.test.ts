import { describe, expect, it } from 'vitest'
import { destinationOf, placeOf } from '../../src/consent/destination.ts'
import { messagesFor } from '../../src/messages/messages.ts'
import { fill } from '../../src/messages/places.ts'

const messages = messagesFor('en')
const { destination: words } = messages.consent
const stranger = { identity: 'unverified', provenHost: undefined } as const
const proven = { identity: 'domain-proven', provenHost: 'claude.ai' } as const
const strange = (host: string) => fill(words.stranger, { host })

describe('where the answer goes', () => {
  it.each([
    ['a stranger’s website', 'https://app.example/cb', stranger, [strange('app.example')]],
    ['the proven host itself', 'https://claude.ai/cb', proven, []],
    [
      'another host than the proven one',
      'https://app.example/cb',
      proven,
      [fill(words.otherHost, { host: 'claude.ai' })],
    ],
    ['a port of the proven host', 'https://claude.ai:8443/cb', proven, [fill(words.otherHost, { host: 'claude.ai' })]],
    ['one that an administrator added', 'https://app.example/cb', { ...stranger, identity: 'operator' as const }, []],
    [
      'a look-alike host',
      'https://login.xn--pple-43d.example/cb',
      stranger,
      [strange('login.xn--pple-43d.example'), words.punycode],
    ],
  ])('%s is said with what speaks against it (A15, D10)', (_title, uri, card, notes) => {
    const host = new URL(uri).host
    expect(destinationOf(uri, card, messages)).toEqual({
      kind: 'https',
      words: host,
      detail: 'https',
      warning: undefined,
      notes,
    })
  })

  it.each([
    ['http://127.0.0.1:5/cb?x=1', 'loopback', words.loopback, '127.0.0.1:5', words.loopbackLead],
    ['http://[::1]:5/cb', 'loopback', words.loopback, '[::1]:5', words.loopbackLead],
    [
      'cursor://app/cb?x=1',
      'private',
      fill(words.private, { scheme: 'cursor://' }),
      'cursor://app/cb',
      words.privateLead,
    ],
    [
      'com.example.app:/cb',
      'private',
      fill(words.private, { scheme: 'com.example.app:' }),
      'com.example.app:/cb',
      words.privateLead,
    ],
  ])('%s is warned of and nothing else is said (A12, A13)', (uri, kind, place, detail, lead) => {
    const destination = destinationOf(uri, stranger, messages)
    expect(destination).toMatchObject({ kind, words: place, detail, warning: { lead } })
    expect(destination.notes).toEqual([])
  })

  it.each([
    ['http://127.0.0.1:5/cb', '127.0.0.1:5'],
    ['http://localhost:51999/cb', 'localhost:51999'],
    ['https://app.example:8443/cb', 'app.example:8443'],
    ['cursor://app/cb', 'cursor:'],
  ])('%s is called %s for short', (uri, place) => {
    expect(placeOf(uri)).toBe(place)
  })
})
