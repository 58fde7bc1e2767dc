import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from '../../src/net/guarded-fetch.ts'
import { makeCertificate } from '../fixtures/self-signed.ts'

const { key, cert } = makeCertificate(['docs.example', 'other.example'])
let server: Server
let port: number
let connections = 0
let requests: IncomingMessage[] = []
let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined

beforeAll(async () => {
  server = createServer({ key, cert }, (request, response) => {
    requests.push(request)
    answer(request, response)
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  connections = 0
  requests = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function open(options: Partial<GuardedFetchOptions> = {}): GuardedFetch {
  return createGuardedFetch({
    userAgent: 'Sallyport/test',
    allowedInternalHosts: [`docs.example:${port}`],
    resolve: async () => ['127.0.0.1'],
    certificateAuthority: cert,
    ...options,
  })
}
/** Without the operator's permission for an internal host. */
const closed = (resolve: GuardedFetchOptions['resolve']) => open({ allowedInternalHosts: [], resolve })
const url = () => `https://docs.example:${port}/client.json`

describe('guarded fetch', () => {
  it('fetches a document of an allowed host, with our user agent, no cookies and no compression', async () => {
    answer = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b', 'cache-control': 'max-age=60' })
        .end('{"a":1}')
    const response = await open()(url(), { headers: { accept: 'application/json', cookie: 'x=y', 'user-agent': '' } })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ a: 1 })
    expect(response.headers.get('cache-control')).toBe('max-age=60')
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(requests[0]?.headers).toMatchObject({
      'user-agent': 'Sallyport/test',
      'accept-encoding': 'identity',
      host: `docs.example:${port}`,
    })
    expect(requests[0]?.headers.cookie).toBeUndefined()
  })

  it('posts nothing and sends no credentials unless it was made for chosen providers', async () => {
    answer = (_request, response) => response.end('{}')
    const form = {
      method: 'POST',
      body: 'grant_type=x',
      headers: { authorization: 'Basic eA==', cookie: 'a=b' },
    } as const
    await expect(open()(url(), form)).rejects.toMatchObject({ code: 'url_refused' })
    expect(requests).toEqual([])
    await open()(url(), { headers: form.headers })
    expect(requests[0]?.headers).not.toHaveProperty('authorization')

    const bodies: string[] = []
    answer = async (request, response) => {
      for await (const chunk of request) bodies.push(String(chunk))
      response.end('{}')
    }
    await open({ mayPost: true })(url(), form)
    expect(requests[1]).toMatchObject({ method: 'POST', headers: { authorization: 'Basic eA==' } })
    expect(requests[1]?.headers).not.toHaveProperty('cookie')
    expect(bodies).toEqual(['grant_type=x'])
  })

  it('F05 plays a client only where it was made for it: preflights are sent, redirects shown and never followed', async () => {
    const preflight = { method: 'OPTIONS', headers: { origin: 'https://page.example', cookie: 'a=b' } } as const
    await expect(open({ mayPost: true })(url(), preflight)).rejects.toMatchObject({ code: 'url_refused' })
    expect(requests).toEqual([])
    answer = (_request, response) => response.writeHead(303, { location: 'https://169.254.169.254/' }).end()
    const response = await open({ asClient: true })(url(), preflight)
    expect([response.status, response.headers.get('location')]).toEqual([303, 'https://169.254.169.254/'])
    expect(requests.map(({ method, headers }) => [method, headers.origin, headers.cookie])).toEqual([
      ['OPTIONS', 'https://page.example', undefined],
    ])
  })

  it.each([
    'http://docs.example/x',
    'ftp://docs.example/x',
    'file:///etc/passwd',
    'data:application/json,{}',
    'https://user:pw@docs.example/x',
    'not a url',
  ])('F11: %s is not fetched', async (address) => {
    await expect(open()(address)).rejects.toMatchObject({ code: 'url_refused' })
  })

  it.each([
    'https://169.254.169.254/x',
    'https://[fd00:ec2::254]/x',
    'https://metadata.google.internal/x',
    'https://localhost/x',
    'https://app.localhost/x',
    'https://printer.local/x',
    'https://intranet/x',
  ])('F01: %s is refused without a name being resolved or a packet sent', async (address) => {
    let asked = 0
    const fetch = closed(async () => {
      asked += 1
      return ['93.184.216.34']
    })
    await expect(fetch(address)).rejects.toMatchObject({ code: 'address_refused' })
    expect(asked).toBe(0)
  })

  it.each([
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ])('F03: %s is refused after one canonical parse', async (host) => {
    await expect(closed(async () => [])(`https://${host}:${port}/x`)).rejects.toMatchObject({ code: 'address_refused' })
    expect(connections).toBe(0)
  })

  it('F02: a name with a special address among its addresses is refused, without a connection', async () => {
    for (const addresses of [['127.0.0.1'], ['93.184.216.34', '127.0.0.1'], ['::1'], ['10.0.0.7']]) {
      await expect(closed(async () => addresses)(url())).rejects.toMatchObject({ code: 'address_refused' })
    }
    expect(connections).toBe(0)
  })

  it('F04: the name is resolved once and the connection goes to the checked address', async () => {
    const answers = [['127.0.0.1'], ['203.0.113.9']]
    let asked = 0
    answer = (_request, response) => response.end('{}')
    const response = await open({
      resolve: async () => {
        asked += 1
        return answers.shift() ?? []
      },
    })(url())
    expect(response.status).toBe(200)
    expect(asked).toBe(1)
  })

  it('the certificate must belong to the name, although the connection is pinned to an address', async () => {
    const fetch = open({ allowedInternalHosts: ['wrong.example'] })
    await expect(fetch(`https://wrong.example:${port}/x`)).rejects.toMatchObject({ code: 'network' })
    expect(requests).toHaveLength(0)
  })

  it.each([301, 302, 303, 307, 308])('F05: a redirect by %d is an error and is not followed', async (status) => {
    answer = (_request, response) => response.writeHead(status, { location: url() }).end()
    await expect(open()(url())).rejects.toMatchObject({ code: 'redirected' })
    expect(requests).toHaveLength(1)
  })

  it('F06: a body over the cap is aborted, announced or not', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-length': 5_000_000 }).end(Buffer.alloc(5_000_000))
    await expect(open()(url())).rejects.toMatchObject({ code: 'too_large' })
    answer = (_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(Buffer.alloc(8192)), 1)
      response.on('close', () => clearInterval(timer))
    }
    await expect(open()(url(), { maxBytes: 5120 })).rejects.toMatchObject({ code: 'too_large' })
  })

  it('F06: a compressed answer that nobody asked for is refused', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)))
    await expect(open()(url())).rejects.toMatchObject({ code: 'encoding' })
  })

  it('F06: an announcement that lies is no way round the cap, and no way to a cut answer', async () => {
    const raw = (head: string, body: string) => (_request: IncomingMessage, response: ServerResponse) =>
      void response.socket?.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}\r\n\r\n${body}`)
    // More than announced: what is behind the announced end is not read as part of it.
    answer = raw('content-length: 2', `{}${' '.repeat(9000)}{"evil":1}`)
    const outcome = await open()(url(), { maxBytes: 5120 }).then(
      (response) => response.text(),
      (error: { code?: string }) => error.code,
    )
    expect(['{}', 'network']).toContain(outcome)
    // Less than announced: not taken for whole.
    answer = raw('content-length: 4000', '{"a":1}')
    await expect(open()(url())).rejects.toMatchObject({ code: 'network' })
    // Chunks without end, and one chunk that says that it is larger than memory.
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`
    answer = raw('transfer-encoding: chunked', chunk.repeat(20))
    await expect(open()(url(), { maxBytes: 5120 })).rejects.toMatchObject({ code: 'too_large' })
    answer = raw('transfer-encoding: chunked', `FFFFFFFFFFFF\r\n${'x'.repeat(9000)}`)
    await expect(open()(url(), { maxBytes: 5120 })).rejects.toMatchObject({ code: 'too_large' })
    // Both: a way to smuggle, refused by the parser.
    answer = raw('content-length: 2\r\ntransfer-encoding: chunked', '0\r\n\r\n')
    await expect(open()(url())).rejects.toMatchObject({ code: 'network' })
    // Headers count, too.
    answer = raw(`x-long: ${'x'.repeat(40_000)}`, '{}')
    await expect(open()(url())).rejects.toMatchObject({ code: 'network' })
  })

  it('F07: headers that drip without end run into the same deadline', async () => {
    answer = (_request, response) => {
      const { socket } = response
      socket?.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket?.write('x-a: 1\r\n'), 10)
      socket?.on('close', () => clearInterval(timer))
    }
    await expect(open({ timeoutMs: 150 })(url())).rejects.toMatchObject({ code: 'timeout' })
  })

  it('every end is told, with host and result, for metrics and the log', async () => {
    const told: unknown[] = []
    const onEnd: GuardedFetchOptions['onEnd'] = ({ host, result, status }) => void told.push([host, result, status])
    answer = (_request, response) => response.writeHead(404).end()
    await open({ onEnd })(url())
    await open({ onEnd })('https://10.0.0.7/x').catch(() => undefined)
    await open({ onEnd })('nonsense').catch(() => undefined)
    expect(told).toEqual([
      [`docs.example:${port}`, 'answered', 404],
      ['10.0.0.7', 'address_refused', undefined],
      ['', 'url_refused', undefined],
    ])
  })

  it('F07: one deadline covers name, headers and a dripping body', async () => {
    const fetch = open({ timeoutMs: 150 })
    answer = () => undefined
    await expect(fetch(url())).rejects.toMatchObject({ code: 'timeout' })
    answer = (_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(timer))
    }
    await expect(fetch(url())).rejects.toMatchObject({ code: 'timeout' })
    await expect(open({ timeoutMs: 50, resolve: () => new Promise(() => undefined) })(url())).rejects.toMatchObject({
      code: 'timeout',
    })
  })

  it('F07: the eleventh at once is told so, and the next after the others are done is served', async () => {
    const waiting: ServerResponse[] = []
    answer = (_request, response) => {
      waiting.push(response)
      if (waiting.length === 10) for (const one of waiting) one.end('{}')
    }
    const fetch = open()
    const ten = Array.from({ length: 10 }, () => fetch(url()))
    await expect(fetch(url())).rejects.toMatchObject({ code: 'busy' })
    expect((await Promise.all(ten)).every((response) => response.status === 200)).toBe(true)
    answer = (_request, response) => response.end('{}')
    expect((await fetch(url())).status).toBe(200)
  })

  it('a name without an address and a closed port are told apart', async () => {
    await expect(open({ resolve: async () => [] })(url())).rejects.toMatchObject({ code: 'not_found' })
    await expect(open({ allowedInternalHosts: ['docs.example'] })('https://docs.example:1/x')).rejects.toMatchObject({
      code: 'network',
    })
  })
})
