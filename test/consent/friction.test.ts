import { describe, expect, it } from 'vitest'
import { frictionOf } from '../../src/consent/friction.ts'

const known = { id: 'known', claimedName: 'Claude', provenHost: 'claude.ai' }
const facts = {
  identity: 'unverified',
  isVouchedFor: false,
  kind: 'https',
  host: 'evil.example',
  lookAlike: undefined,
} as const

describe('friction by risk (D10, D11)', () => {
  it.each([
    ['a stranger’s website is acknowledged by host', facts, { tick: 'evil.example' }],
    ['a look-alike far away is a stop', { ...facts, lookAlike: known }, { stop: known, tick: 'evil.example' }],
    [
      'a document that bears another’s name is a stop, too',
      { ...facts, identity: 'domain-proven', lookAlike: known } as const,
      { stop: known },
    ],
    ['an app on this device is warned of, not ticked', { ...facts, kind: 'private', host: 'cursor:' } as const, {}],
    [
      'an app with another’s name is a stop',
      { ...facts, kind: 'private', host: 'cursor:', lookAlike: known } as const,
      { stop: known },
    ],
    [
      'a program here with a known name is told apart in words',
      { ...facts, identity: 'local-program', kind: 'loopback', host: 'loopback', lookAlike: known } as const,
      { note: known },
    ],
    ['a proven client goes straight to the question', { ...facts, identity: 'domain-proven' } as const, {}],
    ['whom an administrator answers for, too', { ...facts, isVouchedFor: true, lookAlike: known }, {}],
  ])('%s', (_title, given, expected) => {
    expect(frictionOf(given)).toEqual({ stop: undefined, note: undefined, tick: undefined, ...expected })
  })
})
