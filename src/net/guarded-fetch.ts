// net/: the only way out. Fetches of addresses that strangers name go through `guarded-fetch`; `special-addresses` says what must never
// be contacted, `client-ip` whose request comes in. Serves no path, stores nothing.
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type GuardedRequest, type OutgoingRequest, outgoing } from './outgoing-request.ts'
import { isSpecialAddress, isSpecialHost } from './special-addresses.ts'

/** Why a guarded fetch did not happen or did not end well; for logs and tests, never for the stranger who named the address. */
export type GuardedFetchCode =
  | 'address_refused'
  | 'busy'
  | 'network'
  | 'not_found'
  | 'redirected'
  | 'timeout'
  | 'too_large'
  | 'url_refused'

/** The failure of a guarded fetch. */
export class GuardedFetchError extends Error {
  readonly code: GuardedFetchCode
  constructor(code: GuardedFetchCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GuardedFetchError'
    this.code = code
  }
}

/** Answers with every address of a name. */
export type ResolveAddresses = (hostname: string) => Promise<readonly string[]>

export interface GuardedFetchOptions {
  readonly userAgent: string
  /** Host names (as URLs write them, with port where it is not 443) that the operator lets us reach although they are internal. */
  readonly allowedInternalHosts: readonly string[]
  /**
   * For an administrator's own look at a server on this machine, while the issuer itself is on loopback: addresses of
   * loopback, and nothing else internal, may be fetched, also by plain http. Never for what a stranger names.
   */
  readonly loopback?: boolean
  /** For providers that an administrator chose: forms may be posted to them, and credentials sent. Never for what a stranger names. */
  readonly mayPost?: boolean
  /** Deadline over name resolution, connection, headers and body together. */
  readonly timeoutMs?: number
  /** Cap of the body, after decoding. */
  readonly maxBytes?: number
  readonly maxConcurrent?: number
  /** For tests: another resolver. */
  readonly resolve?: ResolveAddresses
  /** For private certificate authorities and tests: PEM certificates trusted beside the usual ones are replaced by these. */
  readonly certificateAuthority?: string
}

/** A fetch that goes to public https addresses only. */
export type GuardedFetch = (url: string | URL, init?: GuardedRequest) => Promise<Response>

async function resolveBySystem(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address)
}

/**
 * Makes the fetch for addresses that strangers name.
 * https only; literal and special hosts are refused before any packet leaves; the name is resolved once, every address is checked, and the
 * connection is pinned to the checked one, so that a second DNS answer (rebinding) is never asked for. Redirects are an error, not a way
 * round the checks. No cookies, no credentials, no compression (so no bomb), one deadline over all, a cap on the body, few at a time.
 *
 * @returns responses whose body has been read whole; any status outside 3xx
 * The function returned throws GuardedFetchError and nothing else.
 * @see draft-ietf-oauth-client-id-metadata-document, "Server-Side Request Forgery"; RFC 6890
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { timeoutMs = 3000, maxBytes = 64 * 1024, maxConcurrent = 10, resolve = resolveBySystem } = options
  const internal: ReadonlySet<string> = new Set(options.allowedInternalHosts.map((host) => host.toLowerCase()))
  let running = 0

  return async function guardedFetch(input, init = {}) {
    const isOwnMachine = options.loopback === true && isLoopbackName(URL.parse(String(input))?.hostname ?? '')
    const url = acceptUrl(input, isOwnMachine)
    const sent = outgoing(init, options.mayPost === true)
    if (sent === null) throw new GuardedFetchError('url_refused', 'only GET is sent')
    const isInternalAllowed = internal.has(url.host) || internal.has(url.hostname)
    if (!isInternalAllowed && !isOwnMachine && isSpecialHost(url.hostname)) {
      throw new GuardedFetchError('address_refused', `${url.host} is not a public host`)
    }
    // Ours: the eleventh is told at once rather than queued; a queue here is what an attacker would fill.
    if (running >= maxConcurrent) throw new GuardedFetchError('busy', 'too many fetches are running')
    running += 1
    const signal = AbortSignal.timeout(timeoutMs)
    const mayNotBe = isOwnMachine ? isNotLoopback : isInternalAllowed ? isNever : isSpecialAddress
    try {
      const address = await checkedAddress(url, mayNotBe, resolve, signal)
      return await fetchPinned(url, address, {
        ...sent,
        headers: { ...sent.headers, 'user-agent': options.userAgent },
        maxBytes: Math.min(init.maxBytes ?? maxBytes, maxBytes),
        ca: options.certificateAuthority,
        timeoutMs,
        signal,
      })
    } catch (cause) {
      throw asGuardedFetchError(cause, signal)
    } finally {
      running -= 1
    }
  }
}

function acceptUrl(input: string | URL, isOwnMachine: boolean): URL {
  const url = URL.parse(String(input))
  if (url?.protocol !== 'https:' && !(isOwnMachine && url?.protocol === 'http:'))
    throw new GuardedFetchError('url_refused', 'only https addresses are fetched')
  if (url.username !== '' || url.password !== '')
    throw new GuardedFetchError('url_refused', 'user information is not sent')
  return url
}

/** RFC 6761 §6.3, RFC 5735, RFC 4291: the names and addresses of this machine to itself. */
function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || !isNotLoopback(hostname.replace(/^\[|\]$/g, ''))
}

function isNotLoopback(address: string): boolean {
  return !(isIP(address) === 4 ? address.startsWith('127.') : address === '::1')
}

function isNever(): boolean {
  return false
}

/** Resolves once; one special address among several refuses the host, for nobody knows which one would be used. */
async function checkedAddress(
  url: URL,
  mayNotBe: (address: string) => boolean,
  resolve: ResolveAddresses,
  signal: AbortSignal,
): Promise<string> {
  const bare = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(bare) !== 0 ? [bare] : await orAborted(resolve(url.hostname), signal)
  const [first] = addresses
  if (first === undefined) throw new GuardedFetchError('not_found', `${url.hostname} has no address`)
  const special = addresses.find(mayNotBe)
  if (special !== undefined) throw new GuardedFetchError('address_refused', `${url.hostname} resolves to ${special}`)
  // IPv4 first: a host without an IPv6 route must not fail on the order of a DNS answer.
  return addresses.find((address) => isIP(address) === 4) ?? first
}

interface PinnedRequest extends OutgoingRequest {
  readonly maxBytes: number
  readonly ca: string | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

async function fetchPinned(url: URL, address: string, options: PinnedRequest): Promise<Response> {
  const { signal, maxBytes, timeoutMs } = options
  // Loaded at the first fetch: many servers never make one, and loading it takes time and memory.
  const { Agent, buildConnector, request } = await import('undici')
  const connectTo = buildConnector({
    ca: options.ca,
    timeout: timeoutMs,
    autoSelectFamily: false,
    maxCachedSessions: 0,
  })
  const agent = new Agent({
    connections: 1,
    maxHeaderSize: 16 * 1024,
    // The socket gets the checked address itself, so nothing can resolve the name again; TLS still demands the name's certificate.
    connect: (target, callback) => connectTo({ ...target, hostname: address, servername: serverName(url) }, callback),
  })
  try {
    const { method, body, headers } = options
    const answer = await request(url, {
      dispatcher: agent,
      method,
      body: body ?? null,
      headers: { ...headers },
      signal,
    })
    const responseHeaders = headersOf(answer.headers)
    if (answer.statusCode >= 300 && answer.statusCode < 400) {
      throw new GuardedFetchError('redirected', `${url.host} answered with a redirect`)
    }
    // An encoding that was not asked for could be a bomb, and would not be JSON anyway.
    if (!/^(?:identity)?$/i.test(responseHeaders.get('content-encoding') ?? '')) {
      throw new GuardedFetchError('network', `${url.host} answered in an encoding that was not asked for`)
    }
    if (Number(responseHeaders.get('content-length') ?? 0) > maxBytes) {
      throw new GuardedFetchError('too_large', `${url.host} announced more than ${maxBytes} bytes`)
    }
    const chunks: Buffer[] = []
    let received = 0
    for await (const chunk of answer.body) {
      received += chunk.length
      if (received > maxBytes) throw new GuardedFetchError('too_large', `${url.host} sent more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    const bodyless = answer.statusCode === 204 || answer.statusCode === 205
    return new Response(bodyless ? null : Buffer.concat(chunks), {
      status: answer.statusCode,
      headers: responseHeaders,
    })
  } finally {
    agent.destroy().catch(() => undefined) // The socket is gone either way; nobody waits for it.
  }
}

/** RFC 6066 §3: a literal address is not sent as server name; the certificate is then checked against the address. */
function serverName(url: URL): string | undefined {
  return isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? url.hostname : undefined
}

function headersOf(raw: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(raw)) {
    if (name === 'set-cookie' || value === undefined) continue
    headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return headers
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    }),
  ])
}

function asGuardedFetchError(cause: unknown, signal: AbortSignal): GuardedFetchError {
  if (cause instanceof GuardedFetchError) return cause
  if (signal.aborted) return new GuardedFetchError('timeout', 'the deadline passed', { cause })
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOTFOUND' || code === 'ENODATA')
    return new GuardedFetchError('not_found', 'the host has no address', { cause })
  if (code.startsWith('UND_ERR') && code.includes('TIMEOUT'))
    return new GuardedFetchError('timeout', 'the deadline passed', { cause })
  return new GuardedFetchError('network', 'the fetch failed', { cause })
}
