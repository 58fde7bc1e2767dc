import { createServer, request, type Server } from 'node:http'
import express from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireToken, serveResourceMetadata } from '../../verifier/src/express.ts'
import type { Verifier } from '../../verifier/src/index.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let verifier: Verifier
let server: Server
let port: number
let reached: unknown[] = []

beforeAll(async () => {
  issuer = await startIssuer()
  verifier = issuer.verifier()
  const app = express()
  app.use(serveResourceMetadata(verifier))
  app.use(express.urlencoded({ extended: false }))
  const gate = requireToken(verifier, {
    scopes: (asked) => {
      if (asked.url === '/throws') throw new Error('database is away')
      return asked.url === '/write' ? ['notes:write'] : []
    },
  })
  app.use('/mcp', gate, (asked, answer) => {
    reached.push(asked.auth)
    answer.json({ sub: asked.auth?.extra?.sub })
  })
  app.use((_error: unknown, _asked: unknown, answer: express.Response, _next: unknown) => {
    answer.status(500).end('fault')
  })
  server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await issuer.close()
})

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

// http.request, because fetch would not send two Authorization headers, nor another Host.
function ask(path: string, headers: string[] = [], method = 'POST', body = ''): Promise<Answer> {
  reached = []
  return new Promise((resolve, reject) => {
    const all = ['Host', `127.0.0.1:${port}`, 'Content-Length', String(body.length), ...headers]
    const outgoing = request({ port, path, method, headers: all }, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }))
    })
    outgoing.on('error', reject).end(body)
  })
}

const bearer = async (changes = {}) => ['Authorization', `Bearer ${await issuer.mint(changes)}`]

describe('middleware', () => {
  test('a good token reaches the handler, with req.auth set', async () => {
    const answer = await ask('/mcp', await bearer())
    expect([answer.status, answer.body]).toEqual([200, '{"sub":"account-1"}'])
    expect(answer.headers['access-control-expose-headers']).toContain('WWW-Authenticate')
    expect(reached).toMatchObject([{ clientId: 'client-1', claims: { sub: 'account-1' } }])
  })

  test('V01 V03 V05 V08 refusals never reach the handler', async () => {
    const cases: readonly (readonly [string[], number])[] = [
      [[], 401],
      [['Authorization', 'Basic YTpi'], 401],
      [['Authorization', 'Bearer '], 400],
      [['Authorization', `Bearer ${'x'.repeat(9000)}`], 401],
      [await bearer({ aud: 'https://other.example' }), 401],
      [['Authorization', `Bearer ${await issuer.mint({}, { alg: 'none' })}`], 401],
    ]
    for (const [headers, status] of cases) {
      const answer = await ask('/mcp', headers)
      expect([answer.status, reached]).toEqual([status, []])
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer .*resource_metadata="http:\/\/localhost:9728\//)
    }
  })

  test('V02 two Authorization headers are 400, also when the first is good', async () => {
    const good = await bearer()
    expect((await ask('/mcp', [...good, 'Authorization', 'Bearer x'])).status).toBe(400)
    expect((await ask('/mcp', [...good, ...good])).status).toBe(400)
    expect((await ask('/mcp', [...good, 'authorization', 'Basic YTpi'])).status).toBe(400)
    expect(reached).toEqual([])
  })

  test('V04 tokens in query and form are not read; beside one in the header they are 400', async () => {
    const token = await issuer.mint()
    const form = ['Content-Type', 'application/x-www-form-urlencoded']
    expect((await ask(`/mcp?access_token=${token}`)).status).toBe(401)
    expect((await ask('/mcp', form, 'POST', `access_token=${token}`)).status).toBe(401)
    expect((await ask(`/mcp?access_token=${token}`, await bearer())).status).toBe(400)
    expect((await ask('/mcp', [...form, ...(await bearer())], 'POST', `access_token=${token}`)).status).toBe(400)
    expect((await ask('/mcp', [...form, ...(await bearer())], 'POST', 'a=b')).status).toBe(200)
  })

  test('V29 a scopes function of the request: 403', async () => {
    const answer = await ask('/mcp/write', await bearer())
    expect([answer.status, reached]).toEqual([403, []])
    expect(answer.headers['www-authenticate']).toContain('scope="notes:write"')
    expect((await ask('/mcp/write', await bearer({ scope: 'notes:write' }))).status).toBe(200)
  })

  test('V44 a fault in a scopes function goes to the error handler, and nobody is let in', async () => {
    const answer = await ask('/mcp/throws', await bearer())
    expect([answer.status, answer.body, reached]).toEqual([500, 'fault', []])
  })

  test('V45 a preflight is answered here; every other method and spelling is guarded or unknown', async () => {
    const preflight = await ask(
      '/mcp',
      ['Access-Control-Request-Method', 'POST', 'Origin', 'https://page.example'],
      'OPTIONS',
    )
    expect([preflight.status, reached]).toEqual([204, []])
    for (const method of ['OPTIONS', 'HEAD', 'GET', 'PUT', 'DELETE', 'PATCH'])
      expect((await ask('/mcp', [], method)).status, method).toBe(401)
    for (const path of ['//mcp', '/MCP', '/mcp/', '/mcp//x', '/%6dcp', '/x/../mcp']) {
      expect([401, 404], path).toContain((await ask(path)).status)
      expect(reached).toEqual([])
    }
  })

  test('V50 V53 another Host changes nothing', async () => {
    const answer = await ask('/mcp', ['X-Forwarded-Host', 'evil.example', 'X-Forwarded-Proto', 'https'])
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer scope="notes:read", resource_metadata="http://localhost:9728/.well-known/oauth-protected-resource/mcp"',
    )
  })

  test('V49 the metadata is served before the gate', async () => {
    for (const path of ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource?x=1']) {
      const answer = await ask(path, [], 'GET')
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.body)).toMatchObject({ resource: issuer.resource, authorization_servers: [issuer.url] })
    }
  })
})
