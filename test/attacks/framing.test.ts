import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requestShapeFault } from '../../src/web/request-shape.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { RawSocket, sayAndListen } from '../support/raw-socket.ts'

// Requests that a proxy and this server could cut at different places, and requests that are too large for anybody.

let app: TestApp
let host: string

beforeAll(async () => {
  app = await startApp()
  host = new URL(app.issuer).host
})
afterAll(() => app.close())

const form = 'Content-Type: application/x-www-form-urlencoded'

function post(lines: readonly string[], body: string): string {
  return ['POST /token HTTP/1.1', `Host: ${host}`, form, ...lines, '', body].join('\r\n')
}

/** What an attacker would like to have taken for a request of its own. */
const smuggled = () => `GET /jwks HTTP/1.1\r\nHost: ${host}\r\n\r\n`

describe('K05 framing that can be read in two ways', () => {
  test.each<[string, () => string]>([
    ['length and chunks', () => post(['Content-Length: 4', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled()}`)],
    ['chunks and length', () => post(['Transfer-Encoding: chunked', 'Content-Length: 4'], `0\r\n\r\n${smuggled()}`)],
    ['two lengths', () => post(['Content-Length: 4', 'Content-Length: 5'], `abcde${smuggled()}`)],
    ['the same length twice', () => post(['Content-Length: 4', 'Content-Length: 4'], `abcd${smuggled()}`)],
    ['a list of lengths', () => post(['Content-Length: 4, 4'], `abcd${smuggled()}`)],
    ['a length with a sign', () => post(['Content-Length: +4'], `abcd${smuggled()}`)],
    ['a negative length', () => post(['Content-Length: -4'], `abcd${smuggled()}`)],
    ['a length in hex', () => post(['Content-Length: 0x4'], `abcd${smuggled()}`)],
    ['a length beyond numbers', () => post([`Content-Length: ${'9'.repeat(30)}`], `abcd${smuggled()}`)],
    ['an unknown encoding', () => post(['Transfer-Encoding: xchunked'], `0\r\n\r\n${smuggled()}`)],
    ['an encoding after chunks', () => post(['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${smuggled()}`)],
    [
      'two encodings',
      () => post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], `0\r\n\r\n${smuggled()}`),
    ],
    ['a space before the colon', () => post(['Transfer-Encoding : chunked'], `0\r\n\r\n${smuggled()}`)],
    ['a folded encoding', () => post(['Transfer-Encoding:', ' chunked'], `0\r\n\r\n${smuggled()}`)],
    ['a vertical tab', () => post(['Transfer-Encoding: \x0bchunked'], `0\r\n\r\n${smuggled()}`)],
    ['a folded header', () => `GET /jwks HTTP/1.1\r\nHost: ${host}\r\nX-A: b\r\n c\r\n\r\n${smuggled()}`],
    ['a folded first header', () => `GET /jwks HTTP/1.1\r\n X: y\r\nHost: ${host}\r\n\r\n`],
    ['lines that end in LF', () => smuggled().replaceAll('\r', '')],
    ['one line that ends in LF', () => `GET /jwks HTTP/1.1\r\nHost: ${host}\nX: y\r\n\r\n`],
    ['an end in LF', () => `GET /jwks HTTP/1.1\r\nHost: ${host}\r\n\n`],
    ['lines that end in CR', () => `GET /jwks HTTP/1.1\rHost: ${host}\r\r`],
    ['NUL in a header', () => `GET /jwks HTTP/1.1\r\nHost: ${host}\r\nX: a\0b\r\n\r\n`],
    ['chunks that end in LF', () => post(['Transfer-Encoding: chunked'], `1\na\n0\n\n${smuggled()}`)],
    ['a chunk size with a prefix', () => post(['Transfer-Encoding: chunked'], `0x1\r\na\r\n0\r\n\r\n${smuggled()}`)],
    ['a chunk size beyond numbers', () => post(['Transfer-Encoding: chunked'], `${'f'.repeat(17)}\r\na\r\n0\r\n\r\n`)],
    ['a chunk longer than it says', () => post(['Transfer-Encoding: chunked'], `1\r\naXX0\r\n\r\n${smuggled()}`)],
    ['chunks in HTTP/1.0', () => post(['Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled()}`).replace('1.1', '1.0')],
    ['the beginning of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown version', () => `GET /jwks HTTP/3.7\r\nHost: ${host}\r\n\r\n`],
    ['two targets', () => `GET /jwks x HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['a target that is not ASCII', () => `GET /j\xfc HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ])('K05 %s: 400, closed, and nothing after it is heard', async (_name, bytes) => {
    const raw = await sayAndListen(app.issuer, bytes())
    expect(raw.statuses).toEqual([400])
    expect(raw.text).toMatch(/connection: close/i)
    expect(raw.text).not.toContain('"keys"')
  })

  test('K05 a tunnel is not opened, and an upgrade is no other protocol', async () => {
    const tunnel = await sayAndListen(app.issuer, `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n${smuggled()}`)
    expect(tunnel.text).toBe('')
    for (const upgrade of ['websocket', 'h2c']) {
      const raw = await sayAndListen(
        app.issuer,
        `GET /admin HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\nUpgrade: ${upgrade}\r\n\r\n`,
      )
      expect(raw.statuses).toEqual([303])
    }
  })

  test('K05 a body that nobody asked for is no request: what follows it on the connection is', async () => {
    const inner = smuggled()
    const raw = await sayAndListen(
      app.issuer,
      `GET /sign-in HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${inner.length}\r\n\r\n${inner}` +
        `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    )
    expect(raw.statuses).toEqual([200, 200])
    expect(raw.text).not.toContain('"keys"')
  })
})

describe('K08 too large', () => {
  test.each<[string, number, () => string]>([
    ['an address of 13 kB', 414, () => `GET /jwks?${'a'.repeat(13_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['an address of 64 kB', 431, () => `GET /jwks?${'a'.repeat(65_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`],
    ['a header of 64 kB', 431, () => `GET /jwks HTTP/1.1\r\nHost: ${host}\r\nX: ${'a'.repeat(65_000)}\r\n\r\n`],
    ['a name of 64 kB', 431, () => `GET /jwks HTTP/1.1\r\nHost: ${host}\r\n${'a'.repeat(65_000)}: x\r\n\r\n`],
    ['a cookie of 9 kB', 431, () => `GET /sign-in HTTP/1.1\r\nHost: ${host}\r\nCookie: a=${'a'.repeat(9000)}\r\n\r\n`],
    ['many cookies', 431, () => `GET /sign-in HTTP/1.1\r\nHost: ${host}\r\nCookie: ${'a=b; '.repeat(2000)}c=d\r\n\r\n`],
    ['120 headers', 431, () => `GET /jwks HTTP/1.1\r\nHost: ${host}\r\n${'X-A: 1\r\n'.repeat(120)}\r\n`],
    ['3000 headers', 431, () => `GET /jwks HTTP/1.1\r\nHost: ${host}\r\n${'X-A: 1\r\n'.repeat(3000)}\r\n`],
    [
      'a chunk with 20 kB of remarks',
      413,
      () => post(['Transfer-Encoding: chunked'], `1;${'a'.repeat(20_000)}\r\na\r\n`),
    ],
  ])('K08 %s: %i, and the connection ends', async (_name, status, bytes) => {
    const raw = await sayAndListen(app.issuer, bytes())
    expect(raw.statuses).toEqual([status])
    expect(raw.text).not.toMatch(/aaaa/)
  })

  test.each(['/token', '/revoke', '/introspect', '/par', '/register', '/sign-in', '/language', '/logout'])(
    'K08 a body of 1 MB at %s is refused, in chunks as well, and others are served',
    async (path) => {
      const type = path === '/register' ? 'application/json' : 'application/x-www-form-urlencoded'
      const body = path === '/register' ? `{"client_name":"${'x'.repeat(1_000_000)}"}` : `a=${'x'.repeat(1_000_000)}`
      const init = {
        method: 'POST',
        headers: { 'content-type': type, origin: app.issuer, 'sec-fetch-site': 'same-origin' },
      }
      const whole = await fetch(`${app.issuer}${path}`, { ...init, body })
      expect([400, 401, 413]).toContain(whole.status)
      const parts = new ReadableStream({
        start(controller) {
          for (let at = 0; at < body.length; at += 50_000) controller.enqueue(Buffer.from(body.slice(at, at + 50_000)))
          controller.close()
        },
      })
      const answer = await fetch(`${app.issuer}${path}`, { ...init, body: parts, duplex: 'half' } as RequestInit)
      expect([400, 401, 413]).toContain(answer.status)
      expect((await fetch(`${app.issuer}/healthz`)).status).toBe(200)
    },
  )

  test('K08 a request that reaches the bound of headers is refused, whether this Node forgets what is beyond or not', () => {
    const headersOf = (count: number) => Array.from({ length: count * 2 }, () => 'x')
    expect(requestShapeFault({ url: '/', headers: {}, rawHeaders: headersOf(99) })).toBeNull()
    for (const count of [100, 124]) {
      expect(requestShapeFault({ url: '/', headers: {}, rawHeaders: headersOf(count) })).toMatchObject({ status: 431 })
    }
  })

  test('K08 headers beyond the bound are not forgotten in silence: a second host at the end is noticed', async () => {
    const filler = Array.from({ length: 99 }, (_, index) => `X-${index}: 1\r\n`).join('')
    const raw = await sayAndListen(
      app.issuer,
      `GET /jwks HTTP/1.1\r\nHost: ${host}\r\n${filler}Host: evil.example\r\n\r\n`,
    )
    expect(raw.statuses).toEqual([431])
  })
})

test('K05 K08 a refusal says nothing of what was sent and nothing of the server', async () => {
  const raw = new RawSocket(app.issuer)
  raw.send(`GET /canary HTTP/1.1\r\nHost: canary.example\r\nBad Header\r\n\r\n`)
  await raw.closed
  expect(raw.text).not.toMatch(/canary|node|server:|x-powered-by/i)
})
