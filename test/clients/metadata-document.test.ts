import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { allowDocument, type DocumentPolicy } from '../../src/clients/document-policy.ts'
import { createDocumentSource, type DocumentSourceOptions } from '../../src/clients/metadata-document.ts'
import { GuardedFetchError } from '../../src/net/guarded-fetch.ts'
import { documentFixtures } from '../fixtures/clients.ts'

const id = 'https://app.example.com/client.json'
const document = { client_id: id, client_name: 'App', redirect_uris: ['http://localhost/callback'], scope: 'openid' }
const policy: DocumentPolicy = { mode: 'on', hosts: [], pinned: new Map(), issuer: 'https://auth.example' }

describe('which documents may be used', () => {
  it.each([
    id,
    'https://app.example.com/a/b?x=1',
    'https://app.example.com:8443/client.json',
    'https://xn--bcher-kva.example/c',
    ...documentFixtures.keys(),
  ])('%s', (clientId) => {
    expect(allowDocument(clientId, policy)).toEqual({ ok: true })
  })

  it.each([
    'https://169.254.169.254/x',
    'https://[fd00:ec2::254]/x',
    'https://metadata.google.internal/x',
    'https://localhost/x',
    'https://127.0.0.1:8080/x',
    'https://intranet/x',
  ])('F01: %s is refused', (clientId) => {
    expect(allowDocument(clientId, policy).ok).toBe(false)
  })

  it.each([
    'http://app.example.com/x',
    'HTTPS://app.example.com/x',
    'https://app.example.com/x#y',
    'https://app.example.com/x#',
    'https://user@app.example.com/x',
    'https://@app.example.com/x',
    'https://app.example.com/./x',
    'https://app.example.com/a/../x',
    'https://app.example.com/%2e%2E/x',
    'https://app.example.com',
    'https://app.example.com/',
    'https://app.example.com\\x',
    'https://app.example.com/x\n',
    'https://app.example.com/ x',
    'https://App.example.com/x',
    'https://app.example.com:443/x',
    'https://b\u00fccher.example/c',
    'https://2130706433/x',
    `https://app.example.com/${'x'.repeat(1024)}`,
    'com.example.app',
    '',
  ])('F11: %j is refused', (clientId) => {
    expect(allowDocument(clientId, policy).ok).toBe(false)
  })

  it('F19: a document on this server is refused', () => {
    expect(allowDocument('https://auth.example/x', policy).ok).toBe(false)
  })

  it('F20: the modes decide, and the list also opens internal hosts', () => {
    const local = 'https://localhost/x'
    expect(allowDocument(id, { ...policy, mode: 'off' }).ok).toBe(false)
    expect(allowDocument(id, { ...policy, mode: 'listed' }).ok).toBe(false)
    expect(allowDocument(id, { ...policy, mode: 'listed', hosts: ['app.example.com'] }).ok).toBe(true)
    expect(
      allowDocument('https://evil.app.example.com/x', { ...policy, mode: 'listed', hosts: ['app.example.com'] }).ok,
    ).toBe(false)
    expect(allowDocument(local, { ...policy, hosts: ['localhost'] }).ok).toBe(true)
    expect(allowDocument(id, { ...policy, mode: 'pinned' }).ok).toBe(false)
    expect(allowDocument(id, { ...policy, mode: 'pinned', pinned: new Map([[id, document]]) }).ok).toBe(true)
  })
})

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
    const { source, stale } = open([
      unreachable,
      () => json(document),
      unreachable,
      () => new Response('no', { status: 503 }),
      () => json(document),
    ])
    await expect(source.document(id)).rejects.toThrow()
    await source.document(id)
    for (let turn = 0; turn < 2; turn += 1) {
      const response = await source.document(id)
      expect(response.headers.get('cache-control')).toBe('max-age=60')
      expect(await response.json()).toMatchObject({ client_id: id })
    }
    expect(stale).toEqual([id, id])
    await source.document(id)
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
      await expect(source.document(id)).rejects.toThrow()
      await expect(source.document(id)).rejects.toMatchObject({ code: 'network' })
    }
    const { source } = open([() => json(document, { 'cache-control': 'no-store' }), unreachable])
    await source.document(id)
    await expect(source.document(id)).rejects.toMatchObject({ code: 'network' })
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
