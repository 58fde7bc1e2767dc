/*
 * The verifier for web-standard servers: Request in, Response or Auth out. Runs wherever fetch runs.
 */
import { type Answer, answerMetadata, answerPreflight, answerRefusal, corsHeaders } from './answer.ts'
import type { Auth } from './auth.ts'
import { hasTokenInQuery } from './credentials.ts'
import { VerifierError } from './errors.ts'
import type { Verifier } from './verifier.ts'

export type { Auth } from './auth.ts'

/** What a gate asks for. */
export interface GateOptions {
  /** All the scopes that a request needs: a list, or a function of the request. Default none. */
  readonly scopes?: readonly string[] | ((request: Request) => readonly string[] | Promise<readonly string[]>)
}

/**
 * Makes a gate: it resolves to the verified `Auth`, or to the answer to send instead (a refusal, or a CORS preflight).
 * The body of the request is not read.
 *
 * The gate rejects only with what a `scopes` function throws, or with a fault of ours; never treat a rejection as anonymous.
 * @see RFC 6750 §3
 */
export function requireToken(
  verifier: Verifier,
  options: GateOptions = {},
): (request: Request) => Promise<Auth | Response> {
  return async function gate(request) {
    if (isPreflight(request)) return toResponse(answerPreflight(requestedHeaders(request)))
    try {
      const auth = await verifier.authenticate(readRequest(request))
      const needed = typeof options.scopes === 'function' ? await options.scopes(request) : (options.scopes ?? [])
      verifier.requireScopes(auth, needed)
      return auth
    } catch (error) {
      if (error instanceof VerifierError) return toResponse(answerRefusal(error))
      throw error
    }
  }
}

/**
 * Serves the protected resource metadata, at the path with the resource's path in it and at the root one.
 *
 * @returns undefined when the request is for something else
 * @see RFC 9728 §3
 */
export function serveResourceMetadata(verifier: Verifier): (request: Request) => Response | undefined {
  return function serve(request) {
    if (!verifier.metadataPaths.includes(new URL(request.url).pathname)) return undefined
    return toResponse(answerMetadata(verifier.metadata, request.method, requestedHeaders(request)))
  }
}

/** Lets pages of any origin read an answer of yours, as they can read the refusals. */
export function withCors(response: Response): Response {
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(corsHeaders)) headers.set(name, value)
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}

// Headers joins repeated headers with a comma, which no bearer token contains.
function readRequest(request: Request): { authorization: readonly string[]; tokenElsewhere: boolean } {
  const authorization = request.headers.get('authorization')
  return {
    authorization: authorization === null ? [] : [authorization],
    tokenElsewhere: hasTokenInQuery(new URL(request.url).search),
  }
}

// Only a real preflight is let off: it carries no credentials by definition, and it is answered here, never passed on.
function isPreflight(request: Request): boolean {
  return request.method === 'OPTIONS' && request.headers.has('access-control-request-method')
}

function requestedHeaders(request: Request): string | undefined {
  return request.headers.get('access-control-request-headers') ?? undefined
}

function toResponse(answer: Answer): Response {
  return new Response(answer.body ?? null, { status: answer.status, headers: answer.headers })
}
