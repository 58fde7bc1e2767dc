import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createClientAddress } from '../net/client-ip.ts'
import { networkOf } from '../net/network.ts'

/** How many connections may be open. */
export interface SocketCaps {
  /** From one IPv4 address or one IPv6 /64; a trusted proxy brings everybody's and is not counted. */
  readonly mostPerAddress: number
  /** Over all; when it is reached, idle ones are closed to make room. */
  readonly mostOpen: number
}

/** What the cap is told and tells. */
export interface SocketCapOptions extends SocketCaps {
  /** Whether the peer is a proxy of ours; from the settings, never from what the connection says. */
  readonly isTrustedProxy: (remoteAddress: string) => boolean
  /** A connection was closed at once. */
  readonly refused: (block: string) => void
}

/**
 * Bounds the connections of a server, so that one peer that opens them slowly and in numbers leaves room for the others
 * (threats K06, K07). The one that is too many is closed without an answer: writing one would be work for whoever floods.
 */
export function capSockets(server: Server, options: SocketCapOptions): void {
  const { isTrustedProxy, mostOpen, mostPerAddress, refused } = options
  const open = new Map<string, number>()
  let count = 0

  server.on('connection', (socket: Socket) => {
    count += 1
    socket.once('close', () => {
      count -= 1
    })
    // Idle ones go first: each of them may come again, and no request is lost.
    if (count > mostOpen) server.closeIdleConnections()
    const address = socket.remoteAddress
    // Gone already, before anybody could ask.
    if (address === undefined || isTrustedProxy(address)) return
    const block = addressBlock(address)
    const held = (open.get(block) ?? 0) + 1
    open.set(block, held)
    socket.once('close', () => {
      const left = (open.get(block) ?? 1) - 1
      if (left === 0) open.delete(block)
      else open.set(block, left)
    })
    if (held <= mostPerAddress) return
    refused(block)
    socket.destroy()
  })
}

const addressOf = createClientAddress([])

/** Who counts as one: an IPv4 address, or the /64 that one IPv6 household has to itself and may number as it likes. */
export function addressBlock(remoteAddress: string): string {
  return networkOf(addressOf(remoteAddress, undefined))
}
