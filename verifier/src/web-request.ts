/*
 * Requests and responses of the web, for the adapters that are built on them.
 */
import type { Answer } from './answer.ts'
import { readBounded } from './bounded-body.ts'
import type { GateRequest } from './gate.ts'
import type { McpBody } from './mcp-message.ts'

/** Describes a Request. Headers joins repeated headers with a comma, which no token and no proof contains. */
export function describe(request: Request): GateRequest {
  const { pathname, search } = new URL(request.url)
  const valuesOf = (name: string): readonly string[] => {
    const value = request.headers.get(name)
    return value === null ? [] : [value]
  }
  return {
    method: request.method,
    path: pathname,
    query: search,
    authorization: valuesOf('authorization'),
    dpop: valuesOf('dpop'),
    // The body is not read here, so a token in it is not seen, and counts for nothing.
    hasTokenInForm: false,
    header: (name) => request.headers.get(name) ?? undefined,
  }
}

/**
 * Reads the body of a request, of which the original stays unread.
 *
 * @returns undefined when it is longer than so many bytes
 */
export async function readBody(request: Request, maxBytes: number): Promise<McpBody | undefined> {
  const { body } = request.clone()
  const bytes = body === null ? new Uint8Array() : await readBounded(body, maxBytes)
  return bytes && { bytes }
}

/** Makes a Response of an answer. */
export function toResponse(answer: Answer): Response {
  return new Response(answer.body ?? null, { status: answer.status, headers: answer.headers })
}

/** Copies a response with more headers: those of a fetch cannot be changed. */
export function withHeaders(response: Response, more: Readonly<Record<string, string>>): Response {
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(more)) headers.set(name, value)
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}
