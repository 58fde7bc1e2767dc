import { type Consent, type ConsentRequest, covers, hasSameKey, isExpired } from './consent.ts'

/** Why a person is asked; the page says it in words. */
export type Reason =
  | 'new-client'
  | 'new-resource'
  | 'new-redirect-host'
  | 'changed-document'
  | 'expired'
  | 'new-scope'
  | 'cross-site-start'
  | 'unproven-local-client'
  | 'asked-by-client'

/** Where a client came from, as clients/ stores it. */
export type ClientOrigin = 'document' | 'registered' | 'operator'

/** Everything the decision looks at. */
export interface AskFacts {
  readonly request: ConsentRequest
  /** This person's consents for this client that were not withdrawn; ended ones may be among them. */
  readonly consents: readonly Consent[]
  readonly clientOrigin: ClientOrigin
  /** The browser came here from a page of another site (`Sec-Fetch-Site: cross-site`). */
  readonly startedCrossSite: boolean
  /** The client sent `prompt=consent`. */
  readonly askedByClient: boolean
  readonly now: Date
}

/**
 * Tells whether the party behind this redirect is known for sure, so that nobody else can collect the answer.
 *
 * A metadata document proves who publishes the client, but not which program listens on a port of this computer or answers
 * to a private scheme: anyone can send the public client_id of a famous client with its redirect (F17, RFC 8252 §8.6).
 */
export function isAssured(origin: ClientOrigin, redirectHost: string): boolean {
  switch (origin) {
    case 'operator':
      return true
    case 'document':
      return !isLocal(redirectHost)
    case 'registered':
      return false
  }
}

/**
 * Decides whether the consent page is shown.
 *
 * @returns the first reason that holds, what is newest to the person first; null when a remembered consent suffices
 */
export function reasonToAsk(facts: AskFacts): Reason | null {
  const { request, now } = facts
  const ofClient = facts.consents.filter(
    (consent) =>
      consent.revokedAt === undefined &&
      consent.accountId === request.accountId &&
      consent.clientId === request.clientId,
  )
  if (ofClient.length === 0) return 'new-client'
  const ofResource = ofClient.filter((consent) => consent.resourceId === request.resourceId)
  if (ofResource.length === 0) return 'new-resource'
  const sameKey = ofResource.filter((consent) => hasSameKey(consent, request))
  // RFC 9700 §4.11: a consent for one redirect of a client says nothing about another host (G01).
  if (sameKey.length === 0) return 'new-redirect-host'
  if (!sameKey.some((consent) => covers(consent, request, now))) return reasonNotCovered(sameKey, request, now)
  // A page of another site sent the person here: only the person can say that it was meant (H04).
  if (facts.startedCrossSite) return 'cross-site-start'
  // RFC 8252 §8.6: no silent second time where any program could have asked; only https can be claimed by one alone.
  if (isLocal(request.redirectHost) && !isAssured(facts.clientOrigin, request.redirectHost)) {
    return 'unproven-local-client'
  }
  // OpenID Connect Core §3.1.2.1: prompt=consent asks although the answer is known.
  if (facts.askedByClient) return 'asked-by-client'
  return null
}

/** Whether the answer goes to whichever program of this device listens on the port or has claimed the scheme. */
function isLocal(redirectHost: string): boolean {
  return redirectHost === 'loopback' || redirectHost.endsWith(':')
}

function reasonNotCovered(sameKey: readonly Consent[], request: ConsentRequest, now: Date): Reason {
  if (!sameKey.some((consent) => consent.metadataDigest === request.metadataDigest)) return 'changed-document'
  const alive = sameKey.filter((consent) => !isExpired(consent, now))
  if (alive.length === 0) return 'expired'
  return 'new-scope'
}
