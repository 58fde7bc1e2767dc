import { once } from 'node:events'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFetchGate } from '../../src/net/fetch-gate.ts'
import { createGuardedFetch, type FetchOutcome, type GuardedFetchOptions } from '../../src/net/guarded-fetch.ts'
import { openFarAway, publicAddress, sendJson } from '../support/far-away.ts'
import { listen } from './listen.ts'

const open = (options: Partial<GuardedFetchOptions> = {}) =>
  createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], loopback: true, timeoutMs: 2000, ...options })

describe('F05 redirects', () => {
  it.each([
    [200, 200],
    [299, 299],
    [300, 'redirected'],
    [304, 'redirected'],
    [399, 'redirected'],
    [400, 400],
  ])('%i is %s', async (status, expected) => {
    const { url } = await listen((_request, response) => void response.writeHead(status).end())
    const end = open()(url).then(
      (response) => response.status,
      ({ code }) => code,
    )
    expect(await end).toBe(expected)
  })

  it('are an answer for whoever plays a client, and followed by nobody', async () => {
    const { arrived, url } = await listen(
      (_request, response) => void response.writeHead(302, { location: '/y' }).end('x'),
    )
    const response = await open({ asClient: true })(url)
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([302, '/y', 'x'])
    expect(arrived).toHaveLength(1)
  })
})

describe('F06 what is read of an answer', () => {
  it.each([204, 205, 304])('%i has no body, and is an answer all the same', async (status) => {
    const { url } = await listen((_request, response) => void response.writeHead(status).end())
    const response = await open({ asClient: true })(url)
    expect([response.status, response.body]).toEqual([status, null])
  })

  it('an empty body is a body', async () => {
    const { url } = await listen((_request, response) => void response.writeHead(200).end())
    expect(await (await open()(url)).text()).toBe('')
  })

  it.each([undefined, 'identity', 'Identity'])('the encoding %s is none', async (encoding) => {
    const { url } = await listen((_request, response) => {
      if (encoding !== undefined) response.setHeader('content-encoding', encoding)
      response.end('{}')
    })
    expect(await (await open()(url)).text()).toBe('{}')
  })

  it.each(['gzip', 'br', 'identity, gzip', 'xidentity', 'identityx'])(
    'the encoding %s is refused',
    async (encoding) => {
      const { url } = await listen(
        (_request, response) => void response.writeHead(200, { 'content-encoding': encoding }).end('{}'),
      )
      await expect(open()(url)).rejects.toMatchObject({ code: 'encoding' })
    },
  )

  it.each(['announced', 'in chunks'])('64 kB are read, one byte more is not: %s', async (way) => {
    const send = (bytes: number) =>
      listen((_request, response) => {
        if (way === 'announced') response.setHeader('content-length', bytes)
        else response.write('')
        response.end(Buffer.alloc(bytes))
      })
    const most = 64 * 1024
    expect((await (await open()((await send(most)).url)).arrayBuffer()).byteLength).toBe(most)
    await expect(open()((await send(most + 1)).url)).rejects.toMatchObject({ code: 'too_large' })
    // A caller may want less, and never more.
    const { url } = await send(100)
    await expect(open()(url, { maxBytes: 99 })).rejects.toMatchObject({ code: 'too_large' })
    await expect(open({ maxBytes: 99 })(url, { maxBytes: 1000 })).rejects.toMatchObject({ code: 'too_large' })
    expect((await open({ maxBytes: 100 })(url, { maxBytes: 1000 })).status).toBe(200)
  })

  it('headers that come twice are joined, and a cookie is nobody’s', async () => {
    const { url } = await listen(
      (_request, response) =>
        void response.writeHead(200, ['x-a', '1', 'x-a', '2', 'set-cookie', 'a=b', 'link', '</>']).end(),
    )
    const { headers } = await open()(url)
    expect([headers.get('x-a'), headers.get('link'), headers.get('set-cookie')]).toEqual(['1, 2', '</>', null])
  })
})

describe('F01 loopback is open to an issuer on loopback, and to nothing that leads elsewhere', () => {
  it('by name and by address, in the clear', async () => {
    const { arrived, port } = await listen((_request, response) => void response.end('{}'))
    for (const host of ['127.0.0.1', 'localhost', 'a.localhost', 'LOCALHOST', '127.1']) {
      expect((await open()(`http://${host}:${port}/x`)).status, host).toBe(200)
    }
    expect(arrived).toHaveLength(5)
    await expect(open({ loopback: false })(`http://127.0.0.1:${port}/x`)).rejects.toMatchObject({ code: 'url_refused' })
    expect(arrived).toHaveLength(5)
  })

  it.each([
    'http://[::1]:1/x',
    'https://[::1]:1/x',
    'https://127.0.0.1:1/x',
    'http://127.9.9.9:1/x',
    'http://127.0.0.1/x',
  ])('%s is tried', async (url) => {
    const dial = () => ({ address: '127.0.0.1', port: 1 })
    await expect(open({ dial })(url)).rejects.toMatchObject({ code: 'network' })
  })

  it.each([
    ['http://10.0.0.7/x', 'url_refused'],
    ['http://app.example/x', 'url_refused'],
    ['http://127.0.0.1.evil.example/x', 'url_refused'],
    ['http://[::2]/x', 'url_refused'],
    ['http://[::ffff:127.0.0.1]/x', 'url_refused'],
    ['ftp://127.0.0.1/x', 'url_refused'],
    ['http://ada@127.0.0.1/x', 'url_refused'],
    ['http://:pw@127.0.0.1/x', 'url_refused'],
    ['https://10.0.0.7/x', 'address_refused'],
    ['https://169.254.169.254/x', 'address_refused'],
  ])('%s is %s', async (url, code) => {
    await expect(open()(url)).rejects.toMatchObject({ code })
  })

  it('a name of this machine that leads into the network is refused', async () => {
    for (const addresses of [['10.0.0.7'], ['127.0.0.1', '10.0.0.7'], [publicAddress], ['fe80::1']]) {
      await expect(open({ resolve: async () => addresses })('http://localhost:1/x')).rejects.toMatchObject({
        code: 'address_refused',
      })
    }
  })

  it('the ports of http and https are theirs where none is named', async () => {
    const ports: number[] = []
    const dial = (_address: string, port: number) => {
      ports.push(port)
      return { address: '127.0.0.1', port: 1 }
    }
    for (const url of ['http://127.0.0.1/', 'https://127.0.0.1/', 'http://127.0.0.1:8080/', 'https://127.0.0.1:80/']) {
      await open({ dial })(url).catch(() => undefined)
    }
    expect(ports).toEqual([80, 443, 8080, 80])
  })
})

it('F07 a gate of its own takes as many as it was made for', async () => {
  const held: (() => void)[] = []
  const { url } = await listen((_request, response) => void held.push(() => response.end('{}')))
  const fetch = open({ maxConcurrent: 2 })
  const running = [fetch(url), fetch(url)]
  await expect(fetch(url)).rejects.toMatchObject({ code: 'busy', message: 'too many fetches are running' })
  await expect.poll(() => held).toHaveLength(2)
  for (const release of held) release()
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200])
})

it('F13 an answer that is no document counts as a failure of its host, one that was held back does not', async () => {
  const far = await openFarAway(['app.example', 'b.example'])
  const limits = { concurrent: 10, concurrentPerHost: 1, perMinutePerHost: 10, failuresPerMinutePerHost: 1 }
  const gate = createFetchGate(limits)
  const fetch = createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], ...far.stage, gate })
  far.hosts.set('app.example', sendJson({}))
  for (let time = 0; time < 2; time += 1) expect((await fetch('https://app.example/x')).status).toBe(200)
  // The address is full: others keep it so.
  const passes = ['c', 'd', 'e'].map((name) => gate.enter(name))
  for (const pass of passes) if (typeof pass !== 'string') pass.reach(publicAddress)
  await expect(fetch('https://app.example/x')).rejects.toMatchObject({ code: 'busy' })
  for (const pass of passes) if (typeof pass !== 'string') pass.leave(false)
  expect((await fetch('https://app.example/x')).status).toBe(200)
  expect((await fetch('https://b.example/x')).status).toBe(404)
  await expect(fetch('https://b.example/x')).rejects.toMatchObject({
    ...{ code: 'limited', message: 'this host was asked too often in this minute' },
  })
})

it('the end of a fetch is told with its fault', async () => {
  const told: FetchOutcome[] = []
  const fetch = open({ onEnd: (outcome) => void told.push(outcome) })
  const fault = await fetch('https://10.0.0.7/x').catch((error: unknown) => error)
  expect(told).toEqual([{ host: '10.0.0.7', result: 'address_refused', status: undefined, error: fault }])
})

it('hosts are listed in any case, with the port or for every port', async () => {
  const dial = () => ({ address: '127.0.0.1', port: 1 })
  const resolve = async () => ['10.0.0.7']
  const fetch = createGuardedFetch({
    ...{ userAgent: 'test', allowedInternalHosts: ['Keycloak.Corp.example', 'idp.example:8443'], resolve, dial },
  })
  for (const url of [
    'https://keycloak.corp.example/',
    'https://KEYCLOAK.corp.example:9/',
    'https://idp.example:8443/',
  ]) {
    await expect(fetch(url), url).rejects.toMatchObject({ code: 'network' })
  }
  for (const url of ['https://idp.example/', 'https://idp.example:8444/', 'https://corp.example/']) {
    await expect(fetch(url), url).rejects.toMatchObject({ code: 'address_refused' })
  }
  // Listed is inside, not in the clear.
  await expect(fetch('http://keycloak.corp.example/')).rejects.toMatchObject({ code: 'url_refused' })
})

it('F06 too much that is announced is not waited for', async () => {
  const { url } = await listen((_request, response) => {
    response.writeHead(200, { 'content-length': 5_000_000 })
    response.flushHeaders()
  })
  await expect(open()(url)).rejects.toMatchObject({ code: 'too_large' })
})

it('F16 no connection outlives its fetch', async () => {
  const gone: Promise<unknown>[] = []
  const { url } = await listen((request, response) => {
    gone.push(once(request.socket, 'close'))
    response.end('{}')
  })
  await open()(url)
  await Promise.all(gone)
  expect(gone).toHaveLength(1)
})

it('RFC 6066 §3: a name is sent as the name of the server, a literal address is not', async () => {
  const { makeCertificate } = await import('../fixtures/self-signed.ts')
  const names: string[] = []
  const secure = createSecureServer({
    ...makeCertificate(['localhost']),
    SNICallback(name, answer) {
      names.push(name)
      answer(null)
    },
  })
  secure.listen(0, '127.0.0.1')
  await once(secure, 'listening')
  onTestFinished(() => void secure.close())
  const { port } = secure.address() as AddressInfo
  for (const host of ['127.0.0.1', 'localhost']) {
    await expect(open()(`https://${host}:${port}/`)).rejects.toMatchObject({ code: 'network' })
  }
  expect(names).toEqual(['localhost'])
})
