/**
 * What a guarded fetch takes from the options of `fetch`. Of the headers only `accept`, and with a fetch made for one's own
 * providers (`mayPost`) also `authorization` and `content-type`.
 */
export interface GuardedRequest {
  readonly headers?: HeadersInit
  readonly maxBytes?: number
  /** POST only with `mayPost`. */
  readonly method?: 'GET' | 'POST'
  /** A form or another text; sent with POST only. */
  readonly body?: string | undefined
}

/** What goes onto the wire. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST'
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** What leaves of a request: never a cookie; a body or credentials only with `mayPost`. Null: it may not be sent. */
export function outgoing({ method = 'GET', body, headers }: GuardedRequest, mayPost: boolean): OutgoingRequest | null {
  if (method !== 'GET' && !mayPost) return null
  const given = new Headers(headers)
  const names = mayPost ? ['accept', 'authorization', 'content-type'] : ['accept']
  const kept = names.flatMap((name) => {
    const value = given.get(name)
    return value === null ? [] : [[name, value]]
  })
  return {
    method,
    body: method === 'POST' ? body : undefined,
    headers: { accept: 'application/json', ...Object.fromEntries(kept), 'accept-encoding': 'identity' },
  }
}
