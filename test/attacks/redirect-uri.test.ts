import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { authorizationRequest, decide, register } from '../support/flow.ts'
import {
  ask,
  authorize,
  authorizeParams,
  count,
  expectJsonError,
  expectPage,
  expectSentBack,
  loopbackRedirect,
  operatorClient,
  pairs,
  registerRaw,
  webRedirect,
} from './stage.ts'

// An answer goes to a registered address, byte for byte, or nowhere (RFC 9700 §4.1; OAuth 2.1 §2.3).

let app: TestApp
let person: TestPerson
let web: string
let native: string

beforeAll(async () => {
  app = await startApp()
  person = await app.person()
  web = (await register(app, { redirect_uris: [webRedirect] })).client_id
  native = (await register(app, { redirect_uris: ['http://127.0.0.1/cb'] })).client_id
  await operatorClient(app, { clientId: 'vouched', tokenEndpointAuthMethod: 'none' })
})
afterAll(() => app.close())

async function expectRefused(clientId: string, redirectUri: string): Promise<void> {
  const interactions = await count(app, 'interaction')
  const answer = await authorize(app, clientId, { redirect_uri: redirectUri })
  expectPage(answer, 'invalid_redirect_uri', app)
  expect(answer.headers.getSetCookie()).toEqual([])
  expect(await count(app, 'interaction')).toBe(interactions)
}

async function expectNotRegistrable(redirectUri: unknown, more: object = {}): Promise<void> {
  const clients = await count(app, 'client')
  const answer = await registerRaw(app, { redirect_uris: [redirectUri], ...more })
  expectJsonError(answer, 400, 'invalid_redirect_uri')
  expect(await count(app, 'client')).toBe(clients)
}

describe('at the authorization endpoint', () => {
  test('A01 an unregistered redirect gets a page and no Location, from a vouched client, too', async () => {
    await expectRefused(web, 'https://evil.example/cb')
    await expectRefused('vouched', 'https://evil.example/cb')
  })

  test.each(['https://app.example.com/cb/x', 'https://app.example.com/cbx', 'https://app.example.com/c'])(
    'A02 a longer or shorter path is another address: %s',
    (uri) => expectRefused(web, uri),
  )

  test.each([
    'https://app.example.com.evil.example/cb',
    'https://evilapp.example.com/cb',
    'https://appXexample.com/cb',
  ])('A03 a host that only looks alike is another host: %s', (uri) => expectRefused(web, uri))

  test.each([
    'https://app.example.com@evil.example/cb',
    'https://user@app.example.com/cb',
    'https://app.example.com:443@evil.example/cb',
  ])('A04 user information never passes: %s', (uri) => expectRefused(web, uri))

  test('A04 user information never passes for a loopback client either', () =>
    expectRefused(native, 'http://127.0.0.1:1@evil.example/cb'))

  test.each([
    'https://APP.example.com/cb',
    'HTTPS://app.example.com/cb',
    'https://app.example.com/CB',
    'https://app.example.com:443/cb',
    'https://app.example.com/cb/',
    'https://app.example.com/x/../cb',
    'https://app.example.com/./cb',
    'https://app.example.com/%63b',
    'https://app.example.com%2fcb',
    'https://app.example.com//cb',
  ])('A05 nothing is normalised before bytes are compared: %s', (uri) => expectRefused(web, uri))

  test.each(['https://app.example.com/cb?a=b', 'https://app.example.com/cb?', 'https://app.example.com/cb?&'])(
    'A06 a query that is not registered is another address: %s',
    (uri) => expectRefused(web, uri),
  )

  test('A06 a registered query in another order is another address', async () => {
    const { client_id } = await register(app, { redirect_uris: [`${webRedirect}?a=1&b=2`] })
    await expectRefused(client_id, `${webRedirect}?b=2&a=1`)
  })

  test.each([`${webRedirect}#x`, `${webRedirect}#`])('A07 a fragment never passes: %s', (uri) =>
    expectRefused(web, uri),
  )

  test('A07 a fragment cannot be registered', () => expectNotRegistrable(`${webRedirect}#x`))

  test.each([
    'javascript:alert(1)//',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/x',
  ])('A09 a dangerous scheme gets a page: %s', (uri) => expectRefused(web, uri))

  test('A12 a loopback client may use any port, and only the port', async () => {
    const ephemeral = 'http://127.0.0.1:51234/cb'
    const page = await decide(
      new Browser(app.issuer),
      authorizationRequest(app, native, { redirect_uri: ephemeral }),
      person,
    )
    const callback = new URL(page.url)
    expect(callback.origin + callback.pathname).toBe(ephemeral)
    expect(callback.searchParams.get('code')).toMatch(/^[\w-]{43}$/)
    for (const uri of [
      'http://127.0.0.1:51234/other',
      'http://localhost:51234/cb',
      'https://127.0.0.1:51234/cb',
      'http://[::1]:51234/cb',
      'http://127.0.0.2:51234/cb',
      'http://127.0.0.1:51234/cb?x=1',
      'http://127.0.0.1:99999/cb',
    ]) {
      await expectRefused(native, uri)
    }
  })

  test('A12 a web client has its one port', async () => {
    await expectRefused(web, 'https://app.example.com:8443/cb')
  })

  test.each(['\r\nSet-Cookie: a=b', '\n', '\t', '\0', '\\', ' ', '\u2028'])(
    'A14 control characters in a redirect end on a page and in no header: %j',
    async (inside) => {
      const answer = await authorize(app, web, { redirect_uri: `https://app.example.com/cb${inside}` })
      expectPage(answer, 'invalid_redirect_uri', app)
      expect(answer.headers.get('set-cookie') ?? '').not.toContain('a=b')
    },
  )

  test.each(['redirect_uri', 'client_id'])('A19 a doubled %s gets a page', async (name) => {
    const params = authorizeParams('vouched')
    const answer = await ask(`${app.issuer}/authorize?${pairs({ ...params, [name]: [String(params[name]), 'x'] })}`)
    // A doubled client_id names no client, a doubled redirect_uri no address: neither can be answered elsewhere.
    expectPage(answer, 'invalid_request', app)
  })

  test('A19 a doubled redirect_uri gets a page even when both are registered', async () => {
    expectPage(await authorize(app, 'vouched', { redirect_uri: [webRedirect, webRedirect] }), 'invalid_request', app)
  })

  test('A19 a doubled state goes back without a state', async () => {
    const answer = await authorize(app, 'vouched', { state: ['one', 'two'] })
    expectSentBack(answer, 'invalid_request', app, webRedirect, null)
  })
})

describe('at registration', () => {
  test.each([
    'https://*.example.com/cb',
    'https://example.com/*',
    'https://app.example.com/cb?x=*',
    'http://127.0.0.1:*/cb',
  ])('A08 a wildcard is refused: %s', (uri) => expectNotRegistrable(uri))

  test.each(
    [
      'javascript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'file:///etc/passwd',
      'blob:https://app.example.com/x',
      'about:blank',
      'view-source:https://app.example.com/',
      'intent://x/y#Intent;end',
    ].flatMap((uri) => [
      uri,
      uri.replace(/^./, (c) => c.toUpperCase()),
      ` ${uri}`,
      `\t${uri}`,
      `java\tscript:alert(1)`,
    ]),
  )('A09 a dangerous scheme is refused: %j', (uri) => expectNotRegistrable(uri))

  test.each(['web', 'native', undefined])(
    'A10 http to another machine is refused, application_type %s',
    async (type) => {
      await expectNotRegistrable('http://evil.example/cb', { application_type: type })
    },
  )

  test.each([
    'http://localhost.evil.example/cb',
    'http://127.0.0.1.nip.io/cb',
    'http://2130706433/cb',
    'http://0x7f.1/cb',
    'http://[::ffff:127.0.0.1]/cb',
    'http://127.0.0.2/cb',
    'http://127.1/cb',
    'http://0.0.0.0/cb',
    'http://localhost./cb',
  ])('A11 only the three literal loopback names are this computer: %s', (uri) => expectNotRegistrable(uri))

  test('A11 the three loopback names can be registered', async () => {
    for (const host of ['127.0.0.1', '[::1]', 'localhost:3000']) {
      expect((await registerRaw(app, { redirect_uris: [`http://${host}/cb`] })).status).toBe(201)
    }
  })

  // Ours (design §3): editors register scheme://name/path, which is allowed beside the reverse domain of RFC 8252 §7.1.
  test.each(['foo:/cb', 'foo:cb', 'foo://cb', 'com.example.app:cb', 'mailto:a@b.example', 'ms-settings:x'])(
    'A13 a private scheme that names no program is refused: %s',
    (uri) => expectNotRegistrable(uri),
  )

  test.each(['com.example.app:/cb', 'com.example.app://oauth/cb', 'cursor://anysphere.cursor-mcp/oauth/callback'])(
    'A13 a private scheme as real programs use it is allowed, to the byte: %s',
    async (uri) => {
      const client = await register(app, { redirect_uris: [uri] })
      const page = await decide(
        new Browser(app.issuer),
        authorizationRequest(app, client.client_id, { redirect_uri: uri }),
        person,
      )
      expect(page.url.split('?')[0]).toBe(uri)
      await expectRefused(client.client_id, `${uri}/x`)
    },
  )

  test.each(['\r', '\n', '\t', '\0', '\\', '\u202e', '\u200b'])(
    'A14 a control character is refused and never echoed: %j',
    async (inside) => {
      const answer = await registerRaw(app, { redirect_uris: [`https://app.example.com/${inside}cb`] })
      expectJsonError(answer, 400, 'invalid_redirect_uri')
      expect(answer.body).not.toContain(JSON.stringify(inside).slice(1, -1))
    },
  )

  test('A15 a look-alike host is kept and shown as punycode', async () => {
    const client = await register(app, { redirect_uris: ['https://аpple.example/cb'] })
    expect(client.redirect_uris).toEqual(['https://xn--pple-43d.example/cb'])
    const rows = await app.app.rooms.database.sql.all<{ redirect_hosts: string }>(
      'SELECT redirect_hosts FROM client WHERE id = ?',
      [client.client_id],
    )
    expect(rows).toEqual([{ redirect_hosts: 'xn--pple-43d.example' }])
    const browser = new Browser(app.issuer)
    const [redirect_uri] = client.redirect_uris
    const request = authorizationRequest(app, client.client_id, { redirect_uri })
    let page = await browser.open(request.url)
    page = await browser.submit(page, { email: person.email, password: person.password })
    page = await browser.goOn(page)
    expect(page.name).toBe('consent')
    expect(page.body).toContain('xn--pple-43d.example')
    expect(page.body).not.toContain('аpple')
    await expectRefused(client.client_id, 'https://apple.example/cb')
  })

  test.each(['iss=x', 'code=y', 'state=z', 'error=e', 'ISS=x', 'a=1&error_description=e'])(
    'A20 a redirect whose query holds a name of the answer is refused: %s',
    (query) => expectNotRegistrable(`${webRedirect}?${query}`),
  )

  test('A20 a harmless registered query stays, and each name of the answer comes once', async () => {
    const uri = `${loopbackRedirect}?tenant=a`
    const client = await register(app, { redirect_uris: [uri] })
    const page = await decide(
      new Browser(app.issuer),
      authorizationRequest(app, client.client_id, { redirect_uri: uri }),
      person,
    )
    const { searchParams } = new URL(page.url)
    for (const name of ['tenant', 'code', 'state', 'iss']) expect(searchParams.getAll(name)).toHaveLength(1)
  })
})
