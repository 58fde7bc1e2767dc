// What one consent page is about, read as the routes read it, from facts that a test lays before it.
import { type Asked, type AskedAccount, readAsked } from '../../src/consent/asked.ts'
import type { AskingClient } from '../../src/consent/client-card.ts'
import type { Consent } from '../../src/consent/consent.ts'
import type { KnownClient } from '../../src/consent/friction.ts'
import type { AuthorizationInProgress } from '../../src/oauth/interaction.ts'
import type { Resource } from '../../src/resources/resource.ts'
import { ada, anAuthorization, notes, registered } from './room.ts'

export const now = new Date('2026-11-20T21:00:00Z')

export const proven: AskingClient = {
  ...registered,
  id: 'https://claude.ai/client.json',
  origin: 'document',
  provenHost: 'claude.ai',
}

/** A consent of Ada's for the client that asks by default. */
export const earlier: Consent = {
  id: 'earlier',
  accountId: 'ada',
  clientId: registered.id,
  redirectHost: 'app.example',
  resourceId: notes.id,
  scopes: ['notes:read'],
  metadataDigest: 'digest-1',
  stayConnected: true,
  grantedAt: new Date('2026-01-01T00:00:00Z'),
  expiresAt: undefined,
  revokedAt: undefined,
}

export interface Facts {
  readonly client?: AskingClient
  readonly resource?: Resource
  readonly account?: AskedAccount | null
  readonly authorization?: Partial<AuthorizationInProgress>
  readonly consents?: readonly Consent[]
  readonly lookAlike?: KnownClient
}

export function asking(facts: Facts = {}): Promise<Asked> {
  return readAsked(
    {
      store: { listForClient: async () => facts.consents ?? [] },
      findClient: async () => facts.client ?? registered,
      findResource: async () => facts.resource ?? notes,
      findAccount: async () => (facts.account === undefined ? ada : facts.account),
      lookAlike: async () => facts.lookAlike ?? null,
      isBlocked: async () => false,
    },
    anAuthorization(facts.authorization),
    'ada',
    now,
  )
}
