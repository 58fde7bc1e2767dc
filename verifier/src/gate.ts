/*
 * What every adapter does between a request and its handler, in words that no framework owns. An adapter describes the request, sends the
 * answer or sets the identity, and nothing else.
 */
import { type Answer, answerPreflight, answerRefusal, corsHeaders } from './answer.ts'
import type { Auth } from './auth.ts'
import { hasTokenInQuery } from './credentials.ts'
import { VerifierError } from './errors.ts'
import { idOf, type McpBody, type McpMessage, readMcpMessage, refuseMessage } from './mcp-message.ts'
import type { Needs, Verifier } from './verifier.ts'

/** A request as an adapter sees it. */
export interface GateRequest {
  readonly method: string
  /** As received, before any router has cut something off. */
  readonly path: string
  /** With or without its question mark. */
  readonly query: string
  /** Every value of the `Authorization` header. */
  readonly authorization: readonly string[]
  /** Every value of the `DPoP` header. */
  readonly dpop: readonly string[]
  readonly hasTokenInForm: boolean
  /** One value of a header, by its name in lower case. */
  header(name: string): string | undefined
}

/** Who may go on, or what is to be answered instead. */
export type Admission<Entry> =
  | { readonly ok: true; readonly entry: Entry; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly answer: Answer }

/** How a request that may go on is known. */
export interface McpEntry {
  readonly auth: Auth
  /** Undefined for requests without a body: GET, which opens a stream, and DELETE, which ends a session. */
  readonly message: McpMessage | undefined
}

/** What a guard of MCP requests asks for. */
export interface McpGuardOptions {
  /** Scopes that a request needs besides those of its tool: a list, or a function of the message. Default none. */
  readonly scopes?:
    | readonly string[]
    | ((message: McpMessage | undefined) => readonly string[] | Promise<readonly string[]>)
  /** The longest body that is read, in bytes. Default 4 MiB, which is what the MCP SDK takes. What a parser before us has read is not measured. */
  readonly maxBodyBytes?: number
}

const defaultMaxBodyBytes = 4_194_304

/**
 * Decides about a request with the scopes that it needs.
 *
 * @param scopes asked for after the token has held, so that a stranger causes no work
 * @throws only what `scopes` throws, and faults of ours; never treat that as anonymous
 */
export async function admit(
  verifier: Verifier,
  request: GateRequest,
  scopes: () => readonly string[] | Promise<readonly string[]>,
): Promise<Admission<Auth>> {
  return decide(verifier, request, async () => ({ scopes: await scopes() }))
}

/**
 * Decides about an MCP request: reads the message, finds the tool, and asks for its scopes.
 *
 * @param readBody reads no more than so many bytes; undefined when there are more
 * @see MCP, Streamable HTTP
 */
export async function admitMcp(
  verifier: Verifier,
  request: GateRequest,
  options: McpGuardOptions,
  readBody: (maxBytes: number) => Promise<McpBody | undefined>,
): Promise<Admission<McpEntry>> {
  let message: McpMessage | undefined
  const needs = async () => {
    message = await readMessage(request, options.maxBodyBytes ?? defaultMaxBodyBytes, readBody)
    return needsOf(message, options)
  }
  const admission = await decide(verifier, request, needs, () => idOf(message))
  return admission.ok ? { ...admission, entry: { auth: admission.entry, message } } : admission
}

/**
 * Decides about the message of a request whose token has held before its body was read: the second half of {@link admitMcp}, as a decision of
 * its own, for frameworks that read bodies themselves.
 *
 * @returns the refusal; undefined when the request may go on
 */
export async function judgeMcp(
  verifier: Verifier,
  request: GateRequest,
  options: McpGuardOptions,
  auth: Auth,
  readBody: (maxBytes: number) => Promise<McpBody | undefined>,
): Promise<Answer | undefined> {
  let message: McpMessage | undefined
  try {
    message = await readMessage(request, options.maxBodyBytes ?? defaultMaxBodyBytes, readBody)
    await verifier.reauthorize(auth, await needsOf(message, options))
    return undefined
  } catch (error) {
    if (error instanceof VerifierError) return answerRefusal(error, idOf(message))
    throw error
  }
}

async function needsOf(message: McpMessage | undefined, { scopes = [] }: McpGuardOptions): Promise<Needs> {
  return { scopes: typeof scopes === 'function' ? await scopes(message) : scopes, tool: message?.tool }
}

async function readMessage(
  request: GateRequest,
  maxBodyBytes: number,
  readBody: (maxBytes: number) => Promise<McpBody | undefined>,
): Promise<McpMessage | undefined> {
  if (!['POST', 'GET', 'HEAD', 'DELETE'].includes(request.method)) {
    throw refuseMessage('method', 'MCP has POST, GET and DELETE', -32_600, 405)
  }
  if (request.method !== 'POST') return undefined
  const encoding = request.header('content-encoding') ?? 'identity'
  const tooLarge = () => refuseMessage('message_too_large', `a message has at most ${maxBodyBytes} bytes`, -32_600, 413)
  // Said before it is sent: then nothing has to be read.
  if (Number(request.header('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
  const body = await readBody(maxBodyBytes)
  if (body === undefined) throw tooLarge()
  // What we cannot read we cannot judge. A parser before us may have inflated it; then it is readable.
  if ('bytes' in body && encoding.toLowerCase() !== 'identity') {
    throw refuseMessage('message_encoding', 'the body must not be compressed', -32_600, 415)
  }
  return readMcpMessage(body)
}

async function decide(
  verifier: Verifier,
  request: GateRequest,
  needs: () => Promise<Needs>,
  rpcId: () => string | number | null = () => null,
): Promise<Admission<Auth>> {
  // Only a real preflight is let off: it carries no credentials by definition, and it is answered here, never passed on.
  if (request.method === 'OPTIONS' && request.header('access-control-request-method') !== undefined) {
    return { ok: false, answer: answerPreflight(request.header('access-control-request-headers')) }
  }
  try {
    const auth = await verifier.authenticate(
      {
        authorization: request.authorization,
        dpop: request.dpop,
        tokenElsewhere: request.hasTokenInForm || hasTokenInQuery(request.query),
        method: request.method,
        path: request.path,
      },
      needs,
    )
    const nonce = await verifier.dpopNonce()
    return {
      ok: true,
      entry: auth,
      headers: nonce === undefined ? corsHeaders : { ...corsHeaders, 'dpop-nonce': nonce },
    }
  } catch (error) {
    if (error instanceof VerifierError) return { ok: false, answer: answerRefusal(error, rpcId()) }
    throw error
  }
}
