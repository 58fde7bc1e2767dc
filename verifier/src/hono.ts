/*
 * The verifier as Hono middleware. Described by structure, so that Hono is not needed; runs wherever Hono does.
 */
import type { Auth } from './auth.ts'
import { serveResourceMetadata as serveByRequest } from './fetch.ts'
import { type Admission, admit, admitMcp, type McpGuardOptions } from './gate.ts'
import type { McpBody, McpMessage } from './mcp-message.ts'
import { endWithToken } from './stream-response.ts'
import type { Verifier } from './verifier.ts'
import { describe, readBody, toResponse, withHeaders } from './web-request.ts'

export type { Auth } from './auth.ts'
export type { McpGuardOptions } from './gate.ts'

/** For `new Hono<{ Variables: AuthVariables }>()`: what the middleware sets. */
export interface AuthVariables {
  /** Who asks. */
  auth: Auth
  /** What is asked, behind `guardMcp`. */
  mcpMessage: McpMessage | undefined
}

/** The part of a Hono context that is used. */
export interface HonoContext {
  readonly req: { readonly raw: Request; text(): Promise<string> }
  res: Response
  // A method and not a property, so that the `set` of any application fits: each types it by variables of its own.
  set(key: string, value: unknown): void
}

/** What a gate asks for. */
export interface GateOptions<Context> {
  /** All the scopes that a request needs: a list, or a function of the context. Default none. */
  readonly scopes?: readonly string[] | ((context: Context) => readonly string[] | Promise<readonly string[]>)
}

/**
 * Makes middleware that goes on only with a good token; then the variable `auth` is set. It answers refusals and CORS preflights itself, lets
 * pages read the answers, and ends event streams when their token does. What else goes wrong is thrown.
 *
 * @see RFC 6750 §3
 */
export function requireToken<Context extends HonoContext>(
  verifier: Verifier,
  { scopes = [] }: GateOptions<Context> = {},
): (context: Context, next: () => Promise<void>) => Promise<Response | undefined> {
  return async function gate(context, next) {
    const needed = typeof scopes === 'function' ? () => scopes(context) : () => scopes
    const admission = await admit(verifier, describe(context.req.raw), needed)
    return letIn(verifier, context, next, admission, (auth) => auth)
  }
}

/**
 * Makes middleware that guards an MCP endpoint: as {@link requireToken}, and it reads which tool is called and asks for its scopes. The body of
 * the request stays unread.
 *
 * @see MCP, Streamable HTTP
 */
export function guardMcp<Context extends HonoContext>(
  verifier: Verifier,
  options: McpGuardOptions = {},
): (context: Context, next: () => Promise<void>) => Promise<Response | undefined> {
  return async function guard(context, next) {
    const admission = await admitMcp(verifier, describe(context.req.raw), options, (maxBytes) =>
      bodyOf(context, maxBytes),
    )
    return letIn(verifier, context, next, admission, ({ auth, message }) => {
      context.set('mcpMessage', message)
      return auth
    })
  }
}

/**
 * Makes middleware that serves the protected resource metadata: `app.use(serveResourceMetadata(verifier))`.
 *
 * @see RFC 9728 §3
 */
export function serveResourceMetadata(
  verifier: Verifier,
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  const answer = serveByRequest(verifier)
  return async function serve(context, next) {
    const document = answer(context.req.raw)
    if (document === undefined) await next()
    return document
  }
}

async function letIn<Entry>(
  verifier: Verifier,
  context: HonoContext,
  next: () => Promise<void>,
  admission: Admission<Entry>,
  read: (entry: Entry) => Auth,
): Promise<Response | undefined> {
  if (!admission.ok) return toResponse(admission.answer)
  const auth = read(admission.entry)
  context.set('auth', auth)
  await next()
  context.res = withHeaders(endWithToken(verifier, auth, context.res), admission.headers)
  return undefined
}

// Middleware before us may have read the body through Hono, which keeps what it read.
async function bodyOf(context: HonoContext, maxBytes: number): Promise<McpBody | undefined> {
  const { raw } = context.req
  if (!raw.bodyUsed) return readBody(raw, maxBytes)
  return { bytes: new TextEncoder().encode(await context.req.text()) }
}
