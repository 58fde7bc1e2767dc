import { checkClaimedKeys } from '../clients/claimed-keys.ts'
import { keptSeconds } from '../clients/document-lifetime.ts'
import { type GuardedFetch, GuardedFetchError } from '../net/guarded-fetch.ts'
import type { Clock } from '../runtime/clock.ts'

// Ours: a key that its owner withdrew is no key here an hour later, whatever its host once said (the library knows no upper bound), and
// for as long a host that cannot be reached does not lock its clients out.
const longestMs = 3600 * 1000
const maximumBytes = 64 * 1024
const mostKept = 500

/** What the fetch of a client's keys stands on. */
export interface ClientKeysDependencies {
  readonly guardedFetch: GuardedFetch
  /** Hosts that an administrator blocked (F15). */
  readonly isBlocked: (hostname: string) => boolean
  readonly clock: Clock
}

interface KeySet {
  readonly text: string
  readonly readAt: number
  readonly freshUntil: number
}

/**
 * Makes what the library fetches a `jwks_uri` with. The answer is a key set in our form, public keys only (F10), or there is none: the
 * library takes a refusal for as fresh as a key set when it is given one with a long `Cache-Control`. Kept here, because the library keeps
 * keys with a client and makes a client anew at each look-up of a document: a host would be asked at every token request.
 *
 * The function returned throws GuardedFetchError, OAuthError, SyntaxError or TypeError; the library makes one error of all.
 * @see RFC 7517 §5, §8.5
 */
export function createClientKeys({ guardedFetch, isBlocked, clock }: ClientKeysDependencies) {
  const kept = new Map<string, KeySet>()
  const underWay = new Map<string, Promise<KeySet>>()
  const nowMs = () => clock.now().getTime()

  async function read(url: string): Promise<KeySet> {
    const accept = 'application/jwk-set+json, application/json'
    const response = await guardedFetch(url, { headers: { accept }, maxBytes: maximumBytes })
    const text = JSON.stringify(checkClaimedKeys(await jsonOf(response)))
    const readAt = nowMs()
    const freshUntil = readAt + Math.min(longestMs, keptSeconds(response.headers, new Date(readAt)) * 1000)
    const keys = { text, readAt, freshUntil }
    kept.delete(url)
    kept.set(url, keys)
    const [oldest] = kept.keys()
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest)
    return keys
  }

  function standIn(url: string, cause: unknown): KeySet {
    const last = kept.get(url)
    const isRecent = last !== undefined && nowMs() - last.readAt < longestMs
    if (isRecent && cause instanceof GuardedFetchError) return last
    // What answers and has no keys has withdrawn them.
    if (!(cause instanceof GuardedFetchError)) kept.delete(url)
    throw cause
  }

  function renew(url: string): Promise<KeySet> {
    const joined = underWay.get(url)
    if (joined !== undefined) return joined
    const begun = read(url)
      .catch((cause: unknown) => standIn(url, cause))
      .finally(() => underWay.delete(url))
    underWay.set(url, begun)
    return begun
  }

  return async function fetchClientKeys(url: string): Promise<Response> {
    if (isBlocked(URL.parse(url)?.hostname ?? '')) throw new TypeError('the host of the keys is blocked')
    const last = kept.get(url)
    const { text, freshUntil } = last !== undefined && nowMs() < last.freshUntil ? last : await renew(url)
    const seconds = Math.max(0, Math.floor((freshUntil - nowMs()) / 1000))
    const headers = { 'content-type': 'application/jwk-set+json', 'cache-control': `max-age=${seconds}` }
    return new Response(text, { headers })
  }
}

/** F08: a success, called JSON, strict UTF-8, one value. */
async function jsonOf(response: Response): Promise<unknown> {
  if (response.status !== 200) throw new TypeError(`the keys were answered with status ${response.status}`)
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(response.headers.get('content-type') ?? '')) {
    throw new TypeError('the keys are not served as JSON')
  }
  return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await response.arrayBuffer()))
}
