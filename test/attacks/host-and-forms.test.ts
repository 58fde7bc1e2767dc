import { request as rawRequest } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { type RegisteredClient, register } from '../support/flow.ts'
import { protocolRoutes, readyRoutes } from '../support/routes.ts'
import { ask, authorize, count, errorOf, loopbackRedirect, parsed, post, registerRaw, webRedirect } from './stage.ts'

// What a request may say of itself: no host, no forwarding header, no encoding of the path changes what is answered.

let app: TestApp
let client: RegisteredClient

beforeAll(async () => {
  app = await startApp()
  client = await register(app)
})
afterAll(() => app.close())

interface Raw {
  readonly status: number | undefined
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: string
}

/** A request whose headers and path are sent as they are. */
function raw(
  path: string,
  headers: Record<string, string | string[]> = {},
  method = 'GET',
  body?: string,
): Promise<Raw> {
  const { hostname, port } = new URL(app.issuer)
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const options = {
      host: hostname,
      port,
      path,
      method,
      headers: { host: `${hostname}:${port}`, ...length, ...headers },
    }
    rawRequest(options, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () =>
        resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(chunks).toString() }),
      )
    })
      .on('error', reject)
      .end(body)
  })
}

/** Bytes as they are, for what no client library sends. */
function bytes(text: string): Promise<string> {
  const { hostname, port } = new URL(app.issuer)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connectTcp(Number(port), hostname, () => socket.end(text))
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

const metadataPath = '/.well-known/oauth-authorization-server'

describe('K01 the host', () => {
  test.each([
    'evil.example',
    'localhost',
    'localhost:1',
    '127.0.0.1',
    'localhost.evil.example',
    'evil.example:x@localhost',
  ])('K01 M7 a request for %j is answered for nobody', async (host) => {
    for (const path of ['/authorize?client_id=x', '/sign-in', ...protocolRoutes, ...readyRoutes]) {
      const answer = await raw(path, { host })
      expect([400, 421]).toContain(answer.status)
      expect(answer.body).not.toContain('evil.example')
      expect(answer.headers['cache-control']).toBe('no-store')
    }
  })

  test('K01 M7 two hosts, no host, and another host in the request line are refused', async () => {
    const { host } = new URL(app.issuer)
    expect(
      await bytes(`GET ${metadataPath} HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`),
    ).not.toContain('evil.example')
    for (const line of ['', 'Host:\r\n', 'Host: \r\n', `Host: ${host},evil.example\r\n`]) {
      const answer = await bytes(`GET ${metadataPath} HTTP/1.1\r\n${line}Connection: close\r\n\r\n`)
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/)
    }
    const absolute = await bytes(
      `GET http://evil.example${metadataPath} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    )
    expect(absolute).toMatch(/^HTTP\/1\.1 400/)
  })

  const forged = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'gopher',
    'x-forwarded-port': '1',
    forwarded: 'host=evil.example;proto=https',
    'x-host': 'evil.example',
    'x-original-url': '/admin',
    'x-rewrite-url': '/admin',
    'x-http-method-override': 'DELETE',
  }

  test('K01 K02 K03 M7 no forwarding header reaches metadata, keys, registrations, redirects or pages', async () => {
    const plain = await raw(metadataPath)
    expect((await raw(metadataPath, forged)).body).toBe(plain.body)
    for (const value of Object.values(JSON.parse(plain.body) as Record<string, unknown>)) {
      if (typeof value === 'string') expect(value.startsWith(app.issuer)).toBe(true)
    }
    const registered = await raw(
      '/register',
      { ...forged, 'content-type': 'application/json' },
      'POST',
      JSON.stringify({ redirect_uris: [webRedirect] }),
    )
    expect(registered.status).toBe(201)
    expect(JSON.parse(registered.body).registration_client_uri).toMatch(new RegExp(`^${app.issuer}/register/`))
    const query = new URLSearchParams({
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: loopbackRedirect,
    })
    const refused = await raw(`/authorize?${query}`, forged)
    expect(refused.body + JSON.stringify(refused.headers)).not.toMatch(/evil\.example|gopher/)
    const page = await raw('/sign-in', forged)
    expect(page.body + JSON.stringify(page.headers)).not.toMatch(/evil\.example|gopher/)
    expect((await raw('/account/connections', forged)).headers.location).toMatch(/^\/sign-in/)
  })

  test('K02 the address in the audit book is the socket’s, unless a proxy of ours says otherwise', async () => {
    const before = await count(app, 'audit_event', "address = '203.0.113.9'")
    await registerRaw(
      app,
      { redirect_uris: ['javascript:x'] },
      { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9' },
    )
    expect(await count(app, 'audit_event', "address = '203.0.113.9'")).toBe(before)
  })
})

test.each([
  '//token',
  '/token/',
  '/TOKEN',
  '/%74oken',
  '/token;x',
  '/token%2f',
  '/./token',
  '/x/../token',
  '/token%00',
  '\\token',
])('K04 there is one way to write an address: %s', async (path) => {
  const params = 'grant_type=refresh_token&client_id=x&refresh_token=x'
  const answer = await raw(path, { 'content-type': 'application/x-www-form-urlencoded' }, 'POST', params)
  // Another spelling is answered as the one there is, or not at all; never by something that guards less.
  expect([400, 401, 403, 404]).toContain(answer.status)
  expect(answer.body).not.toMatch(/"access_token"/)
})

describe('K09 other origins', () => {
  const origin = 'https://inspector.example'

  test.each([
    [metadataPath, 'GET'],
    ['/.well-known/openid-configuration', 'GET'],
    ['/jwks', 'GET'],
    ['/revocations', 'GET'],
    ['/token', 'POST'],
    ['/register', 'POST'],
    ['/revoke', 'POST'],
    ['/introspect', 'POST'],
    ['/par', 'POST'],
  ])('K09 %s may be called from any page, without cookies', async (path, method) => {
    const preflight = await ask(`${app.issuer}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'mcp-protocol-version,content-type,authorization',
      },
    })
    expect([200, 204]).toContain(preflight.status)
    expect(preflight.headers.get('access-control-allow-methods')).toContain(method)
    const allowed = preflight.headers.get('access-control-allow-headers')?.toLowerCase() ?? ''
    for (const header of ['mcp-protocol-version', 'content-type', 'authorization']) expect(allowed).toContain(header)
    const body = method === 'POST' ? new URLSearchParams({ grant_type: 'x' }) : undefined
    for (const from of [origin, 'null']) {
      const answer = await ask(`${app.issuer}${path}`, { method, body, headers: { origin: from } })
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    }
  })

  test.each([
    '/authorize',
    '/sign-in',
    '/account/connections',
    '/admin',
    '/logout',
    '/interaction/x/consent',
    '/setup/x',
    '/healthz',
  ])('K09 %s may not be read from another page', async (path) => {
    for (const method of ['GET', 'OPTIONS']) {
      const { headers } = await ask(`${app.issuer}${path}`, { method, headers: { origin } })
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })

  test('K09 a refusal can be read by the page that caused it', async () => {
    const answer = await registerRaw(app, { redirect_uris: ['javascript:x'] }, { origin })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const management = await ask(`${app.issuer}/register/${client.client_id}`, { headers: { origin } })
    expect(management.headers.get('access-control-allow-origin')).toBe('*')
  })
})

test.each(['state', 'scope', 'client_id', 'response_type', 'login_hint', 'nonce'])(
  'K10 a line break in %s ends in no header',
  async (name) => {
    const answer = await authorize(app, client.client_id, {
      redirect_uri: loopbackRedirect,
      code_challenge: name === 'scope' ? undefined : 'x',
      [name]: 'a\r\nSet-Cookie: planted=1\r\n\r\n<html>',
    })
    expect(answer.headers.getSetCookie().join()).not.toContain('planted')
    expect(JSON.stringify([...answer.headers])).not.toContain('planted=1\r')
    expect(answer.status).toBe(400)
  },
)

describe('K13 faults', () => {
  const internals = /node_modules|\/src\/|\.ts:\d|SELECT|SQLITE|prisma|oidc-provider|at \w+ \(|stack/i

  test.each([
    '/%',
    '/%ff',
    '/authorize?%ff=%ff&client_id=%ff',
    '/authorize?client_id=%00',
    '/authorize?client_id[]=x&client_id[a]=b',
    '/authorize?__proto__=x&constructor=y',
    '/authorize/%ff',
    '/authorize/x',
    '/register/%ff',
    '/register/a/b/c',
    '/interaction/%ff/consent',
    '/interaction/__proto__/sign-in',
    '/setup/%ff',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%00',
    '/account/%ff',
    '/admin/clients/%ff',
    '/nothing-here',
  ])('K13 %s is a plain refusal', async (path) => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
      const answer = await raw(
        path,
        { 'content-type': 'application/x-www-form-urlencoded' },
        method,
        method === 'GET' ? undefined : 'x=%ff%00',
      )
      expect(answer.status).toBeLessThan(500)
      expect(answer.body).not.toMatch(internals)
      expect(answer.headers['x-powered-by']).toBeUndefined()
    }
  })

  test.each(['token', 'revoke', 'introspect', 'par', 'register'])(
    'K13 odd bytes at /%s are a plain refusal',
    async (path) => {
      const types = ['application/x-www-form-urlencoded', 'application/json']
      const bodies = [
        '',
        '\0',
        '%ff=%ff',
        '{"a":1n}',
        '[[[[',
        `{"redirect_uris":["\ud800"]}`,
        'grant_type=%00&client_id=%ff',
        'client_id=x&grant_type=refresh_token&refresh_token=%00',
      ]
      for (const type of types) {
        for (const body of bodies) {
          const answer = await raw(`/${path}`, { 'content-type': type }, 'POST', body)
          expect(answer.status).toBeGreaterThanOrEqual(400)
          expect(answer.status).toBeLessThan(500)
          expect(answer.body).not.toMatch(internals)
          expect(() => JSON.parse(answer.body)).not.toThrow()
        }
      }
    },
  )

  test('K13 a database that fails is our fault, told in general words with an id, on pages and as JSON', async () => {
    const broken = await startApp()
    const someone = await register(broken)
    const fault = new Error('SQLITE_IOERR in SELECT secret FROM client at /src/db/sqlite.ts:1')
    const reads = vi.spyOn(broken.app.rooms.database.sql, 'get').mockRejectedValue(fault)
    const posted = await post(`${broken.issuer}/token`, {
      grant_type: 'refresh_token',
      client_id: someone.client_id,
      refresh_token: 'x',
    })
    expect(posted.body).not.toMatch(internals)
    const unknown = await post(`${broken.issuer}/token`, {
      grant_type: 'refresh_token',
      client_id: 'new',
      refresh_token: 'x',
    })
    expect(unknown.status).toBeGreaterThanOrEqual(500)
    expect(String(parsed(unknown).error)).toMatch(/server_error|temporarily_unavailable/)
    expect(unknown.body).not.toMatch(internals)
    const page = await authorize(broken, 'new')
    expect(page.status).toBeGreaterThanOrEqual(500)
    expect(errorOf(page.body)).toMatch(/server_error|temporarily_unavailable/)
    expect(page.body).not.toMatch(internals)
    expect((await ask(`${broken.issuer}/jwks`)).status).toBe(200)
    reads.mockRestore()
    expect((await post(`${broken.issuer}/token`, { grant_type: 'x', client_id: someone.client_id })).status).toBe(400)
  })
})

test('K08 a form that is too large gets its answer, and the connection goes on', async () => {
  const answer = await ask(`${app.issuer}/sign-in`, {
    method: 'POST',
    headers: { origin: app.issuer, 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ email: 'x'.repeat(1_000_000) }),
  })
  expect(answer.status).toBe(413)
  expect(errorOf(answer.body)).toBe('form_too_large')
  expect((await ask(`${app.issuer}/sign-in`)).status).toBe(200)
})
