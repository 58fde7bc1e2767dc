/*
 * The verifier for web-standard servers: Request in, Response or Auth out. Runs wherever fetch runs.
 */
import { answerMetadata, corsHeaders } from './answer.ts'
import type { Auth } from './auth.ts'
import { admit, admitMcp, type McpEntry, type McpGuardOptions } from './gate.ts'
import { endWithToken } from './stream-response.ts'
import type { Verifier } from './verifier.ts'
import { describe, readBody, toResponse, withHeaders } from './web-request.ts'

export type { Auth } from './auth.ts'
export type { McpEntry, McpGuardOptions } from './gate.ts'
export { endWithToken } from './stream-response.ts'

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
  { scopes = [] }: GateOptions = {},
): (request: Request) => Promise<Auth | Response> {
  return async function gate(request) {
    const needed = typeof scopes === 'function' ? () => scopes(request) : () => scopes
    const admission = await admit(verifier, describe(request), needed)
    return admission.ok ? admission.entry : toResponse(admission.answer)
  }
}

/**
 * Makes a fetch handler of an MCP server out of one that trusts its caller. It serves the metadata, answers preflights and refusals, reads
 * which tool is called and asks for its scopes, lets pages read the answers, and ends event streams when their token does.
 *
 * @param handler gets the request with its body unread, and who sent it
 * @see MCP, Streamable HTTP
 */
export function guardMcp(
  verifier: Verifier,
  handler: (request: Request, entry: McpEntry) => Response | Promise<Response>,
  options: McpGuardOptions = {},
): (request: Request) => Promise<Response> {
  const serveMetadata = serveResourceMetadata(verifier)
  return async function guard(request) {
    const document = serveMetadata(request)
    if (document !== undefined) return document
    const admission = await admitMcp(verifier, describe(request), options, (maxBytes) => readBody(request, maxBytes))
    if (!admission.ok) return toResponse(admission.answer)
    const response = await handler(request, admission.entry)
    return withHeaders(endWithToken(verifier, admission.entry.auth, response), admission.headers)
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
    const requestedHeaders = request.headers.get('access-control-request-headers') ?? undefined
    return toResponse(answerMetadata(verifier.metadata, request.method, requestedHeaders))
  }
}

/** Lets pages of any origin read an answer of yours, as they can read the refusals. */
export function withCors(response: Response): Response {
  return withHeaders(response, corsHeaders)
}
