import { createServer } from 'node:http'

/** Waits on loopback for the answer to an authorization request (RFC 8252 §7.3). */
export interface Listener {
  readonly redirectUri: string
  /**
   * Waits for the answer with this state; whatever else arrives is refused, and waiting goes on: every page and every program of this
   * machine can send something here (RFC 6749 §10.12).
   *
   * @returns the query, or in words why nobody came
   */
  answerTo(state: string): Promise<URLSearchParams | string>
  close(): void
}

// Ours: who has to find a second factor needs a while.
const patienceMs = 5 * 60_000
const calledOff = 'it was called off'

/** Opens a port of loopback. @param signal aborted, the waiting ends */
export async function listenOnLoopback(signal?: AbortSignal): Promise<Listener> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const redirectUri = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/callback`

  async function answerTo(state: string): Promise<URLSearchParams | string> {
    if (signal?.aborted === true) return calledOff
    return await new Promise((resolve) => {
      let strays = 0
      const patience = setTimeout(() => {
        const also = strays === 0 ? '' : '; what came had another state than the request'
        resolve(`nobody came back within five minutes${also}`)
      }, patienceMs)
      server.on('close', () => {
        clearTimeout(patience)
        resolve(calledOff)
      })
      server.on('request', (request, response) => {
        const url = URL.parse(request.url ?? '', redirectUri)
        if (url?.pathname !== '/callback') return void response.writeHead(404).end()
        const isAnswer = url.searchParams.get('state') === state
        const headers = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }
        if (!isAnswer) {
          strays += 1
          return void response.writeHead(400, headers).end('This has another state than what is waited for.\n')
        }
        response.writeHead(200, headers)
        response.end('You may close this page; the terminal says how it went.\n', () => resolve(url.searchParams))
      })
    })
  }

  function close(): void {
    server.close()
    server.closeAllConnections()
  }

  signal?.addEventListener('abort', close, { once: true })
  return { redirectUri, answerTo, close }
}
