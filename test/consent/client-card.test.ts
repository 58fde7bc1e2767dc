import { describe, expect, it } from 'vitest'
import { type AskingClient, clientCard, initialOf, isVouchedFor } from '../../src/consent/client-card.ts'
import { consent as words } from '../../src/messages/en/consent.ts'
import { registered } from './room.ts'

const allowedAt = new Date('2026-04-01T00:00:00Z')
const document = { origin: 'document', provenHost: 'claude.ai' } as const
const { badges, explanations } = words

describe('how we know who asks', () => {
  it.each<
    [
      string,
      Partial<AskingClient>,
      'https' | 'loopback' | 'private',
      string,
      string,
      'good' | 'care',
      keyof typeof explanations,
    ]
  >([
    ['a stranger', {}, 'https', 'unverified', badges.unverified, 'care', 'unverified'],
    ['a stranger’s app', {}, 'private', 'unverified', badges.unverified, 'care', 'unverified'],
    ['a stranger here', {}, 'loopback', 'local-program', badges['local-program'], 'care', 'local-program'],
    ['one allowed for everyone', { allowedAt }, 'https', 'operator', badges.allowed, 'good', 'allowed'],
    ['one added', { origin: 'operator' }, 'https', 'operator', badges.operator, 'good', 'operator'],
    [
      'one added and allowed',
      { origin: 'operator', allowedAt },
      'loopback',
      'operator',
      badges.operator,
      'good',
      'operator',
    ],
    ['a document’s', document, 'https', 'domain-proven', 'claude.ai', 'good', 'domain-proven'],
    ['a document’s, here', document, 'loopback', 'domain-proven', 'claude.ai', 'good', 'domain-proven-local'],
    [
      'a document’s, allowed',
      { ...document, allowedAt },
      'https',
      'domain-proven',
      'claude.ai',
      'good',
      'domain-proven',
    ],
    [
      'a document of no known host',
      { origin: 'document' },
      'https',
      'unverified',
      badges.unverified,
      'care',
      'unverified',
    ],
    // A host beside a registration is a claim like the rest of it (F17).
    [
      'a stranger with a host',
      { provenHost: 'claude.ai' },
      'https',
      'unverified',
      badges.unverified,
      'care',
      'unverified',
    ],
  ])('%s (D10, F17)', (_title, client, kind, identity, badge, tone, explanation) => {
    const card = clientCard({ ...registered, ...client }, kind)
    expect(card).toMatchObject({
      identity,
      provenHost: identity === 'domain-proven' ? 'claude.ai' : undefined,
      badge: { tone, mark: tone === 'good' ? '✓' : '!', icon: tone === 'good' ? 'shield' : 'alert', text: badge },
      explanation: explanations[explanation],
    })
  })

  it.each([
    [{}, false, false],
    [{ allowedAt }, true, true],
    [{ ...document, allowedAt }, true, true],
    [document, false, false],
    [{ origin: 'operator' as const }, true, false],
    [{ origin: 'operator' as const, allowedAt }, true, false],
  ])('%j: an administrator vouches %s, and let it in for everyone %s', (client, vouched, allowed) => {
    const asking = { ...registered, ...client }
    expect(isVouchedFor(asking)).toBe(vouched)
    expect(clientCard(asking, 'https').isAllowedForAll).toBe(allowed)
  })
})

describe('the letter of a tile', () => {
  it.each([
    ['claude', 'C'],
    ['“(éditeur)”', 'É'],
    ['  3D', '3'],
    ['…', '?'],
    ['', '?'],
  ])('of %j is %s', (name, letter) => {
    expect(initialOf(name)).toBe(letter)
  })
})
