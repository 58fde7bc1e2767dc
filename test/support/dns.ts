// A name server of the test's own: UDP and TCP on one port of loopback, answering what the test says, and counting what it was asked.
import { createSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'
import { type Answer, decode, encode, type Packet, type Question, streamEncode, TRUNCATED_RESPONSE } from 'dns-packet'
import { onTestFinished } from 'vitest'

/** What a name server says to one question; undefined: it keeps silent. */
export type Says = (question: Question, transport: 'udp' | 'tcp') => NameAnswer | undefined

/** Records, or why there are none. */
export interface NameAnswer {
  readonly answers?: readonly Answer[]
  readonly code?: 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED'
  /** Only a part fits: ask again by TCP. */
  readonly isTruncated?: boolean
}

/** A running name server. */
export interface NameServer {
  /** For `setServers`. */
  readonly address: string
  /** `A evil.example`, in the order they came. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

const responseCodes = { NXDOMAIN: 3, SERVFAIL: 2, REFUSED: 5 } as const
// RFC 1035 §4.1.1: recursion desired, recursion available.
const plainFlags = 0x180

/** Starts a name server; inside a test it is closed when the test ends. */
export async function startNameServer(says: Says): Promise<NameServer> {
  const asked: string[] = []
  const sockets = new Set<Socket>()

  function answerTo(message: Buffer, transport: 'udp' | 'tcp'): Packet | undefined {
    const { id, questions = [] } = decode(message)
    const [question] = questions
    if (question === undefined) return undefined
    asked.push(`${question.type} ${question.name}`)
    const said = says(question, transport)
    if (said === undefined) return undefined
    const flags =
      plainFlags |
      (said.code === undefined ? 0 : responseCodes[said.code]) |
      (said.isTruncated === true ? TRUNCATED_RESPONSE : 0)
    return {
      type: 'response',
      ...(id === undefined ? {} : { id }),
      flags,
      questions,
      answers: [...(said.answers ?? [])],
    }
  }

  const tcp = createServer((socket) => {
    sockets.add(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      const answer = answerTo(received.subarray(2), 'tcp')
      if (answer !== undefined) socket.end(streamEncode(answer))
    })
  })
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const address = tcp.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const udp = createSocket('udp4')
  udp.on('message', (message, peer) => {
    const answer = answerTo(message, 'udp')
    if (answer !== undefined) udp.send(encode(answer), peer.port, peer.address)
  })
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve))

  let isClosed = false
  const server: NameServer = {
    address: `127.0.0.1:${port}`,
    asked,
    async close() {
      if (isClosed) return
      isClosed = true
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => udp.close(() => resolve()))
      await new Promise((resolve) => tcp.close(resolve))
    },
  }
  try {
    onTestFinished(server.close)
  } catch {
    // Not inside a test: vitest says so by throwing.
  }
  return server
}

/** Says the same addresses for every name: those of each family where it is asked for. */
export function sayAddresses(...addresses: readonly string[]): Says {
  return ({ name, type }) => ({ answers: recordsOf(name, type, addresses) })
}

/** The records of a family among addresses, with no time to live: whoever asks again may be told something else. */
export function recordsOf(name: string, type: string, addresses: readonly string[]): Answer[] {
  return addresses.flatMap((address): Answer[] => {
    const family = address.includes(':') ? 'AAAA' : 'A'
    return family === type ? [{ name, type: family, ttl: 0, class: 'IN', data: address }] : []
  })
}
