// Hosts that are far away by their addresses and on loopback in truth: TLS servers that a guarded fetch may find, and a record of every
// address that it was about to connect to.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createPlainServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { createResolver } from '../../src/net/resolve-name.ts'
import { makeCertificate } from '../fixtures/self-signed.ts'
import { type NameServer, recordsOf, startNameServer } from './dns.ts'

/** A public address that no test may ever reach; the stage finds it here. */
export const publicAddress = '93.184.216.34'
export const publicAddress6 = '2606:2800:220:1::1'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A stage for fetches. */
export interface FarAway {
  readonly names: NameServer
  /** For `createGuardedFetch`, `createEgress` and the server. */
  readonly stage: {
    readonly resolve: ReturnType<typeof createResolver>
    readonly certificateAuthority: string
    readonly dial: (address: string, port: number) => { readonly address: string; readonly port: number }
    readonly timeoutMs: number
  }
  /** Checked addresses that a connection was begun to. */
  readonly dialled: readonly string[]
  /** Requests that arrived, as `host path`. */
  readonly requests: readonly string[]
  /** Connections that arrived at loopback itself, where nobody may come: what a hole in the guard would reach. */
  arrivals(): number
  /** Where the loopback trap listens. */
  readonly trapPort: number
  /** Sets what answers, by host name; without an entry the server says 404. */
  readonly hosts: Map<string, Handler>
  /** Sets what a name is said to be; each turn of an array of arrays once, the last one for ever. Unset: the public address. */
  readonly addresses: Map<string, readonly (readonly string[])[]>
  close(): Promise<void>
}

/** Opens the stage; inside a test it is closed when the test ends. */
export async function openFarAway(
  hostNames: readonly string[],
  { timeoutMs = 3000 }: { readonly timeoutMs?: number } = {},
): Promise<FarAway> {
  const { key, cert } = makeCertificate(hostNames)
  const hosts = new Map<string, Handler>()
  const addresses = new Map<string, readonly (readonly string[])[]>()
  const turns = new Map<string, number>()
  const dialled: string[] = []
  const requests: string[] = []
  let arrivals = 0

  const server = createServer({ key, cert }, (request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    requests.push(`${host} ${request.url}`)
    const handle = hosts.get(host)
    if (handle === undefined) response.writeHead(404).end()
    else handle(request, response)
  })
  const trap = createPlainServer((socket) => {
    arrivals += 1
    socket.destroy()
  })
  await Promise.all([server, trap].map((one) => new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))))
  const port = (server.address() as AddressInfo).port
  const names = await startNameServer(({ name, type }) => {
    const known = addresses.get(name)
    if (known === undefined && !hostNames.includes(name)) return { code: 'NXDOMAIN' }
    const turn = turns.get(`${type} ${name}`) ?? 0
    turns.set(`${type} ${name}`, turn + 1)
    const said = known?.[Math.min(turn, known.length - 1)] ?? [publicAddress]
    return { answers: recordsOf(name, type, said) }
  })

  let isClosed = false
  const far: FarAway = {
    names,
    stage: {
      resolve: createResolver({ servers: [names.address], timeoutMs: 300 }),
      certificateAuthority: cert,
      dial(address, wanted) {
        dialled.push(address)
        return [publicAddress, publicAddress6].includes(address)
          ? { address: '127.0.0.1', port }
          : { address, port: wanted }
      },
      timeoutMs,
    },
    dialled,
    requests,
    arrivals: () => arrivals,
    trapPort: (trap.address() as AddressInfo).port,
    hosts,
    addresses,
    async close() {
      if (isClosed) return
      isClosed = true
      server.closeAllConnections()
      await Promise.all([server, trap].map((one) => new Promise((resolve) => one.close(resolve))))
      await names.close()
    },
  }
  try {
    onTestFinished(far.close)
  } catch {
    // Not inside a test: vitest says so by throwing.
  }
  return far
}

/** Answers with JSON. */
export function sendJson(body: unknown, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_request, response) =>
    void response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
