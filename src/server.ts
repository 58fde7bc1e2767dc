import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Config } from './config/config.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createTrustedPeers } from './net/client-ip.ts'
import { type RevocationAnswers, revocationsPath } from './revocations/answer.ts'
import type { Logger } from './runtime/logger.ts'
import { createHostGuard } from './web/host-guard.ts'
import { answerPlainly } from './web/plain-answer.ts'
import type { ReadyDocuments } from './web/ready-documents.ts'
import { requestBounds, requestShapeFault } from './web/request-shape.ts'
import { capSockets } from './web/sockets.ts'

/** What the front of the server hands requests on to. */
export interface FrontParts {
  readonly config: Pick<Config, 'issuer' | 'trustedProxies'>
  readonly documents: ReadyDocuments
  readonly revocations: RevocationAnswers
  /** The protocol endpoints. */
  readonly protocol: RequestListener
  /** Pages, probes, everything else. */
  readonly pages: RequestListener
  readonly logger: Pick<Logger, 'error' | 'warn'>
  readonly metrics: Pick<Metrics, 'isOn' | 'request' | 'turnedAway'>
  /** Other bounds than ours; for tests, which cannot wait ten seconds or open a hundred sockets. */
  readonly patience?: Partial<Patience> | undefined
}

/** How long the server waits for a peer, and for how many; milliseconds. */
export interface Patience {
  /** From the connection to the end of the headers. */
  readonly headers: number
  /** To the end of the body. */
  readonly request: number
  /** Without a byte in either direction while an answer is made, sent, or not taken (slow read). */
  readonly silence: number
  /** Between two requests of a connection. */
  readonly idle: number
  /** How often the first two are looked at. */
  readonly look: number
  readonly socketsPerAddress: number
  readonly socketsOpen: number
}

/** Paths of the protocol library, below the issuer. */
const protocolPath = /^\/(?:authorize|token|register|revoke|introspect|par)(?:\/|$)/

/** Probes are called by address, whatever the host. */
const anyHostPaths = ['/healthz', '/readyz']

/**
 * Ours (K06, K07): patience with slow clients. Node looks at its deadlines every 30 s unless told otherwise, which would make
 * ten seconds forty. A browser opens six connections to a host, an office behind one address has some dozens of them.
 */
export const patience: Patience = {
  headers: 10_000,
  request: 20_000,
  silence: 30_000,
  idle: 5_000,
  look: 1_000,
  socketsPerAddress: 256,
  socketsOpen: 10_000,
}

/**
 * The front: form of the request, host, then the ready documents, then protocol or pages. Nothing behind it sees a forwarding
 * header that was not made here from the settings.
 */
export function createFront(parts: FrontParts): Server {
  const { config, documents, logger, metrics, protocol, pages, revocations } = parts
  const issuer = new URL(config.issuer)
  const basePath = issuer.pathname === '/' ? '' : issuer.pathname
  const guardHost = createHostGuard({ issuer: config.issuer, anyHostPaths })
  const scheme = issuer.protocol.slice(0, -1)

  /** Answers what never gets further, and says who answers the rest. */
  function screen(req: IncomingMessage, res: ServerResponse): RequestListener | null {
    const fault = requestShapeFault(req)
    if (fault !== null) {
      metrics.turnedAway(fault.reason)
      answerPlainly(res, fault.status, fault.text)
      return null
    }
    if (!guardHost(req, res)) {
      metrics.turnedAway('host')
      return null
    }
    const url = req.url ?? '/'
    const [path = '/'] = url.split('?', 1)
    const { method = 'GET' } = req
    if (documents.answer(req, res, path)) {
      // The answer is bytes that lay ready; its duration would tell of the socket alone.
      if (metrics.isOn) metrics.request({ method, route: 'ready document', status: res.statusCode, seconds: 0 })
      return null
    }
    if (revocations.answer(req, res, url)) {
      if (metrics.isOn) countWhenAnswered(res, method)
      return null
    }
    forwardScheme(req, scheme, issuer.host)
    if (anyHostPaths.includes(path)) return pages
    if (basePath !== '' && path !== basePath && !path.startsWith(`${basePath}/`)) {
      answerPlainly(res, 404, 'there is nothing at this address')
      return null
    }
    // The library and the router work below the issuer; `originalUrl` keeps the path for the addresses they make.
    Reflect.set(req, 'originalUrl', url)
    req.url = url.slice(basePath.length) || '/'
    return protocolPath.test(path.slice(basePath.length)) ? protocol : pages
  }

  function listener(req: IncomingMessage, res: ServerResponse): void {
    try {
      screen(req, res)?.(req, res)
    } catch (error) {
      // K14: a fault of ours in front of koa would end the process, and with it what others are waiting for.
      logger.error({ err: error }, 'the front of the server failed')
      if (res.headersSent) res.destroy()
      else answerPlainly(res, 500, 'something went wrong on our side')
    }
  }

  /** Rows are read and a key signs before the status is known. */
  function countWhenAnswered(res: ServerResponse, method: string): void {
    const startedAt = performance.now()
    res.once('close', () => {
      const seconds = (performance.now() - startedAt) / 1000
      metrics.request({ method, route: revocationsPath, status: res.statusCode, seconds })
    })
  }

  const bounds = { ...patience, ...parts.patience }
  const server = createServer(
    {
      headersTimeout: bounds.headers,
      requestTimeout: bounds.request,
      keepAliveTimeout: bounds.idle,
      connectionsCheckingInterval: bounds.look,
      maxHeaderSize: requestBounds.headerBytes,
      // K05: whatever flags the process was started with, a request that can be read in two ways is not read.
      insecureHTTPParser: false,
    },
    listener,
  )
  server.maxHeadersCount = requestBounds.headers
  server.timeout = bounds.silence
  server.on('clientError', (error, socket) => refuseMalformed(error, socket, metrics))
  capSockets(server, {
    mostPerAddress: bounds.socketsPerAddress,
    mostOpen: bounds.socketsOpen,
    isTrustedProxy: createTrustedPeers(config.trustedProxies),
    refused: tellOfFlood(logger, metrics),
  })
  return server
}

/** One line a minute at most: a flood of connections must not become a flood of lines. */
function tellOfFlood(logger: Pick<Logger, 'warn'>, metrics: Pick<Metrics, 'turnedAway'>): (block: string) => void {
  let toldAt = Number.NEGATIVE_INFINITY
  return function tell(block) {
    metrics.turnedAway('too_many_sockets')
    if (performance.now() - toldAt < 60_000) return
    toldAt = performance.now()
    logger.warn(
      { address: block, hint: 'if this is your reverse proxy, name it in SALLYPORT_TRUSTED_PROXIES' },
      'too many connections from one address',
    )
  }
}

/** Faults of Node's parser that have a status of their own. */
const malformed: Readonly<Record<string, readonly [status: string, reason: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'headers_too_large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Content Too Large', 'chunks_too_large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'too_slow'],
}

/** What Node could not read as a request (K05, K06, K08): the status, nothing of what was sent, and the connection ends. */
function refuseMalformed(error: Error, socket: Duplex, metrics: Pick<Metrics, 'turnedAway'>): void {
  const code = 'code' in error ? error.code : undefined
  const [status, reason] = (typeof code === 'string' ? malformed[code] : undefined) ?? ['400 Bad Request', 'malformed']
  metrics.turnedAway(reason)
  if (!socket.writable) {
    socket.destroy(error)
    return
  }
  const answer = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\nCache-Control: no-store\r\n\r\n`
  // Whoever goes on sending is not read any more.
  socket.end(answer, () => socket.destroy())
}

/** Scheme and host are those of the issuer, whoever called; X-Forwarded-For stays for the trusted-proxy rule. */
function forwardScheme(req: IncomingMessage, scheme: string, host: string): void {
  const { headers } = req
  for (const name of ['x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'forwarded']) delete headers[name]
  headers['x-forwarded-proto'] = scheme
  headers.host = host
}
