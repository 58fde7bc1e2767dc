/*
 * The verifier as Fastify hooks. Described by structure, so that Fastify is not needed.
 */
import { type Answer, answerMetadata } from './answer.ts'
import type { Auth } from './auth.ts'
import { admit, type GateRequest, judgeMcp, type McpGuardOptions } from './gate.ts'
import {
  describeNodeRequest,
  endNodeStreamWithToken,
  type NodeRequest,
  type NodeResponse,
  readNodeBody,
  splitUrl,
} from './node-http.ts'
import type { Verifier } from './verifier.ts'

export type { Auth } from './auth.ts'
export type { McpGuardOptions } from './gate.ts'

/** The part of a Fastify request that is used. */
export interface FastifyRequestLike {
  readonly method: string
  readonly originalUrl: string
  readonly raw: NodeRequest
  readonly body?: unknown
}

/** The part of a Fastify reply that is used. */
export interface FastifyReplyLike {
  readonly raw: NodeResponse
  code(status: number): unknown
  headers(values: Record<string, string>): unknown
  send(payload?: string): unknown
}

/** What a gate asks for. */
export interface GateOptions {
  /** All the scopes that a request needs: a list, or a function of the request. Default none. */
  readonly scopes?:
    | readonly string[]
    | ((request: FastifyRequestLike) => readonly string[] | Promise<readonly string[]>)
}

/** A hook of Fastify. */
export type FastifyHook = (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>

const admitted = new WeakMap<object, Auth>()

/**
 * Tells who sent a request that passed a gate.
 *
 * @throws Error for a request that passed none, so that a route without its hook lets nobody in
 */
export function authOf(request: object): Auth {
  const auth = admitted.get(request)
  if (auth === undefined) throw new Error('the request passed no gate: is the hook registered for this route?')
  return auth
}

/**
 * Makes an `onRequest` hook that goes on only with a good token; then {@link authOf} knows who asks, and so does `request.raw.auth` for
 * transports. It answers refusals and CORS preflights itself, and ends event streams when their token does.
 *
 * @see RFC 6750 §3
 */
export function requireToken(verifier: Verifier, { scopes = [] }: GateOptions = {}): FastifyHook {
  return async function gate(request, reply) {
    const needed = typeof scopes === 'function' ? () => scopes(request) : () => scopes
    const admission = await admit(verifier, describe(request), needed)
    if (!admission.ok) return send(reply, admission.answer)
    admitted.set(request, admission.entry)
    Object.assign(request.raw, { auth: admission.entry })
    // On the raw response, so that a handler that takes the reply over has them too.
    for (const [name, value] of Object.entries(admission.headers)) reply.raw.setHeader(name, value)
    endNodeStreamWithToken(verifier, admission.entry, reply.raw)
    return undefined
  }
}

/**
 * Makes the two hooks that guard an MCP endpoint, to be spread into the options of its route. `onRequest` is {@link requireToken}, so that
 * the body of a stranger is not even parsed; `preHandler` reads from what Fastify has parsed which tool is called, and asks for its
 * scopes. Hooks of your own stand beside these (`preHandler: [guard.preHandler, yours]`): in their place, no tool would be looked at.
 *
 * @see MCP, Streamable HTTP
 */
export function guardMcp(
  verifier: Verifier,
  options: McpGuardOptions = {},
): { readonly onRequest: FastifyHook; readonly preHandler: FastifyHook } {
  return {
    onRequest: requireToken(verifier),
    async preHandler(request, reply) {
      const readBody = (maxBytes: number) => readNodeBody(request.raw, request.body ?? null, maxBytes)
      const answer = await judgeMcp(verifier, describe(request), options, authOf(request), readBody)
      return answer && send(reply, answer)
    },
  }
}

/**
 * Makes an `onRequest` hook that serves the protected resource metadata. Register it at the root: its paths are absolute.
 *
 * @see RFC 9728 §3
 */
export function serveResourceMetadata(verifier: Verifier): FastifyHook {
  return async function serve(request, reply) {
    if (!verifier.metadataPaths.includes(splitUrl(request.originalUrl).path)) return undefined
    const names = request.raw.headers['access-control-request-headers']
    const requestedHeaders = typeof names === 'string' ? names : undefined
    return send(reply, answerMetadata(verifier.metadata, request.method, requestedHeaders))
  }
}

function describe(request: FastifyRequestLike): GateRequest {
  return describeNodeRequest(request.raw, request.originalUrl, request.body)
}

function send(reply: FastifyReplyLike, answer: Answer): FastifyReplyLike {
  reply.code(answer.status)
  reply.headers({ ...answer.headers })
  reply.send(answer.body)
  return reply
}
