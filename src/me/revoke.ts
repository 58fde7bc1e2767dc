import type { AuditEvent } from '../audit/events.ts'
import { type RevocationDesk, type Revoker, revokeConsent } from '../consent/revoke.ts'
import type { ConsentStore } from '../consent/store.ts'
import { AppError } from '../runtime/app-error.ts'
import type { ConnectionChanges } from './change.ts'
import type { Connection } from './connection.ts'
import type { ConnectionStore } from './store.ts'

/** What ending a person's own connections needs. */
export interface MyDesk extends RevocationDesk {
  readonly store: Pick<ConsentStore, 'revoke' | 'grantIdsOf' | 'list' | 'find' | 'end'>
  readonly connections: ConnectionStore
  readonly record: (event: AuditEvent) => Promise<void>
  readonly changes: ConnectionChanges
}

/** What a person wants to end. */
export type RevocationTarget =
  | { readonly kind: 'connection'; readonly grantId: string }
  | { readonly kind: 'consent'; readonly consentId: string }
  | { readonly kind: 'client'; readonly clientId: string }
  | { readonly kind: 'program'; readonly clientIds: readonly string[] }
  | { readonly kind: 'everything' }

/**
 * Ends connections of one person, at once: grants, refresh families, and the memory that would let the client back in
 * without asking. Other installations of the same client stay connected unless they are meant too.
 *
 * @param accountId whose; taken from the session, never from the form (G21)
 * @returns identifiers of the MCP servers concerned
 * @throws AppError `not_found` (404) when nothing of this person is meant
 */
export async function revokeMine(
  desk: MyDesk,
  accountId: string,
  target: RevocationTarget,
  by: Revoker,
): Promise<readonly (string | undefined)[]> {
  const now = desk.clock.now()
  switch (target.kind) {
    case 'connection': {
      const connection = await desk.connections.find(accountId, target.grantId, now)
      if (connection === null) throw notFound()
      await endConnection(desk, connection, by)
      return [connection.resource]
    }
    case 'consent': {
      const consent = await desk.store.find(target.consentId)
      if (consent === null || consent.accountId !== accountId || consent.revokedAt !== undefined) throw notFound()
      await revokeConsent(desk, consent, by)
      return [undefined]
    }
    case 'client':
      return endAll(desk, accountId, [target.clientId], by)
    case 'program':
      return endAll(desk, accountId, target.clientIds, by)
    case 'everything':
      return endAll(desk, accountId, undefined, by)
  }
}

async function endConnection(desk: MyDesk, connection: Connection, by: Revoker): Promise<void> {
  const { consentId, grantId } = connection
  const siblings = consentId === undefined ? [] : await desk.store.grantIdsOf(consentId)
  const consent = consentId === undefined ? null : await desk.store.find(consentId)
  if (consent !== null && siblings.every((id) => id === grantId)) {
    await revokeConsent(desk, consent, by)
    return
  }
  // Other installations live from the same consent: it only stops being remembered, so that this one must ask again.
  if (consentId !== undefined) await desk.store.end(consentId, desk.clock.now())
  await desk.revokeGrants([grantId])
  await recordEnd(desk, connection, by)
}

async function endAll(
  desk: MyDesk,
  accountId: string,
  clientIds: readonly string[] | undefined,
  by: Revoker,
): Promise<readonly (string | undefined)[]> {
  const isMeant = ({ clientId }: { readonly clientId: string }) => clientIds?.includes(clientId) ?? true
  const connections = (await desk.connections.list(accountId, desk.clock.now())).filter(isMeant)
  const clientId = clientIds?.length === 1 ? clientIds[0] : undefined
  const consents = (await desk.store.list({ accountId, clientId, limit: 1000 })).filter(isMeant)
  if (connections.length === 0 && consents.length === 0) throw notFound()
  for (const consent of consents) await revokeConsent(desk, consent, by)
  // What a consent does not account for (it was withdrawn before, or there never was one) ends too.
  const left = connections.filter(({ consentId }) => !consents.some((consent) => consent.id === consentId))
  if (left.length > 0) await desk.revokeGrants(left.map((connection) => connection.grantId))
  for (const connection of left) await recordEnd(desk, connection, by)
  return [...connections.map((connection) => connection.resource), ...consents.map((one) => one.resourceIdentifier)]
}

function recordEnd(desk: MyDesk, { accountId, clientId, resource, grantId }: Connection, by: Revoker): Promise<void> {
  return desk.record({ ...by, type: 'grant.revoked', accountId, clientId, resource, grantId })
}

/** Nothing of this person is meant: somebody else's is as unknown as one that never was. */
export function notFound(): AppError {
  return new AppError('not_found', 404, 'There is no such connection of yours. It may have ended already.', {
    words: 'connection_not_found',
  })
}
