import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type Chromium, startChromium, type Tab } from '../support/chromium.ts'
import { authorizationRequest, register } from '../support/flow.ts'
import { listen } from './listener.ts'
import { arriveAt, press, reachConsent, signIn } from './person.ts'

// Two hostile sites: another port of the same host counts as the same site, so that Chromium sends our cookies along and
// only our own check is left; another host is another site altogether.
const hostile = ['localhost', '127.0.0.1'] as const
const patience = { timeout: 10_000 }
let chromium: Chromium
let app: TestApp
let person: TestPerson
let tab: Tab

beforeAll(async () => {
  chromium = await startChromium()
  app = await startApp()
  person = await app.person('ada', 'admin')
})
afterAll(async () => {
  await chromium?.close()
  await app?.close()
})
beforeEach(async () => {
  tab = await chromium.tab()
  return () => tab.close()
})

async function atConsent(): Promise<{ clientId: string; callback: Awaited<ReturnType<typeof listen>> }> {
  const callback = await listen()
  const redirectUri = `${callback.origin}/callback`
  const { client_id: clientId } = await register(app, { redirect_uris: [redirectUri] })
  await reachConsent(tab.page, authorizationRequest(app, clientId, { redirect_uri: redirectUri }).url, person)
  return { clientId, callback }
}

describe.each(hostile)('a page at %s', (host) => {
  test('G07 cannot put the consent page, a sign-in page or an error page into a frame', async () => {
    await atConsent()
    const addresses = [tab.page.url(), `${app.issuer}/sign-in`, `${app.issuer}/nothing-here`, `${app.issuer}/admin`]
    const frames = addresses.map((address) => `<iframe src="${address}"></iframe>`).join('')
    const evil = await listen(host, () => `<!doctype html><title>Win a prize</title>${frames}`)
    await tab.page.goto(evil.origin)
    await expect.poll(() => tab.page.frames().length, patience).toBe(addresses.length + 1)
    for (const frame of tab.page.frames().slice(1)) {
      await expect.poll(() => frame.url(), patience).toBe('chrome-error://chromewebdata/')
    }
    const refusals = tab.takeFaults().filter((fault) => /frame-ancestors|X-Frame-Options/i.test(fault))
    expect(refusals.length).toBeGreaterThanOrEqual(addresses.length)
  })

  test('G03 cannot press Allow, not even with the token of the very form', async () => {
    const { clientId, callback } = await atConsent()
    const token = await tab.page.locator('form[action$="/consent"] input[name="_csrf"]').inputValue()
    const fields = { _csrf: token, decision: 'allow', scope: 'notes:read' }
    await forge(host, `${tab.page.url()}`, fields)
    expect(callback.arrivals).toEqual([])
    const consents = await app.app.rooms.consents.store.list({ clientId, limit: 10 })
    expect(consents).toEqual([])
  })

  test('G03 cannot sign in, sign out, change a password, revoke or act in the console', async () => {
    await tab.page.goto(`${app.issuer}/account/security`)
    await signIn(tab.page, person)
    await arriveAt(tab.page, 'security')
    const token = await tab.page.locator('input[name="_csrf"]').first().inputValue()
    const posts: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      ['/sign-in', { email: person.email, password: person.password }],
      ['/logout', {}],
      ['/account/security', { current_password: person.password, password: 'chosen by somebody else' }],
      ['/account/connections/revoke', { everything: 'yes' }],
      ['/account/sessions/end-all', {}],
      [
        '/admin/resources',
        { identifier: 'https://evil.example/mcp', token_lifetime_seconds: '300', signing_alg: 'ES256' },
      ],
      ['/admin/clients', { client_name: 'Evil', kind: 'public', redirect_uris: 'https://evil.example/cb' }],
    ]
    for (const [path, fields] of posts) await forge(host, app.issuer + path, { _csrf: token, ...fields })

    await tab.page.goto(`${app.issuer}/admin/resources`)
    await arriveAt(tab.page, 'resources')
    expect(await tab.page.locator('main').textContent()).not.toContain('evil.example')
  })
})

test('G11 nobody learns from the address of our page: not the client, not the page that a link leads to', async () => {
  const { callback } = await atConsent()
  await press(tab.page, 'Allow')
  await tab.page.getByText('You can close this window').waitFor()
  expect(await tab.page.evaluate(() => document.referrer)).toBe('')
  expect(callback.arrivals.map(({ headers }) => headers.referer)).toEqual([undefined])
  // Nothing was loaded from elsewhere on the way: the tab notes such loads as faults.
  expect(tab.faults).toEqual([])
})

test('G11 the answer is not kept in the history of our own pages', async () => {
  const { callback } = await atConsent()
  await press(tab.page, 'Allow')
  await tab.page.getByText('You can close this window').waitFor()
  const code = callback.arrivals[0]?.url.searchParams.get('code') ?? 'no code'
  await tab.page.goBack()
  expect(await tab.page.content()).not.toContain(code)
})

// A page of a stranger that posts a form to us as soon as it is open.
async function forge(host: string, action: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
  const evil = await listen(
    host,
    () => `<!doctype html><title>Win a prize</title><form method="post" action="${action}">${inputs.join('')}</form>
           <script>document.forms[0].submit()</script>`,
  )
  const answered = tab.page.waitForResponse((response) => response.request().method() === 'POST')
  await tab.page.goto(evil.origin, { waitUntil: 'commit' })
  expect((await answered).status()).toBe(403)
  await tab.page.locator('main[data-error="cross_site_request"]').waitFor()
}
