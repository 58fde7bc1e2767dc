import { redirectHost } from '../oauth/redirect-uri.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ConsentKey } from './consent.ts'
import { type ClientOrigin, type Reason, reasonToAsk } from './policy.ts'
import type { ConsentStore } from './store.ts'

/** The facts of an authorization request, as the protocol room knows them. */
export interface ConsentQuestion {
  readonly accountId: string
  readonly clientId: string
  readonly redirectUri: string
  /** Canonical identifier of the MCP server. */
  readonly resource: string
  /** Requested scopes that the MCP server knows. */
  readonly scopes: readonly string[]
  readonly startedCrossSite: boolean
  readonly askedByClient: boolean
}

/** Why the person must be asked, or the remembered consent to go on with. */
export type ConsentAnswer =
  | { readonly ask: Reason }
  | {
      readonly ask: null
      readonly consentId: string
      readonly scopes: readonly string[]
      readonly stayConnected: boolean
    }

/** Where the look-up reads. */
export interface ConsentLookupSources {
  readonly store: Pick<ConsentStore, 'findCovering'>
  readonly findClient: (
    clientId: string,
  ) => Promise<{ readonly origin: ClientOrigin; readonly metadataDigest: string } | null>
  readonly findResource: (identifier: string) => Promise<{ readonly id: string } | null>
  readonly clock: Clock
}

/**
 * Makes the question that every authorization asks before a page is shown: one prepared read. The page itself looks at
 * all consents of the client to name the reason exactly; here any reason means the page.
 */
export function createConsentLookup(
  sources: ConsentLookupSources,
): (question: ConsentQuestion) => Promise<ConsentAnswer> {
  return async function lookUpConsent(question) {
    const [client, resource] = await Promise.all([
      sources.findClient(question.clientId),
      sources.findResource(question.resource),
    ])
    // Gone between the checks of the request and this moment; the page says so.
    if (client === null || resource === null) return { ask: 'new-client' }
    const key: ConsentKey = {
      accountId: question.accountId,
      clientId: question.clientId,
      redirectHost: redirectHost(question.redirectUri),
      resourceId: resource.id,
    }
    const consent = await sources.store.findCovering(key)
    const ask = reasonToAsk({
      request: { ...key, scopes: question.scopes, metadataDigest: client.metadataDigest },
      consents: consent === null ? [] : [consent],
      clientOrigin: client.origin,
      startedCrossSite: question.startedCrossSite,
      askedByClient: question.askedByClient,
      now: sources.clock.now(),
    })
    if (consent === null || ask !== null) return { ask: ask ?? 'new-client' }
    return { ask: null, consentId: consent.id, scopes: question.scopes, stayConnected: consent.stayConnected }
  }
}
