import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** Starts a server on loopback, until the test is over; `arrived` is what it was asked. */
export async function listen(answer: RequestListener) {
  const arrived: IncomingMessage[] = []
  const server = createServer((request, response) => {
    arrived.push(request)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { arrived, port, url: `http://127.0.0.1:${port}/x` }
}
