// Answers that go on, and go wrong, in node:http: found by a hostile look at the package.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ConnectRequest, requireToken } from '../../verifier/src/express.ts'
import type { Verifier, VerifierOptions } from '../../verifier/src/index.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let server: Server
let client: Socket | undefined
let faults: unknown[]
const note = (fault: unknown) => faults.push(fault)

beforeEach(async () => {
  issuer = await startIssuer()
  faults = []
  // Where nobody listens, Node ends the process.
  process.on('unhandledRejection', note)
  process.on('uncaughtException', note)
})
afterEach(async () => {
  vi.useRealTimers()
  client?.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await issuer.close()
  process.off('unhandledRejection', note)
  process.off('uncaughtException', note)
})

const pass = async (seconds: number) => {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
  await vi.advanceTimersByTimeAsync(seconds * 1000)
}
const turnOver = () => new Promise((resolve) => setImmediate(resolve))

interface Guarded {
  /** The middleware, as promises that a framework may forget. */
  readonly passing: Promise<void>[]
  readonly open: ServerResponse[]
  /** Watches that are on. */
  watches: number
}

/** A server whose handler does nothing but note who got so far. */
async function guard(
  options: Partial<VerifierOptions> = {},
  before: (response: ServerResponse) => unknown = () => {},
): Promise<Guarded> {
  const verifier = issuer.verifier(options)
  const guarded: Guarded = { passing: [], open: [], watches: 0 }
  const watch: Verifier['watch'] = (auth, onEnd) => {
    const stop = verifier.watch(auth, onEnd)
    guarded.watches++
    return () => {
      guarded.watches--
      stop()
    }
  }
  const gate = requireToken<IncomingMessage & ConnectRequest>({ ...verifier, watch })
  server = createServer((request, response) => {
    before(response)
    guarded.passing.push(gate(request, response, () => guarded.open.push(response)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return guarded
}

async function send(token: string): Promise<Socket> {
  const address = server.address()
  client = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
  client.write(`GET /mcp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  return client
}

/** An introspection that answers when it is let. */
function slowIntrospection() {
  let asked = 0
  let answer = () => {}
  const options: Partial<VerifierOptions> = {
    introspection: { url: 'https://auth.example/introspect', authorization: 'Basic x', cacheSeconds: 0 },
    fetch: async (url, init) => {
      if (!url.endsWith('/introspect')) return fetch(url, init)
      asked++
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return Response.json({ active: true })
    },
  }
  return { options, wasAsked: () => asked > 0, answer: () => answer() }
}

describe('V48 a stream', () => {
  test('whose client reads slowly ends without an error that nobody listens to', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const guarded = await guard()
    ;(await send(await issuer.mint())).pause()
    await vi.waitUntil(() => guarded.open.length === 1)
    const [response] = guarded.open
    response?.writeHead(200, { 'content-type': 'text/event-stream' })
    // More than the socket takes: the end has to wait, and `close` with it.
    response?.write(Buffer.alloc(32_000_000, 'x'))
    await pass(300)
    expect([response?.writableEnded, response?.destroyed]).toEqual([true, false])
    response?.write(': are you there?\n\n')
    await turnOver()
    await turnOver()
    expect(faults).toEqual([])
  })

  test('that begins after the end of its token ends all the same', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const guarded = await guard()
    await send(await issuer.mint())
    await vi.waitUntil(() => guarded.open.length === 1)
    await pass(304)
    const [response] = guarded.open
    response?.writeHead(200, { 'content-type': 'text/event-stream' })
    expect(response?.writableEnded).toBe(false)
    await pass(1)
    expect(response?.writableEnded).toBe(true)
    await vi.waitUntil(() => guarded.watches === 0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('in the name of a token that is only good by the tolerance of clocks ends when it begins, however late that is', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const guarded = await guard()
    const token = await issuer.mint()
    issuer.clock.now = new Date(issuer.clock.now.getTime() + 302_000)
    await send(token)
    await vi.waitUntil(() => guarded.open.length === 1)
    await pass(1)
    const [response] = guarded.open
    response?.writeHead(200, { 'content-type': 'text/event-stream' })
    expect(response?.writableEnded).toBe(false)
    await pass(1)
    expect(response?.writableEnded).toBe(true)
  })

  test('that the client left before it was let in is not watched', async () => {
    const { options, wasAsked, answer } = slowIntrospection()
    const guarded = await guard(options, (response) => response.once('close', answer))
    const socket = await send(await issuer.mint())
    await vi.waitUntil(wasAsked)
    socket.destroy()
    await vi.waitUntil(() => guarded.open.length === 1)
    expect([guarded.open[0]?.destroyed, guarded.watches]).toEqual([true, 0])
  })
})

describe('V44 a request that the application has answered in the meantime', () => {
  test.each(['good', 'bad'])('is let go, with a token that is %s', async (kind) => {
    const guarded = await guard({}, (response) => response.writeHead(503).end('it took too long'))
    await send(kind === 'good' ? await issuer.mint() : 'x')
    await vi.waitUntil(() => guarded.passing.length === 1)
    await guarded.passing[0]
    expect([guarded.open, guarded.watches, faults]).toEqual([[], 0, []])
  })
})
