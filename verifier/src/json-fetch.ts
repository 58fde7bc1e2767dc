import { readBounded } from './bounded-body.ts'

/** The part of `fetch` that is used here; any implementation of the standard fits. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** How far a document of the issuer may go before it is given up. */
export interface FetchLimits {
  readonly timeoutMilliseconds: number
  readonly maxBytes: number
}

/** What a fetch brought. */
export interface FetchedText {
  readonly status: number
  /** Undefined unless the status is 200. */
  readonly text: string | undefined
  readonly etag: string | undefined
}

/**
 * Fetches one document of the issuer.
 *
 * Follows no redirect: a redirect is how a document of the issuer becomes a request into the internal network.
 * @throws Error when the network fails, the time is up, the body is too large or is not UTF-8
 */
export async function fetchText(
  fetch: Fetch,
  url: string,
  limits: FetchLimits,
  init: RequestInit = {},
): Promise<FetchedText> {
  const response = await fetch(url, {
    method: 'GET',
    redirect: 'manual',
    ...init,
    // Covers the body too: a server that sends one byte a minute does not hold us.
    // Whole milliseconds: 16.1 seconds are 16100.000000000002, and that throws.
    signal: AbortSignal.timeout(Math.ceil(limits.timeoutMilliseconds)),
  })
  const etag = response.headers.get('etag') ?? undefined
  if (response.status !== 200) {
    await response.body?.cancel()
    return { status: response.status, text: undefined, etag }
  }
  const bytes = response.body === null ? new Uint8Array() : await readBounded(response.body, limits.maxBytes)
  if (bytes === undefined) throw new Error(`${url} answered with more than ${limits.maxBytes} bytes`)
  return { status: 200, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), etag }
}

/**
 * Fetches one JSON document of the issuer.
 *
 * @returns the status, and the parsed document when it is 200
 * @throws Error as {@link fetchText}, and when it is not JSON
 */
export async function fetchJson(
  fetch: Fetch,
  url: string,
  limits: FetchLimits,
  init: RequestInit = { headers: { accept: 'application/json' } },
): Promise<{ readonly status: number; readonly document: unknown }> {
  const { status, text } = await fetchText(fetch, url, limits, init)
  return { status, document: text === undefined ? undefined : JSON.parse(text) }
}
