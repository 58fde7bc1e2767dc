// A small web server of a test, in place of a provider: it answers whatever the test says.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

/** What arrived. */
export interface Arrived {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: URLSearchParams
}

/** A running one. */
export interface WebServer {
  readonly origin: string
  readonly arrived: Arrived[]
  /** Answers from now on. */
  answer: (request: Arrived, response: ServerResponse) => void
}

/** Starts it; it is closed when the test ends. */
export async function startWebServer(answer: WebServer['answer']): Promise<WebServer> {
  const arrived: Arrived[] = []
  const server = createServer(async (request, response) => {
    const chunks: string[] = []
    for await (const chunk of request) chunks.push(String(chunk))
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: new URLSearchParams(chunks.join('')),
    }
    arrived.push(one)
    running.answer(one, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  const running: WebServer = { origin: `http://127.0.0.1:${address.port}`, arrived, answer }
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return running
}

/** Answers with JSON. */
export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
