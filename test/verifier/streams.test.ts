import { createServer, type Server, type ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { requireToken } from '../../verifier/src/express.ts'
import { endWithToken } from '../../verifier/src/fetch.ts'
import type { Auth, TokenEnd, Verifier } from '../../verifier/src/index.ts'
import { watchToken } from '../../verifier/src/token-end.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let verifier: Verifier
beforeAll(async () => {
  issuer = await startIssuer()
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  issuer.clock.now = new Date('2026-11-20T12:00:00Z')
  verifier = issuer.verifier()
})
afterEach(() => {
  vi.useRealTimers()
})
afterAll(() => issuer.close())

const pass = async (seconds: number) => {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
  await vi.advanceTimersByTimeAsync(seconds * 1000)
}

async function authFor(): Promise<Auth> {
  const token = await issuer.mint()
  return verifier.authenticate({ authorization: [`Bearer ${token}`], tokenElsewhere: false })
}

describe('V48 a watch', () => {
  const now = () => issuer.clock.now

  test('that was stopped says nothing, also when it was just asking', async () => {
    const { claims } = await authFor()
    const ends: TokenEnd[] = []
    let answer: (isRevoked: boolean) => void = () => {}
    const isRevoked = () =>
      new Promise<boolean>((resolve) => {
        answer = resolve
      })
    const stop = watchToken(claims, now, { everySeconds: 5, isRevoked }, (end) => ends.push(end))
    await pass(5)
    stop()
    answer(true)
    await pass(400)
    expect([ends, vi.getTimerCount()]).toEqual([[], 0])
  })

  test('that cannot know counts as revoked', async () => {
    const { claims } = await authFor()
    const ends: TokenEnd[] = []
    const isRevoked = () => Promise.reject(new Error('away'))
    watchToken(claims, now, { everySeconds: 5, isRevoked }, (end) => ends.push(end))
    await pass(5)
    expect([ends, vi.getTimerCount()]).toEqual([['revoked'], 0])
  })

  test('goes on while the token is good, and ends at exp to the second', async () => {
    const { claims } = await authFor()
    const ends: TokenEnd[] = []
    watchToken(claims, now, { everySeconds: 7, isRevoked: async () => false }, (end) => ends.push(end))
    await pass(299)
    expect(ends).toEqual([])
    await pass(1)
    expect(ends).toEqual(['expired'])
  })

  test('keeps no process alive', async () => {
    vi.useRealTimers()
    const { claims } = await authFor()
    const timer = vi.spyOn(globalThis, 'setTimeout')
    const stop = watchToken(claims, now, undefined, () => {})
    const made: unknown = timer.mock.results.at(-1)?.value
    expect(
      typeof made === 'object' &&
        made !== null &&
        'hasRef' in made &&
        typeof made.hasRef === 'function' &&
        made.hasRef(),
    ).toBe(false)
    stop()
  })
})

describe('V48 a Response', () => {
  const stream = { headers: { 'content-type': 'text/event-stream' } }

  test('that is an event stream closes at the end of its token, and its source is told', async () => {
    let told: unknown
    const source = new ReadableStream<Uint8Array>({
      start: (control) => control.enqueue(new TextEncoder().encode('data: 1\n\n')),
      cancel: (reason) => {
        told = reason
      },
    })
    const response = endWithToken(verifier, await authFor(), new Response(source, { ...stream, status: 201 }))
    expect([response.status, response.headers.get('content-type')]).toEqual([201, 'text/event-stream'])
    const text = response.text()
    await pass(300)
    expect(await text).toBe('data: 1\n\n')
    expect(told).toBe('the token is expired')
  })

  test('whose source ends, fails or is not wanted any more leaves no timer behind', async () => {
    const auth = await authFor()
    const before = vi.getTimerCount()
    const ended = endWithToken(verifier, auth, new Response('data: 1\n\n', stream))
    expect(await ended.text()).toBe('data: 1\n\n')
    const failing = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error('the source is gone')) })
    await expect(endWithToken(verifier, auth, new Response(failing, stream)).text()).rejects.toThrow(
      'the source is gone',
    )
    let told: unknown
    const left = new ReadableStream<Uint8Array>({
      cancel: (reason) => {
        told = reason
      },
    })
    await endWithToken(verifier, auth, new Response(left, stream)).body?.cancel('enough')
    expect([told, vi.getTimerCount()]).toEqual(['enough', before])
  })

  test('that is none, or has no body, comes back as it is', async () => {
    const auth = await authFor()
    const before = vi.getTimerCount()
    for (const response of [
      Response.json({}),
      new Response(null, stream),
      new Response('x'),
      new Response('x', { headers: { 'content-type': 'text/event-streams' } }),
    ])
      expect(endWithToken(verifier, auth, response)).toBe(response)
    expect(vi.getTimerCount()).toBe(before)
  })
})

describe('V48 a response of node:http', () => {
  let server: Server
  let port: number
  let open: ServerResponse[]
  let stopped: number

  beforeEach(async () => {
    open = []
    stopped = 0
    const watch: Verifier['watch'] = (auth, onEnd) => {
      const stop = verifier.watch(auth, onEnd)
      return () => {
        stopped++
        stop()
      }
    }
    const gate = requireToken({ ...verifier, watch })
    server = createServer((request, response) => {
      void gate(request, response, () => {
        open.push(response)
        const type = request.url === '/json' ? 'application/json' : 'text/event-stream'
        if (request.url === '/silent') response.setHeader('content-type', type)
        else response.writeHead(200, { 'content-type': type }).write('{"half":')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const ask = async (path: string, signal?: AbortSignal) => {
    const headers = { authorization: `Bearer ${await issuer.mint()}` }
    const asked = fetch(`http://127.0.0.1:${port}${path}`, { headers, ...(signal && { signal }) })
    asked.catch(() => {})
    await vi.waitUntil(() => open.length === 1)
    return asked
  }

  test('that is half a document is left alone, and so is one that has not begun', async () => {
    const json = await ask('/json')
    await pass(301)
    open[0]?.end('1}')
    expect(await json.text()).toBe('{"half":1}')
    open.length = 0
    issuer.clock.now = new Date('2026-11-20T12:00:00Z')
    const headers = { authorization: `Bearer ${await issuer.mint()}` }
    const silent = fetch(`http://127.0.0.1:${port}/silent`, { headers })
    await vi.waitUntil(() => open.length === 1)
    await pass(301)
    open[0]?.end('late')
    expect(await (await silent).text()).toBe('late')
  })

  test('that the client leaves is watched no longer', async () => {
    const control = new AbortController()
    const asked = await ask('/stream', control.signal)
    expect(stopped).toBe(0)
    control.abort()
    await asked.text().catch(() => {})
    await vi.waitUntil(() => stopped === 1)
  })
})
