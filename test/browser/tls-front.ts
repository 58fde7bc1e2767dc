// A reverse proxy as people run one: TLS ends here, plain http goes on to the server, Host kept, forwarding headers added.
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { makeCertificate } from '../fixtures/self-signed.ts'

/** A running proxy. */
export interface TlsFront {
  close(): void
}

/** Listens on `port` with a certificate for `host` and hands everything on to `backendPort`. */
export async function startTlsFront(host: string, port: number, backendPort: number): Promise<TlsFront> {
  const front = createServer(makeCertificate([host]), (req, res) => {
    const headers = {
      ...req.headers,
      'x-forwarded-for': req.socket.remoteAddress ?? '',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': req.headers.host ?? '',
    }
    const onward = request(
      { host: '127.0.0.1', port: backendPort, method: req.method, path: req.url, headers },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.pipe(res)
      },
    )
    onward.on('error', () => res.writeHead(502).end())
    req.pipe(onward)
  })
  front.listen(port, '127.0.0.1')
  await once(front, 'listening')
  return {
    close() {
      front.closeAllConnections()
      front.close()
    },
  }
}
