// net/: the only way out. Everything that this server fetches goes through `guarded-fetch`, made for its purposes in `egress`;
// `special-addresses` says what must never be contacted, `client-ip` whose request comes in. Serves no path, stores nothing.
import { isIP } from 'node:net'
import { asGuardedFetchError, type GuardedFetchCode, GuardedFetchError } from './fetch-error.ts'
import { createFetchGate, type FetchGate, type GateRefusal } from './fetch-gate.ts'
import { type GuardedRequest, outgoing } from './outgoing-request.ts'
import { type Dial, sendPinned } from './pinned-request.ts'
import { createResolver, isLocalName, type ResolveAddresses } from './resolve-name.ts'
import { isPrivateAddress, isSpecialAddress, isSpecialHost } from './special-addresses.ts'

export { type GuardedFetchCode, GuardedFetchError } from './fetch-error.ts'
export type { ResolveAddresses } from './resolve-name.ts'

/** How a fetch ended, for metrics and logs. */
export interface FetchOutcome {
  /** Host and port as the URL says them; the empty text when it was no URL. */
  readonly host: string
  readonly result: GuardedFetchCode | 'answered'
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined
  readonly error: GuardedFetchError | undefined
}

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
  /**
   * For an administrator who has a client's way walked: preflights, registrations and their removal are sent, and a redirect is an
   * answer that can be looked at. It is followed no more than elsewhere. Never for what a stranger names.
   */
  readonly asClient?: boolean
  /** Deadline over name resolution, connection, headers and body together. */
  readonly timeoutMs?: number
  /** Cap of the body, after decoding. */
  readonly maxBytes?: number
  /** Of a gate of its own; ignored where a gate is given. */
  readonly maxConcurrent?: number
  /** Shared with other fetches. */
  readonly gate?: FetchGate
  /** Asked for a tunnel to every public address; internal hosts that the operator lists are connected to directly. */
  readonly proxy?: URL | undefined
  readonly resolve?: ResolveAddresses | undefined
  /** PEM certificates that are trusted in place of the usual ones; for tests. */
  readonly certificateAuthority?: string | undefined
  /** For tests: where an address is really found. */
  readonly dial?: Dial | undefined
  /** Told the end of every fetch. */
  readonly onEnd?: ((outcome: FetchOutcome) => void) | undefined
}

/** A fetch that goes to public https addresses only. */
export type GuardedFetch = (url: string | URL, init?: GuardedRequest) => Promise<Response>

/** What the rules say about one host. */
interface Door {
  readonly url: URL
  /** The operator lets us reach it although it is internal. */
  readonly isListed: boolean
  readonly mayNotBe: (address: string) => boolean
}

/**
 * Makes the fetch for addresses that strangers name.
 * https only; literal and special hosts are refused before any packet leaves; the name is resolved once, every address is checked, and the
 * connection is pinned to checked ones, so that a second DNS answer (rebinding) is never asked for. Redirects are an error, not a way
 * round the checks. No cookies, no credentials, no compression (so no bomb), one deadline over all, a cap on the body, few at a time.
 *
 * @returns responses whose body has been read whole; any status outside 3xx, and with `asClient` those, too
 * The function returned throws GuardedFetchError and nothing else.
 * @see draft-ietf-oauth-client-id-metadata-document, "Server-Side Request Forgery"; RFC 6890
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { timeoutMs = 3000, maxBytes = 64 * 1024, resolve = createResolver(), proxy } = options
  const gate = options.gate ?? plainGate(options.maxConcurrent ?? 10)
  const listed: ReadonlySet<string> = new Set(options.allowedInternalHosts.map((host) => host.toLowerCase()))

  /** Everything that can be said before a name is asked for. @throws GuardedFetchError */
  function door(input: string | URL): Door {
    const url = URL.parse(String(input))
    // ONE canonical parse, the one of the URL standard, by which the request is sent, too (F03).
    const isOwnMachine = options.loopback === true && isLoopbackName(url?.hostname ?? '')
    if (url?.protocol !== 'https:' && !(isOwnMachine && url?.protocol === 'http:'))
      throw new GuardedFetchError('url_refused', 'only https addresses are fetched')
    if (url.username !== '' || url.password !== '')
      throw new GuardedFetchError('url_refused', 'user information is not sent')
    const isListed = listed.has(url.host) || listed.has(url.hostname)
    if (isListed)
      return { url, isListed, mayNotBe: (address) => isSpecialAddress(address) && !isPrivateAddress(address) }
    if (isOwnMachine) return { url, isListed, mayNotBe: isNotLoopback }
    if (isSpecialHost(url.hostname)) throw new GuardedFetchError('address_refused', `${url.host} is not a public host`)
    return { url, isListed, mayNotBe: isSpecialAddress }
  }

  async function send({ url, isListed, mayNotBe }: Door, init: GuardedRequest): Promise<Response> {
    const sent = outgoing(init, options)
    if (sent === null) throw new GuardedFetchError('url_refused', `${init.method} is not sent`)
    const pass = gate.enter(url.host)
    if (typeof pass === 'string') throw shut(pass)
    const signal = AbortSignal.timeout(timeoutMs)
    let isFault = true
    try {
      const addresses = await checkedAddresses(url, { isListed, mayNotBe, resolve, signal })
      const refusal = pass.reach(addresses[0] ?? '')
      if (refusal !== undefined) {
        isFault = false
        throw shut(refusal)
      }
      const response = await sendPinned(url, {
        ...sent,
        headers: { ...sent.headers, 'user-agent': options.userAgent },
        addresses,
        showsRedirects: options.asClient === true,
        proxy: addresses.some(isSpecialAddress) ? undefined : proxy,
        maxBytes: Math.min(init.maxBytes ?? maxBytes, maxBytes),
        certificateAuthority: options.certificateAuthority,
        dial: options.dial,
        timeoutMs,
        signal,
      })
      isFault = !response.ok
      return response
    } catch (cause) {
      throw asGuardedFetchError(cause, signal)
    } finally {
      pass.leave(isFault)
    }
  }

  return async function guardedFetch(input, init = {}) {
    const host = URL.parse(String(input))?.host ?? ''
    try {
      const response = await send(door(input), init)
      options.onEnd?.({ host, result: 'answered', status: response.status, error: undefined })
      return response
    } catch (error) {
      if (error instanceof GuardedFetchError) options.onEnd?.({ host, result: error.code, status: undefined, error })
      throw error
    }
  }
}

function plainGate(concurrent: number): FetchGate {
  const perMinutePerHost = undefined
  return createFetchGate({
    concurrent,
    concurrentPerHost: concurrent,
    perMinutePerHost,
    failuresPerMinutePerHost: undefined,
  })
}

function shut(refusal: GateRefusal): GuardedFetchError {
  const message = refusal === 'busy' ? 'too many fetches are running' : 'this host was asked too often in this minute'
  return new GuardedFetchError(refusal, message)
}

/** RFC 6761 §6.3, RFC 5735, RFC 4291: the names and addresses of this machine to itself. */
function isLoopbackName(hostname: string): boolean {
  return isLocalName(hostname) || !isNotLoopback(hostname.replace(/^\[|\]$/g, ''))
}

function isNotLoopback(address: string): boolean {
  return !(isIP(address) === 4 ? address.startsWith('127.') : address === '::1')
}

interface AddressCheck {
  readonly isListed: boolean
  readonly mayNotBe: (address: string) => boolean
  readonly resolve: ResolveAddresses
  readonly signal: AbortSignal
}

/** Resolves once; one special address among several refuses the host, for nobody knows which one would be used. */
async function checkedAddresses(url: URL, check: AddressCheck): Promise<readonly string[]> {
  const { signal, isListed } = check
  const bare = url.hostname.replace(/^\[|\]$/g, '')
  const addresses =
    isIP(bare) !== 0 ? [bare] : await orAborted(check.resolve(url.hostname, { signal, isListed }), signal)
  if (addresses.length === 0) throw new GuardedFetchError('not_found', `${url.hostname} has no address`)
  const special = addresses.find(check.mayNotBe)
  if (special !== undefined) throw new GuardedFetchError('address_refused', `${url.hostname} resolves to ${special}`)
  // IPv4 first: a host without an IPv6 route must not fail on the order of a DNS answer. One of each family is enough.
  const [four, six] = [4, 6].map((family) => addresses.find((address) => isIP(address) === family))
  return [four, six].filter((address) => address !== undefined)
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    }),
  ])
}
