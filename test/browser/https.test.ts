import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, startApp, type TestApp } from '../support/app.ts'
import { type Chromium, keepPicture, startChromium } from '../support/chromium.ts'
import { authorizationRequest } from '../support/flow.ts'
import { listen } from './listener.ts'
import { arriveAt, press, signIn } from './person.ts'
import { startTlsFront, type TlsFront } from './tls-front.ts'

const host = 'auth.example.test'
let chromium: Chromium

beforeAll(async () => {
  chromium = await startChromium([host])
})
afterAll(() => chromium?.close())

describe.each([
  ['an https issuer behind a proxy', ''],
  ['an https issuer with a path behind a proxy', '/auth'],
])('%s', (_title, path) => {
  let front: TlsFront
  let app: TestApp

  beforeAll(async () => {
    const port = await freePort()
    app = await startApp({ settings: { ISSUER: `https://${host}:${port}${path}` } })
    front = await startTlsFront(host, port, app.config.port)
  })
  afterAll(async () => {
    front?.close()
    await app?.close()
  })

  test('setup, sign-in, consent, code and token, with cookies that only https may carry', async () => {
    const { page, faults } = await chromium.tab()
    const origins: (string | undefined)[] = []
    page.on('request', async (request) => {
      if (request.method() === 'POST') origins.push((await request.allHeaders()).origin)
    })
    const setup = await page.goto((await app.app.setupLink()) ?? '')
    expect(setup?.headers()['strict-transport-security']).toBe('max-age=31536000')
    await page.getByLabel('Your name').fill('Grace')
    await page.getByLabel('E-mail address').fill('grace@example.test')
    await page.getByLabel('Password').fill('a ship in port is safe')
    await press(page, 'Create and sign in')
    await arriveAt(page, 'home')
    expect(page.url()).toBe(`${app.issuer}/admin`)
    await keepPicture(page, path === '' ? 'home-https' : 'home-https-path')
    await press(page, 'Sign out')
    await arriveAt(page, 'sign-in')
    expect(page.url()).toBe(`${app.issuer}/sign-in`)

    const listener = await listen()
    const redirectUri = `${listener.origin}/callback`
    const registration = await front.send(`${path}/register`, {
      method: 'POST',
      type: 'application/json',
      body: JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }),
    })
    expect(registration.status).toBe(201)
    const { client_id: clientId } = JSON.parse(registration.body)
    const request = authorizationRequest(app, clientId, { redirect_uri: redirectUri })
    await page.goto(request.url)
    await signIn(page, { email: 'grace@example.test', password: 'a ship in port is safe' })
    await arriveAt(page, 'consent')
    const cookies = await page.context().cookies(page.url())
    expect(cookies.map(({ name }) => name).filter((name) => !/^__(Host|Secure)-sallyport_/.test(name))).toEqual([])
    expect(cookies.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['__Host-sallyport_browser', '__Host-sallyport_session']),
    )
    for (const cookie of cookies)
      expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', domain: host })

    await press(page, 'Allow')
    await page.getByText('You can close this window').waitFor()
    const callback = listener.arrivals[0]?.url
    expect(callback?.searchParams.get('iss')).toBe(app.issuer)
    const token = await front.send(`${path}/token`, {
      method: 'POST',
      type: 'application/x-www-form-urlencoded',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: clientId,
        code: callback?.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: request.verifier,
      }).toString(),
    })
    expect(token.status).toBe(200)

    // Under `Referrer-Policy: no-referrer` our own forms come with `Origin: null`; they were taken nevertheless.
    expect(origins.length).toBeGreaterThanOrEqual(4)
    for (const origin of origins) expect(['null', new URL(app.issuer).origin]).toContain(origin)
    expect(faults).toEqual([])
  })

  test('every page of a person opens, its style and its links under the issuer', async () => {
    const admin = await app.person('ada', 'admin')
    const { page, faults } = await chromium.tab()
    await page.goto(`${app.issuer}/account/connections`)
    await signIn(page, admin)
    await arriveAt(page, 'connections')
    for (const name of [
      'Security',
      'Sessions',
      'Console',
      'MCP servers',
      'Clients',
      'Consents',
      'Audit',
      'Your account',
    ]) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
      await page.locator('h1').waitFor()
      expect(page.url().startsWith(`${app.issuer}/`)).toBe(true)
      const hrefs = await page
        .locator('a[href^="/"], form[action^="/"], link[href^="/"]')
        .evaluateAll((elements) =>
          elements.map((element) => element.getAttribute('href') ?? element.getAttribute('action') ?? ''),
        )
      expect(hrefs.filter((href) => !href.startsWith(`${path}/`))).toEqual([])
    }
    expect(faults).toEqual([])
  })
})
