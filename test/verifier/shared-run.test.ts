import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { VerifierOptions } from '../../verifier/src/index.ts'
import { createSharedRun } from '../../verifier/src/shared-run.ts'
import { judge, signText, startIssuer, type TestIssuer } from './issuer.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('work that is shared', () => {
  let at: number
  let ends: { resolve(value: string): void; reject(reason: Error): void }[]
  const begin = () =>
    createSharedRun(
      () => new Promise<string>((resolve, reject) => ends.push({ resolve, reject })),
      5000,
      () => new Date(at),
    )
  beforeEach(() => {
    at = 1_000_000
    ends = []
  })

  test('is done once for all who wait, and again afterwards', async () => {
    const run = begin()
    const all = [run.join(), run.join(), run.join()]
    expect([run.isRunning, ends.length]).toEqual([true, 1])
    ends[0]?.resolve('first')
    expect(await Promise.all(all)).toEqual(['first', 'first', 'first'])
    expect([run.isRunning, vi.getTimerCount()]).toEqual([false, 0])
    const again = run.join()
    ends[1]?.resolve('second')
    expect(await again).toBe('second')
  })

  test('that is lost with a throw is begun anew by those who wait, once', async () => {
    const run = begin()
    const own = run.join()
    const others = [run.join(), run.join()]
    ends[0]?.reject(new Error('the request has ended'))
    await expect(own).rejects.toThrow('the request has ended')
    await vi.waitUntil(() => ends.length === 2)
    ends[1]?.resolve('second')
    expect(await Promise.all(others)).toEqual(['second', 'second'])
    expect([ends.length, vi.getTimerCount()]).toEqual([2, 0])
  })

  test('that is lost in silence is begun anew by those who have waited long enough', async () => {
    const run = begin()
    void run.join()
    const others = [run.join(), run.join()]
    await vi.advanceTimersByTimeAsync(4999)
    expect(ends.length).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    ends[1]?.resolve('second')
    expect(await Promise.all(others)).toEqual(['second', 'second'])
    expect(ends.length).toBe(2)
  })

  test('that began longer ago than it can take is not waited for; its late end ends nothing else', async () => {
    const run = begin()
    const lost = run.join()
    at += 5000
    expect(run.isRunning).toBe(true)
    at += 1
    expect(run.isRunning).toBe(false)
    const second = run.join()
    ends[0]?.resolve('first')
    expect([await lost, run.isRunning]).toEqual(['first', true])
    ends[1]?.resolve('second')
    expect(await second).toBe('second')
    void run.join()
    // A clock that was set back says nothing about how long something has taken.
    at -= 1
    expect(run.isRunning).toBe(false)
  })

  test('can be let go of', async () => {
    const run = begin()
    const first = run.join()
    run.drop()
    expect(run.isRunning).toBe(false)
    const second = run.join()
    ends[0]?.resolve('first')
    ends[1]?.resolve('second')
    expect(await Promise.all([first, second])).toEqual(['first', 'second'])
  })
})

// Workers: what a request was waiting for when it ended never comes, to nobody.
describe('V34 V43 a question that was lost together with its request is asked again', () => {
  let issuer: TestIssuer
  beforeAll(async () => {
    issuer = await startIssuer()
  })
  afterAll(() => issuer.close())
  const pass = (seconds: number) => {
    issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
  }

  async function answerOf(pathname: string): Promise<Response> {
    if (pathname !== '/revocations') return Response.json({ active: true })
    const iat = Math.floor(issuer.clock.now.getTime() / 1000)
    const claims = { iss: issuer.url, iat, exp: iat + 60, cursor: 'c1', complete: true, revoked: {} }
    const header = { alg: 'ES256', typ: 'revocations+jwt', kid: 'key-1' }
    return new Response(await signText(JSON.stringify(header), JSON.stringify(claims), issuer.key))
  }

  const introspection = { url: 'https://auth.example/introspect', authorization: 'x', cacheSeconds: 0 }
  const cases: Readonly<Record<string, [Partial<VerifierOptions>, after: number]>> = {
    '/jwks': [{}, 22],
    '/revocations': [{ revocations: {} }, 31],
    '/introspect': [{ introspection }, 11],
  }
  test.each(Object.entries(cases))('%s', async (path, [options, after]) => {
    let asked = 0
    const verifier = issuer.verifier({
      ...options,
      fetch: async (url, init) => {
        const { pathname } = new URL(url)
        if (pathname === path && asked++ === 0) return new Promise(() => {})
        return path === '/jwks' || pathname !== path ? fetch(url, init) : answerOf(pathname)
      },
    })
    const token = await issuer.mint()
    void judge(verifier, token)
    await vi.waitUntil(() => asked === 1)
    pass(after)
    expect(await judge(verifier, token)).toBe('accepted')
    expect(asked).toBe(2)
  })

  test('V36 a list that comes page by page, each slowly, is given up; the next question goes on with it', async () => {
    const asked: (string | null)[] = []
    const verifier = issuer.verifier({
      revocations: { whenStale: 'refuse' },
      fetch: async (url, init) => {
        const { pathname, searchParams } = new URL(url)
        if (pathname !== '/revocations') return fetch(url, init)
        const since = searchParams.get('since')
        asked.push(since)
        pass(4)
        const iat = Math.floor(issuer.clock.now.getTime() / 1000)
        const page = { cursor: `c${asked.length}`, ...(since === null ? { complete: true } : { since }) }
        const claims = { iss: issuer.url, iat, exp: iat + 60, ...page, revoked: {}, more: asked.length < 7 }
        const header = { alg: 'ES256', typ: 'revocations+jwt', kid: 'key-1' }
        return new Response(await signText(JSON.stringify(header), JSON.stringify(claims), issuer.key))
      },
    })
    const token = await issuer.mint()
    expect(await judge(verifier, token)).toBe('503 revocations_unavailable')
    expect(asked).toEqual([null, 'c1', 'c2', 'c3', 'c4'])
    pass(5)
    await judge(verifier, token)
    await vi.waitUntil(() => asked.length === 7)
    expect(await judge(verifier, token)).toBe('accepted')
  })
})
