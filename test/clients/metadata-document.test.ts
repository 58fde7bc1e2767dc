import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { DocumentPolicy } from '../../src/clients/document-policy.ts'
import { createDocumentSource, type DocumentSourceOptions } from '../../src/clients/metadata-document.ts'
import { createEgress } from '../../src/net/egress.ts'
import { GuardedFetchError } from '../../src/net/guarded-fetch.ts'
import { documentFixtures } from '../fixtures/clients.ts'
import { openFarAway, sendJson } from '../support/far-away.ts'

const id = 'https://app.example.com/client.json'
const document = { client_id: id, client_name: 'App', redirect_uris: ['http://localhost/callback'], scope: 'openid' }
const policy: DocumentPolicy = { mode: 'on', hosts: [], pinned: new Map(), issuer: 'https://auth.example' }

type Answer = () => Response | Promise<Response>
const json = (body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    headers: { 'content-type': 'application/json', ...headers },
  })

function open(answers: readonly Answer[], options: Partial<DocumentSourceOptions> = {}) {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const queue = [...answers]
  const fetched: string[] = []
  const stale: string[] = []
  const source = createDocumentSource({
    ...policy,
    clock: { now: () => new Date() },
    guardedFetch: async (url) => {
      fetched.push(String(url))
      const next = queue.shift()
      if (next === undefined) throw new Error('nothing more to answer')
      return await next()
    },
    stale: (clientId) => stale.push(clientId),
    ...options,
  })
  return { source, fetched, stale }
}
const unreachable: Answer = () => {
  throw new GuardedFetchError('network', 'down')
}

describe('a document', () => {
  it('O5, O7, O8: reaches the library in our form, under its own client_id, with its cache time', async () => {
    const { source } = open([() => json(document, { 'cache-control': 'max-age=600' })])
    const response = await source.document(id)
    expect(response.headers.get('cache-control')).toBe('max-age=600')
    expect(await response.json()).toEqual({
      client_id: id,
      client_name: 'App',
      redirect_uris: ['http://localhost/callback'],
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    })
  })

  it('is not fetched when it may not be used', async () => {
    const { source, fetched } = open([])
    await expect(source.document('https://127.0.0.1/x')).rejects.toMatchObject({ code: 'refused' })
    expect(fetched).toEqual([])
  })

  it.each<[string, Answer]>([
    ['html', () => new Response('<p>', { headers: { 'content-type': 'text/html' } })],
    ['a byte order mark', () => json(`\ufeff${JSON.stringify(document)}`)],
    [
      'UTF-16',
      () =>
        new Response(Buffer.from(JSON.stringify(document), 'utf16le'), {
          headers: { 'content-type': 'application/json' },
        }),
    ],
    [
      'invalid UTF-8',
      () => new Response(Buffer.from([0x7b, 0xff, 0x7d]), { headers: { 'content-type': 'application/json' } }),
    ],
    ['an array', () => json([document])],
    ['null', () => json('null')],
    ['trailing garbage', () => json(`${JSON.stringify(document)}x`)],
  ])('F08: %s is an error', async (_name, answer) => {
    await expect(open([answer]).source.document(id)).rejects.toMatchObject({ code: 'invalid' })
  })

  it.each([
    'https://app.example.com/client.json/',
    'https://APP.example.com/client.json',
    'https://app.example.com:443/client.json',
    'https://app.example.com/client.json?x',
    'https://evil.example/client.json',
    undefined,
    7,
  ])('F09: that calls itself %s is refused', async (clientId) => {
    await expect(open([() => json({ ...document, client_id: clientId })]).source.document(id)).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  it('F10: with a shared secret is refused', async () => {
    const bad = { ...document, token_endpoint_auth_method: 'client_secret_post' }
    await expect(open([() => json(bad)]).source.document(id)).rejects.toMatchObject({ code: 'invalid' })
  })

  it('F12: errors are never remembered, and the last good one answers while the host cannot', async () => {
    const { source, stale, fetched } = open([
      unreachable,
      () => json(document),
      unreachable,
      () => new Response('no', { status: 503 }),
      () => json(document),
    ])
    const start = Date.now()
    await expect(source.document(id)).rejects.toThrow()
    await source.document(id)
    for (const minutes of [5, 6]) {
      vi.setSystemTime(start + minutes * 60_000)
      const response = await source.document(id)
      expect(response.headers.get('cache-control')).toBe('max-age=60')
      expect(await response.json()).toMatchObject({ client_id: id })
    }
    expect(stale).toEqual([id, id])
    vi.setSystemTime(start + 7 * 60_000)
    await source.document(id)
    expect(fetched).toHaveLength(5)
  })

  it('F12: a bot protection is bridged for a day, not longer, however often it is met', async () => {
    const blocked: Answer = () => new Response('<html>', { status: 403, headers: { 'content-type': 'text/html' } })
    const { source } = open([() => json(document), blocked, blocked])
    const start = Date.now()
    await source.document(id)
    vi.setSystemTime(start + 23 * 3_600_000)
    expect((await source.document(id)).status).toBe(200)
    vi.setSystemTime(start + 24 * 3_600_000)
    await expect(source.document(id)).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('F12: a document that was withdrawn or spoiled, or may not be stored, is not answered for', async () => {
    const gone: Answer = () => new Response('', { status: 404 })
    const spoiled: Answer = () => json({ ...document, client_id: 'https://evil.example/x' })
    for (const bad of [gone, spoiled]) {
      const { source } = open([() => json(document), bad, unreachable])
      await source.document(id)
      vi.setSystemTime(Date.now() + 300_000)
      await expect(source.document(id)).rejects.toThrow()
      await expect(source.document(id)).rejects.toMatchObject({ code: 'network' })
    }
    const { source } = open([() => json(document, { 'cache-control': 'no-store' }), unreachable])
    await source.document(id)
    await expect(source.document(id)).rejects.toMatchObject({ code: 'network' })
  })

  it('F12 F16: is kept as it says, and fetched once however many ask at once', async () => {
    const { source, fetched } = open([
      () => json(document, { 'cache-control': 'max-age=600' }),
      () => json(document, { 'cache-control': 'max-age=600' }),
    ])
    const start = Date.now()
    const answers = await Promise.all([source.document(id), source.document(id), source.document(id)])
    expect(fetched).toHaveLength(1)
    // Each has an answer of its own to read.
    for (const answer of answers) expect(await answer.json()).toMatchObject({ client_id: id })
    vi.setSystemTime(start + 599_000)
    expect(source.needsFetch(id)).toBe(false)
    expect((await source.document(id)).headers.get('cache-control')).toBe('max-age=1')
    vi.setSystemTime(start + 600_000)
    expect(source.needsFetch(id)).toBe(true)
    await source.document(id)
    expect(fetched).toHaveLength(2)
  })

  it('F13: ids that answer well and badly in turn are judged each time by what they say', async () => {
    const bad: Answer = () => json({ ...document, client_id: 'https://evil.example/x' })
    const good: Answer = () => json(document, { 'cache-control': 'no-store' })
    const { source } = open([good, bad, good, bad, good])
    for (const isGood of [true, false, true, false, true]) {
      const outcome = await source.document(id).then(
        () => true,
        () => false,
      )
      expect(outcome).toBe(isGood)
    }
  })

  it('F13: ten thousand documents of strangers do not push out the one that is in use', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `https://many.example/${index}.json`)
    const fetched: string[] = []
    const source = createDocumentSource({
      ...policy,
      clock: { now: () => new Date(0) },
      guardedFetch: async (url) => {
        fetched.push(String(url))
        return json({ ...document, client_id: String(url) }, { 'cache-control': 'max-age=86400' })
      },
    })
    await source.document(id)
    for (const one of many) {
      await source.document(one)
      // Somebody uses it now and then.
      if (one.endsWith('00.json')) await source.document(id)
    }
    expect(fetched.filter((one) => one === id)).toHaveLength(1)
    // Bounded: the first ones are forgotten, the last ones are not.
    expect(source.needsFetch(many[0] ?? '')).toBe(true)
    expect(source.needsFetch(many.at(-1) ?? '')).toBe(false)
    expect(many.filter((one) => !source.needsFetch(one)).length).toBeLessThanOrEqual(1000)
  })
})

describe('F13 through the gate', () => {
  it('ten thousand ids of one host are twenty fetches, and another host is served', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const far = await openFarAway(['many.example', 'app.example.com'])
    far.hosts.set('app.example.com', sendJson(document))
    let now = 0
    const egress = createEgress(
      {
        userAgent: 'test',
        allowedHosts: [],
        documentHosts: [],
        isOnLoopback: false,
        proxy: undefined,
        hasRates: true,
      },
      { ...far.stage, now: () => now },
    )
    const source = createDocumentSource({ ...policy, guardedFetch: egress.documents, clock: { now: () => new Date() } })
    const codes = new Map<string, number>()
    for (let index = 0; index < 10_000; index += 1) {
      const code = await source.document(`https://many.example/${index}`).then(
        () => 'good',
        (error: { code: string }) => error.code,
      )
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    expect(Object.fromEntries(codes)).toEqual({ withdrawn: 20, limited: 9980 })
    expect(far.requests).toHaveLength(20)
    expect((await source.document(id)).status).toBe(200)
    // A minute later the host may be asked again.
    now += 60_000
    await expect(source.document('https://many.example/x')).rejects.toMatchObject({ code: 'withdrawn' })
  })
})

describe('pinned documents', () => {
  it('answer without network, in every mode but off', async () => {
    for (const mode of ['on', 'listed', 'pinned'] as const) {
      const { source, fetched } = open([], { mode, pinned: documentFixtures })
      for (const clientId of documentFixtures.keys()) {
        expect(await (await source.document(clientId)).json()).toMatchObject({ client_id: clientId })
      }
      expect(fetched).toEqual([])
    }
  })

  it('that are not valid are all named before anything starts', () => {
    const pinned = new Map<string, Record<string, unknown>>([
      [id, { ...document, client_id: 'https://evil.example/x' }],
      ['https://b.example/c', { client_id: 'https://b.example/c' }],
      ['http://c.example/c', document],
    ])
    const start = () => open([], { pinned })
    expect(start).toThrow(id)
    expect(start).toThrow('https://b.example/c')
    expect(start).toThrow('http://c.example/c')
  })
})
