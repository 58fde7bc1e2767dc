import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { BlockedHosts } from '../clients/blocked-hosts/blocked-host.ts'
import { makeClient } from '../clients/client.ts'
import type { DocumentSource } from '../clients/metadata-document.ts'
import { normaliseClientMetadata } from '../clients/normalise.ts'
import { firstState } from '../clients/registration-policy.ts'
import type { ClientStore } from '../clients/store.ts'
import type { Config } from '../config/config.ts'
import type { Limits } from '../limits/limits.ts'
import type { Clock } from '../runtime/clock.ts'
import { type DocumentChangeDependencies, noteDocument } from './document-change.ts'
import { type DocumentTrouble, tooManyFetches } from './document-trouble.ts'

type Features = NonNullable<Configuration['features']>

/** How the library reaches client documents and keys: both its switch and its only way out. */
export interface ClientDocuments {
  readonly fetch: NonNullable<Configuration['fetch']>
  readonly feature: NonNullable<Features['clientIdMetadataDocument']>
  /** False when documents are off: the feature is then not advertised. */
  readonly isOn: boolean
}

/** What the bridge stands on. */
export interface ClientDocumentsDependencies extends DocumentChangeDependencies {
  readonly config: Pick<
    Config,
    'clientMetadataDocuments' | 'metadataDocumentHosts' | 'egressAllowedHosts' | 'registration'
  > & { readonly file: Pick<Config['file'], 'metadataDocuments'> }
  readonly source: DocumentSource
  /** Fetches what is no document: keys of clients. */
  readonly fetchKeys: (url: string) => Promise<Response>
  readonly blockedHosts: Pick<BlockedHosts, 'refresh'>
  readonly clients: Pick<ClientStore, 'find' | 'see'>
  /** Today's rule about a document that nobody here has seen, with answers going to one of its addresses. */
  readonly mayCome: (clientId: string, redirectUri: string) => boolean
  /** Hosts of the providers upstream: what people do there proves nothing about a client (F19). */
  readonly upstreamHosts: () => Promise<readonly string[]>
  /** Counts what somebody's request makes this server fetch (F16). */
  readonly limits: Limits
  readonly trouble: DocumentTrouble
  readonly clock: Clock
}

// The library joins concurrent fetches of one document, so some that were read are never picked up; they are few.
const mostReady = 100

/**
 * The bridge to `clients/metadata-document`: everything that the library fetches goes through our guard, and a document is
 * brought into the one form for client metadata before the library sees it (CIMD draft-02 §4, O5, O7, O8).
 *
 * A document is read where the library asks whether it may be, and handed over where the library fetches it: there it makes one error of
 * everything, and its error handler asks again.
 */
export function createClientDocuments(dependencies: ClientDocumentsDependencies): ClientDocuments {
  const { config, source, clients, mayCome, limits, trouble, blockedHosts, clock } = dependencies
  const internalHosts = [...config.metadataDocumentHosts, ...config.egressAllowedHosts]
  const isOn = config.clientMetadataDocuments !== 'off'
  const ready = new Map<string, Response>()
  // What went wrong in this request already: the library's error handler looks for the client once more (F16: one fetch, not two).
  const failed = new WeakMap<object, Map<string, Error>>()

  function keepReady(clientId: string, document: Response): void {
    // Again at the end: only the oldest go, never one that is about to be picked up, or it would come past our form.
    ready.delete(clientId)
    ready.set(clientId, document)
    const [oldest] = ready.keys()
    if (ready.size > mostReady && oldest !== undefined) ready.delete(oldest)
  }

  async function read(ctx: KoaContextWithOIDC, clientId: string): Promise<Response> {
    const refusal = source.needsFetch(clientId)
      ? await limits.take('document_fetch', { address: ctx.state.address })
      : null
    if (refusal !== null) throw tooManyFetches(ctx, refusal)
    try {
      return await source.document(clientId)
    } catch (cause) {
      const known = await clients.find(clientId)
      throw trouble.errorFor(ctx, clientId, cause, known?.state === 'active' || known?.state === 'pending')
    }
  }

  /** Why a document may not be used, in words for the operator; null when it may. */
  async function refusalOf(clientId: string): Promise<string | null> {
    await blockedHosts.refresh()
    const verdict = source.allowDocument(clientId)
    if (!verdict.ok) return verdict.reason
    const isUpstream = (await dependencies.upstreamHosts()).includes(URL.parse(clientId)?.host ?? '')
    return isUpstream ? 'client_id must not lie at a provider that people sign in with' : null
  }

  return {
    isOn,
    fetch: async (url) => {
      const address = String(url)
      const document = ready.get(address)
      if (document === undefined) return dependencies.fetchKeys(address)
      ready.delete(address)
      return document
    },
    feature: {
      enabled: isOn,
      ack: 'draft-02',
      // How long a document is kept is decided where it is read; here it is kept no longer than that.
      cacheDuration: { min: 0, max: 24 * 3600 },
      async allowFetch(ctx, clientId) {
        const refused = await refusalOf(clientId)
        if (refused !== null) {
          trouble.note(clientId, 'refused', refused)
          return false
        }
        const before = failed.get(ctx)?.get(clientId)
        if (before !== undefined) throw before
        try {
          keepReady(clientId, await read(ctx, clientId))
          return true
        } catch (error) {
          if (error instanceof Error) failed.set(ctx, new Map(failed.get(ctx)).set(clientId, error))
          throw error
        }
      },
      // Asked at every look-up, also of a cached document: a block bites at once, and what is first seen or has changed
      // is written before a consent is looked up: one that was given to the old document is none for the new (A10, F14).
      async allowClient(_ctx, client) {
        if ((await refusalOf(client.clientId)) !== null) return false
        const known = await clients.find(client.clientId)
        if (known?.state === 'blocked') return false
        const outcome = normaliseClientMetadata(client.metadata(), { origin: 'document', internalHosts })
        if (!outcome.ok) return false
        // A stranger whose answers may go nowhere is not even written down, nor raised from a tombstone.
        const { redirect_uris: uris } = outcome.metadata
        const isStranger = known === null || known.state === 'removed'
        if (isStranger && !uris.some((uri) => mayCome(client.clientId, uri))) return false
        const seen = makeClient({
          id: client.clientId,
          origin: 'document',
          metadata: outcome.metadata,
          now: clock.now(),
          state: firstState(config.registration, {
            origin: 'document',
            isPinned: config.file.metadataDocuments.has(client.clientId),
          }),
        })
        if (known?.metadataDigest !== seen.metadataDigest || known.state === 'removed') {
          await noteDocument(dependencies, seen, known === null)
        }
        return true
      },
    },
  }
}
