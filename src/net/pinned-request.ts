import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import { GuardedFetchError } from './fetch-error.ts'
import type { OutgoingRequest } from './outgoing-request.ts'
import { openTunnel } from './tunnel.ts'

/** Where a checked address is really found; for tests, in which no public address can be reached. */
export type Dial = (address: string, port: number) => { readonly address: string; readonly port: number }

/** A request whose way is known to the last address. */
export interface PinnedRequest extends OutgoingRequest {
  /** Checked, in order of preference. */
  readonly addresses: readonly string[]
  /** Undefined: the connection is made directly. */
  readonly proxy: URL | undefined
  readonly maxBytes: number
  /** A redirect is an answer, not an error. It is not followed either way. */
  readonly showsRedirects: boolean
  readonly certificateAuthority: string | undefined
  readonly dial: Dial | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const maxHeaderBytes = 16 * 1024
// Nothing was said on this connection yet, so another checked address of the same host may be tried.
const notThere = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'])

/**
 * Sends one request to checked addresses and reads the answer whole. No name is resolved here: the socket gets the address itself, while
 * TLS still demands the certificate of the name.
 *
 * @throws GuardedFetchError `redirected`, `too_large`, `encoding`; whatever the connection throws passes through
 */
export async function sendPinned(url: URL, options: PinnedRequest): Promise<Response> {
  const { signal, timeoutMs, method, body, headers } = options
  // Loaded at the first fetch: many servers never make one, and loading it takes time and memory.
  const { Agent, buildConnector, request } = await import('undici')
  const connectTo = buildConnector({
    ca: options.certificateAuthority,
    timeout: timeoutMs,
    autoSelectFamily: false,
    maxCachedSessions: 0,
    // HTTP/1.1 has the limits that are set here.
    allowH2: false,
  })
  type Target = Parameters<typeof connectTo>[0]
  type Callback = Parameters<typeof connectTo>[1]

  function connect(target: Target, addresses: readonly string[], callback: Callback): void {
    const [address = '', ...others] = addresses
    const port = Number(target.port || (url.protocol === 'https:' ? 443 : 80))
    const place = options.dial?.(address, port) ?? { address, port }
    const servername = serverName(url)
    const pinned = { ...target, hostname: place.address, port: String(place.port), servername }
    const { proxy } = options
    if (proxy === undefined) {
      connectTo(pinned, (...outcome) => {
        const isElsewhere = outcome[0] !== null && others.length > 0 && notThere.has(codeOf(outcome[0]))
        if (isElsewhere) connect(target, others, callback)
        else callback(...outcome)
      })
      return
    }
    openTunnel(proxy, place, signal).then(
      (httpSocket: Socket) => connectTo({ ...pinned, httpSocket }, callback),
      (error: Error) => callback(error, null),
    )
  }

  const agent = new Agent({
    connections: 1,
    maxHeaderSize: maxHeaderBytes,
    connect: (target, callback) => connect(target, options.addresses, callback),
  })
  try {
    const answer = await request(url, {
      dispatcher: agent,
      method,
      body: body ?? null,
      headers: { ...headers },
      signal,
    })
    return await readAnswer(url, answer, options)
  } finally {
    agent.destroy().catch(() => undefined) // The socket is gone either way; nobody waits for it.
  }
}

interface RawAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: AsyncIterable<Buffer>
}

async function readAnswer(
  url: URL,
  { statusCode, headers: raw, body }: RawAnswer,
  { maxBytes, showsRedirects }: Pick<PinnedRequest, 'maxBytes' | 'showsRedirects'>,
): Promise<Response> {
  const headers = headersOf(raw)
  // CIMD draft, "discovery": a redirect is an error, not a way round the checks (F05).
  if (statusCode >= 300 && statusCode < 400 && !showsRedirects) {
    throw new GuardedFetchError('redirected', `${url.host} answered with a redirect`)
  }
  // An encoding that was not asked for could be a bomb, and would not be JSON anyway (F06).
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '')) {
    throw new GuardedFetchError('encoding', `${url.host} answered in an encoding that was not asked for`)
  }
  if (Number(headers.get('content-length') ?? 0) > maxBytes) {
    throw new GuardedFetchError('too_large', `${url.host} announced more than ${maxBytes} bytes`)
  }
  const chunks: Buffer[] = []
  let received = 0
  for await (const chunk of body) {
    received += chunk.length
    if (received > maxBytes) throw new GuardedFetchError('too_large', `${url.host} sent more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  const isBodyless = [204, 205, 304].includes(statusCode)
  return new Response(isBodyless ? null : Buffer.concat(chunks), { status: statusCode, headers })
}

/** RFC 6066 §3: a literal address is not sent as server name; the certificate is then checked against the address. */
function serverName(url: URL): string | undefined {
  return isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? url.hostname : undefined
}

function headersOf(raw: RawAnswer['headers']): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(raw)) {
    if (name === 'set-cookie' || value === undefined) continue
    headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return headers
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
