import { type GuardedFetch, type GuardedFetchCode, GuardedFetchError } from '../net/guarded-fetch.ts'
import type { GuardedRequest } from '../net/outgoing-request.ts'

/** Why nothing was heard; of what the guard calls `network`, what a person can do something about. */
export type WireFault = GuardedFetchCode | 'refused' | 'certificate' | 'no_tls'

/** What was heard of an address, or why nothing was. */
export type Heard =
  | { readonly url: string; readonly status: number; readonly headers: Headers; readonly text: string }
  | { readonly url: string; readonly fault: WireFault }

/** One request. Never throws for what the other side does. */
export type Ask = (url: string, request?: GuardedRequest) => Promise<Heard>

// Ours: seven clients on a server with every answer take about sixty.
const mostRequests = 150

/** The way out of one walk. */
export interface Wire {
  readonly ask: Ask
  readonly guardedFetch: GuardedFetch
}

/** What it is bounded by. */
export interface WireOptions {
  readonly budgetMs: number
  /** Milliseconds, of any origin. */
  readonly now?: () => number
  /** Aborted, nothing is sent any more. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes the way out of one walk. It is bounded in requests and in time, because the addresses come from servers that nobody vouches for.
 *
 * @param guardedFetch one that plays a client (`asClient`)
 */
export function createWire(
  guardedFetch: GuardedFetch,
  { budgetMs, now = () => performance.now(), signal }: WireOptions,
): Wire {
  const endsAt = now() + budgetMs
  let sent = 0
  const bounded: GuardedFetch = async (url, init) => {
    sent += 1
    const isOver = sent > mostRequests || now() > endsAt || signal?.aborted === true
    if (isOver) throw new GuardedFetchError('timeout', 'the walk took too long')
    return guardedFetch(url, init)
  }
  return {
    guardedFetch: bounded,
    async ask(url, request) {
      try {
        const response = await bounded(url, request)
        return { url, status: response.status, headers: response.headers, text: await response.text() }
      } catch (error) {
        if (error instanceof GuardedFetchError) return { url, fault: faultOf(error) }
        throw error
      }
    },
  }
}

function faultOf({ code, cause }: GuardedFetchError): WireFault {
  const below = code === 'network' && cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (below === 'ECONNREFUSED') return 'refused'
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(below)) return 'certificate'
  return below === 'EPROTO' || below.startsWith('ERR_SSL_') ? 'no_tls' : code
}

/** RFC 6750 §2.1: what can be sent as a token. Anything else, from whomever, is none. */
export function isBearerToken(text: string): boolean {
  return /^[\w.~+/-]+=*$/.test(text)
}

/** A POST of a form. */
export function form(parameters: Readonly<Record<string, string>>, origin?: string): GuardedRequest {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(origin === undefined ? {} : { origin }) },
    body: new URLSearchParams(parameters).toString(),
  }
}

/** A POST of JSON. */
export function json(value: unknown, headers: Readonly<Record<string, string>> = {}): GuardedRequest {
  return { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

/** The preflight that a browser sends before a POST with these headers. */
export function preflight(origin: string, headers: string): GuardedRequest {
  return {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
  }
}

/** The object in a JSON answer; null when there is none. */
export function objectOf(heard: Heard): Readonly<Record<string, unknown>> | null {
  if ('fault' in heard) return null
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(heard.headers.get('content-type') ?? '')) return null
  return asObject(parse(heard.text))
}

/** A value as an object of members that nobody has looked at; null when it is none. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  // Parse boundary: each member is looked at before it is used.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

/** Parses JSON; undefined when it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The text of a member; undefined when it is no text. */
export function textOf(object: Readonly<Record<string, unknown>> | null, name: string): string | undefined {
  const value = object?.[name]
  return typeof value === 'string' ? value : undefined
}

/** The texts of a list; undefined when it is no list. */
export function textsOf(object: Readonly<Record<string, unknown>> | null, name: string): readonly string[] | undefined {
  const value = object?.[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}
