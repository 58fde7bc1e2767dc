import type { IncomingMessage } from 'node:http'

/** A request that is refused for its form alone. */
export interface ShapeFault {
  readonly status: 414 | 431
  /** A word for the count; the sentence is for whoever wrote the client. */
  readonly reason: 'url_too_long' | 'too_many_headers' | 'cookie_too_large'
  readonly text: string
}

/** Bounds of a request, all ours. */
export const requestBounds = {
  // RFC 9110 §4.1 wants 8000 octets at least; what is longer than this goes into a pushed request (RFC 9126).
  urlLength: 12 * 1024,
  // Node 24 answers 431 beyond its bound; before, it forgot what was beyond, and nobody knows what that was.
  headers: 100,
  // Request line and headers together. Node itself answers 431 beyond it.
  headerBytes: 16 * 1024,
  // Our cookies need one kilobyte; a browser that was fed more by a neighbour on the same host name is told.
  cookieLength: 8 * 1024,
} as const

/**
 * Looks at the form of a request before anything else reads it.
 *
 * @returns null when it may go on
 * @see RFC 9110 §15.5.15, RFC 6585 §5
 */
export function requestShapeFault({
  url = '/',
  headers,
  rawHeaders,
}: Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders'>): ShapeFault | null {
  if (url.length > requestBounds.urlLength) {
    return { status: 414, reason: 'url_too_long', text: 'the address is too long' }
  }
  if (rawHeaders.length / 2 >= requestBounds.headers) {
    return { status: 431, reason: 'too_many_headers', text: 'the request has too many headers' }
  }
  if ((headers.cookie?.length ?? 0) > requestBounds.cookieLength) {
    return { status: 431, reason: 'cookie_too_large', text: 'the cookies are too large: clear those of this site' }
  }
  return null
}
