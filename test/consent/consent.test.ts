import { describe, expect, it } from 'vitest'
import { type Consent, type ConsentRequest, covers } from '../../src/consent/consent.ts'

const now = new Date('2026-11-20T12:00:00Z')

function aConsent(over: Partial<Consent> = {}): Consent {
  return {
    id: 'consent-1',
    accountId: 'ada',
    clientId: 'client-1',
    redirectHost: 'app.example',
    resourceId: 'notes',
    scopes: ['notes:read', 'notes:write'],
    metadataDigest: 'digest-1',
    stayConnected: true,
    grantedAt: new Date('2026-11-01T00:00:00Z'),
    expiresAt: undefined,
    revokedAt: undefined,
    ...over,
  }
}

function aRequest(over: Partial<ConsentRequest> = {}): ConsentRequest {
  return {
    accountId: 'ada',
    clientId: 'client-1',
    redirectHost: 'app.example',
    resourceId: 'notes',
    scopes: ['notes:read'],
    metadataDigest: 'digest-1',
    ...over,
  }
}

describe('a consent covers a request', () => {
  it('when person, client, redirect host, MCP server, scopes and description are the same', () => {
    expect(covers(aConsent(), aRequest(), now)).toBe(true)
  })

  it('when fewer scopes are asked than were allowed', () => {
    expect(covers(aConsent(), aRequest({ scopes: [] }), now)).toBe(true)
  })

  it('until the moment of its end', () => {
    expect(covers(aConsent({ expiresAt: new Date(now.getTime() + 1) }), aRequest(), now)).toBe(true)
  })
})

describe('a consent does not cover', () => {
  const cases: readonly [string, Partial<Consent>, Partial<ConsentRequest>][] = [
    ['another person in the same browser (G02)', {}, { accountId: 'bob' }],
    ['another client', {}, { clientId: 'client-2' }],
    ['another redirect host of the same client (G01)', {}, { redirectHost: 'evil.example' }],
    ['another MCP server', {}, { resourceId: 'deploy' }],
    ['a scope that was not allowed (E11)', {}, { scopes: ['notes:read', 'notes:delete'] }],
    ['a client that describes itself otherwise now', {}, { metadataDigest: 'digest-2' }],
    ['anything after it was withdrawn', { revokedAt: now }, {}],
    ['anything from the moment of its end', { expiresAt: now }, {}],
  ]
  it.each(cases)('%s', (_title, consent, request) => {
    expect(covers(aConsent(consent), aRequest(request), now)).toBe(false)
  })
})
