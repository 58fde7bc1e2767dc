// Where an answer arrives: a client's own listener on loopback, with or without TLS.
import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { makeCertificate } from '../fixtures/self-signed.ts'

/** A request that arrived. */
export interface Arrival {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
}

/** A listener on an ephemeral port. */
export interface Listener {
  readonly origin: string
  readonly arrivals: readonly Arrival[]
}

/**
 * Listens until the test ends and answers every request with a page.
 *
 * @param host   name under which it is reached; any other than localhost gets TLS with a certificate made on the spot
 * @param answer body for a path; default: what clients show after the callback
 */
export async function listen(host = '127.0.0.1', answer = (_path: string): string => done): Promise<Listener> {
  const isLoopback = host === '127.0.0.1' || host === 'localhost'
  const arrivals: Arrival[] = []
  const handle: RequestListener = (req, res) => {
    const url = new URL(req.url ?? '/', origin())
    if (url.pathname !== '/favicon.ico') arrivals.push({ method: req.method ?? '', url, headers: req.headers })
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(answer(url.pathname))
  }
  const server = isLoopback ? createHttpServer(handle) : createHttpsServer(makeCertificate([host]), handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const origin = () => `${isLoopback ? 'http' : 'https'}://${host}:${port}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: origin(), arrivals }
}

const done = '<!doctype html><title>Connected</title><link rel="icon" href="data:,"><h1>You can close this window</h1>'
