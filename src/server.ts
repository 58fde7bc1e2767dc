import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Config } from './config/config.ts'
import { createHostGuard } from './web/host-guard.ts'
import type { ReadyDocuments } from './web/ready-documents.ts'

/** What the front of the server hands requests on to. */
export interface FrontParts {
  readonly config: Pick<Config, 'issuer'>
  readonly documents: ReadyDocuments
  /** The protocol endpoints. */
  readonly protocol: RequestListener
  /** Pages, probes, everything else. */
  readonly pages: RequestListener
}

/** Paths of the protocol library, below the issuer. */
const protocolPath = /^\/(?:authorize|token|register|revoke|introspect|par)(?:\/|$)/

/** Probes are called by address, whatever the host. */
const anyHostPaths = ['/healthz', '/readyz']

// Ours: patience with slow clients, in milliseconds (K06).
const headersTimeout = 10_000
const requestTimeout = 20_000
const maxUrlLength = 16 * 1024

/**
 * The front: host, then the ready documents, then protocol or pages. Nothing behind it sees a forwarding header that
 * was not made here from the settings.
 */
export function createFront({ config, documents, protocol, pages }: FrontParts): Server {
  const issuer = new URL(config.issuer)
  const basePath = issuer.pathname === '/' ? '' : issuer.pathname
  const guardHost = createHostGuard({ issuer: config.issuer, anyHostPaths })
  const scheme = issuer.protocol.slice(0, -1)

  function listener(req: IncomingMessage, res: ServerResponse): void {
    if (!guardHost(req, res)) return
    const url = req.url ?? '/'
    if (url.length > maxUrlLength) {
      res.writeHead(414, { Connection: 'close', 'Content-Length': '0' }).end()
      return
    }
    const [path = '/'] = url.split('?', 1)
    if (documents.answer(req, res, path)) return
    forwardScheme(req, scheme, issuer.host)
    if (anyHostPaths.includes(path)) {
      pages(req, res)
      return
    }
    if (basePath !== '' && path !== basePath && !path.startsWith(`${basePath}/`)) {
      res.writeHead(404, { 'Content-Length': '0' }).end()
      return
    }
    // The library and the router work below the issuer; `originalUrl` keeps the path for the addresses they make.
    Reflect.set(req, 'originalUrl', url)
    req.url = url.slice(basePath.length) || '/'
    if (!protocolPath.test(path.slice(basePath.length))) pages(req, res)
    else protocol(req, res)
  }

  const server = createServer({ headersTimeout, requestTimeout }, listener)
  server.maxHeadersCount = 100
  return server
}

/** Scheme and host are those of the issuer, whoever called; X-Forwarded-For stays for the trusted-proxy rule. */
function forwardScheme(req: IncomingMessage, scheme: string, host: string): void {
  const { headers } = req
  for (const name of ['x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'forwarded']) delete headers[name]
  headers['x-forwarded-proto'] = scheme
  headers.host = host
}
