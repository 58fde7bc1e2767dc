/**
 * What a guarded fetch takes from the options of `fetch`. Of the headers only `accept`; with a fetch made for one's own providers
 * (`mayPost`) also `authorization` and `content-type`; with one that plays a client (`asClient`) also what browsers and MCP clients send.
 */
export interface GuardedRequest {
  readonly headers?: HeadersInit
  readonly maxBytes?: number
  /** POST only with `mayPost` or `asClient`, OPTIONS and DELETE only with `asClient`. */
  readonly method?: 'GET' | 'POST' | 'OPTIONS' | 'DELETE'
  /** A form or another text; sent with POST only. */
  readonly body?: string | undefined
}

/** What goes onto the wire. */
export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'OPTIONS' | 'DELETE'
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** What a fetch may send. */
export interface SendingRights {
  readonly mayPost?: boolean | undefined
  readonly asClient?: boolean | undefined
}

const ofReader = ['accept']
const ofPoster = [...ofReader, 'authorization', 'content-type']
const ofClient = [
  ...ofPoster,
  'origin',
  'access-control-request-method',
  'access-control-request-headers',
  'mcp-protocol-version',
  'mcp-session-id',
]

/** What leaves of a request: never a cookie; a body or credentials only where it may. Null: it may not be sent. */
export function outgoing(
  { method = 'GET', body, headers }: GuardedRequest,
  { mayPost = false, asClient = false }: SendingRights,
): OutgoingRequest | null {
  const methods = asClient ? ['GET', 'POST', 'OPTIONS', 'DELETE'] : mayPost ? ['GET', 'POST'] : ['GET']
  if (!methods.includes(method)) return null
  const given = new Headers(headers)
  const names = asClient ? ofClient : mayPost ? ofPoster : ofReader
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
