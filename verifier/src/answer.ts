import type { VerifierError } from './errors.ts'

/** An HTTP answer, for an adapter to send. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** undefined: no body. */
  readonly body: string | undefined
}

// A page may only read these of a cross-origin answer. Without WWW-Authenticate a client in a browser cannot find the
// authorization server. Allowing any origin gives nothing away: no cookie is used, only the token that the page itself holds.
const exposedHeaders = 'WWW-Authenticate, DPoP-Nonce, Retry-After, Mcp-Session-Id, MCP-Protocol-Version'

/** The headers that let a page of any origin read an answer. @see Fetch Standard, CORS protocol */
export const corsHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': exposedHeaders,
}

/**
 * Turns a refusal into an answer. The body repeats the code, except where no credentials were sent (RFC 6750 §3.1).
 *
 * @param rpcId `id` of the JSON-RPC message that is refused; null when it could not be read (JSON-RPC 2.0 §5)
 */
export function answerRefusal(error: VerifierError, rpcId: string | number | null = null): Answer {
  const body = error.reason === 'no_credentials' ? undefined : JSON.stringify(bodyOf(error, rpcId))
  return {
    status: error.status,
    headers: {
      ...corsHeaders,
      'cache-control': 'no-store',
      ...(error.challenge !== undefined && { 'www-authenticate': error.challenge }),
      ...(error.dpopNonce !== undefined && { 'dpop-nonce': error.dpopNonce }),
      ...(error.retryAfterSeconds !== undefined && { 'retry-after': String(error.retryAfterSeconds) }),
      ...(error.status === 405 && { allow: 'GET, POST, DELETE, OPTIONS' }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body,
  }
}

// An MCP message is answered in its own words; credentials in those of OAuth.
function bodyOf(error: VerifierError, id: string | number | null): unknown {
  if (error.rpcCode === undefined) return { error: error.code, error_description: error.message }
  return { jsonrpc: '2.0', id, error: { code: error.rpcCode, message: error.message } }
}

/**
 * Answers the question of a browser before a cross-origin request.
 *
 * @param requestedHeaders value of Access-Control-Request-Headers; repeated when it is a plain list of names, because `*`
 * would not cover Authorization
 */
export function answerPreflight(requestedHeaders: string | undefined): Answer {
  const names = requestedHeaders !== undefined && /^[\w\-, ]+$/.test(requestedHeaders) ? requestedHeaders : undefined
  return {
    status: 204,
    headers: {
      'access-control-allow-origin': '*',
      // What a gate stands before is the application's; its own methods decide.
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      'access-control-allow-headers':
        names ?? 'Authorization, Content-Type, DPoP, MCP-Protocol-Version, Mcp-Session-Id',
      'access-control-max-age': '600',
      vary: 'Access-Control-Request-Headers',
    },
    body: undefined,
  }
}

/**
 * Answers a request for the protected resource metadata.
 *
 * @param document what to serve
 * @param method of the request
 * @see RFC 9728 §3.2
 */
export function answerMetadata(document: unknown, method: string, requestedHeaders: string | undefined): Answer {
  if (method === 'OPTIONS') return answerPreflight(requestedHeaders)
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, headers: { ...corsHeaders, allow: 'GET, HEAD, OPTIONS' }, body: undefined }
  }
  return {
    status: 200,
    // Ours: five minutes; long enough to spare us, short enough for a change of issuer.
    headers: { ...corsHeaders, 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
    body: method === 'HEAD' ? undefined : JSON.stringify(document),
  }
}
