import type { Actor, AuditEvent } from '../audit/events.ts'
import type { Statement } from '../db/database.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Consent } from './consent.ts'
import type { ConsentStore } from './store.ts'

/** Ends grants with their refresh families and codes, in one commit; the protocol room carries it out. */
export type RevokeGrants = (grantIds: readonly string[]) => Promise<void>

/** What withdrawing needs. */
export interface RevocationDesk {
  readonly store: Pick<ConsentStore, 'revoke' | 'grantIdsOf' | 'list'>
  readonly revokeGrants: RevokeGrants
  readonly auditStatement: (event: AuditEvent) => Statement
  readonly clock: Clock
}

/** Who withdraws, for the audit book. */
export interface Revoker {
  readonly actor: Actor
  readonly address?: string
  readonly requestId?: string
}

/**
 * Withdraws a consent: it is remembered no more, and every connection made from it ends at once. An access token that is
 * out already lives to its end.
 *
 * First the consent, then its grants: no new grant can be made from it in between.
 * @returns false when it was withdrawn before; connections that are still there end nevertheless
 */
export async function revokeConsent(desk: RevocationDesk, consent: Consent, by: Revoker): Promise<boolean> {
  const event: AuditEvent = {
    ...by,
    type: 'consent.revoked',
    accountId: consent.accountId,
    clientId: consent.clientId,
    detail: { consentId: consent.id, scopes: consent.scopes, redirectHost: consent.redirectHost },
  }
  const revoked = await desk.store.revoke(consent.id, desk.clock.now(), [desk.auditStatement(event)])
  await desk.revokeGrants(await desk.store.grantIdsOf(consent.id))
  return revoked
}

// Ours: a page of rows at a time, so that a client with many people does not fill the memory.
const batchSize = 200

/** Withdraws every standing consent of a client, of all people: for a client that is blocked, removed or has changed itself. */
export async function revokeAllOfClient(desk: RevocationDesk, clientId: string, by: Revoker): Promise<number> {
  return revokeAll(desk, by, () => desk.store.list({ clientId, limit: batchSize }))
}

/** Withdraws every standing consent for an MCP server: nothing may act there once it is removed. */
export async function revokeAllOfResource(desk: RevocationDesk, resourceId: string, by: Revoker): Promise<number> {
  return revokeAll(desk, by, () => desk.store.list({ resourceId, limit: batchSize }))
}

/**
 * Withdraws what people allowed for an MCP server that they may not use any more.
 *
 * @param of everybody's for one server, or one person's for every server
 * @param mayUse may the person of this consent use its server, both as they are now?
 * @returns how many consents ended
 */
export async function revokeLostAccess(
  desk: RevocationDesk,
  of: { readonly resourceId: string } | { readonly accountId: string },
  mayUse: (consent: Consent) => Promise<boolean>,
  by: Revoker,
): Promise<number> {
  let count = 0
  let kept = 0
  for (;;) {
    const consents = await desk.store.list({ ...of, limit: batchSize, offset: kept })
    for (const consent of consents) {
      if (await mayUse(consent)) kept += 1
      else if (await revokeConsent(desk, consent, by)) count += 1
    }
    if (consents.length < batchSize) return count
  }
}

async function revokeAll(desk: RevocationDesk, by: Revoker, next: () => Promise<readonly Consent[]>): Promise<number> {
  let count = 0
  for (;;) {
    const consents = await next()
    for (const consent of consents) if (await revokeConsent(desk, consent, by)) count += 1
    if (consents.length < batchSize) return count
  }
}
