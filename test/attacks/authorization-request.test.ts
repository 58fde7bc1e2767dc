import { createServer, request as rawRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { notes, startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { authorizationRequest, decide, obtainCode, redeem, register } from '../support/flow.ts'
import {
  ask,
  authorize,
  authorizeParams,
  challenge,
  count,
  expectJsonError,
  expectPage,
  expectSentBack,
  expectShown,
  operatorClient,
  type Params,
  pairs,
  parsed,
  post,
  registerRaw,
  webRedirect,
} from './stage.ts'

// The authorization request: PKCE without exception, one way to answer, nothing that a stranger can change on the way.

let app: TestApp
let person: TestPerson
let native: string

beforeAll(async () => {
  app = await startApp()
  person = await app.person()
  native = (await register(app)).client_id
  await operatorClient(app, { clientId: 'public', tokenEndpointAuthMethod: 'none' })
  await operatorClient(app, { clientId: 'confidential', tokenEndpointAuthMethod: 'client_secret_basic' })
})
afterEach(() => void vi.useRealTimers())
afterAll(() => app.close())

/** Refused back to the client, nothing begun. */
async function expectRefused(changes: Params, error: string, clientId = 'public'): Promise<void> {
  const before = await Promise.all([count(app, 'interaction'), count(app, 'authorization_code')])
  const answer = await authorize(app, clientId, changes)
  expectSentBack(answer, error, app)
  expect(answer.location).not.toContain('#')
  expect(await Promise.all([count(app, 'interaction'), count(app, 'authorization_code')])).toEqual(before)
}

describe('PKCE', () => {
  test.each(['public', 'confidential'])('B01 a %s client without a challenge is refused', (client) =>
    expectRefused({ code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request', client),
  )

  test('B01 a self-registered client without a challenge is refused, too', async () => {
    const answer = await authorize(app, native, { redirect_uri: undefined, code_challenge: undefined })
    expectShown(answer, 'invalid_request', app, 'http://127.0.0.1:4321/callback')
  })

  test.each(['plain', undefined, 's256', 'S512', ''])('B02 the method %s is refused', (method) =>
    expectRefused({ code_challenge_method: method }, 'invalid_request'),
  )

  test.each([challenge.slice(1), 'a'.repeat(129), `${challenge.slice(1)}!`, `${challenge.slice(2)}é`, '', ' '])(
    'B03 a challenge that is none is refused: %s',
    (code_challenge) => expectRefused({ code_challenge }, 'invalid_request'),
  )
})

test.each<[string | readonly string[] | undefined]>([
  ['token'],
  ['id_token'],
  ['code token'],
  ['code id_token'],
  ['none'],
  [undefined],
  [['code', 'code']],
])('B07 response_type %j is refused, and never in a fragment', async (response_type) => {
  const answer = await authorize(app, 'public', { response_type })
  const error = new URL(answer.location ?? '').searchParams.get('error') ?? ''
  expect(['unsupported_response_type', 'invalid_request']).toContain(error)
  expectSentBack(answer, error, app)
})

test('B08 nothing that comes back with a form or in the address changes the stored request', async () => {
  const client = await register(app)
  const browser = new Browser(app.issuer)
  const request = authorizationRequest(app, client.client_id)
  const tampered = { client_id: 'public', scope: 'notes:delete', resource: 'https://x.example', response_type: 'token' }
  let page = await browser.open(request.url)
  page = await browser.submit(page, { ...tampered, email: person.email, password: person.password })
  const resumeWith = (url: string | undefined) =>
    `${url}?${new URLSearchParams({ ...tampered, redirect_uri: webRedirect })}`
  page = await browser.open(resumeWith(page.continueTo))
  expect(page.name).toBe('consent')
  page = await browser.submit(page, {
    ...tampered,
    decision: 'allow',
    redirect_uri: webRedirect,
    stay_connected: 'yes',
  })
  page = await browser.open(resumeWith(page.continueTo))
  const callback = new URL(page.url)
  expect(callback.origin + callback.pathname).toBe(request.redirectUri)
  const answer = await redeem(app, client, { code: callback.searchParams.get('code') ?? '', request })
  expect(answer.body).toMatchObject({ scope: 'notes:read', token_type: 'Bearer' })
  expect(claimsOf(answer.body.access_token)).toMatchObject({ client_id: client.client_id, aud: notes.identifier })
})

describe('request objects', () => {
  test.each([
    ['unsigned', `${base64({ alg: 'none' })}.${base64({ client_id: 'public', scope: 'notes:delete' })}.`],
    ['no JWT', 'x'],
  ])('B09 a request object is refused: %s', (_title, object) =>
    expectRefused({ request: object }, 'request_not_supported'),
  )

  test('B09 a request_uri is never fetched', async () => {
    let connections = 0
    const listener = createServer((_req, res) => res.end('x')).on('connection', () => {
      connections += 1
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as AddressInfo
    for (const uri of [
      `http://127.0.0.1:${port}/request.jwt`,
      'https://evil.example/request.jwt',
      'urn:x',
      'javascript:x',
    ]) {
      const answer = await authorize(app, 'public', { request_uri: uri })
      const error = new URL(answer.location ?? '').searchParams.get('error') ?? ''
      expect(['request_uri_not_supported', 'invalid_request_uri']).toContain(error)
      expectSentBack(answer, error, app)
    }
    await new Promise((resolve) => listener.close(resolve))
    expect(connections).toBe(0)
  })
})

test.each(['fragment', 'form_post', 'web_message', 'query.jwt', 'jwt', 'pigeon'])(
  'B10 the response mode %s is refused, in the query',
  async (response_mode) => {
    const answer = await authorize(app, 'public', { response_mode })
    const error = new URL(answer.location ?? '').searchParams.get('error') ?? ''
    expect(['invalid_request', 'unsupported_response_mode']).toContain(error)
    expectSentBack(answer, error, app)
  },
)

test('B10 the response mode query is the one there is', async () => {
  const { callback } = await obtainCode(app, { client_id: native }, person, { response_mode: 'query' })
  expect(callback.hash).toBe('')
  const metadata = parsed(await ask(`${app.issuer}/.well-known/oauth-authorization-server`))
  expect(metadata.response_modes_supported).toEqual(['query'])
})

test.each(['claims', 'acr_values', 'ui_locales', 'login_hint', 'state', 'nonce', 'scope'])(
  'B11 a %s of 100 kB is turned away at the door, one of 10 kB does no harm',
  async (name) => {
    const huge = await authorize(app, 'public', { [name]: 'x'.repeat(100_000) })
    expect([400, 414, 431]).toContain(huge.status)
    expect(huge.location).toBeNull()
    const large = await authorize(app, 'public', { [name]: 'x'.repeat(10_000) })
    expect(large.status).toBe(303)
    expect(app.log()).not.toContain('x'.repeat(5000))
  },
)

test('B12 a scope of 50,000 characters or 10,000 entries is refused everywhere', async () => {
  const long = 'x'.repeat(50_000)
  const many = Array.from({ length: 10_000 }, (_, index) => `s${index % 1000}`).join(' ')
  const client = await register(app)
  const { code, request } = await obtainCode(app, client, person)
  const tokens = await redeem(app, client, { code, request })
  for (const scope of [long, many]) {
    expect([414, 431]).toContain((await authorize(app, 'public', { scope })).status)
    const refreshed = await post(`${app.issuer}/token`, {
      grant_type: 'refresh_token',
      client_id: client.client_id,
      refresh_token: tokens.body.refresh_token,
      scope,
    })
    expect(refreshed.status).toBe(400)
    expectJsonError(refreshed, 400, String(parsed(refreshed).error))
    expect((await registerRaw(app, { redirect_uris: [webRedirect], scope })).status).toBe(413)
  }
  // A scope beside the metadata counts for nothing, whatever it is.
  const kept = await registerRaw(app, { redirect_uris: [webRedirect], scope: `notes:read ${'x'.repeat(10_000)}` })
  expect(kept.status).toBe(201)
  expect(parsed(kept).scope).toBeUndefined()
})

test('B13 a code has 256 bits, lives a minute at most and is kept as a digest alone', async () => {
  const { code } = await obtainCode(app, { client_id: native }, person)
  expect(code).toMatch(/^[\w-]{43}$/)
  const rows = await app.app.rooms.database.sql.all<{ digest: string; payload: string; expires_at: number }>(
    'SELECT * FROM authorization_code',
  )
  expect(JSON.stringify(rows)).not.toContain(code)
  for (const row of rows) {
    expect(row.digest).toMatch(/^[\w-]{43}$/)
    expect(row.expires_at - Date.now()).toBeLessThanOrEqual(60_000)
  }
})

describe('the issuer in every answer', () => {
  test('B14 success carries one iss, equal to the metadata', async () => {
    const { callback } = await obtainCode(app, { client_id: native }, person)
    expect(callback.searchParams.getAll('iss')).toEqual([app.issuer])
    const metadata = parsed(await ask(`${app.issuer}/.well-known/oauth-authorization-server`))
    expect(metadata).toMatchObject({ issuer: app.issuer, authorization_response_iss_parameter_supported: true })
  })

  test('B14 a no carries one iss', async () => {
    const browser = new Browser(app.issuer)
    let page = await decide(browser, authorizationRequest(app, native), person, { decision: 'deny' })
    if (page.continueTo !== undefined) page = await browser.goOn(page)
    const { searchParams } = new URL(page.url)
    expect(searchParams.getAll('error')).toEqual(['access_denied'])
    expect(searchParams.getAll('iss')).toEqual([app.issuer])
  })

  test('B14 cancelling the sign-in carries one iss', async () => {
    const browser = new Browser(app.issuer)
    let page = await browser.open(authorizationRequest(app, native).url)
    page = await browser.submit(page, { decision: 'cancel' })
    page = await browser.goOn(page)
    const { searchParams } = new URL(page.url)
    expect(searchParams.getAll('error')).toEqual(['access_denied'])
    expect(searchParams.getAll('iss')).toEqual([app.issuer])
  })
})

describe('pushed requests', () => {
  async function push(clientId: string, changes: Params = {}) {
    const answer = await post(`${app.issuer}/par`, authorizeParams(clientId, changes))
    return { answer, uri: answer.status === 201 ? String(parsed(answer).request_uri) : '' }
  }

  function use(clientId: string, request_uri: string, more: Params = {}) {
    return ask(`${app.issuer}/authorize?${pairs({ client_id: clientId, request_uri, ...more })}`)
  }

  test('B15 a pushed request is used once', async () => {
    const { uri } = await push('public')
    expect((await use('public', uri)).location).toContain('/interaction/')
    const browser = new Browser(app.issuer)
    const page = await decide(
      browser,
      { url: `${app.issuer}/authorize?${pairs({ client_id: 'public', request_uri: (await push('public')).uri })}` },
      person,
    )
    expect(new URL(page.url).searchParams.has('code')).toBe(true)
    const used = await app.app.rooms.database.sql.all<{ consumed_at: number | null }>('SELECT * FROM pushed_request')
    expect(used.filter((row) => row.consumed_at !== null)).not.toEqual([])
  })

  test('B15 a request pushed by another client is refused, and stays good', async () => {
    const redirectUris = ['https://other.example/cb']
    await operatorClient(app, { clientId: 'other', tokenEndpointAuthMethod: 'none', redirectUris })
    const { uri } = await push('public')
    const answer = await use('other', uri)
    expect(answer.location).toMatch(/^https:\/\/other\.example\/cb\?error=invalid_request_object&/)
    expect(answer.location).not.toContain('code=')
    expect((await use('public', uri)).location).toContain('/interaction/')
  })

  test('B15 an expired or invented pushed request is refused', async () => {
    const { uri } = await push('public')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    for (const one of [uri, 'urn:ietf:params:oauth:request_uri:invented']) {
      expectSentBack(await use('public', one), 'invalid_request_uri', app, webRedirect, null)
    }
  })

  test('B15 what stands beside a pushed request counts for nothing', async () => {
    const { uri } = await push('public')
    const browser = new Browser(app.issuer)
    const page = await decide(
      browser,
      {
        url: `${app.issuer}/authorize?${pairs({
          client_id: 'public',
          request_uri: uri,
          scope: 'notes:delete',
          response_type: 'token',
          state: 'planted',
        })}`,
      },
      person,
    )
    const callback = new URL(page.url)
    expect(callback.origin + callback.pathname).toBe(webRedirect)
    expect(callback.searchParams.getAll('state')).toEqual(['the-state'])
    const scopes = await app.app.rooms.database.sql.all("SELECT scopes FROM consent WHERE client_id = 'public'")
    expect(JSON.stringify(scopes)).not.toContain('notes:delete')
    const elsewhere = await use('public', (await push('public')).uri, { redirect_uri: 'https://evil.example/cb' })
    expect(elsewhere.location ?? '').not.toContain('evil.example')
  })

  test('B15 B01 B05 a pushed request without a challenge is refused', async () => {
    const { answer } = await push('public', { code_challenge: undefined })
    expectJsonError(answer, 400, 'invalid_request')
  })

  test('B15 a pushed request is refused for what /authorize refuses', async () => {
    expectJsonError((await push('public', { redirect_uri: 'https://evil.example/cb' })).answer, 400, 'invalid_request')
    expectJsonError((await push('public', { resource: 'https://x.example' })).answer, 400, 'invalid_target')
    expectJsonError((await push('confidential')).answer, 401, 'invalid_client')
  })
})

test('B16 an unknown, a blocked and a removed client get the same status and code', async () => {
  const blocked = (await register(app)).client_id
  await app.app.rooms.clients.block(blocked)
  const removed = (await register(app)).client_id
  await app.app.rooms.clients.remove(removed)
  for (const id of ['never-seen', blocked, removed]) {
    expectPage(await authorize(app, id, { redirect_uri: 'https://evil.example/cb' }), 'invalid_client', app)
  }
})

test('B17 a post from anywhere and a body of a GET begin nothing', async () => {
  const before = await count(app, 'interaction')
  const posted = await ask(`${app.issuer}/authorize`, {
    method: 'POST',
    body: pairs(authorizeParams('public')),
    headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  })
  expect([404, 405]).toContain(posted.status)
  expect(posted.headers.getSetCookie()).toEqual([])
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const body = pairs(authorizeParams('public')).toString()
    const options = {
      method: 'GET',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
    }
    rawRequest(`${app.issuer}/authorize`, options, (res) => resolve(res.resume().statusCode))
      .on('error', reject)
      .end(body)
  })
  expect(status).toBe(400)
  expect(await count(app, 'interaction')).toBe(before)
})

describe('without a page', () => {
  test('B18 prompt=none without a session is login_required', () => expectRefused({ prompt: 'none' }, 'login_required'))

  test('B18 prompt=none without a consent is consent_required', async () => {
    const browser = new Browser(app.issuer)
    let page = await browser.open(`${app.issuer}/sign-in`)
    page = await browser.submit(page, { email: person.email, password: person.password })
    expect(page.name).toBe('connections')
    await operatorClient(app, { clientId: 'fresh', tokenEndpointAuthMethod: 'none' })
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await ask(`${app.issuer}/authorize?${pairs(authorizeParams('fresh', { prompt: 'none' }))}`, {
      headers: { cookie },
    })
    expectSentBack(answer, 'consent_required', app)
    expect(csrfOf(page)).not.toBe('')
  })

  test('B18 prompt=none does not go with another prompt', () =>
    expectRefused({ prompt: 'none login' }, 'invalid_request'))
})

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function claimsOf(token: string | undefined): unknown {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())
}
