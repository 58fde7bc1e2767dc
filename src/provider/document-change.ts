import type { Audit } from '../audit/record.ts'
import { lastChanges } from '../clients/changes.ts'
import { type Client, redirectHosts } from '../clients/client.ts'
import { type ClientMetadata, canonicalJson } from '../clients/metadata.ts'
import type { ClientStore } from '../clients/store.ts'

/** What writes down changed documents. */
export interface DocumentChangeDependencies {
  readonly clients: Pick<ClientStore, 'see'>
  readonly audit: Pick<Audit, 'recordSoon'>
  /** Withdraws every consent of a client and ends all that it holds. */
  readonly endEverything: (clientId: string, author: { readonly actor: 'system' }) => Promise<number>
}

/**
 * Whether what a document says now ends what was allowed to it before. Another name or logo is asked about at the next consent; other keys,
 * another way of proving itself or another place for answers may be another owner of the domain (F14, F15).
 *
 * @see draft-ietf-oauth-client-id-metadata-document, "Changes in Client Metadata"
 */
export function endsConnections(before: ClientMetadata, now: ClientMetadata): boolean {
  const relied = (metadata: ClientMetadata) =>
    canonicalJson([
      [...metadata.redirect_uris].sort(),
      metadata.token_endpoint_auth_method,
      metadata.jwks_uri ?? null,
      metadata.jwks ?? null,
    ])
  return relied(before) !== relied(now)
}

/**
 * Writes down a document that is new here or says something else, and ends what must not outlive the change. Before a consent is looked up:
 * one that was given to the old document is none for the new (A10, F14).
 */
export async function noteDocument(
  { clients, audit, endEverything }: DocumentChangeDependencies,
  seen: Client,
  isNew: boolean,
): Promise<void> {
  const stored = await clients.see(seen, (before) => endsConnections(before.metadata, seen.metadata))
  // Of several processes that read the change at once, those that wrote it carry it out; one that comes later finds it done, and must not
  // end what people have allowed since.
  const isOurs = stored.changedAt?.getTime() === seen.updatedAt.getTime()
  const ends = isOurs && stored.previousMetadata !== null && endsConnections(stored.previousMetadata, stored.metadata)
  if (ends) await endEverything(seen.id, { actor: 'system' })
  if (!isNew && !isOurs) return
  const changed = isOurs ? { changed: lastChanges(stored).map(({ member }) => member) } : {}
  audit.recordSoon({
    type: isNew ? 'client.registered' : 'client.updated',
    actor: `client:${seen.id}`,
    clientId: seen.id,
    detail: {
      origin: 'document',
      clientName: seen.claimedName,
      redirectHosts: redirectHosts(seen.metadata),
      ...changed,
      ...(ends ? { reason: 'connections_ended' } : {}),
    },
  })
}
