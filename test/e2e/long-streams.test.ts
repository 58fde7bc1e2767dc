// A stream that outlives its token, with the published clients at the other end.
import { createServer } from 'node:http'
import {
  type FetchLike,
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/server'
import { createVerifier } from '@sallyport/verifier'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { createMcpListener } from '../../examples/mcp-server/listener.ts'
import { startIssuer, type TestIssuer } from '../verifier/issuer.ts'

let issuer: TestIssuer
let url: string
let token: string
/** How often the tool was let go of before it had answered. */
let cancelled: number

// The clock is the verifier's; of the timers only its own long one is held, so that the network goes on.
let expiries: (() => void)[]
const isExpiry = (milliseconds: number | undefined) => milliseconds === 300_000

beforeEach(async () => {
  cancelled = 0
  expiries = []
  const { setTimeout: real } = globalThis
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((run, milliseconds, ...values) => {
    if (!isExpiry(milliseconds)) return real(run, milliseconds, ...values)
    expiries.push(() => run(...values))
    return real(() => {}, 0)
  })
  issuer = await startIssuer()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}/mcp`
  const verifier = createVerifier({
    issuer: issuer.url,
    resource: url,
    tools: { '*': [] },
    now: () => issuer.clock.now,
  })
  server.on('request', createMcpListener(verifier, createFollower))
  token = await issuer.mint({ aud: url })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await issuer.close()
  })
})
afterEach(() => vi.restoreAllMocks())

/** A tool that reports once and then goes on for as long as it is let. */
function createFollower(): McpServer {
  const mcp = new McpServer({ name: 'follower', version: '1' })
  mcp.registerTool('ping', { description: 'answers', inputSchema: z.object({}) }, () => ({ content: [] }))
  mcp.registerTool('follow', { description: 'goes on', inputSchema: z.object({}) }, async (_args, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken
    if (progressToken !== undefined) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
    }
    await new Promise<void>((resolve) => mcpReq.signal.addEventListener('abort', () => resolve()))
    cancelled += 1
    return { content: [] }
  })
  return mcp
}

/** Tells of each event stream that the client got whether it is open, closed or broken off, the newest last. */
function watchingFetch() {
  const streams: ('open' | 'closed' | 'broken')[] = []
  const authorized = (init?: RequestInit) => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${token}`)
    return { ...init, headers }
  }
  const watching = async (input: string | URL, init?: RequestInit): Promise<Response> => {
    const answer = await fetch(input, authorized(init))
    if (answer.headers.get('content-type') !== 'text/event-stream' || answer.body === null) return answer
    const [seen, passed] = answer.body.tee()
    const at = streams.push('open') - 1
    const reading = new Response(seen).text()
    reading.then(
      () => streams.fill('closed', at, at + 1),
      () => streams.fill('broken', at, at + 1),
    )
    return new Response(passed, answer)
  }
  return { streams, fetch: watching }
}

/** The token expires: the clock says so, and the timer that waited for it is due; then the tolerance of clocks is over, too. */
function expire(): void {
  pass(300)
  for (const run of expiries.splice(0)) run()
  pass(6)
}

function pass(seconds: number): void {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
}

interface Connected {
  callTool(
    call: { name: string; arguments: Record<string, unknown> },
    options: { onprogress?: () => void; signal?: AbortSignal },
  ): Promise<unknown>
}

const clients = {
  'SDK 1.32': async (over: FetchLike) => {
    const client = new LegacyClient({ name: 'test', version: '1' })
    await client.connect(new LegacyTransport(new URL(url), { fetch: over }))
    onTestFinished(() => client.close())
    const connected: Connected = { callTool: (call, options) => client.callTool(call, undefined, options) }
    return connected
  },
  'SDK 2.4 with the 2025 handshake': (over: FetchLike) => connectModern(over, 'legacy'),
  'SDK 2.4 on 2026-07-28': (over: FetchLike) => connectModern(over, { pin: '2026-07-28' }),
}

async function connectModern(over: FetchLike, mode: 'legacy' | { pin: string }): Promise<ModernClient> {
  const client = new ModernClient({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new ModernTransport(new URL(url), { fetch: over }))
  onTestFinished(() => client.close())
  return client
}

test.each(Object.entries(clients))(
  'V48 %s: a call that streams ends with its token, and the next goes on with another',
  async (_name, connect) => {
    const { streams, fetch: over } = watchingFetch()
    const client = await connect(over)
    const patience = new AbortController()
    const onprogress = vi.fn()
    const calling = client.callTool({ name: 'follow', arguments: {} }, { signal: patience.signal, onprogress })
    calling.catch(() => {})
    await vi.waitUntil(() => onprogress.mock.calls.length === 1)
    expect([streams.at(-1), cancelled]).toEqual(['open', 0])

    expire()

    await vi.waitUntil(() => streams.at(-1) !== 'open')
    expect(streams.at(-1)).toBe('closed')
    await vi.waitUntil(() => cancelled === 1)
    // The SDKs wait on, for a minute: whoever called gives up.
    patience.abort()
    await expect(client.callTool({ name: 'ping', arguments: {} }, {})).rejects.toThrow()
    token = await issuer.mint({ aud: url, jti: 'token-2' })
    expect(await client.callTool({ name: 'ping', arguments: {} }, {})).toMatchObject({
      content: [],
    })
  },
)

test('V48 SDK 2.4: a subscription ends with its token, and is made again with another', async () => {
  const { fetch: over } = watchingFetch()
  const client = await connectModern(over, { pin: '2026-07-28' })
  const subscription = await client.listen({ toolsListChanged: true })
  let how: string | undefined
  void subscription.closed.then((reason) => {
    how = reason
  })

  expire()

  await vi.waitUntil(() => how !== undefined)
  expect(how).toBe('remote')
  await expect(client.listen({ toolsListChanged: true })).rejects.toThrow()
  token = await issuer.mint({ aud: url, jti: 'token-2' })
  const again = await client.listen({ toolsListChanged: true })
  await again.close()
})
