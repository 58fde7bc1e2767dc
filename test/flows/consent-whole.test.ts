import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, type Page } from '../support/browser.ts'
import { authorizationRequest, decide, redeem, refresh, register } from '../support/flow.ts'

let app: TestApp
let person: TestPerson
beforeAll(async () => {
  app = await startApp({ settings: { RATE_LIMITS: 'off' } })
  person = await app.person('ada')
})
afterAll(() => app?.close())
afterEach(() => void vi.useRealTimers())

const hour = 3600
const claims = (token = '') => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

/** Up to the consent page of a fresh client. */
async function asked(body: Record<string, unknown> = {}, params: Record<string, string> = {}) {
  const client = await register(app, body)
  const browser = new Browser(app.issuer)
  const request = authorizationRequest(app, client.client_id, params)
  let page = await browser.open(request.url)
  page = await browser.submit(page, { email: person.email, password: person.password })
  page = await browser.goOn(page)
  expect(page.name).toMatch(/^consent/)
  return { client, browser, request, page }
}

async function connectFor(duration: string, stay = 'yes') {
  const { client, browser, request, page } = await asked()
  const next = await browser.submit(page, { decision: 'allow', stay_connected: stay, duration })
  const callback = new URL((await browser.goOn(next)).url)
  const tokens = await redeem(app, client, { code: callback.searchParams.get('code') ?? '', request })
  expect(tokens.status).toBe(200)
  return { client, tokens, refreshToken: tokens.body.refresh_token ?? '' }
}

describe('the duration that was chosen bounds everything', () => {
  test('an hour: refresh goes on inside it, the last access token ends with it, and after it nothing', async () => {
    const { client, refreshToken } = await connectFor('hour')
    const start = Date.now()
    const { database } = app.app.rooms
    const family = await database.sql.get<{ ends_at: number; expires_at: number }>(
      'SELECT ends_at, expires_at FROM refresh_family WHERE client_id = ?',
      [client.client_id],
    )
    const consent = await database.sql.get<{ expires_at: number }>(
      'SELECT expires_at FROM consent WHERE client_id = ? AND revoked_at IS NULL',
      [client.client_id],
    )
    const grant = await database.sql.get<{ expires_at: number }>(
      'SELECT expires_at FROM protocol_grant WHERE client_id = ?',
      [client.client_id],
    )
    const end = consent?.expires_at ?? 0
    expect(family?.ends_at).toBe(end)
    expect(family?.expires_at).toBeLessThanOrEqual(end)
    expect(grant?.expires_at).toBe(end)

    vi.useFakeTimers({ toFake: ['Date'], now: start + (hour - 100) * 1000 })
    const late = await refresh(app, client, refreshToken)
    expect(late.status).toBe(200)
    expect(claims(late.body.access_token).exp * 1000).toBeLessThanOrEqual(end)
    expect(late.body.expires_in).toBeLessThanOrEqual(101)

    vi.setSystemTime(end + 1000)
    expect((await refresh(app, client, late.body.refresh_token ?? '')).body.error).toBe('invalid_grant')
  })

  test('until revoked lives as long as a connection lives at most', async () => {
    const { client, refreshToken } = await connectFor('revoked')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 29 * 24 * hour * 1000 })
    expect((await refresh(app, client, refreshToken)).status).toBe(200)
  })

  test('what was allowed for an hour is asked again after it', async () => {
    const { client, browser, request, page } = await asked(
      { redirect_uris: ['https://app.example/cb'] },
      {
        redirect_uri: 'https://app.example/cb',
      },
    )
    await browser.goOn(await browser.submit(page, { decision: 'allow', duration: 'hour' }))
    const again = authorizationRequest(app, client.client_id, { redirect_uri: request.redirectUri })
    const silent = await decide(browser, again, person)
    expect(silent.url).toContain('code=')
    const tokens = await redeem(app, client, {
      code: new URL(silent.url).searchParams.get('code') ?? '',
      request: again,
    })
    expect(tokens.status).toBe(200)
    const rows = await app.app.rooms.database.sql.all<{ expires_at: number }>(
      'SELECT g.expires_at AS expires_at FROM protocol_grant g JOIN consent n ON n.id = g.consent_id WHERE g.client_id = ? AND g.expires_at > n.expires_at',
      [client.client_id],
    )
    expect(rows).toEqual([])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + (hour + 5) * 1000 })
    const later = await browser.open(
      authorizationRequest(app, client.client_id, { redirect_uri: request.redirectUri }).url,
    )
    const page2 = later.name === 'sign-in' ? await signedIn(browser, later) : later
    expect(page2.name).toBe('consent')
    expect(page2.body).toContain('data-reason="expired"')
  })
})

describe('an answer that does not arrive', () => {
  test('is sent once more by our own link, with the same code and no second one', async () => {
    const { client, browser, request, page } = await asked()
    const next = await browser.submit(page, { decision: 'allow' })
    const first = await browser.goOn(next)
    const second = await browser.goOn(next)
    expect(second.url).toBe(first.url)
    const code = new URL(second.url).searchParams.get('code') ?? ''
    expect((await redeem(app, client, { code, request })).status).toBe(200)
  })

  test('is sent again to nobody who comes from elsewhere, nor after a minute', async () => {
    const { browser, page } = await asked()
    const next = await browser.submit(page, { decision: 'allow' })
    await browser.goOn(next)
    const address = new URL(next.continueTo ?? '', next.url).href
    for (const site of ['cross-site', 'same-site', 'none']) {
      expect((await browser.open(address, { 'sec-fetch-site': site })).error).toBe('session_not_found')
    }
    const other = new Browser(app.issuer)
    expect((await other.open(address, { 'sec-fetch-site': 'same-origin' })).name).toBe('error')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    expect((await browser.goOn(next)).name).toBe('error')
  })

  test('can be taken along by hand: nothing is sent to the loopback address, the page has the code', async () => {
    const { client, browser, request, page } = await asked()
    const next = await browser.submit(page, { decision: 'allow', by_hand: 'yes' })
    const shown = await browser.goOn(next)
    expect(new URL(shown.url).origin).toBe(new URL(app.issuer).origin)
    const code = /id="answer-code"[^>]* value="([^"]+)"/.exec(shown.body)?.[1] ?? ''
    expect((await redeem(app, client, { code, request })).status).toBe(200)
    expect(app.log()).not.toContain(code)
  })
})

describe('a client that somebody shuts out or lets in', () => {
  test('a member’s block holds for them alone', async () => {
    const { client, browser, page } = await asked({ client_name: 'Pest' })
    const blocked = await browser.post(page.url.replace(/consent$/, 'block'), { _csrf: csrf(page) })
    expect(blocked.error).toBe('client_blocked')
    expect((await browser.open(authorizationRequest(app, client.client_id).url)).name).toBe('consent-blocked')
    const other = await app.person()
    const free = new Browser(app.issuer)
    expect((await decide(free, authorizationRequest(app, client.client_id), other)).url).toContain('code=')
  })

  test('D10 D11 a stranger with the name of a client that is let in is stopped', async () => {
    const known = await register(app, { client_name: 'Sunrise' })
    await app.app.rooms.clients.allow(known.client_id)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6_000 })
    const uri = 'https://evil.example/cb'
    const { browser, page } = await asked({ client_name: 'Sunrіsе', redirect_uris: [uri] }, { redirect_uri: uri })
    expect(page.name).toBe('consent-warning')
    expect((await browser.submit(page, { decision: 'allow' })).name).toBe('consent-warning')
    const question = await browser.submit(page, { decision: 'look', acknowledge: 'evil.example' })
    expect(question.name).toBe('consent')
  })
})

async function signedIn(browser: Browser, page: Page): Promise<Page> {
  return browser.goOn(await browser.submit(page, { email: person.email, password: person.password }))
}

function csrf(page: Page): string {
  return /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
}
