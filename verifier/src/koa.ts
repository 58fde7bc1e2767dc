/*
 * The verifier as Koa middleware. Described by structure, so that Koa is not needed.
 */
import { type Answer, answerMetadata } from './answer.ts'
import type { Auth } from './auth.ts'
import { admit, admitMcp, type GateRequest, type McpGuardOptions } from './gate.ts'
import {
  describeNodeRequest,
  endNodeStreamWithToken,
  type NodeRequest,
  type NodeResponse,
  readNodeBody,
} from './node-http.ts'
import type { Verifier } from './verifier.ts'

export type { Auth } from './auth.ts'
export type { McpGuardOptions } from './gate.ts'

/** The part of a Koa context that is used. */
export interface KoaContext {
  readonly method: string
  readonly path: string
  readonly originalUrl: string
  readonly req: NodeRequest
  readonly res: NodeResponse
  readonly request: object
  /** `auth` is put here. */
  readonly state: object
  status: number
  body: unknown
  get(name: string): string
  set(name: string, value: string): unknown
}

/** What a gate asks for. */
export interface GateOptions<Context> {
  /** All the scopes that a request needs: a list, or a function of the context. Default none. */
  readonly scopes?: readonly string[] | ((context: Context) => readonly string[] | Promise<readonly string[]>)
}

/**
 * Makes middleware that goes on only with a good token; then `ctx.state.auth` is set, and `ctx.req.auth` for transports. It answers refusals
 * and CORS preflights itself, and ends event streams when their token does. What else goes wrong is thrown.
 *
 * @see RFC 6750 §3
 */
export function requireToken<Context extends KoaContext>(
  verifier: Verifier,
  { scopes = [] }: GateOptions<Context> = {},
): (context: Context, next: () => Promise<unknown>) => Promise<void> {
  return async function gate(context, next) {
    const needed = typeof scopes === 'function' ? () => scopes(context) : () => scopes
    const admission = await admit(verifier, describe(context), needed)
    if (!admission.ok) return send(context, admission.answer)
    letIn(verifier, context, admission.entry, admission.headers)
    await next()
  }
}

/**
 * Makes middleware that guards an MCP endpoint: as {@link requireToken}, and it reads which tool is called and asks for its scopes.
 * `ctx.request.body` is the parsed message afterwards: give it to the transport, because the stream has been read.
 *
 * @see MCP, Streamable HTTP
 */
export function guardMcp<Context extends KoaContext>(
  verifier: Verifier,
  options: McpGuardOptions = {},
): (context: Context, next: () => Promise<unknown>) => Promise<void> {
  return async function guard(context, next) {
    const admission = await admitMcp(verifier, describe(context), options, (maxBytes) =>
      readNodeBody(context.req, parsedBody(context), maxBytes),
    )
    if (!admission.ok) return send(context, admission.answer)
    const { auth, message } = admission.entry
    if (message !== undefined) Object.assign(context.request, { body: message.body })
    letIn(verifier, context, auth, admission.headers)
    await next()
  }
}

/**
 * Makes middleware that serves the protected resource metadata. Put it before any router: its paths are absolute.
 *
 * @see RFC 9728 §3
 */
export function serveResourceMetadata(
  verifier: Verifier,
): (context: KoaContext, next: () => Promise<unknown>) => Promise<void> {
  return async function serve(context, next) {
    if (!verifier.metadataPaths.includes(context.path)) {
      await next()
      return
    }
    const names = context.get('access-control-request-headers')
    send(context, answerMetadata(verifier.metadata, context.method, names === '' ? undefined : names))
  }
}

function describe(context: KoaContext): GateRequest {
  return describeNodeRequest(context.req, context.originalUrl, parsedBody(context))
}

function parsedBody({ request }: KoaContext): unknown {
  return 'body' in request ? request.body : undefined
}

function letIn(verifier: Verifier, context: KoaContext, auth: Auth, headers: Readonly<Record<string, string>>): void {
  Object.assign(context.state, { auth })
  Object.assign(context.req, { auth })
  for (const [name, value] of Object.entries(headers)) context.set(name, value)
  endNodeStreamWithToken(verifier, auth, context.res)
}

function send(context: KoaContext, answer: Answer): void {
  context.status = answer.status
  for (const [name, value] of Object.entries(answer.headers)) context.set(name, value)
  if (answer.status === 413) context.set('connection', 'close')
  // Koa writes the name of the status where there is no body at all.
  context.body = answer.body ?? ''
  if (answer.status === 204) context.body = null
}
