import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, csrfOf, type Page } from '../support/browser.ts'
import {
  answerConsent,
  authorizationRequest,
  decide,
  type RegisteredClient,
  redeem,
  register,
} from '../support/flow.ts'
import { ask, count, operatorClient, type Params, pairs } from './stage.ts'

// A consent is for one person, one client, one place where the answer goes, and is given by hand on our own page.

const hosts = ['https://one.example/cb', 'https://two.example/cb']
let app: TestApp
let person: TestPerson
let other: TestPerson

beforeAll(async () => {
  app = await startApp()
  person = await app.person()
  other = await app.person()
})
afterEach(() => void vi.useRealTimers())
afterAll(() => app.close())

/** A browser in front of the consent page. */
async function asked(
  client: Pick<RegisteredClient, 'client_id'>,
  params: Readonly<Record<string, string>> = {},
  browser = new Browser(app.issuer),
  who = person,
) {
  const request = authorizationRequest(app, client.client_id, params)
  let page = await browser.open(request.url)
  if (page.name === 'sign-in') {
    page = await browser.submit(page, { email: who.email, password: who.password })
    if (page.name === 'continue') page = await browser.goOn(page)
  }
  return { browser, request, page }
}

function consents(clientId: string): Promise<number> {
  return count(app, 'consent', `client_id = '${clientId}' AND revoked_at IS NULL`)
}

/** A post as another site, another browser or an edited form would send it. */
function forge(browser: Browser, page: Page, fields: Params, headers: Readonly<Record<string, string>>) {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return ask(page.url, { method: 'POST', body: pairs(fields), headers: { cookie, ...headers } })
}

describe('a remembered consent', () => {
  test('G01 for one redirect host says nothing about another of the same client', async () => {
    const { id } = await operatorClient(app, {
      clientId: 'two-hosts',
      redirectUris: hosts,
      tokenEndpointAuthMethod: 'none',
    })
    const first = await asked({ client_id: id }, { redirect_uri: hosts[0] ?? '' })
    await answerConsent(first.browser, first.page)
    // The same again needs no page: otherwise the rest of this test would show nothing.
    const same = await asked({ client_id: id }, { redirect_uri: hosts[0] ?? '' }, first.browser)
    expect(same.page.url).toContain('https://one.example/cb?code=')
    const elsewhere = await asked({ client_id: id }, { redirect_uri: hosts[1] ?? '' }, first.browser)
    expect(elsewhere.page.name).toBe('consent')
    expect(elsewhere.page.body).toContain('data-reason="new-redirect-host"')
  })

  test('G01 is never used silently for a program on this computer that proves nothing', async () => {
    const client = await register(app)
    const first = await asked(client)
    await answerConsent(first.browser, first.page)
    const again = await asked(client, {}, first.browser)
    expect(again.page.name).toBe('consent')
  })

  test('G01 is never used silently when another site sent the browser', async () => {
    const { id } = await operatorClient(app, {
      clientId: 'from-outside',
      redirectUris: hosts,
      tokenEndpointAuthMethod: 'none',
    })
    const first = await asked({ client_id: id }, { redirect_uri: hosts[0] ?? '' })
    await answerConsent(first.browser, first.page)
    const request = authorizationRequest(app, id, { redirect_uri: hosts[0] })
    const page = await first.browser.open(`${request.url}&sallyport_cross_site=`, { 'sec-fetch-site': 'cross-site' })
    expect(page.name).toBe('consent')
    const silent = await first.browser.open(`${request.url}&sallyport_cross_site=yes`, { 'sec-fetch-site': 'none' })
    expect(silent.url).toContain('https://one.example/cb?code=')
  })

  test('G02 of one person says nothing about another in the same browser', async () => {
    const { id } = await operatorClient(app, {
      clientId: 'two-people',
      redirectUris: hosts,
      tokenEndpointAuthMethod: 'none',
    })
    const params = { redirect_uri: hosts[0] ?? '' }
    const first = await asked({ client_id: id }, params)
    await answerConsent(first.browser, first.page)
    const { browser } = first
    const out = await browser.open(`${app.issuer}/logout`)
    await browser.post('/logout', { _csrf: csrfOf(out) })
    const second = await asked({ client_id: id }, params, browser, other)
    expect(second.page.name).toBe('consent')
    expect(second.page.body).toContain(other.email)
    expect(second.page.body).not.toContain(person.email)
  })

  test('G02 switching on the page asks the other person, and the answer is hers', async () => {
    const client = await register(app)
    const { browser, request, page } = await asked(client)
    const signIn = await browser.post(page.url.replace(/consent$/, 'switch'), { _csrf: csrfOf(page) })
    expect(signIn.name).toBe('sign-in')
    let next = await browser.submit(signIn, { email: other.email, password: other.password })
    next = await browser.goOn(next)
    expect(next.name).toBe('consent')
    expect(next.body).toContain(other.email)
    const done = await answerConsent(browser, next)
    const code = new URL(done.url).searchParams.get('code') ?? ''
    const answer = await redeem(app, client, { code, request })
    expect(JSON.parse(Buffer.from(answer.body.access_token?.split('.')[1] ?? '', 'base64url').toString()).sub).toBe(
      other.id,
    )
    expect(await count(app, 'consent', `client_id = '${client.client_id}' AND account_id = '${person.id}'`)).toBe(0)
  })
})

describe('G03 a forged answer', () => {
  const own = () => ({ origin: new URL(app.issuer).origin, 'sec-fetch-site': 'same-origin' })
  const cases: readonly (readonly [string, (token: string) => Params, () => Record<string, string>])[] = [
    ['without a token', () => ({}), own],
    ['with an empty token', () => ({ _csrf: '' }), own],
    ['with an invented token', () => ({ _csrf: 'AAAAAAAAAAAAAAAAAAAAAA.AAAA' }), own],
    ['from another origin', (token) => ({ _csrf: token }), () => ({ origin: 'https://evil.example' })],
    ['from a site beside', (token) => ({ _csrf: token }), () => ({ ...own(), 'sec-fetch-site': 'same-site' })],
    ['across sites', (token) => ({ _csrf: token }), () => ({ 'sec-fetch-site': 'cross-site' })],
    ['from a sandbox', (token) => ({ _csrf: token }), () => ({ origin: 'null' })],
    [
      'from a sandbox that knows the header',
      (token) => ({ _csrf: token }),
      () => ({ origin: 'null', 'sec-fetch-site': 'cross-site' }),
    ],
  ]

  test.each(cases)('G03 %s grants nothing', async (_title, fields, headers) => {
    const client = await register(app)
    const { browser, page } = await asked(client)
    const answer = await forge(browser, page, { decision: 'allow', ...fields(csrfOf(page)) }, headers())
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('data-error="cross_site_request"')
    expect(await consents(client.client_id)).toBe(0)
    expect(new URL((await answerConsent(browser, page)).url).searchParams.has('code')).toBe(true)
  })

  test('G03 with the token of another browser grants nothing', async () => {
    const client = await register(app)
    const mine = await asked(client)
    const attackers = await asked(await register(app), {}, new Browser(app.issuer), other)
    const answer = await forge(mine.browser, mine.page, { decision: 'allow', _csrf: csrfOf(attackers.page) }, own())
    expect(answer.status).toBe(403)
    expect(await consents(client.client_id)).toBe(0)
  })

  test.each([
    '/sign-in',
    '/logout',
    '/account/security',
    '/account/connections/revoke',
    '/account/sessions/end-all',
    '/admin/clients',
    '/setup/x',
  ])('G03 the same holds for %s', async (path) => {
    const answer = await ask(`${app.issuer}${path}`, {
      method: 'POST',
      body: pairs({ email: person.email, password: person.password, everything: 'yes' }),
      headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    })
    expect(answer.status).toBe(403)
    expect(answer.headers.getSetCookie().join()).not.toMatch(/sallyport_session=[^;]/)
  })
})

test('G04 an edited form changes neither scope nor client nor server, and the log has it', async () => {
  const client = await register(app)
  const { browser, request, page } = await asked(client)
  const done = await browser.submit(page, {
    decision: 'allow',
    scope: ['notes:read', 'notes:delete', 'admin'],
    client_id: 'another',
    resource: 'https://evil.example',
    redirect_uri: 'https://evil.example/cb',
    account_id: other.id,
    stay_connected: 'yes',
  })
  const callback = new URL((await browser.goOn(done)).url)
  expect(callback.origin + callback.pathname).toBe(request.redirectUri)
  const answer = await redeem(app, client, { code: callback.searchParams.get('code') ?? '', request })
  expect(answer.body.scope).toBe('notes:read')
  const claims = JSON.parse(Buffer.from(answer.body.access_token?.split('.')[1] ?? '', 'base64url').toString())
  expect(claims.sub).toBe(person.id)
  expect(app.log()).toContain('edited consent form')
})

describe('another browser', () => {
  test('G05 sees and decides nothing with the address of an interaction', async () => {
    const client = await register(app, { client_name: 'Only mine' })
    const { browser, page } = await asked(client)
    const thief = new Browser(app.issuer)
    const uid = /\/interaction\/([^/]+)\//.exec(page.url)?.[1] ?? ''
    for (const url of [
      page.url,
      `${app.issuer}/interaction/${uid}`,
      `${app.issuer}/interaction/${uid}/sign-in`,
      `${app.issuer}/authorize/${uid}`,
    ]) {
      const seen = await thief.open(url)
      expect(seen.status).toBe(400)
      expect(seen.name).toBe('error')
      expect(seen.body).not.toMatch(/Only mine|person1@/)
    }
    // With a sign-in of his own and a good form token, too.
    const own = await asked(await register(app), {}, thief, other)
    const posted = await thief.post(page.url, { _csrf: csrfOf(own.page), decision: 'allow' })
    expect(posted.status).toBe(400)
    expect(await consents(client.client_id)).toBe(0)
    expect((await browser.open(page.url)).name).toBe('consent')
  })

  test.each(['garbage', '', '%00', `${'x'.repeat(500)}`])('G05 a broken cookie opens nothing: %s', async (value) => {
    const { page } = await asked(await register(app))
    const cookie = ['sallyport_session', 'sallyport_interaction', 'sallyport_resume', 'browser']
      .flatMap((name) => [`${name}=${value}`, `${name}.sig=${value}`])
      .join('; ')
    const answer = await ask(page.url, { headers: { cookie } })
    expect(answer.status).toBe(400)
    expect(answer.body).not.toContain('data-page="consent"')
    const account = await ask(`${app.issuer}/account/connections`, { headers: { cookie } })
    expect([302, 303, 401]).toContain(account.status)
  })

  test('G05 a session cookie without its signature is none', async () => {
    const { browser } = await asked(await register(app))
    const cookie = [...browser.cookies]
      .filter(([name]) => !name.endsWith('.sig'))
      .map(([name, value]) => `${name}=${value}`)
      .join('; ')
    expect(cookie).toContain('session=')
    expect((await ask(`${app.issuer}/account/connections`, { headers: { cookie } })).status).not.toBe(200)
  })
})

describe('the session', () => {
  const sessionOf = (browser: Browser) => browser.cookies.get('sallyport_session')

  test('G06 a sign-in makes a new identifier, and a planted one is worth nothing', async () => {
    const browser = new Browser(app.issuer)
    browser.cookies.set('sallyport_session', 'planted-by-an-attacker-000000000000000000000')
    let page = await browser.open(`${app.issuer}/sign-in`)
    page = await browser.submit(page, { email: person.email, password: person.password })
    expect(page.name).toBe('connections')
    const first = sessionOf(browser)
    expect(first).not.toContain('planted')
    const before = new Map(browser.cookies)
    page = await browser.open(`${app.issuer}/logout`)
    await browser.post('/logout', { _csrf: csrfOf(page) })
    page = await browser.open(`${app.issuer}/sign-in`)
    await browser.submit(page, { email: person.email, password: person.password })
    expect(sessionOf(browser)).not.toBe(first)
    const old = new Browser(app.issuer)
    for (const [name, value] of before) old.cookies.set(name, value)
    expect((await old.open(`${app.issuer}/account/connections`)).name).toBe('sign-in')
  })

  test('G06 signing in during an authorization changes the identifier, too', async () => {
    const browser = new Browser(app.issuer)
    const attacker = new Browser(app.issuer)
    const client = await register(app)
    // The attacker begins and plants his cookies; the victim signs in on them.
    const begun = await attacker.open(authorizationRequest(app, client.client_id).url)
    const planted = sessionOf(attacker)
    for (const [name, value] of attacker.cookies) browser.cookies.set(name, value)
    let page = await browser.open(begun.url)
    page = await browser.goOn(await browser.submit(page, { email: person.email, password: person.password }))
    expect(page.name).toBe('consent')
    expect(sessionOf(browser)).not.toBe(planted)
    expect((await attacker.open(`${app.issuer}/account/connections`)).name).toBe('sign-in')
  })

  test('G06 the identifier of somebody else’s session dies when another person signs in over it', async () => {
    const client = await register(app)
    const { browser, page } = await asked(client)
    const before = new Map(browser.cookies)
    const signIn = await browser.post(page.url.replace(/consent$/, 'switch'), { _csrf: csrfOf(page) })
    const next = await browser.goOn(await browser.submit(signIn, { email: other.email, password: other.password }))
    expect(next.body).toContain(other.email)
    const old = new Browser(app.issuer)
    for (const [name, value] of before) old.cookies.set(name, value)
    const seen = await old.open(`${app.issuer}/account/connections`)
    expect(seen.body).not.toContain(other.email)
  })
})

test('D13 an answer is to what the page said of the client, not to what it says of itself since', async () => {
  const client = await register(app, { redirect_uris: hosts, client_name: 'Nice' })
  const { browser, page } = await asked(client, { redirect_uri: hosts[0] ?? '' })
  expect(page.body).toContain('Nice')
  const update = await ask(client.registration_client_uri, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${client.registration_access_token}` },
    body: JSON.stringify({
      client_id: client.client_id,
      client_name: 'Nasty',
      redirect_uris: hosts.slice(1),
      token_endpoint_auth_method: 'none',
    }),
  })
  expect(update.status).toBe(200)
  expect((await answerConsent(browser, page)).error).toBe('client_changed')
  expect(await consents(client.client_id)).toBe(0)
})

test('a remembered consent makes no connection while the person is still asked to sign in', async () => {
  const { id } = await operatorClient(app, {
    clientId: 'asks-to-sign-in',
    redirectUris: hosts,
    tokenEndpointAuthMethod: 'none',
  })
  const params = { redirect_uri: hosts[0] ?? '' }
  const { browser, page } = await asked({ client_id: id }, params)
  await answerConsent(browser, page)
  const before = await count(app, 'protocol_grant')
  for (const more of [{ prompt: 'login' }, { max_age: '0', scope: 'openid notes:read' }]) {
    const again = await browser.open(authorizationRequest(app, id, { ...params, ...more }).url)
    expect(again.name).toBe('sign-in')
  }
  expect(await count(app, 'protocol_grant')).toBe(before)
})

describe('a sign-in whose browser has not gone on yet', () => {
  /** A browser right after the password, and the page that would go on. */
  async function waiting(who: TestPerson) {
    const browser = new Browser(app.issuer)
    const client = await register(app)
    const page = await browser.open(authorizationRequest(app, client.client_id).url)
    return { browser, next: await browser.submit(page, { email: who.email, password: who.password }) }
  }

  test('C14 is over when all sessions of the person are ended', async () => {
    const thief = await waiting(person)
    expect(thief.next.name).toBe('continue')
    await app.app.rooms.sessions.endAll(person.id)
    const late = await thief.browser.goOn(thief.next)
    expect(late.error).toBe('session_not_found')
    expect((await thief.browser.open('/account/connections')).name).toBe('sign-in')
  })

  test('G06 says nothing to who knows the identifier of the session that was there before', async () => {
    const client = await register(app)
    const { browser, page } = await asked(client)
    const before = new Browser(app.issuer)
    for (const [name, value] of browser.cookies) before.cookies.set(name, value)
    const signIn = await browser.post(page.url.replace(/consent$/, 'switch'), { _csrf: csrfOf(page) })
    const next = await browser.submit(signIn, { email: other.email, password: other.password })
    const seen = await before.open('/account/connections')
    expect(seen.name).toBe('sign-in')
    expect(seen.body).not.toContain(other.email)
    expect((await browser.goOn(next)).body).toContain(other.email)
  })
})

describe('twice and late', () => {
  test('G12 two answers at once make one code, and the other gets a page', async () => {
    const client = await register(app)
    const { browser, page } = await asked(client)
    const answers = await Promise.all(
      [1, 2].map(() => browser.submit(page, { decision: 'allow', stay_connected: 'yes' })),
    )
    const targets = answers.filter((answer) => answer.continueTo !== undefined)
    const ends = await Promise.all(targets.map((answer) => browser.goOn(answer)))
    expect(ends.filter((end) => end.url.includes('code='))).toHaveLength(1)
    expect(await consents(client.client_id)).toBe(1)
    expect(await count(app, 'authorization_code', `client_id = '${client.client_id}'`)).toBe(1)
    for (const end of ends.filter((one) => !one.url.includes('code='))) expect(end.name).toBe('error')
  })

  test('G12 two tabs keep what is theirs', async () => {
    const [one, two] = [
      await register(app, { client_name: 'Tab one' }),
      await register(app, { client_name: 'Tab two' }),
    ]
    const first = await asked(one)
    const second = await asked(two, {}, first.browser)
    expect(second.page.body).toContain('Tab two')
    const reopened = await first.browser.open(first.page.url)
    // The address names the interaction: it is the one of its tab or a page that says so, never the other tab's.
    if (reopened.name === 'consent') expect(reopened.body).toContain('Tab one')
    else expect(reopened.name).toBe('error')
    expect(reopened.body).not.toContain('Tab two')
    const done = await answerConsent(first.browser, second.page)
    const code = new URL(done.url).searchParams.get('code') ?? ''
    expect((await redeem(app, two, { code, request: second.request })).status).toBe(200)
    expect(await consents(one.client_id)).toBe(0)
  })

  test('G12 going back after the answer ends on a page that says so', async () => {
    const client = await register(app)
    const { browser, page } = await asked(client)
    await answerConsent(browser, page)
    const again = await browser.open(page.url)
    expect([again.status, again.name]).toEqual([400, 'error'])
    const posted = await browser.submit(page, { decision: 'allow' })
    expect(posted.name).toBe('error')
    expect(await count(app, 'authorization_code', `client_id = '${client.client_id}'`)).toBe(1)
  })

  test('G13 an hour later the page says what to do, and nothing is granted', async () => {
    const client = await register(app)
    const { browser, page } = await asked(client)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 })
    for (const late of [await browser.open(page.url), await browser.submit(page, { decision: 'allow' })]) {
      expect([late.status, late.name]).toEqual([400, 'error'])
      expect(late.body).toMatch(/connect again/)
    }
    expect(await consents(client.client_id)).toBe(0)
  })

  test('G13 a decided interaction that is resumed an hour later gives no code', async () => {
    const client = await register(app)
    const { browser, page } = await asked(client)
    const decided = await browser.submit(page, { decision: 'allow' })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 })
    const late = await browser.goOn(decided)
    expect([late.status, late.name]).toEqual([400, 'error'])
    expect(late.body).toMatch(/connect again/)
  })
})

test('the walk of these tests ends in a code when nobody attacks', async () => {
  const page = await decide(new Browser(app.issuer), authorizationRequest(app, (await register(app)).client_id), person)
  expect(new URL(page.url).searchParams.has('code')).toBe(true)
})
