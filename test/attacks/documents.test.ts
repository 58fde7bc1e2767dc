import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { askOwnServer } from '../../src/net/own-server.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type FarAway, type Handler, openFarAway, publicAddress, sendJson } from '../support/far-away.ts'
import { audited, authorize, count, errorOf, expectPage, parsed, registerRaw, webRedirect } from './stage.ts'

// A stranger names the address of a client document: what it is, where it lies, how it answers. Nothing inside is touched, nothing is
// learnt about it, and nobody else has to wait.

const names = [
  ...['app.example', 'other.example', 'slow1.example', 'slow2.example', 'slow3.example', 'slow4.example'],
  ...['inside.example', 'half.example', 'turning.example'],
]
let far: FarAway
let app: TestApp
let path = 0

beforeAll(async () => {
  far = await openFarAway(names, { timeoutMs: 1500 })
  app = await startApp({ egressStage: far.stage })
})
afterAll(async () => {
  await app.close()
  await far.close()
})
const seen = () => ({ questions: far.names.asked.length, dialled: far.dialled.length, arrivals: far.arrivals() })
afterEach(() => far.hosts.clear())

/** A new document, so that no test sees what another has left. */
function newId(host = 'app.example', port?: number): string {
  path += 1
  return `https://${host}${port === undefined ? '' : `:${port}`}/client-${path}.json`
}
const documentOf = (id: string, over: Readonly<Record<string, unknown>> = {}) => ({
  client_id: id,
  client_name: 'Far App',
  redirect_uris: [webRedirect],
  token_endpoint_auth_method: 'none',
  ...over,
})
function serve(id: string, handler: Handler = sendJson(documentOf(id))): string {
  far.hosts.set(new URL(id).hostname, handler)
  return id
}
/** Gets as far as the sign-in page: the client is known. */
async function isTaken(id: string): Promise<boolean> {
  const answer = await authorize(app, id)
  return answer.status === 303 && answer.location?.includes('/interaction/') === true
}
/** What the stranger sees, without what differs from one request to the next. */
async function told(id: string) {
  const answer = await authorize(app, id)
  expectPage(answer, 'invalid_client', app)
  return answer.body
    .replaceAll(id.replaceAll('&', '&amp;'), 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|"[\w-]{16,}"|nonce-[\w-]+|[\w-]{20,}/g, '…')
}

test('F04 a document on a public host is fetched, and its client goes on', async () => {
  expect(await isTaken(serve(newId()))).toBe(true)
  expect(far.dialled.at(-1)).toBe(publicAddress)
})

describe('F01 F02 F03 no packet leaves for', () => {
  test.each([
    ...['169.254.169.254', '[fd00:ec2::254]', 'metadata.google.internal', 'localhost', 'intranet', 'printer.local'],
    ...['127.0.0.1', '10.0.0.7', '172.16.0.1', '192.168.1.1', '100.64.0.1', '0.0.0.0', '192.0.2.1', '224.0.0.1'],
    ...['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '[::1]', '[::]', '[fc00::1]', '[fe80::1]', '[ff02::1]'],
    ...['[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[2001:0:1::7f00:1]'],
    ...['[2a00:1450::5efe:7f00:1]', '[fe80::1%25eth0]', '[3fff::1]', '[5f00::1]', '[100::1]', '[2001:db8::1]'],
  ])('%s', async (host) => {
    const before = seen()
    expectPage(await authorize(app, `https://${host}:${far.trapPort}/x`), 'invalid_client', app)
    expectPage(await authorize(app, `https://${host}/x`), 'invalid_client', app)
    expect(seen()).toEqual(before)
  })
})

describe('F04 a name that leads inside', () => {
  test('at once, in one of its addresses, or at the second look is not connected to', async () => {
    far.addresses.set('inside.example', [['127.0.0.1']])
    far.addresses.set('half.example', [[publicAddress, 'fd00::7']])
    for (const host of ['inside.example', 'half.example']) {
      const before = seen()
      await told(newId(host, far.trapPort))
      expect(seen()).toMatchObject({ dialled: before.dialled, arrivals: 0 })
    }
    far.addresses.set('turning.example', [[publicAddress], ['127.0.0.1']])
    expect(await isTaken(serve(newId('turning.example')))).toBe(true)
    await told(newId('turning.example', far.trapPort))
    expect(far.arrivals()).toBe(0)
  })

  test('answers a stranger as any other trouble does, and tells the operator (F20)', async () => {
    far.addresses.set('inside.example', [['127.0.0.1']])
    const id = newId()
    const silent = newId('slow1.example')
    // Nobody can be connected to there: in tests the network is off.
    far.addresses.set('other.example', [['1.1.1.1']])
    serve(silent, () => undefined)
    const answers = [
      await told(newId('inside.example')),
      await told(newId('nobody.example')),
      await told(newId('other.example')),
      await told(silent),
      await told(serve(id, (_request, response) => void response.writeHead(302, { location: '/x' }).end())),
      await told(serve(newId(), (_request, response) => void response.writeHead(500).end())),
      await told(serve(newId(), sendJson({ client_id: 'https://app.example/other' }))),
      await told(serve(newId(), (_request, response) => void response.end('<p>'))),
    ]
    far.addresses.delete('other.example')
    expect(new Set(answers).size).toBe(1)
    const rows = await audited(app, 'client.document_refused')
    const results = rows.map(({ detail }) => JSON.parse(String(detail)).result)
    for (const result of [
      'address_refused',
      'not_found',
      'network',
      'timeout',
      'redirected',
      'unreachable',
      'invalid',
    ]) {
      expect(results).toContain(result)
    }
    expect(app.log()).toContain('inside.example resolves to 127.0.0.1')
  })
})

describe('F05 F06 F08 an answer that is none', () => {
  test.each<[string, Handler]>([
    ...[301, 302, 303, 307, 308].map((status): [string, Handler] => [
      `F05 a redirect by ${status}`,
      (_request, response) => void response.writeHead(status, { location: 'https://app.example/good.json' }).end(),
    ]),
    ['F06 5 MB', (_request, response) => void response.writeHead(200, json).end(Buffer.alloc(5_000_000, ' '))],
    ['F06 chunks without end', (_request, response) => drip(response, 'x'.repeat(4096), 1)],
    [
      'F06 a bomb',
      (_request, response) =>
        void response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000))),
    ],
    ['F07 a byte now and then', (_request, response) => drip(response, ' ', 20)],
    ['F08 HTML', (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('{}')],
    ['F08 an array', sendJson([1])],
    ['F08 null', sendJson(null)],
    ['F09 somebody else’s document', sendJson(documentOf('https://other.example/client.json'))],
    [
      'F10 a secret',
      (request, response) => sendJson(documentOf(idOf(request.url), { client_secret: 'x' }))(request, response),
    ],
    [
      'F10 a shared-secret method',
      (request, response) =>
        sendJson(documentOf(idOf(request.url), { token_endpoint_auth_method: 'client_secret_basic' }))(
          request,
          response,
        ),
    ],
    [
      'F10 keys inline and by address',
      (request, response) =>
        sendJson(documentOf(idOf(request.url), { jwks: { keys: [] }, jwks_uri: 'https://app.example/k' }))(
          request,
          response,
        ),
    ],
  ])('%s: no client, nothing kept, and a good one a moment later is taken (F12)', async (_title, handler) => {
    const id = serve(newId(), handler)
    const clients = await count(app, 'client')
    expectPage(await authorize(app, id), 'invalid_client', app)
    expect(await count(app, 'client')).toBe(clients)
    expect(far.requests.filter((one) => one === `app.example ${new URL(id).pathname}`)).toHaveLength(1)
    serve(id)
    expect(await isTaken(id)).toBe(true)
  })

  const json = { 'content-type': 'application/json' }
  const idOf = (url: string | undefined) => `https://app.example${url}`
  function drip(response: ServerResponse, text: string, milliseconds: number): void {
    response.writeHead(200, json)
    const timer = setInterval(() => response.write(text), milliseconds)
    response.on('close', () => clearInterval(timer))
  }
})

describe('F11 F19 an id that is none', () => {
  test.each([
    'http://app.example/client.json',
    'https://app.example/client.json#x',
    'https://app.example/a/../client.json',
    'https://app.example/%2e%2e/client.json',
    'https://user@app.example/client.json',
    'https://app.example',
    'https://app.example/',
    'https://app.example\\client.json',
    'https://APP.example/client.json',
    `https://app.example/${'x'.repeat(2100)}`,
  ])('%s', async (id) => {
    serve('https://app.example/client.json')
    const before = seen()
    expectPage(await authorize(app, id), 'invalid_client', app)
    expect(seen()).toEqual(before)
  })

  test('F19 our own host', async () => {
    const own = await startApp({ settings: { ISSUER: 'https://auth.example' }, egressStage: far.stage })
    const before = seen()
    const path = `/authorize?client_id=${encodeURIComponent('https://auth.example/client.json')}`
    const headers = { host: 'auth.example' }
    const { status } = await askOwnServer({ host: '127.0.0.1', port: own.config.port, path, headers, timeoutMs: 5000 })
    expect([status, seen()]).toEqual([400, before])
    expect(await audited(own, 'client.document_refused')).toMatchObject([
      { client_id: 'https://auth.example/client.json' },
    ])
  })
})

test('F21 an id that we make never looks like the address of a document', async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    const answer = await registerRaw(app, { redirect_uris: [webRedirect] })
    expect(parsed(answer).client_id).toMatch(/^[A-Za-z0-9_-]+$/)
  }
  const chosen = await registerRaw(app, { redirect_uris: [webRedirect], client_id: 'https://app.example/mine.json' })
  expect(parsed(chosen).client_id).not.toContain('https')
})

describe('F07 F16 many at once', () => {
  test('slow hosts hold some places, not all; who finds none is told at once, and served when they are free', async () => {
    const open: ServerResponse[] = []
    const { promise: full, resolve } = Promise.withResolvers<void>()
    for (const host of ['slow1.example', 'slow2.example', 'slow3.example', 'slow4.example']) {
      far.hosts.set(host, (_request, response) => {
        open.push(response)
        if (open.length === 9) resolve()
      })
    }
    // Eight of one host: three are under way, five are told to come again.
    const slow = ['slow1.example', 'slow2.example', 'slow3.example'].flatMap((host) =>
      Array.from({ length: 5 }, () => authorize(app, newId(host))),
    )
    await full
    // All of them lie at one address: it takes no tenth.
    const late = await authorize(app, newId('slow4.example'))
    expect([late.status, errorOf(late.body)]).toEqual([503, 'temporarily_unavailable'])
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0)
    // Another address is another matter.
    far.addresses.set('other.example', [['1.1.1.1']])
    const before = far.dialled.length
    await authorize(app, newId('other.example', 1))
    expect(far.dialled.slice(before)).toEqual(['1.1.1.1'])
    far.addresses.delete('other.example')
    for (const response of open) response.destroy()
    const statuses = (await Promise.all(slow)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 503)).toHaveLength(6)
    expect(await isTaken(serve(newId()))).toBe(true)
  })

  test('F16 a hundred requests for one new document are one fetch', async () => {
    const id = newId()
    const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>()
    serve(id, (_request, response) => resolve(response))
    const many = Array.from({ length: 100 }, () => isTaken(id))
    const response = await asked
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(documentOf(id)))
    expect(new Set(await Promise.all(many))).toEqual(new Set([true]))
    expect(far.requests.filter((one) => one.endsWith(new URL(id).pathname))).toHaveLength(1)
  })
})

describe('F12 how long it is kept', () => {
  test('a minute at least, whatever it says; not at all when it says so', async () => {
    const kept = serve(newId(), (request, response) =>
      sendJson(documentOf(`https://app.example${request.url}`), { 'cache-control': 'max-age=0' })(request, response),
    )
    for (let turn = 0; turn < 3; turn += 1) expect(await isTaken(kept)).toBe(true)
    expect(far.requests.filter((one) => one.endsWith(new URL(kept).pathname))).toHaveLength(1)
    const fleeting = serve(newId(), (request, response) =>
      sendJson(documentOf(`https://app.example${request.url}`), { 'cache-control': 'no-store' })(request, response),
    )
    const turns = 3
    for (let turn = 0; turn < turns; turn += 1) expect(await isTaken(fleeting)).toBe(true)
    expect(far.requests.filter((one) => one.endsWith(new URL(fleeting).pathname)).length).toBeGreaterThanOrEqual(turns)
  })
})

describe('F20 what the operator says of documents', () => {
  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['listed, and the host is', { CLIENT_METADATA_DOCUMENTS: 'listed', METADATA_DOCUMENT_HOSTS: 'app.example' }, true],
    [
      'listed, and the host is not',
      { CLIENT_METADATA_DOCUMENTS: 'listed', METADATA_DOCUMENT_HOSTS: 'a.example' },
      false,
    ],
    ['pinned', { CLIENT_METADATA_DOCUMENTS: 'pinned' }, false],
    ['off', { CLIENT_METADATA_DOCUMENTS: 'off' }, false],
  ])('%s', async (_title, settings, isIn) => {
    const strict = await startApp({ settings, egressStage: far.stage })
    const id = serve(newId())
    const before = seen()
    const answer = await authorize(strict, id)
    expect(answer.status).toBe(isIn ? 303 : 400)
    if (isIn) return
    expectPage(answer, 'invalid_client', strict)
    expect(seen()).toEqual(before)
    if (settings.CLIENT_METADATA_DOCUMENTS === 'off') return
    expect(await audited(strict, 'client.document_refused')).toMatchObject([{ client_id: id }])
  })
})
