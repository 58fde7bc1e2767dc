import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RevocationsEvent, RevocationsOptions, Verifier } from '../../verifier/src/index.ts'
import { sha256 } from '../../verifier/src/sha256.ts'
import { judge, makeKey, signText, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let asked: { url: string; etag: string | null }[]
/** What the issuer answers to the next questions, by query; a function makes it when asked. */
let answer: (since: string | null) => Promise<Response> | Response
const events: RevocationsEvent[] = []

beforeEach(async () => {
  issuer = await startIssuer()
  asked = []
  events.length = 0
  answer = () => list({})
})
afterEach(() => issuer.close())

const now = () => Math.floor(issuer.clock.now.getTime() / 1000)
const pass = (seconds: number) => {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
}
const mark = async (...parts: string[]) => sha256(parts.join('\n'))

async function document(changes: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
  const claims = { iss: issuer.url, iat: now(), exp: now() + 60, cursor: 'c1', complete: true, revoked: {}, ...changes }
  return signText(
    JSON.stringify({ alg: 'ES256', typ: 'revocations+jwt', kid: 'key-1', ...header }),
    JSON.stringify(claims),
    issuer.key,
  )
}

async function list(changes: Record<string, unknown>, etag?: string): Promise<Response> {
  const headers = { 'content-type': 'application/jwt', ...(etag !== undefined && { etag }) }
  return new Response(await document(changes), { headers })
}

function follow(revocations: RevocationsOptions = {}, more = {}): Verifier {
  return issuer.verifier({
    revocations: { onEvent: (event) => events.push(event), ...revocations },
    fetch: async (url, init) => {
      const { pathname, searchParams, origin } = new URL(url)
      if (!pathname.startsWith('/revocations')) return fetch(url, init)
      if (origin !== issuer.url) throw new Error('another origin')
      asked.push({ url: url.slice(issuer.url.length), etag: new Headers(init.headers).get('if-none-match') })
      return answer(searchParams.get('since'))
    },
    ...more,
  })
}

describe('V43 a revoked token is refused', () => {
  test('V43 by itself, by its account, by its client, by what a person allowed a client here; and nothing else is', async () => {
    const verifier = follow()
    const marks: readonly (readonly [string[], Record<string, unknown>])[] = [
      [['token', issuer.url, 'bad'], { jti: 'bad' }],
      [['account', issuer.url, 'bad'], { sub: 'bad' }],
      [['client', issuer.url, 'bad'], { client_id: 'bad' }],
      [['consent', issuer.url, 'account-1', 'worse', issuer.resource], { client_id: 'worse' }],
    ]
    const revoked = Object.fromEntries(
      await Promise.all(marks.map(async ([parts]) => [await mark(...parts), now() + 1])),
    )
    // The same consent on another server, and another issuer's account of that name, are somebody else's.
    revoked[await mark('consent', issuer.url, 'account-1', 'client-1', 'https://other.example')] = now()
    revoked[await mark('account', 'https://other.example', 'account-1')] = now()
    answer = () => list({ revoked })
    for (const [, changes] of marks) expect(await judge(verifier, await issuer.mint(changes))).toBe('401 revoked')
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    expect(await judge(verifier, await issuer.mint({ sub: 'account-2', client_id: 'worse' }))).toBe('accepted')
    expect(verifier.counts().listedRevocations).toBe(6)
  })

  test('V43 only what was issued before: a token that is granted anew is good', async () => {
    const verifier = follow()
    const before = now()
    answer = async () => list({ revoked: { [await mark('account', issuer.url, 'account-1')]: before } })
    expect(await judge(verifier, await issuer.mint({ iat: before - 1 }))).toBe('401 revoked')
    expect(await judge(verifier, await issuer.mint({ iat: before }))).toBe('accepted')
  })

  test('V43 also when it was remembered, within two polls of traffic', async () => {
    const verifier = follow()
    const token = await issuer.mint()
    expect(await judge(verifier, token)).toBe('accepted')
    answer = async () => list({ revoked: { [await mark('token', issuer.url, 'token-1')]: now() + 1 } })
    expect(await judge(verifier, token)).toBe('accepted')
    pass(4.9)
    expect(await judge(verifier, token)).toBe('accepted')
    pass(0.1)
    // This request leads to the question, and does not wait for it.
    expect(await judge(verifier, token)).toBe('accepted')
    await vi.waitUntil(() => verifier.counts().listedRevocations === 1)
    expect(await judge(verifier, token)).toBe('401 revoked')
    expect(asked.map(({ url }) => url)).toEqual(['/revocations', '/revocations?since=c1'])
  })

  test('V43 after a pause the first request waits for the list', async () => {
    const verifier = follow()
    const token = await issuer.mint()
    expect(await judge(verifier, token)).toBe('accepted')
    answer = async () => list({ revoked: { [await mark('token', issuer.url, 'token-1')]: now() + 1 } })
    pass(10)
    expect(await judge(verifier, token)).toBe('401 revoked')
  })

  test('V43 no later list takes a revocation back, and it is kept as long as such a token could live', async () => {
    const verifier = follow({}, { maxLifetimeSeconds: 600 })
    const jti = await mark('token', issuer.url, 'token-1')
    const revokedAt = now()
    answer = () => list({ revoked: { [jti]: revokedAt + 1 } })
    const token = await issuer.mint({ exp: now() + 600 })
    expect(await judge(verifier, token)).toBe('401 revoked')
    answer = () => list({ revoked: { [jti]: revokedAt - 100 } })
    for (let round = 0; round < 20; round++) {
      pass(30)
      expect(await judge(verifier, token)).toBe('401 revoked')
    }
    expect(verifier.counts().listedRevocations).toBe(1)
    pass(10)
    await judge(verifier, await issuer.mint({ jti: 'other' }))
    answer = () => list({})
    pass(10)
    await judge(verifier, await issuer.mint({ jti: 'other' }))
    expect(verifier.counts().listedRevocations).toBe(0)
  })
})

describe('asking', () => {
  test('goes on from the cursor, page by page, with the tag of that address', async () => {
    const verifier = follow()
    const token = await issuer.mint()
    const pages: Record<string, () => Promise<Response>> = {
      null: () => list({ more: true }, '"first"'),
      c1: () => list({ complete: false, since: 'c1', cursor: 'c2' }, '"second"'),
      c2: () => list({ complete: false, since: 'c2', cursor: 'c2' }, '"third"'),
    }
    answer = (since) => pages[String(since)]?.() ?? Promise.reject(new Error(String(since)))
    expect(await judge(verifier, token)).toBe('accepted')
    pass(10)
    expect(await judge(verifier, token)).toBe('accepted')
    answer = () => new Response(null, { status: 304 })
    pass(10)
    expect(await judge(verifier, token)).toBe('accepted')
    expect(asked).toEqual([
      { url: '/revocations', etag: null },
      { url: '/revocations?since=c1', etag: null },
      { url: '/revocations?since=c2', etag: null },
      { url: '/revocations?since=c2', etag: '"third"' },
    ])
    expect(events).toEqual([])
  })

  test('V33 a crowd leads to one question', async () => {
    const verifier = follow()
    const token = await issuer.mint()
    await Promise.all(Array.from({ length: 50 }, () => judge(verifier, token)))
    expect(asked).toHaveLength(1)
    pass(10)
    await Promise.all(Array.from({ length: 50 }, () => judge(verifier, token)))
    expect(asked).toHaveLength(2)
  })

  test('"not modified" does not make a document live longer than it says', async () => {
    const verifier = follow({ whenStale: 'refuse' })
    const token = await issuer.mint({ exp: now() + 300 })
    answer = (since) => list(since === null ? {} : { complete: false, since, cursor: since }, '"tag"')
    for (let round = 0; round < 3; round++) {
      expect(await judge(verifier, token)).toBe('accepted')
      pass(10)
    }
    answer = () => new Response(null, { status: 304 })
    for (let round = 0; round < 5; round++) {
      expect(await judge(verifier, token)).toBe('accepted')
      pass(9)
    }
    expect(events).toEqual([])
    // The document of second 20 is nearly over: its tag is not sent any more, and a 304 to a question without one is no answer.
    expect(await judge(verifier, token)).toBe('accepted')
    expect(asked.at(-1)?.etag).toBeNull()
    expect(events).toHaveLength(1)
    pass(5)
    expect(await judge(verifier, token)).toBe('503 revocations_unavailable')
  })

  test('at a configured address, with a query of its own', async () => {
    const verifier = follow({ url: `${issuer.url}/revocations/eu?for=tools` })
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    pass(10)
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    expect(asked.map(({ url }) => url)).toEqual(['/revocations/eu?for=tools', '/revocations/eu?for=tools&since=c1'])
  })
})

describe('V43 without a list', () => {
  const failures: readonly (readonly [string, string | RegExp, () => Promise<Response> | Response])[] = [
    ['the network', 'fetch failed', () => Promise.reject(new TypeError('fetch failed'))],
    ['404', /answered 404$/, () => new Response(null, { status: 404 })],
    ['503', /answered 503$/, () => new Response(null, { status: 503 })],
    ['304 to nothing', /answered 304$/, () => new Response(null, { status: 304 })],
    [
      'a redirect',
      /answered 302$/,
      () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
    ],
    ['HTML', 'the revocations are not a signed document', () => new Response('<!doctype html>')],
    ['an empty body', 'the revocations are not a signed document', () => new Response('')],
    ['a huge body', /answered with more than 4194304 bytes$/, () => new Response('x'.repeat(5_000_000))],
    [
      'an access token',
      'the revocations are not acceptable: wrong_type',
      async () => new Response(await issuer.mint()),
    ],
    [
      'another type',
      'the revocations are not acceptable: wrong_type',
      async () => new Response(await document({}, { typ: 'at+jwt' })),
    ],
    [
      'no type',
      'the revocations are not acceptable: wrong_type',
      async () => new Response(await document({}, { typ: undefined })),
    ],
    [
      'alg none',
      'the revocations are not acceptable: algorithm_not_allowed',
      async () => new Response(await document({}, { alg: 'none' })),
    ],
    [
      'an unknown key',
      'the revocations are signed with an unknown key',
      async () => new Response(await document({}, { kid: 'other' })),
    ],
    [
      'a bad signature',
      'signature verification failed',
      async () => new Response((await document()).replace(/.{20}$/, 'A'.repeat(20))),
    ],
    [
      'a forger',
      'signature verification failed',
      async () =>
        new Response(
          await signText('{"alg":"ES256","typ":"revocations+jwt","kid":"key-1"}', '{}', await makeKey('key-1')),
        ),
    ],
    ['another issuer', 'the revocations are of another issuer', () => list({ iss: 'https://other.example' })],
    ['no issuer', 'the revocations are of another issuer', () => list({ iss: undefined })],
    ['no times', 'the revocations have no time', () => list({ iat: undefined, exp: undefined })],
    ['odd times', 'the revocations have no time', () => list({ iat: 'now', exp: 1e308 })],
    ['an end before its beginning', 'the revocations are good for too long', () => list({ exp: now() })],
    ['a document for ever', 'the revocations are good for too long', () => list({ exp: now() + 86_401 })],
    ['one from the future', 'the revocations are from the future', () => list({ iat: now() + 6, exp: now() + 60 })],
    ['one that is over', 'the revocations are over', () => list({ iat: now() - 60, exp: now() - 5 })],
    ['no cursor', 'the revocations have no cursor', () => list({ cursor: undefined })],
    ['an odd cursor', 'the revocations have no cursor', () => list({ cursor: 'a b' })],
    ['a long cursor', 'the revocations have no cursor', () => list({ cursor: 'x'.repeat(257) })],
    ['a list that is not complete', 'the revocations begin somewhere else', () => list({ complete: false })],
    ['a list from elsewhere', 'the revocations begin somewhere else', () => list({ complete: undefined, since: 'c0' })],
    ['complete in words', 'the revocations begin somewhere else', () => list({ complete: 'true' })],
    ['no list', 'the revocations have no list', () => list({ revoked: undefined })],
    ['an array', 'the revocations have no list', () => list({ revoked: [] })],
    ['a mark that is none', 'the revocations are malformed', () => list({ revoked: { short: now() } })],
    ['a mark without a time', 'the revocations are malformed', () => list({ revoked: { ['A'.repeat(43)]: true } })],
    [
      'a mark for the future',
      'the revocations are from the future',
      () => list({ revoked: { ['A'.repeat(43)]: now() + 7 } }),
    ],
    ['pages without end', 'the list does not end', () => list({ more: true })],
    ['a number for a time', 'the revocations have no time', () => list({ iat: '1', exp: now() + 60 })],
    ['no end', 'the revocations have no time', () => list({ exp: undefined })],
    ['the year nought', 'the revocations have no time', () => list({ iat: 0, exp: 60 })],
    ['a mark with an end', 'the revocations are malformed', () => list({ revoked: { ['A'.repeat(44)]: now() } })],
    [
      'a mark with a beginning',
      'the revocations are malformed',
      () => list({ revoked: { [`.${'A'.repeat(43)}`]: now() } }),
    ],
    [
      'a doubled member',
      'the revocations are malformed: duplicate_member',
      async () =>
        new Response(
          await signText('{"alg":"ES256","typ":"revocations+jwt","kid":"key-1"}', '{"iss":1,"iss":2}', issuer.key),
        ),
    ],
    ['a header that is none', 'the revocations are not a signed document', () => new Response('AAAA.AAAA.AAAA')],
  ]

  test.each(failures)('V43 %s: the operator decides whether tokens are accepted', async (_name, sentence, failure) => {
    answer = failure
    const token = await issuer.mint()
    const lenient = follow()
    expect(await judge(lenient, token)).toBe('accepted')
    expect(events).toMatchObject([{ kind: 'refresh_failed', currentForSeconds: null }])
    expect(events.map(({ cause }) => (cause instanceof Error ? cause.message : cause))).toEqual([
      expect.stringMatching(sentence),
    ])
    const strict = follow({ whenStale: 'refuse' })
    expect(await judge(strict, token)).toBe('503 revocations_unavailable')
    expect(lenient.counts().listedRevocations).toBe(0)
    answer = () => list({})
    pass(5)
    expect(await judge(strict, token)).toBe('503 revocations_unavailable') // it asks, and does not make anybody wait
    await vi.waitUntil(async () => (await judge(strict, token)) === 'accepted')
  })

  test('V43 the last list goes on to count while the issuer is away', async () => {
    const verifier = follow()
    answer = async () => list({ revoked: { [await mark('token', issuer.url, 'bad')]: now() + 1 } })
    expect(await judge(verifier, await issuer.mint({ jti: 'bad' }))).toBe('401 revoked')
    const bad = await issuer.mint({ jti: 'bad', exp: now() + 3000 })
    const good = await issuer.mint({ exp: now() + 3000 })
    answer = () => Promise.reject(new TypeError('fetch failed'))
    for (let round = 0; round < 10; round++) {
      pass(100)
      expect([await judge(verifier, bad), await judge(verifier, good)]).toEqual(['401 revoked', 'accepted'])
    }
    expect(events.length).toBeGreaterThanOrEqual(10)
    expect(events.at(-1)?.currentForSeconds).toBeLessThan(0)
  })

  test('V43 fails closed past the exp of the last list, where the operator says so', async () => {
    const verifier = follow({ whenStale: 'refuse' })
    const token = await issuer.mint({ exp: now() + 300 })
    expect(await judge(verifier, token)).toBe('accepted')
    answer = () => new Response(null, { status: 503 })
    pass(59)
    expect(await judge(verifier, token)).toBe('accepted')
    pass(1)
    await expect(verifier.verify(token)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      status: 503,
      challenge: undefined,
      retryAfterSeconds: 5,
    })
  })

  test('an issuer that fails is not asked by every request', async () => {
    answer = () => Promise.reject(new TypeError('fetch failed'))
    const verifier = follow()
    const token = await issuer.mint()
    for (let round = 0; round < 20; round++) await judge(verifier, token)
    expect(asked).toHaveLength(1)
  })

  test('a list that outgrows its bound is not current any more', async () => {
    const verifier = follow({ whenStale: 'refuse' })
    let page = 0
    const many = () =>
      Object.fromEntries(Array.from({ length: 40_000 }, (_, at) => [`${page}${at}`.padEnd(43, 'A'), now()]))
    answer = () => list({ revoked: many() })
    const token = await issuer.mint()
    for (; page < 2; page++) {
      expect(await judge(verifier, token)).toBe('accepted')
      pass(10)
    }
    await judge(verifier, token)
    expect(events).toMatchObject([{ cause: new Error('more than 100000 revocations') }])
    pass(60)
    expect(await judge(verifier, token)).toBe('503 revocations_unavailable')
  })

  test.each([{ url: 'x' }, { url: 'ftp://x' }, { pollSeconds: 0 }, { whenStale: 'maybe' }])(
    'revocations %j stops the start',
    (revocations) => expect(() => issuer.verifier(JSON.parse(JSON.stringify({ revocations })))).toThrow('revocations.'),
  )
})

describe('V48 a watch', () => {
  test('V48 ends with a revocation as it ends with exp, and once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const verifier = follow()
      const auth = { claims: await verifier.verify(await issuer.mint()) }
      const ends: string[] = []
      verifier.watch(auth, (end) => ends.push(end))
      const stop = verifier.watch(auth, () => ends.push('stopped'))
      pass(5)
      await vi.advanceTimersByTimeAsync(5000)
      stop()
      expect(ends).toEqual([])
      answer = async () => list({ revoked: { [await mark('account', issuer.url, 'account-1')]: now() + 1 } })
      pass(10)
      expect(await judge(verifier, await issuer.mint())).toBe('401 revoked')
      await vi.advanceTimersByTimeAsync(5000)
      expect(ends).toEqual(['revoked'])
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('V48 without a list only the clock is watched; at exp, not after the tolerance', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const verifier = issuer.verifier({ maxLifetimeSeconds: 1_000_000 })
      const auth = { claims: await verifier.verify(await issuer.mint({ exp: now() + 200_000 })) }
      const ends: string[] = []
      verifier.watch(auth, (end) => ends.push(end))
      for (let day = 0; day < 2; day++) {
        pass(86_400)
        await vi.advanceTimersByTimeAsync(86_400_000)
      }
      expect(ends).toEqual([])
      pass(27_200)
      await vi.advanceTimersByTimeAsync(27_200_000)
      expect(ends).toEqual(['expired'])
    } finally {
      vi.useRealTimers()
    }
  })
})
