// A reverse proxy as people run one: TLS ends here, plain http goes on to the server, Host kept, forwarding headers added.
import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { createServer, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { makeCertificate } from '../fixtures/self-signed.ts'

/** What came back through the proxy. */
export interface FrontAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A running proxy. */
export interface TlsFront {
  /** A client's own request, which needs no browser: the name is not asked of a resolver. */
  send(path: string, options?: { method?: string; type?: string; body?: string }): Promise<FrontAnswer>
  close(): void
}

/** Listens on `port` with a certificate for `host` and hands everything on to `backendPort`. */
export async function startTlsFront(host: string, port: number, backendPort: number): Promise<TlsFront> {
  const certificate = makeCertificate([host])
  const front = createServer(certificate, (req, res) => {
    const headers = {
      ...req.headers,
      'x-forwarded-for': req.socket.remoteAddress ?? '',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': req.headers.host ?? '',
    }
    const target = { host: '127.0.0.1', port: backendPort, method: req.method, path: req.url, headers }
    const onward = httpRequest(target, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(res)
    })
    onward.on('error', () => res.writeHead(502).end())
    req.pipe(onward)
  })
  front.listen(port, '127.0.0.1')
  await once(front, 'listening')
  return {
    async send(path, { method = 'GET', type, body } = {}) {
      const headers = { host: `${host}:${port}`, ...(type === undefined ? {} : { 'content-type': type }) }
      const target = { host: '127.0.0.1', port, servername: host, ca: certificate.cert, method, path, headers }
      const sent = httpsRequest(target).end(body)
      const [answer] = await once(sent, 'response')
      return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
    },
    close() {
      front.closeAllConnections()
      front.close()
    },
  }
}
