import { type GuardedFetch, GuardedFetchError } from '../net/guarded-fetch.ts'
import { UpstreamFault } from './fault.ts'

/** What a step asks of an upstream. */
export interface WireRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** A fetch for one upstream: guarded, and a server that fails is a fault at once, not an answer to be read. */
export type Wire = (url: string, request?: WireRequest) => Promise<Response>

const refusedCodes: ReadonlySet<string> = new Set(['address_refused', 'url_refused'])

/**
 * Makes the fetch of one upstream.
 *
 * @throws UpstreamFault `down` for timeouts, broken connections, redirects, 429 and 5xx; `refused` for addresses that are not
 *         to be asked (H11)
 */
export function createWire(guardedFetch: GuardedFetch): Wire {
  return async function ask(url, request = {}) {
    const response = await guardedFetch(url, request).catch((error: unknown) => {
      if (!(error instanceof GuardedFetchError)) throw error
      throw new UpstreamFault(refusedCodes.has(error.code) ? 'refused' : 'down', error.code, { cause: error })
    })
    if (response.status >= 500 || response.status === 429) throw new UpstreamFault('down', 'server_error')
    return response
  }
}
