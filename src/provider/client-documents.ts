import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Audit } from '../audit/record.ts'
import { makeClient, redirectHosts } from '../clients/client.ts'
import type { DocumentSource } from '../clients/metadata-document.ts'
import { normaliseClientMetadata } from '../clients/normalise.ts'
import { firstState } from '../clients/registration-policy.ts'
import type { ClientStore } from '../clients/store.ts'
import type { Config } from '../config/config.ts'
import { announce } from '../limits/door.ts'
import type { LimitRefusal, Limits } from '../limits/limits.ts'
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'

type Features = NonNullable<Configuration['features']>

/** How the library reaches client documents and keys: both its switch and its only way out. */
export interface ClientDocuments {
  readonly fetch: NonNullable<Configuration['fetch']>
  readonly feature: NonNullable<Features['clientIdMetadataDocument']>
  /** False when documents are off, or when the guard could not be proven: the feature is then not advertised. */
  readonly isOn: boolean
}

/** What the bridge stands on. */
export interface ClientDocumentsDependencies {
  readonly config: Pick<Config, 'clientMetadataDocuments' | 'metadataDocumentHosts' | 'registration'> & {
    readonly file: Pick<Config['file'], 'metadataDocuments'>
  }
  readonly guardedFetch: GuardedFetch
  /** The same guard without the operator's list of internal hosts: what the proof is made with. */
  readonly strictFetch: GuardedFetch
  readonly source: DocumentSource
  readonly clients: Pick<ClientStore, 'find' | 'see'>
  /** Counts what somebody's request makes this server fetch (F16). */
  readonly limits: Limits
  readonly clock: Clock
  readonly audit: Pick<Audit, 'recordSoon'>
  readonly logger: Pick<Logger, 'error' | 'info'>
}

/**
 * The bridge to `clients/metadata-document`: everything that the library fetches goes through our guard, and a document is
 * brought into the one form for client metadata before the library sees it (CIMD draft-02 §4, O5, O7, O8).
 *
 * Proves the guard first: were special-use addresses reachable, the feature would stay off (F01, F02).
 */
export async function createClientDocuments(dependencies: ClientDocumentsDependencies): Promise<ClientDocuments> {
  const { config, guardedFetch, strictFetch, source, clients, limits, clock, audit, logger } = dependencies
  const isWanted = config.clientMetadataDocuments !== 'off'
  const isOn = isWanted && (await guardHolds(strictFetch))
  if (isWanted && !isOn) {
    logger.error({}, 'the guard of outgoing requests is not active: client metadata documents stay off')
  }
  const announced = new Set<string>()
  return {
    isOn,
    fetch: async (url, options) => {
      const address = String(url)
      if (announced.delete(address)) return source.document(address)
      return guardedFetch(address, { headers: options?.headers })
    },
    feature: {
      enabled: isOn,
      ack: 'draft-02',
      async allowFetch(ctx, clientId) {
        const verdict = source.allowDocument(clientId)
        if (!verdict.ok) {
          logger.info({ clientId, reason: verdict.reason }, 'client metadata document refused')
          return false
        }
        const refusal = await limits.take('document_fetch', { address: ctx.state.address })
        if (refusal !== null) throw tooManyFetches(ctx, refusal)
        // Again at the end: only the oldest go, never one that is about to be fetched, or it would come past our form.
        announced.delete(clientId)
        announced.add(clientId)
        const [oldest] = announced
        if (announced.size > mostAnnounced && oldest !== undefined) announced.delete(oldest)
        return true
      },
      // Asked at every look-up, also of a cached document: a block bites at once, and what is first seen or has changed
      // is written before a consent is looked up: one that was given to the old document is none for the new (A10, F14).
      async allowClient(_ctx, client) {
        const known = await clients.find(client.clientId)
        if (known?.state === 'blocked') return false
        const internalHosts = config.metadataDocumentHosts
        const outcome = normaliseClientMetadata(client.metadata(), { origin: 'document', internalHosts })
        if (!outcome.ok) return false
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
          await clients.see(seen)
          const type = known === null ? 'client.registered' : 'client.updated'
          const detail = {
            origin: 'document',
            clientName: seen.claimedName,
            redirectHosts: redirectHosts(seen.metadata),
          }
          audit.recordSoon({ type, actor: `client:${seen.id}`, clientId: seen.id, detail })
        }
        return true
      },
    },
  }
}

// The library joins concurrent fetches of one document, so some announced ids are never fetched; they are few.
const mostAnnounced = 1000

/** Not `invalid_client`: clients register anew when they read that, and this one is right, only too early. */
function tooManyFetches(ctx: KoaContextWithOIDC, refusal: LimitRefusal): Error {
  announce(ctx, refusal)
  const description = `too many new clients, try again in ${refusal.retryAfterSeconds} seconds`
  const error = new errors.CustomOIDCProviderError('temporarily_unavailable', description)
  return Object.assign(error, { status: 429, statusCode: 429 })
}

// RFC 6890: an address on which nothing of a stranger's may ever be fetched; the guard must refuse before any packet.
const forbiddenProbe = 'https://127.0.0.1:9/'

async function guardHolds(guardedFetch: GuardedFetch): Promise<boolean> {
  try {
    await guardedFetch(forbiddenProbe)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'address_refused'
  }
}
