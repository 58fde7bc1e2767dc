import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { silentMetrics } from '../../src/metrics/metrics.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { createFront, type FrontParts, patience } from '../../src/server.ts'
import { createReadyDocuments } from '../../src/web/ready-documents.ts'
import { requestBounds } from '../../src/web/request-shape.ts'
import { addressBlock } from '../../src/web/sockets.ts'
import { startApp } from '../support/app.ts'
import { RawSocket } from '../support/raw-socket.ts'

// Nobody waits here: the bounds are short, and each test ends when the server has closed what it must close.
const short = { headers: 300, request: 600, silence: 400, idle: 200, look: 50 }

const logger = createLogger({ level: 'silent', pretty: false, destination: process.stderr })

function front(parts: Partial<FrontParts> = {}) {
  return createFront({
    config: { issuer: 'http://localhost', trustedProxies: [] },
    documents: createReadyDocuments(),
    revocations: { answer: () => false },
    protocol: (_req, res) => void res.end(),
    pages: (_req, res) => void res.end(),
    logger,
    metrics: silentMetrics,
    ...parts,
  })
}

async function listening(server: ReturnType<typeof front>): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

describe('K06 slow clients', () => {
  test('K06 the server waits ten seconds for headers, twenty for a request, and looks every second', () => {
    const server = front()
    expect([server.headersTimeout, server.requestTimeout]).toEqual([10_000, 20_000])
    expect([server.timeout, server.keepAliveTimeout]).toEqual([30_000, 5_000])
    expect(Reflect.get(server, 'connectionsCheckingInterval')).toBe(1_000)
    expect(server.maxHeadersCount).toBe(requestBounds.headers)
    expect(patience.socketsPerAddress).toBeLessThanOrEqual(256)
  })

  test('K06 K07 headers that never end, bodies that never come, silence: all are closed, others are served', async () => {
    // Longer than an honest request needs on a machine that is busy with other tests.
    const app = await startApp({ patience: { ...short, headers: 4000, request: 5000, silence: 6000 } })
    await (await fetch(`${app.issuer}/sign-in`)).text()
    const { host } = new URL(app.issuer)
    const head = `POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\n`
    const slow = {
      silence: new RawSocket(app.issuer),
      headers: new RawSocket(app.issuer),
      body: new RawSocket(app.issuer),
      chunks: new RawSocket(app.issuer),
      register: new RawSocket(app.issuer),
      form: new RawSocket(app.issuer),
      idle: new RawSocket(app.issuer),
    }
    slow.headers.send(`GET /jwks HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `)
    slow.body.send(`${head}Content-Length: 100\r\n\r\ngrant_type`)
    slow.chunks.send(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\ngrant`)
    slow.register.send(
      `POST /register HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"`,
    )
    slow.form.send(`${head.replace('/token', '/language')}Content-Length: 100\r\n\r\nlocale=`)
    slow.idle.send(`GET /jwks HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    await slow.idle.until(/"keys"/)
    // Beside them somebody is served, on connections of the same address.
    const others = await Promise.all(Array.from({ length: 6 }, () => fetch(`${app.issuer}/sign-in`)))
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 200))
    await Promise.all(Object.values(slow).map(({ closed }) => closed))
    for (const raw of [slow.headers, slow.body, slow.chunks]) expect(raw.statuses.join()).toMatch(/^(408)?$/)
    expect(slow.idle.statuses).toEqual([200])
    // Somebody who goes away is no fault of ours.
    expect(app.log()).not.toMatch(/"level":"(error|fatal)"|"status":5/)
    expect((await fetch(`${app.issuer}/healthz`)).status).toBe(200)
  })

  test('K06 an answer that is not taken is given up', async () => {
    const chunk = Buffer.alloc(1024 * 1024)
    const server = front({
      patience: short,
      config: { issuer: 'http://localhost:1', trustedProxies: [] },
      pages(_req, res) {
        // More than the buffers of both sides hold.
        for (let count = 0; count < 64; count += 1) res.write(chunk)
        res.end()
      },
    })
    const gone = new Promise<void>((resolve) =>
      server.on('connection', (socket) => socket.once('close', () => resolve())),
    )
    const url = await listening(server)
    const raw = new RawSocket(url)
    raw.socket.pause()
    raw.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await gone
    raw.close()
  })
})

describe('K06 connections from one address', () => {
  test('K06 the one too many is closed, and counts no longer when it is gone', async () => {
    const app = await startApp({ patience: { socketsPerAddress: 8 } })
    const { host } = new URL(app.issuer)
    const ask = `GET /jwks HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    const held = Array.from({ length: 8 }, () => new RawSocket(app.issuer))
    for (const raw of held) raw.send(ask)
    await Promise.all(held.map((raw) => raw.until(/"keys"/)))
    for (let count = 0; count < 3; count += 1) {
      const more = new RawSocket(app.issuer)
      more.send(ask)
      await more.closed
      expect(more.text).toBe('')
    }
    expect(app.log().match(/too many connections from one address/g)).toHaveLength(1)
    expect(app.log()).toContain('SALLYPORT_TRUSTED_PROXIES')
    for (const raw of held) raw.close()
    await Promise.all(held.map(({ closed }) => closed))
    // The server learns of the end a turn later than this side.
    const again = async (): Promise<string> => {
      const raw = new RawSocket(app.issuer)
      raw.send(ask)
      return raw.until(/"keys"/).catch(again)
    }
    expect(await again()).toContain('200 OK')
  })

  test('K06 a trusted proxy brings everybody, and is not counted', async () => {
    const app = await startApp({ patience: { socketsPerAddress: 3 }, settings: { TRUSTED_PROXIES: '127.0.0.1' } })
    const { host } = new URL(app.issuer)
    const held = Array.from({ length: 12 }, () => new RawSocket(app.issuer))
    for (const raw of held) raw.send(`GET /jwks HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    for (const raw of held) expect(await raw.until(/"keys"/)).toContain('200 OK')
    for (const raw of held) raw.close()
  })

  test('K06 K02 what a connection says of itself makes no trusted proxy of it', async () => {
    const app = await startApp({ patience: { socketsPerAddress: 3 }, settings: { TRUSTED_PROXIES: '192.0.2.1' } })
    const { host } = new URL(app.issuer)
    const ask = `GET /jwks HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: 192.0.2.1, 198.51.100.7\r\n\r\n`
    const held = Array.from({ length: 3 }, () => new RawSocket(app.issuer))
    for (const raw of held) raw.send(ask)
    await Promise.all(held.map((raw) => raw.until(/"keys"/)))
    const more = new RawSocket(app.issuer)
    more.send(ask)
    await more.closed
    expect(more.text).toBe('')
    for (const raw of held) raw.close()
  })

  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['', ''],
  ])('K06 %s counts as %s', (address, block) => expect(addressBlock(address)).toBe(block))
})

test('K07 when too many connections are open, idle ones make room, and requests go on being answered', async () => {
  const app = await startApp({ patience: { socketsOpen: 50, socketsPerAddress: 1000, idle: 60_000 } })
  const { host } = new URL(app.issuer)
  const ask = `GET /jwks HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  const all: RawSocket[] = []
  for (let count = 0; count < 300; count += 1) {
    const raw = new RawSocket(app.issuer)
    raw.send(ask)
    expect(await raw.until(/"keys"/)).toContain('200 OK')
    all.push(raw)
  }
  const open = all.filter(({ socket }) => !socket.closed && !socket.readableEnded)
  expect(open.length).toBeLessThanOrEqual(52)
  for (const raw of all) raw.close()
})

test('K14 a fault in front of everything is one answer of 500, and the next request is served', async () => {
  const lines: string[] = []
  let broken = true
  const server = front({
    config: { issuer: 'http://localhost:1', trustedProxies: [] },
    logger: createLogger({ level: 'info', pretty: false, destination: { write: (line) => void lines.push(line) } }),
    pages(_req, res) {
      if (broken) throw new Error('SELECT secret')
      res.end('fine')
    },
  })
  const url = await listening(server)
  const answer = await fetch(`${url}/healthz`)
  expect(answer.status).toBe(500)
  expect(await answer.text()).toBe('something went wrong on our side\n')
  expect(lines.join('')).toContain('SELECT secret')
  broken = false
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('fine')
})
