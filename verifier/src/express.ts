/*
 * The verifier as connect-style middleware, for Express and for anything on node:http. Described by structure, so that
 * neither Express nor the types of Node are needed.
 */
import { answerMetadata } from './answer.ts'
import type { Auth } from './auth.ts'
import { type Admission, admit, admitMcp, type McpEntry, type McpGuardOptions } from './gate.ts'
import {
  describeNodeRequest,
  endNodeStreamWithToken,
  type NodeRequest,
  type NodeResponse,
  readNodeBody,
  sendAnswer,
  splitUrl,
} from './node-http.ts'
import type { Verifier } from './verifier.ts'

export type { Auth } from './auth.ts'
export type { McpGuardOptions } from './gate.ts'

/** The part of a request that is used; IncomingMessage and the request of Express fit. */
export interface ConnectRequest extends NodeRequest {
  readonly originalUrl?: string | undefined
  /** What a parser has made of the body; the guard sets it where there was none. */
  body?: unknown
  /** Where the verified `Auth` is put; unknown, because the SDK declares a type of its own for it. */
  auth?: unknown
}

/** The part of a response that is used. */
export type ConnectResponse = NodeResponse

/** Goes on to the next handler, or to the error handler. */
export type Next = (error?: unknown) => void

/** What a gate asks for. */
export interface GateOptions<Incoming> {
  /** All the scopes that a request needs: a list, or a function of the request. Default none. */
  readonly scopes?: readonly string[] | ((request: Incoming) => readonly string[] | Promise<readonly string[]>)
}

/**
 * Makes middleware that goes on only with a good token; then `req.auth` is set. It answers refusals and CORS preflights itself, and ends
 * event streams when their token does. Anything else that goes wrong is given to `next(error)`.
 *
 * @see RFC 6750 §3
 */
export function requireToken<Incoming extends ConnectRequest>(
  verifier: Verifier,
  { scopes = [] }: GateOptions<Incoming> = {},
): (request: Incoming, response: ConnectResponse, next: Next) => Promise<void> {
  return async function gate(request, response, next) {
    const needed = typeof scopes === 'function' ? () => scopes(request) : () => scopes
    const deciding = admit(verifier, describeNodeRequest(request, address(request), request.body), needed)
    await letIn(verifier, deciding, request, response, next, (auth) => auth)
  }
}

/**
 * Makes middleware that guards an MCP endpoint: as {@link requireToken}, and it reads which tool is called and asks for its scopes.
 * `req.body` is the parsed message afterwards: give it to the transport, because the stream has been read.
 *
 * @see MCP, Streamable HTTP
 */
export function guardMcp<Incoming extends ConnectRequest>(
  verifier: Verifier,
  options: McpGuardOptions = {},
): (request: Incoming, response: ConnectResponse, next: Next) => Promise<void> {
  return async function guard(request, response, next) {
    const described = describeNodeRequest(request, address(request), request.body)
    const deciding = admitMcp(verifier, described, options, (maxBytes) => readNodeBody(request, request.body, maxBytes))
    await letIn(verifier, deciding, request, response, next, (entry: McpEntry) => {
      if (entry.message !== undefined) request.body = entry.message.body
      return entry.auth
    })
  }
}

/**
 * Makes middleware that serves the protected resource metadata. Mount it at the root: its paths are absolute.
 *
 * @see RFC 9728 §3
 */
export function serveResourceMetadata(
  verifier: Verifier,
): (request: ConnectRequest, response: ConnectResponse, next: Next) => void {
  return function serve(request, response, next) {
    if (!verifier.metadataPaths.includes(splitUrl(address(request)).path)) return next()
    const requestedHeaders = request.headers['access-control-request-headers']
    const names = typeof requestedHeaders === 'string' ? requestedHeaders : undefined
    sendAnswer(response, answerMetadata(verifier.metadata, request.method ?? 'GET', names))
  }
}

async function letIn<Entry>(
  verifier: Verifier,
  deciding: Promise<Admission<Entry>>,
  request: ConnectRequest,
  response: ConnectResponse,
  next: Next,
  read: (entry: Entry) => Auth,
): Promise<void> {
  let admission: Admission<Entry>
  try {
    admission = await deciding
  } catch (error) {
    return next(error)
  }
  // Meanwhile somebody else has answered, a timeout of the application for example: nothing can be said any more, and nobody waits to be let in.
  if (response.headersSent) return
  if (!admission.ok) return sendAnswer(response, admission.answer)
  const auth = read(admission.entry)
  request.auth = auth
  for (const [name, value] of Object.entries(admission.headers)) response.setHeader(name, value)
  endNodeStreamWithToken(verifier, auth, response)
  next()
}

// Express cuts the mount path off `url` and keeps the whole in `originalUrl`.
function address(request: ConnectRequest): string {
  return request.originalUrl ?? request.url ?? ''
}
