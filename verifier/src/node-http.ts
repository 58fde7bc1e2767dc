/*
 * Requests and responses of node:http by their structure, for the adapters of frameworks that are built on it. Neither Node nor its types are
 * needed.
 */
import type { Answer } from './answer.ts'
import type { Auth } from './auth.ts'
import { readBounded } from './bounded-body.ts'
import type { GateRequest } from './gate.ts'
import type { McpBody } from './mcp-message.ts'
import { isRecord } from './strict-json.ts'
import { letProcessEnd } from './token-end.ts'
import type { Verifier } from './verifier.ts'

/** The part of a request that is used; IncomingMessage and the requests of frameworks fit. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly rawHeaders?: readonly string[] | undefined
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>
}

/** The part of a response that is used; ServerResponse and the response of Express fit. */
export interface NodeResponse {
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(body?: string): unknown
  readonly headersSent?: boolean
  readonly writableEnded?: boolean
  readonly destroyed?: boolean
  getHeader?(name: string): unknown
  once?(event: 'close', listener: () => void): unknown
  on?(event: 'error', listener: () => void): unknown
}

/**
 * Describes a request.
 *
 * @param url as received, before a router has cut something off
 * @param body as a parser before us has made it, undefined when there was none
 */
export function describeNodeRequest(request: NodeRequest, url: string, body: unknown): GateRequest {
  const { path, query } = splitUrl(url)
  return {
    method: request.method ?? 'GET',
    path,
    query,
    authorization: valuesOf(request, 'authorization'),
    dpop: valuesOf(request, 'dpop'),
    hasTokenInForm: hasTokenInForm(request, body),
    header: (name) => {
      const value = request.headers[name]
      return typeof value === 'string' ? value : undefined
    },
  }
}

/** Takes the address of a request apart. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const at = url.indexOf('?')
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at + 1) }
}

/**
 * Reads the body of a request, unless a parser has done so.
 *
 * @returns undefined when it is longer than so many bytes
 */
export async function readNodeBody(
  request: NodeRequest,
  parsed: unknown,
  maxBytes: number,
): Promise<McpBody | undefined> {
  if (parsed instanceof Uint8Array) return { bytes: parsed }
  if (typeof parsed === 'string') return { bytes: new TextEncoder().encode(parsed) }
  if (parsed !== undefined) return { parsed }
  const iterate = request[Symbol.asyncIterator]
  if (iterate === undefined) return { bytes: new Uint8Array() }
  // Parse boundary: a stream that nobody has set an encoding for gives bytes, one with an encoding gives text.
  const source = { [Symbol.asyncIterator]: () => iterate.call(request) as AsyncIterator<Uint8Array | string> }
  const bytes = await readBounded(source, maxBytes)
  return bytes && { bytes }
}

/** Sends an answer. */
export function sendAnswer(response: NodeResponse, answer: Answer): void {
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value)
  // What was not read of the body is still on its way, and must not be taken for the next request.
  if (answer.status === 413) response.setHeader('connection', 'close')
  response.end(answer.body)
}

// Ours: how often an answer that had not begun when its token ended is looked at again.
const secondLookMilliseconds = 1000

/**
 * Ends a response that is an event stream when its token ends, or as soon as it begins after that. Anything else is left alone, and so is what
 * has been closed already: `close` is told once.
 */
export function endNodeStreamWithToken(verifier: Verifier, auth: Auth, response: NodeResponse): void {
  if (response.once === undefined || response.getHeader === undefined || response.destroyed) return
  let secondLook: ReturnType<typeof setTimeout> | undefined
  const stop = verifier.watch(auth, end)
  response.once('close', () => {
    stop()
    clearTimeout(secondLook)
  })

  function end(): void {
    if (response.writableEnded) return
    if (!response.headersSent) {
      secondLook = setTimeout(end, secondLookMilliseconds)
      letProcessEnd(secondLook)
      return
    }
    if (!/^text\/event-stream\b/i.test(String(response.getHeader?.('content-type')))) return
    // Whoever writes to the stream learns of its end with `close`, which waits for a client that reads slowly. A write before that is an
    // error, and one that nobody listens to ends the process.
    response.on?.('error', () => {})
    response.end()
  }
}

// Node keeps the first of several Authorization headers and hides the others; a proxy may have looked at the last.
// So all of them are read, from the raw list where there is one. What imitates Node (Lambda adapters do) may leave that list empty.
function valuesOf(request: NodeRequest, name: string): readonly string[] {
  const { rawHeaders = [] } = request
  const received = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
  if (rawHeaders.length > 0) return received
  const value = request.headers[name]
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}

// RFC 6750 §2.2: only a form counts. A JSON body may have a member of that name for reasons of its own.
function hasTokenInForm(request: NodeRequest, body: unknown): boolean {
  const contentType = request.headers['content-type']
  if (typeof contentType !== 'string' || !/^application\/x-www-form-urlencoded\b/i.test(contentType)) return false
  return isRecord(body) && 'access_token' in body
}
