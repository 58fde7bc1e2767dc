import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A proxy between a scanner and the instance: it leaves some paths out, holds the cookies of whoever the scanner is to be, and
 * lets nothing go anywhere else. Debian's wapiti ends
 * with an error of its own when it is told what to leave alone (its patterns are none for Python 3.11).
 */
export async function startFilterProxy(
  issuer: string,
  leftOut: readonly string[],
  cookie?: string,
): Promise<{ url: string; close(): void }> {
  const own = new URL(issuer)
  const server = createServer((req, res) => {
    const target = URL.parse(req.url ?? '')
    if (target === null || target.host !== own.host || leftOut.includes(target.pathname)) {
      req.resume()
      res.writeHead(204).end()
      return
    }
    const path = (req.url ?? '').slice(target.origin.length) || '/'
    const headers = cookie === undefined ? req.headers : { ...req.headers, cookie }
    const onward = request({ host: '127.0.0.1', port: own.port, path, method: req.method, headers })
    onward.on('response', (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    onward.on('error', () => res.destroy())
    req.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
