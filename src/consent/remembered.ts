import { redirectHost } from '../oauth/redirect-uri.ts'
import type { AccessCheck } from '../resources/access.ts'
import type { Resource } from '../resources/resource.ts'
import type { AskingClient } from './client-card.ts'
import { covers } from './consent.ts'
import { type Reason, reasonToAsk } from './policy.ts'
import type { ConsentStore } from './store.ts'

/** An authorization request by somebody who is signed in. */
export interface RememberedQuestion {
  readonly accountId: string
  readonly clientId: string
  readonly redirectUri: string
  /** Canonical identifier. */
  readonly resource: string
  readonly scopes: readonly string[]
  readonly startedCrossSite: boolean
  readonly askedByClient: boolean
}

/** What is remembered: why the person must be asked, or the consent that stands for an answer. */
export type RememberedAnswer =
  | { readonly ask: Reason }
  | {
      readonly ask: null
      readonly consentId: string
      readonly scopes: readonly string[]
      readonly stayConnected: boolean
      /** When the consent ends, and with it what is made from it. */
      readonly endsAt: Date | undefined
    }

/** Where the facts come from; all of them hot reads. */
export interface RememberedSources {
  readonly store: Pick<ConsentStore, 'listForClient'>
  /** The client as this person has it. */
  readonly findClient: (clientId: string, accountId: string) => Promise<AskingClient | null>
  readonly findResource: (identifier: string) => Promise<Resource | null>
  readonly mayUse: AccessCheck
}

/** Looks up whether a remembered consent answers a request, without a page. Fails closed: what is not known is asked. */
export async function remembered(
  sources: RememberedSources,
  question: RememberedQuestion,
  now: Date,
): Promise<RememberedAnswer> {
  const [client, resource, consents] = await Promise.all([
    sources.findClient(question.clientId, question.accountId),
    sources.findResource(question.resource),
    sources.store.listForClient(question.accountId, question.clientId),
  ])
  if (client === null || resource === null) return { ask: 'new-client' }
  // Fail closed: the page is where the person is told that this server is not open to them.
  if (!(await sources.mayUse(resource, question.accountId))) return { ask: 'new-resource' }
  const request = {
    accountId: question.accountId,
    clientId: question.clientId,
    redirectHost: redirectHost(question.redirectUri),
    resourceId: resource.id,
    scopes: question.scopes,
    metadataDigest: client.metadataDigest,
  }
  const ask = reasonToAsk({
    request,
    consents,
    clientOrigin: client.origin,
    startedCrossSite: question.startedCrossSite,
    askedByClient: question.askedByClient,
    now,
  })
  if (ask !== null) return { ask }
  const consent = consents.find((candidate) => covers(candidate, request, now))
  if (consent === undefined) return { ask: 'new-scope' }
  return {
    ask: null,
    consentId: consent.id,
    scopes: question.scopes,
    stayConnected: consent.stayConnected,
    endsAt: consent.expiresAt,
  }
}
