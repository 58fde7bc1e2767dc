import { describe, expect, it } from 'vitest'
import type { ProgramFacts } from '../../src/clients/program.ts'
import { groupByProgram, lastTokenDiesAt, removedScopes } from '../../src/me/connection.ts'
import { placeWords } from '../../src/me/words.ts'
import { messagesFor } from '../../src/messages/messages.ts'

describe('a connection', () => {
  it.each([
    ['loopback', 'a program on a computer of yours'],
    ['cursor:', 'an app that answers to cursor:'],
    ['xn--pple-43d.example', 'xn--pple-43d.example'],
    [undefined, 'an unknown place'],
  ])('at %s is said to be at %s', (host, words) => {
    expect(placeWords(messagesFor('en'), host)).toBe(words)
  })

  it('stands with the others of its client, clients in the order of their first row', () => {
    const rows = [
      { clientId: 'b', n: 1 },
      { clientId: 'a', n: 2 },
      { clientId: 'b', n: 3 },
    ]
    const groups = groupByProgram(rows, new Map())
    expect(groups.map(({ clientId, rows: of }) => [clientId, of.map(({ n }) => n)])).toEqual([
      ['b', [1, 3]],
      ['a', [2]],
    ])
  })

  it('stands with other registrations of its program, and with nobody who only calls itself the same (D10)', () => {
    const here = ['http://127.0.0.1:1/callback']
    const registered = { origin: 'registered', claimedName: 'Editor', redirectUris: here } as const
    const clients = new Map<string, ProgramFacts>([
      ['a', registered],
      ['another port', { ...registered, redirectUris: ['http://localhost:2/cb'] }],
      ['elsewhere', { ...registered, redirectUris: ['https://evil.example/cb'] }],
      ['other name', { ...registered, claimedName: 'Editor 2' }],
      ['with an id', { ...registered, softwareId: 'x' }],
      ['same id', { ...registered, softwareId: 'x', claimedName: 'Renamed' }],
      ['document', { ...registered, origin: 'document' }],
      ['operator', { ...registered, origin: 'operator' }],
    ])
    const rows = [...clients.keys(), 'gone', 'gone too'].map((clientId) => ({ clientId }))
    expect(groupByProgram(rows, clients).map(({ clientIds }) => clientIds)).toEqual([
      ['a', 'another port'],
      ['elsewhere'],
      ['other name'],
      ['with an id', 'same id'],
      ['document'],
      ['operator'],
      ['gone'],
      ['gone too'],
    ])
  })

  it.each([
    [['a', 'b', 'c'], ['a', 'c'], { kept: ['a', 'c'], removed: ['b'] }],
    [['a', 'b'], ['a', 'b', 'z'], 'nothing'],
    [['a', 'b'], ['b', 'admin'], { kept: ['b'], removed: ['a'] }],
    [['a'], [], 'everything'],
    [['a'], ['z'], 'everything'],
    [[], ['a'], 'nothing'],
  ])('with %j of which %j stay is never allowed more (G25)', (held, kept, expected) => {
    expect(removedScopes(held, kept)).toEqual(expected)
  })

  it('that ended leaves tokens for the longest life among its servers (G25)', () => {
    expect(lastTokenDiesAt([300, 900, 60], new Date(0))).toEqual(new Date(900_000))
    expect(lastTokenDiesAt([], new Date(0))).toEqual(new Date(0))
  })
})
