import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { IntrospectionOptions } from '../../verifier/src/index.ts'
import { judge, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let asked: {
  method: string | undefined
  accept: string | null
  authorization: string | null
  type: string | null
  body: string
}[]
let answer: () => Promise<Response> | Response

beforeAll(async () => {
  issuer = await startIssuer()
})
beforeEach(() => {
  asked = []
  answer = () => Response.json({ active: true })
})
afterAll(() => issuer.close())

const pass = (seconds: number) => {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
}

function introspecting(options: Partial<IntrospectionOptions> = {}) {
  return issuer.verifier({
    introspection: { url: `${issuer.url}/introspect`, authorization: 'Basic cnM6c2VjcmV0', ...options },
    fetch: (url, init) => {
      if (!url.endsWith('/introspect')) return fetch(url, init)
      const headers = new Headers(init.headers)
      asked.push({
        method: init.method,
        accept: headers.get('accept'),
        authorization: headers.get('authorization'),
        type: headers.get('content-type'),
        body: String(init.body),
      })
      return Promise.resolve(answer())
    },
  })
}

describe('introspection', () => {
  test('V43 asks about a good token, in its own name, and believes "active" for ten seconds', async () => {
    const verifier = introspecting()
    const token = await issuer.mint()
    expect(await judge(verifier, token)).toBe('accepted')
    pass(9)
    expect(await judge(verifier, token)).toBe('accepted')
    expect(asked).toEqual([
      {
        method: 'POST',
        accept: 'application/json',
        authorization: 'Basic cnM6c2VjcmV0',
        type: 'application/x-www-form-urlencoded',
        body: `token=${token}&token_type_hint=access_token`,
      },
    ])
    answer = () => Response.json({ active: false })
    pass(1)
    await expect(verifier.verify(token)).rejects.toMatchObject({
      code: 'invalid_token',
      status: 401,
      reason: 'inactive',
    })
    // A refusal is not kept: what the issuer says next counts.
    answer = () => Response.json({ active: true })
    expect(await judge(verifier, token)).toBe('accepted')
  })

  test('V43 asks each time where nothing is to be believed for longer', async () => {
    const verifier = introspecting({ cacheSeconds: 0, authorization: async () => 'Bearer made-for-this' })
    const token = await issuer.mint()
    for (let round = 0; round < 3; round++) expect(await judge(verifier, token)).toBe('accepted')
    expect(asked.map(({ authorization }) => authorization)).toEqual(Array(3).fill('Bearer made-for-this'))
  })

  test('a stranger cannot make us ask, and a crowd asks once', async () => {
    const verifier = introspecting()
    for (const token of ['x', await issuer.mint({ aud: 'https://other.example' })]) await judge(verifier, token)
    expect(asked).toEqual([])
    const token = await issuer.mint()
    expect(await judge(verifier, token)).toBe('accepted')
    pass(10)
    let release: (response: Response) => void = () => {}
    answer = () =>
      new Promise((resolve) => {
        release = resolve
      })
    const crowd = Array.from({ length: 30 }, () => judge(verifier, token))
    await vi.waitUntil(() => asked.length > 1)
    release(Response.json({ active: true }))
    expect(new Set(await Promise.all(crowd))).toEqual(new Set(['accepted']))
    expect(asked).toHaveLength(2)
  })

  const failures: readonly (readonly [string, RegExp, () => Promise<Response> | Response])[] = [
    ['the network', /^fetch failed$/, () => Promise.reject(new TypeError('fetch failed'))],
    ['401', /introspect answered 401$/, () => new Response(null, { status: 401 })],
    ['500', /introspect answered 500$/, () => new Response(null, { status: 500 })],
    [
      'a redirect',
      /introspect answered 307$/,
      () => new Response(null, { status: 307, headers: { location: 'https://evil.example' } }),
    ],
    ['HTML', /JSON/, () => new Response('<!doctype html>')],
    ['active in words', /introspect says nothing$/, () => Response.json({ active: 'true' })],
    ['active as a number', /introspect says nothing$/, () => Response.json({ active: 1 })],
    ['nothing', /introspect says nothing$/, () => Response.json({})],
    ['an array', /introspect says nothing$/, () => Response.json([true])],
    [
      'a huge body',
      /introspect answered with more than 65536 bytes$/,
      () => Response.json({ active: true, filler: 'x'.repeat(70_000) }),
    ],
  ]

  test.each(failures)('V43 %s: 503, unless the operator says otherwise', async (_name, sentence, failure) => {
    answer = failure
    const token = await issuer.mint()
    await expect(introspecting().verify(token)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      status: 503,
      reason: 'introspection_unavailable',
      challenge: undefined,
      cause: expect.objectContaining({ message: expect.stringMatching(sentence) }),
    })
    const lenient = introspecting({ whenUnavailable: 'accept' })
    expect(await judge(lenient, token)).toBe('accepted')
    // And what was not said is not believed either.
    answer = () => Response.json({ active: false })
    expect(await judge(lenient, token)).toBe('401 inactive')
  })

  test.each([
    { url: 'http://auth.example/introspect' },
    { cacheSeconds: 61 },
    { cacheSeconds: -1 },
    { whenUnavailable: 'x' },
  ])('introspection %j stops the start', (options) =>
    expect(() => introspecting(JSON.parse(JSON.stringify(options)))).toThrow('introspection.'),
  )
})
