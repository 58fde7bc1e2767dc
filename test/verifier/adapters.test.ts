import fastify from 'fastify'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { authOf } from '../../verifier/src/fastify.ts'
import type { Verifier } from '../../verifier/src/index.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'
import { setups, startServer, type TestServer } from './servers.ts'

const tools = { read_note: ['notes:read'], delete_note: ['notes:read', 'notes:delete'], whoami: [] }
const metadata = 'resource_metadata="http://localhost:9728/.well-known/oauth-protected-resource/mcp"'
const json = ['Content-Type', 'application/json']

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

const bearer = async (changes = {}) => ['Authorization', `Bearer ${await issuer.mint(changes)}`]
const call = (name: unknown, more = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} }, ...more })

describe.each(Object.keys(setups))('%s', (framework) => {
  let verifier: Verifier
  let server: TestServer

  beforeEach(async () => {
    verifier = issuer.verifier({ tools })
    const setup = setups[framework]
    if (setup === undefined) throw new Error(framework)
    server = await startServer(setup, verifier, { maxBodyBytes: 5000 })
  })
  afterEach(() => server.close())

  test('V01 no token: 401 with a bare challenge that pages can read, and nobody is let in', async () => {
    for (const [path, method] of [
      ['/mcp', 'POST'],
      ['/mcp', 'GET'],
      ['/mcp', 'DELETE'],
      ['/plain', 'POST'],
    ] as const) {
      const answer = await server.ask(path, { method, headers: json, body: method === 'POST' ? call('read_note') : '' })
      expect([answer.status, answer.body]).toEqual([401, ''])
      expect(answer.headers['www-authenticate']).toBe(`Bearer scope="notes:read", ${metadata}`)
      expect(answer.headers['access-control-allow-origin']).toBe('*')
      expect(answer.headers['access-control-expose-headers']).toContain('WWW-Authenticate')
      expect(answer.headers['cache-control']).toBe('no-store')
    }
    expect(server.reached).toEqual([])
  })

  test('V40 V46 a good token names who asks; headers and body do not', async () => {
    const headers = [...(await bearer()), ...json, 'X-User-Id', 'root', 'X-Forwarded-User', 'root']
    const answer = await server.ask('/mcp', { headers, body: call('read_note', { _meta: { sub: 'root' } }) })
    expect([answer.status, answer.body, server.reached]).toEqual([200, '{"sub":"account-1"}', ['account-1 tools/call']])
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    const bound = await server.ask('/mcp', {
      headers: [...(await bearer({ cnf: { jkt: 'x' } })), ...json],
      body: call('whoami'),
    })
    expect(bound.status).toBe(401)
  })

  test('V29 a tool is called with all of its scopes or answered once with all of them', async () => {
    const headers = [...(await bearer()), ...json]
    const refused = await server.ask('/mcp', { headers, body: call('delete_note') })
    expect([refused.status, server.reached]).toEqual([403, []])
    expect(refused.headers['www-authenticate']).toBe(
      `Bearer error="insufficient_scope", error_description="the access token does not allow this operation", scope="notes:read notes:delete", ${metadata}`,
    )
    const stepped = [...(await bearer({ scope: 'notes:delete notes:read' })), ...json]
    expect((await server.ask('/mcp', { headers: stepped, body: call('delete_note') })).status).toBe(200)
    expect(
      (await server.ask('/mcp', { headers: [...(await bearer({ scope: '' })), ...json], body: call('whoami') })).status,
    ).toBe(200)
    expect(server.reached).toEqual(['account-1 tools/call', 'account-1 tools/call'])
  })

  test('V27 a tool that is not in the table is refused, whatever it is called', async () => {
    const headers = [...(await bearer({ scope: 'notes:read notes:delete' })), ...json]
    for (const name of ['Read_note', 'read_note ', 'unknown', '__proto__', 'constructor', '*', '']) {
      const answer = await server.ask('/mcp', { headers, body: call(name) })
      // JSON-RPC 2.0 §5: a client finds its call by the id.
      expect(answer.status, name).toBe(400)
      expect(JSON.parse(answer.body), name).toMatchObject({ id: 1, error: { code: -32602 } })
    }
    expect(server.reached).toEqual([])
  })

  test('batches, other JSON and other methods are refused after the token', async () => {
    const headers = [...(await bearer()), ...json]
    for (const body of [
      `[${call('read_note')}]`,
      '[]',
      '"x"',
      'null',
      '{}',
      '{"jsonrpc":"1.0","method":"x"}',
      call(7),
      call(null),
    ]) {
      const answer = await server.ask('/mcp', { headers, body })
      expect(answer.status, body).toBe(400)
      expect(JSON.parse(answer.body), body).toMatchObject({ jsonrpc: '2.0', id: null })
    }
    expect((await server.ask('/mcp', { headers: await bearer(), method: 'PUT' })).status).toBe(405)
    expect((await server.ask('/mcp', { headers: json, body: '[]' })).status).toBe(401)
    expect(server.reached).toEqual([])
  })

  test('a body above the limit is 413, said or only sent', async () => {
    const headers = [...(await bearer()), ...json]
    const body = call('read_note', { filler: 'x'.repeat(6000) })
    expect((await server.ask('/mcp', { headers, body })).status).toBe(413)
    const unsaid = await server.ask('/mcp', { headers, body, saysLength: false })
    // Fastify reads bodies by a limit of its own, and the guard sees what it has parsed.
    expect(unsaid.status).toBe(framework === 'fastify' ? 200 : 413)
    // What is still on its way must not be taken for the next request.
    if (['connect', 'express', 'koa'].includes(framework)) expect(unsaid.headers.connection).toBe('close')
    const small = await server.ask('/mcp', { headers, body: call('read_note'), saysLength: false })
    expect(small.status).toBe(200)
    expect(server.reached).toHaveLength(framework === 'fastify' ? 2 : 1)
  })

  test('a body that is compressed cannot be judged, and is 415', async () => {
    const headers = [...(await bearer()), ...json, 'Content-Encoding', 'gzip']
    const answer = await server.ask('/mcp', { headers, body: call('read_note') })
    // Fastify hands over what it has parsed.
    expect(answer.status).toBe(framework === 'fastify' ? 200 : 415)
    const plain = [...(await bearer()), ...json, 'Content-Encoding', 'identity']
    expect((await server.ask('/mcp', { headers: plain, body: call('read_note') })).status).toBe(200)
  })

  test('notifications, responses and other methods need a good token and no tool', async () => {
    const headers = [...(await bearer({ scope: '' })), ...json]
    for (const body of [
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","id":1,"result":{}}',
    ]) {
      expect((await server.ask('/mcp', { headers, body })).status).toBe(200)
    }
    expect((await server.ask('/mcp', { headers: await bearer(), method: 'DELETE' })).status).toBe(200)
    expect(server.reached).toEqual(['account-1 notifications/initialized', 'account-1', 'account-1'])
  })

  test('V02 V03 V04 doubled, odd and misplaced tokens', async () => {
    const token = await issuer.mint()
    const ask = (headers: string[], path = '/plain') => server.ask(path, { headers })
    expect((await ask(['Authorization', 'Basic YTpi'])).status).toBe(401)
    expect((await ask(['Authorization', 'DPoP abc'])).status).toBe(401)
    expect((await ask(['Authorization', 'Bearer '])).status).toBe(400)
    expect((await ask(['Authorization', `Bearer ${token}, Bearer ${token}`])).status).toBe(400)
    expect((await ask(['Authorization', `bearer ${token}`])).status).toBe(200)
    expect((await ask([], `/plain?access_token=${token}`)).status).toBe(401)
    expect((await ask(['Authorization', `Bearer ${token}`], `/plain?access_token=${token}`)).status).toBe(400)
    expect(server.reached).toEqual(['account-1'])
  })

  test('V44 a fault of the scopes function is a fault, and nobody is let in', async () => {
    const answer = await server.ask('/plain?throws', { headers: await bearer() })
    expect([answer.status, server.reached]).toEqual([500, []])
    expect((await server.ask('/plain?write', { headers: await bearer() })).status).toBe(403)
  })

  test('V45 preflights are answered here; every other method and spelling is guarded or unknown', async () => {
    for (const path of ['/mcp', '/plain']) {
      const preflight = await server.ask(path, {
        method: 'OPTIONS',
        headers: ['Access-Control-Request-Method', 'POST', 'Access-Control-Request-Headers', 'authorization,dpop'],
      })
      expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([204, 'authorization,dpop'])
      for (const method of ['OPTIONS', 'HEAD', 'GET', 'PUT', 'DELETE', 'PATCH'])
        expect((await server.ask(path, { method })).status, method).toBe(401)
    }
    for (const path of ['//mcp', '/MCP', '/mcp/', '/mcp//x', '/%6dcp', '/x/../mcp', '/mcp;x', '/mcp?x=/'])
      expect([400, 401, 404], path).toContain(
        (await server.ask(path, { headers: json, body: call('read_note') })).status,
      )
    // An upgrade is a request like any other where nobody has asked for upgrades.
    const upgrade = ['Connection', 'Upgrade', 'Upgrade', 'websocket', 'Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']
    expect((await server.ask('/mcp', { method: 'GET', headers: upgrade })).status).toBe(401)
    expect(server.reached).toEqual([])
  })

  test('V48 an event stream ends when its token does', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const asked = server.ask('/mcp', { method: 'GET', headers: await bearer() })
      await vi.waitUntil(() => server.reached.length === 1 && vi.getTimerCount() > 0)
      issuer.clock.now = new Date(issuer.clock.now.getTime() + 299_000)
      await vi.advanceTimersByTimeAsync(299_000)
      issuer.clock.now = new Date(issuer.clock.now.getTime() + 1000)
      await vi.advanceTimersByTimeAsync(1000)
      const answer = await asked
      expect([answer.status, answer.body]).toEqual([200, 'data: hello\n\n'])
      expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8')
      expect(answer.headers['access-control-allow-origin']).toBe('*')
    } finally {
      vi.useRealTimers()
    }
  })

  test('V49 V50 V53 the metadata and the challenge come from configuration, not from Host', async () => {
    for (const path of ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource']) {
      const answer = await server.ask(path, { method: 'GET', headers: ['X-Forwarded-Host', 'evil.example"'] })
      expect(answer.status).toBe(200)
      expect(answer.headers['access-control-allow-origin']).toBe('*')
      expect(JSON.parse(answer.body)).toEqual({
        resource: 'http://localhost:9728/mcp',
        authorization_servers: [issuer.url],
        bearer_methods_supported: ['header'],
        scopes_supported: ['notes:read'],
      })
    }
    const answer = await server.ask('/plain', {
      headers: ['X-Forwarded-Host', 'evil.example', 'X-Forwarded-Proto', 'https'],
    })
    expect(answer.headers['www-authenticate']).toBe(`Bearer scope="notes:read", ${metadata}`)
  })
})

test('V44 a Fastify route without its hook lets nobody in', async () => {
  const app = fastify()
  app.get('/open', async (request) => authOf(request))
  const answer = await app.inject({ url: '/open', headers: { authorization: `Bearer ${await issuer.mint()}` } })
  expect([answer.statusCode, answer.json().message]).toEqual([500, expect.stringContaining('passed no gate')])
  await app.close()
})
