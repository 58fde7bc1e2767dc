import { checkClaimedKeys } from '../clients/claimed-keys.ts'
import { keptSeconds } from '../clients/document-lifetime.ts'
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import type { Clock } from '../runtime/clock.ts'

// Ours: a key that its owner withdrew is no key here an hour later, whatever its host once said (the library knows no upper bound).
const mostSeconds = 3600
const maximumBytes = 64 * 1024

/** What the fetch of a client's keys stands on. */
export interface ClientKeysDependencies {
  readonly guardedFetch: GuardedFetch
  /** Hosts that an administrator blocked (F15). */
  readonly isBlocked: (hostname: string) => boolean
  readonly clock: Clock
}

/**
 * Makes what the library fetches a `jwks_uri` with. The answer is a key set in our form, public keys only (F10), or there is none: the
 * library takes a refusal for as fresh as a key set when it is given one with a long `Cache-Control`.
 *
 * The function returned throws GuardedFetchError, OAuthError or TypeError; the library makes `invalid_client_metadata` of each.
 * @see RFC 7517 §5, §8.5
 */
export function createClientKeys({ guardedFetch, isBlocked, clock }: ClientKeysDependencies) {
  return async function fetchClientKeys(url: string): Promise<Response> {
    if (isBlocked(URL.parse(url)?.hostname ?? '')) throw new TypeError('the host of the keys is blocked')
    const accept = 'application/jwk-set+json, application/json'
    const response = await guardedFetch(url, { headers: { accept }, maxBytes: maximumBytes })
    if (response.status !== 200) throw new TypeError(`the keys were answered with status ${response.status}`)
    if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(response.headers.get('content-type') ?? '')) {
      throw new TypeError('the keys are not served as JSON')
    }
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await response.arrayBuffer())
    const said: unknown = JSON.parse(text)
    const keys = checkClaimedKeys(said)
    const seconds = Math.min(mostSeconds, keptSeconds(response.headers, clock.now()))
    const headers = { 'content-type': 'application/jwk-set+json', 'cache-control': `max-age=${seconds}` }
    return new Response(JSON.stringify(keys), { headers })
  }
}
