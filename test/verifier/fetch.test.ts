import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requireToken, serveResourceMetadata, withCors } from '../../verifier/src/fetch.ts'
import type { Verifier } from '../../verifier/src/index.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let verifier: Verifier

beforeAll(async () => {
  issuer = await startIssuer()
  verifier = issuer.verifier()
})
afterAll(() => issuer.close())

const ask = (init: RequestInit = {}, url = 'http://localhost:9728/mcp') => new Request(url, init)
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const metadata = 'resource_metadata="http://localhost:9728/.well-known/oauth-protected-resource/mcp"'

async function refuse(request: Request, options = {}): Promise<Response> {
  const answer = await requireToken(verifier, options)(request)
  if (!(answer instanceof Response)) throw new Error('the gate let it through')
  return answer
}

describe('gate', () => {
  test('a good token comes back in the shape of the MCP SDKs', async () => {
    const token = await issuer.mint()
    const auth = await requireToken(verifier, { scopes: ['notes:read'] })(ask(bearer(token)))
    expect(auth).toMatchObject({
      token,
      clientId: 'client-1',
      scopes: ['notes:read'],
      expiresAt: issuer.claims().exp,
      resource: new URL(issuer.resource),
      resourceMetadataUrl: verifier.metadataUrl,
      extra: { iss: issuer.url, sub: 'account-1' },
      claims: { sub: 'account-1' },
    })
  })

  test('V01 no credentials: 401 without error and without body', async () => {
    const answer = await refuse(ask())
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer scope="notes:read", ${metadata}`)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.text()).toBe('')
  })

  test('a page of another origin may read the challenge', async () => {
    for (const request of [ask(), ask(bearer('x')), ask({ headers: { authorization: 'Bearer' } })]) {
      const answer = await refuse(request)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
    }
    const own = withCors(new Response('x', { status: 201, headers: { 'x-own': '1' } }))
    expect([own.status, own.headers.get('x-own')]).toEqual([201, '1'])
    expect(own.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
  })

  test('a bad token: 401 invalid_token, the same for every fault', async () => {
    const bad = [await issuer.mint({ aud: 'x' }), await issuer.mint({ exp: 1 }), `${await issuer.mint()}x`, 'x']
    const answers = await Promise.all(bad.map(async (token) => refuse(ask(bearer(token)))))
    const seen = await Promise.all(
      answers.map(async (answer) => [answer.status, answer.headers.get('www-authenticate'), await answer.text()]),
    )
    expect(new Set(seen.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(seen[0]?.[0]).toBe(401)
    expect(seen[0]?.[1]).toContain('error="invalid_token"')
  })

  test('V02 V03 malformed and repeated credentials: 400', async () => {
    const twice = new Headers({ authorization: 'Bearer a' })
    twice.append('authorization', 'Bearer b')
    expect((await refuse(ask({ headers: twice }))).status).toBe(400)
    expect((await refuse(ask({ headers: { authorization: 'Bearer a b' } }))).status).toBe(400)
  })

  test('V04 a token in the query is not read; beside one in the header it is 400', async () => {
    const token = await issuer.mint()
    const url = `http://localhost:9728/mcp?access_token=${token}`
    const alone = await refuse(ask({}, url))
    expect([alone.status, alone.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer scope="notes:read", ${metadata}`,
    ])
    const both = await refuse(ask(bearer(token), url))
    expect(both.status).toBe(400)
    expect(JSON.stringify([...both.headers]) + (await both.text())).not.toContain(token)
  })

  test('V29 a missing scope: 403 with all the scopes of this operation', async () => {
    const answer = await refuse(ask(bearer(await issuer.mint())), {
      scopes: async (request: Request) => (request.method === 'GET' ? ['notes:read', 'notes:write'] : []),
    })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
    expect(answer.headers.get('www-authenticate')).toContain('scope="notes:read notes:write"')
    expect(await answer.json()).toMatchObject({ error: 'insufficient_scope' })
  })

  test('V34 keys that cannot be had: 503 with Retry-After and no challenge', async () => {
    const broken = issuer.verifier({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
    const answer = await requireToken(broken)(ask(bearer(await issuer.mint())))
    if (!(answer instanceof Response)) throw new Error('the gate let it through')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.headers.has('www-authenticate')).toBe(false)
  })

  test('V44 what a scopes function throws is thrown on, and nobody is let in', async () => {
    const gate = requireToken(verifier, { scopes: () => Promise.reject(new Error('database is away')) })
    await expect(gate(ask(bearer(await issuer.mint())))).rejects.toThrow('database is away')
  })

  test('V45 a preflight is answered here; every other method needs a token', async () => {
    const preflight = await refuse(
      ask({
        method: 'OPTIONS',
        headers: {
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,mcp-protocol-version',
        },
      }),
    )
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,mcp-protocol-version')
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    for (const method of ['OPTIONS', 'HEAD', 'GET', 'DELETE', 'POST'])
      expect((await refuse(ask({ method }))).status, method).toBe(401)
  })

  test('V46 V50 V53 nothing of the request reaches identity or challenge', async () => {
    const headers = { host: 'evil.example"', 'x-forwarded-host': 'evil.example', 'x-user-id': 'root' }
    const answer = await refuse(ask({ headers }, 'http://evil.example/mcp"%0d%0a'))
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer scope="notes:read", ${metadata}`)
    const auth = await requireToken(verifier)(
      ask({ headers: { ...headers, ...bearer(await issuer.mint()).headers } }, 'http://evil.example/mcp'),
    )
    expect(auth).toMatchObject({ extra: { sub: 'account-1' } })
  })
})

describe('metadata', () => {
  const serve = (path: string, init: RequestInit = {}) =>
    serveResourceMetadata(verifier)(ask(init, `http://localhost:9728${path}`))

  test('V49 is served at the path of the resource and at the root, to any origin, for a while', async () => {
    for (const path of ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource']) {
      const answer = serve(path)
      expect(answer?.status).toBe(200)
      expect(answer?.headers.get('content-type')).toBe('application/json')
      expect(answer?.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer?.headers.get('cache-control')).toBe('public, max-age=300')
      expect(await answer?.json()).toEqual({
        resource: issuer.resource,
        authorization_servers: [issuer.url],
        bearer_methods_supported: ['header'],
        scopes_supported: ['notes:read'],
      })
    }
  })

  test('V49 answers nothing but its own paths, and reads only', async () => {
    for (const path of [
      '/mcp',
      '/.well-known/oauth-protected-resource/',
      '/.well-known/oauth-protected-resource/other',
    ])
      expect(serve(path)).toBeUndefined()
    expect(serve('/.well-known/oauth-protected-resource', { method: 'POST' })?.status).toBe(405)
    expect(serve('/.well-known/oauth-protected-resource', { method: 'OPTIONS' })?.status).toBe(204)
    const head = serve('/.well-known/oauth-protected-resource', { method: 'HEAD' })
    expect([head?.status, await head?.text()]).toEqual([200, ''])
  })
})
