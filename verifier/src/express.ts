/*
 * The verifier as connect-style middleware, for Express and for anything on node:http. Described by structure, so that
 * neither Express nor the types of Node are needed.
 */
import { type Answer, answerMetadata, answerPreflight, answerRefusal, corsHeaders } from './answer.ts'
import type { Auth } from './auth.ts'
import { hasTokenInQuery, type PresentedCredentials } from './credentials.ts'
import { VerifierError } from './errors.ts'
import { isRecord } from './strict-json.ts'
import type { Verifier } from './verifier.ts'

export type { Auth } from './auth.ts'

/** The part of a request that is used; IncomingMessage and the request of Express fit. */
export interface ConnectRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly originalUrl?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly rawHeaders?: readonly string[] | undefined
  readonly body?: unknown
  /** Where the verified {@link Auth} is put; unknown, because the SDK declares a type of its own for it. */
  auth?: unknown
}

/** The part of a response that is used; ServerResponse and the response of Express fit. */
export interface ConnectResponse {
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(body?: string): unknown
}

/** Goes on to the next handler, or to the error handler. */
export type Next = (error?: unknown) => void

/** What a gate asks for. */
export interface GateOptions<Incoming> {
  /** All the scopes that a request needs: a list, or a function of the request. Default none. */
  readonly scopes?: readonly string[] | ((request: Incoming) => readonly string[] | Promise<readonly string[]>)
}

/**
 * Makes middleware that goes on only with a good token; then `req.auth` is set. It answers refusals and CORS preflights itself.
 * Anything else that goes wrong is given to `next(error)`.
 *
 * @see RFC 6750 §3
 */
export function requireToken<Incoming extends ConnectRequest>(
  verifier: Verifier,
  options: GateOptions<Incoming> = {},
): (request: Incoming, response: ConnectResponse, next: Next) => Promise<void> {
  return async function gate(request, response, next) {
    if (isPreflight(request)) return send(response, answerPreflight(requestedHeaders(request)))
    try {
      const auth = await verifier.authenticate(readRequest(request))
      const needed = typeof options.scopes === 'function' ? await options.scopes(request) : (options.scopes ?? [])
      verifier.requireScopes(auth, needed)
      request.auth = auth
    } catch (error) {
      return error instanceof VerifierError ? send(response, answerRefusal(error)) : next(error)
    }
    for (const [name, value] of Object.entries(corsHeaders)) response.setHeader(name, value)
    next()
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
    const [path = ''] = address(request).split('?')
    if (!verifier.metadataPaths.includes(path)) return next()
    send(response, answerMetadata(verifier.metadata, request.method ?? 'GET', requestedHeaders(request)))
  }
}

function readRequest(request: ConnectRequest): PresentedCredentials {
  const [, query = ''] = address(request).split('?', 2)
  return {
    authorization: readAuthorization(request),
    tokenElsewhere: hasTokenInQuery(query) || hasTokenInForm(request),
  }
}

// Node keeps the first of several Authorization headers and hides the others; a proxy may have looked at the last.
// So all of them are read, from the raw list where there is one.
function readAuthorization(request: ConnectRequest): readonly string[] {
  const { rawHeaders } = request
  if (rawHeaders !== undefined) {
    return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'authorization')
  }
  const { authorization } = request.headers
  if (authorization === undefined) return []
  return typeof authorization === 'string' ? [authorization] : authorization
}

// RFC 6750 §2.2: only a form counts. A JSON body may have a member of that name for reasons of its own.
function hasTokenInForm(request: ConnectRequest): boolean {
  const contentType = request.headers['content-type']
  if (typeof contentType !== 'string' || !/^application\/x-www-form-urlencoded\b/i.test(contentType)) return false
  return isRecord(request.body) && 'access_token' in request.body
}

// Express cuts the mount path off `url` and keeps the whole in `originalUrl`.
function address(request: ConnectRequest): string {
  return request.originalUrl ?? request.url ?? ''
}

// Only a real preflight is let off: it carries no credentials by definition, and it is answered here, never passed on.
function isPreflight(request: ConnectRequest): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
}

function requestedHeaders(request: ConnectRequest): string | undefined {
  const value = request.headers['access-control-request-headers']
  return typeof value === 'string' ? value : undefined
}

function send(response: ConnectResponse, answer: Answer): void {
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
  response.end(answer.body)
}
