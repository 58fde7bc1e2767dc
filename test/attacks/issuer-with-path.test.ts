import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, notes, startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { authorizationRequest, connect, decide, refresh, register } from '../support/flow.ts'
import { protocolRoutes } from '../support/routes.ts'
import { ask, authorize, continueOf, errorOf, parsed, post, webRedirect } from './stage.ts'

// Metadata is found under every spelling, says the same everywhere, and costs nothing the second time.

describe.each([
  ['at the root', ''],
  ['with a path', '/auth'],
  ['with a long path', '/tenants/one'],
])('an issuer %s', (_title, path) => {
  let app: TestApp
  let person: TestPerson
  let origin: string

  beforeAll(async () => {
    const port = String(await freePort())
    origin = `http://localhost:${port}`
    app = await startApp({ settings: { ISSUER: `${origin}${path}`, PORT: port } })
    person = await app.person()
  })
  afterAll(() => app.close())

  test('every spelling of the metadata address gives the same bytes', async () => {
    const spellings = [
      `/.well-known/oauth-authorization-server${path}`,
      `/.well-known/openid-configuration${path}`,
      `${path}/.well-known/openid-configuration`,
      `${path}/.well-known/oauth-authorization-server`,
    ]
    const bodies = new Set<string>()
    for (const spelling of spellings) {
      const answer = await ask(`${origin}${spelling}`)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
      bodies.add(answer.body)
    }
    expect(bodies.size).toBe(1)
    const metadata: Record<string, unknown> = JSON.parse([...bodies][0] ?? '')
    // RFC 8414 §3.3: byte for byte what the client began with.
    expect(metadata.issuer).toBe(app.issuer)
    for (const [name, value] of Object.entries(metadata)) {
      if (/_endpoint$|_uri$/.test(name)) expect(String(value)).toMatch(new RegExp(`^${app.issuer}/`))
    }
    expect(metadata).toMatchObject({
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      client_id_metadata_document_supported: true,
    })
  })

  test('metadata, keys and revocations carry a tag, and 304 answers it', async () => {
    const urls = [
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${app.issuer}/jwks`,
      `${app.issuer}/revocations`,
    ]
    for (const url of urls) {
      const first = await ask(url)
      const etag = first.headers.get('etag') ?? ''
      expect(etag).toMatch(/^"[\w-]+"$/)
      expect(first.headers.get('cache-control')).toMatch(/max-age=\d+/)
      for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const second = await ask(url, { headers: { 'if-none-match': tag } })
        expect([tag, second.status, second.body]).toEqual([tag, 304, ''])
        expect(second.headers.get('etag')).toBe(etag)
        expect(second.headers.get('cache-control')).toBe(first.headers.get('cache-control'))
      }
      expect((await ask(url, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
      expect((await ask(url, { method: 'HEAD' })).headers.get('content-length')).toBe(String(first.body.length))
      const posted = await ask(url, { method: 'POST' })
      expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
  })

  test('the whole job works below it: registration, pages, code, token, refresh, management, revocation', async () => {
    const { client, accessToken, refreshToken, callback } = await connect(app, person)
    expect(callback.searchParams.getAll('iss')).toEqual([app.issuer])
    const keys = createRemoteJWKSet(new URL(`${app.issuer}/jwks`))
    await jwtVerify(accessToken, keys, { issuer: app.issuer, audience: notes.identifier, typ: 'at+jwt' })
    const next = await refresh(app, client, refreshToken)
    expect(next.status).toBe(200)
    expect(client.registration_client_uri).toBe(`${app.issuer}/register/${client.client_id}`)
    const managed = await ask(client.registration_client_uri, {
      headers: { authorization: `Bearer ${client.registration_access_token}` },
    })
    expect(managed.status).toBe(200)
    const revoked = await post(`${app.issuer}/revoke`, { client_id: client.client_id, token: next.body.refresh_token })
    expect(revoked.status).toBe(200)
    expect((await refresh(app, client, next.body.refresh_token ?? '')).body.error).toBe('invalid_grant')
  })

  test('E06 another spelling of the resource works below it, too', async () => {
    const { accessToken } = await connect(app, person, { resource: 'HTTP://LOCALHOST:9728/mcp/' })
    expect(JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()).aud).toBe(notes.identifier)
  })

  test('A16 a refusal stops at our page below it, too, and deny comes back', async () => {
    const client = await register(app, { redirect_uris: [webRedirect] })
    const answer = await authorize(app, client.client_id, { scope: 'nothing:known', resource: `${notes.identifier}/` })
    expect([answer.status, errorOf(answer.body)]).toEqual([400, 'invalid_scope'])
    expect(continueOf(answer.body)).toMatch(/^https:\/\/app\.example\.com\/cb\?/)
    const browser = new Browser(app.issuer)
    const request = authorizationRequest(app, client.client_id, { redirect_uri: webRedirect })
    const denied = await decide(browser, request, person, { decision: 'deny' })
    expect((await browser.goOn(denied)).url).toContain('error=access_denied')
  })

  test('cookies stay below the issuer, are HttpOnly and lax', async () => {
    const client = await register(app, { redirect_uris: [webRedirect] })
    const answer = await authorize(app, client.client_id)
    const cookies = answer.headers.getSetCookie()
    expect(cookies.length).toBeGreaterThan(0)
    for (const cookie of cookies) {
      expect(cookie.toLowerCase()).toContain('httponly')
      expect(cookie.toLowerCase()).toContain('samesite=lax')
      expect(cookie.toLowerCase()).not.toContain('domain=')
    }
  })

  test('beside it nothing answers, at the root everything does', async () => {
    const beside = path === '' ? [] : [...protocolRoutes, '/jwks', '/revocations', '/sign-in', `${path}x/token`]
    for (const one of beside) {
      expect((await ask(`${origin}${one}`)).status).toBe(404)
    }
    expect(parsed(await post(`${app.issuer}/token`, {})).error).toBe('invalid_request')
  })
})
