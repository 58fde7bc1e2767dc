import { describe, expect, it } from 'vitest'
import type { Consent } from '../../src/consent/consent.ts'
import { type AskFacts, isAssured, reasonToAsk } from '../../src/consent/policy.ts'

const now = new Date('2026-11-20T12:00:00Z')
const past = new Date('2026-11-19T12:00:00Z')

const consent: Consent = {
  id: 'consent-1',
  accountId: 'ada',
  clientId: 'client-1',
  redirectHost: 'app.example',
  resourceId: 'notes',
  scopes: ['notes:read'],
  metadataDigest: 'digest-1',
  stayConnected: true,
  grantedAt: past,
  expiresAt: undefined,
  revokedAt: undefined,
}

const local: Consent = { ...consent, redirectHost: 'loopback' }

function facts(over: Partial<AskFacts> = {}, request: Partial<AskFacts['request']> = {}): AskFacts {
  return {
    request: {
      accountId: 'ada',
      clientId: 'client-1',
      redirectHost: 'app.example',
      resourceId: 'notes',
      scopes: ['notes:read'],
      metadataDigest: 'digest-1',
      ...request,
    },
    consents: [consent],
    clientOrigin: 'registered',
    startedCrossSite: false,
    askedByClient: false,
    now,
    ...over,
  }
}

describe('the person is asked', () => {
  const cases: readonly [string, AskFacts, string | null][] = [
    ['no more when a remembered consent covers the request', facts(), null],
    ['for a client never allowed before', facts({ consents: [] }), 'new-client'],
    ['when only another person allowed the client (G02)', facts({}, { accountId: 'bob' }), 'new-client'],
    ['when the only consent was withdrawn', facts({ consents: [{ ...consent, revokedAt: past }] }), 'new-client'],
    ['for an MCP server new to this client', facts({}, { resourceId: 'deploy' }), 'new-resource'],
    ['for another redirect host (G01)', facts({}, { redirectHost: 'evil.example' }), 'new-redirect-host'],
    ['for a private scheme after https (G01)', facts({}, { redirectHost: 'cursor:' }), 'new-redirect-host'],
    ['for a new scope (E11)', facts({}, { scopes: ['notes:read', 'notes:write'] }), 'new-scope'],
    ['when the client describes itself otherwise', facts({}, { metadataDigest: 'digest-2' }), 'changed-document'],
    ['when the consent has ended', facts({ consents: [{ ...consent, expiresAt: now }] }), 'expired'],
    ['when another site started it (H04)', facts({ startedCrossSite: true }), 'cross-site-start'],
    ['when the client wants it', facts({ askedByClient: true }), 'asked-by-client'],
    [
      'each time by a local program that registered itself (F17)',
      facts({ consents: [local] }, { redirectHost: 'loopback' }),
      'unproven-local-client',
    ],
    [
      'each time by a local program under a public document id (F17)',
      facts({ consents: [local], clientOrigin: 'document' }, { redirectHost: 'loopback' }),
      'unproven-local-client',
    ],
    [
      'each time by whichever app answers to a private scheme (F17)',
      facts(
        { consents: [{ ...consent, redirectHost: 'cursor:' }], clientOrigin: 'document' },
        { redirectHost: 'cursor:' },
      ),
      'unproven-local-client',
    ],
    [
      'once only by a local program that an administrator added',
      facts({ consents: [local], clientOrigin: 'operator' }, { redirectHost: 'loopback' }),
      null,
    ],
    [
      'for the new scope although an ended consent held it',
      facts(
        { consents: [consent, { ...consent, id: '2', scopes: ['notes:write'], expiresAt: past }] },
        { scopes: ['notes:write'] },
      ),
      'new-scope',
    ],
    [
      'for an end although an older consent was for another description',
      facts({
        consents: [
          { ...consent, metadataDigest: 'digest-0', expiresAt: past },
          { ...consent, id: '2', expiresAt: past },
        ],
      }),
      'expired',
    ],
    [
      'for another client, whatever its consents say',
      facts({ consents: [{ ...consent, clientId: 'other' }] }),
      'new-client',
    ],
    [
      'no more when the newer of two consents covers it',
      facts({
        consents: [
          { ...consent, expiresAt: past },
          { ...consent, id: '2' },
        ],
      }),
      null,
    ],
  ]
  it.each(cases)('%s', (_title, input, reason) => {
    expect(reasonToAsk(input)).toBe(reason)
  })
})

describe('the party behind a redirect is assured', () => {
  it.each([
    ['operator', 'loopback', true],
    ['operator', 'app.example', true],
    ['document', 'app.example', true],
    ['document', 'cursor:', false],
    ['operator', 'cursor:', true],
    ['document', 'loopback', false],
    ['registered', 'app.example', false],
    ['registered', 'loopback', false],
  ] as const)('%s with %s: %s', (origin, redirectHost, assured) => {
    expect(isAssured(origin, redirectHost)).toBe(assured)
  })
})
