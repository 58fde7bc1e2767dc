import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type Chromium, keepPicture, startChromium } from '../support/chromium.ts'
import { authorizationRequest, redeem, register } from '../support/flow.ts'
import { type Arrival, listen } from './listener.ts'
import { press, reachConsent } from './person.ts'

// Chromium applies `form-action` to the whole redirect chain of a form post and says nothing when it drops the answer:
// whether Allow works for a kind of callback can be seen in a browser only.
const site = 'app.example.test'
let chromium: Chromium
let app: TestApp
let person: TestPerson

beforeAll(async () => {
  chromium = await startChromium([site])
  app = await startApp()
  person = await app.person('ada')
})
afterAll(async () => {
  await chromium?.close()
  await app?.close()
})

const kinds = ['loopback', 'https', 'private scheme'] as const

describe.each([
  ['with script', true],
  ['without script', false],
])('%s', (_title, javaScriptEnabled) => {
  test.each(kinds)('Allow brings the code to a callback of the kind: %s', async (kind) => {
    const { client, request, answer, tab } = await atConsent(kind, javaScriptEnabled)
    // Nobody vouches for this website: its host has to be acknowledged, and the browser itself sees to it (D10).
    if (kind === 'https') {
      const box = tab.page.getByLabel(`I know ${new URL(request.redirectUri).host}`)
      await tab.page.getByRole('button', { name: 'Allow', exact: true }).click()
      expect(await tab.page.locator('[data-page=consent]').count()).toBe(1)
      expect(await box.evaluate((one) => one instanceof HTMLInputElement && one.validity.valueMissing)).toBe(true)
      await box.check()
    }
    await press(tab.page, 'Allow')
    const callback = await answer()

    expect(callback.searchParams.get('state')).toBe(request.state)
    expect(callback.searchParams.get('iss')).toBe(app.issuer)
    const code = callback.searchParams.get('code') ?? ''
    expect((await redeem(app, client, { code, request })).status).toBe(200)
    expect(tab.faults).toEqual([])
    await tab.close()
  })

  test.each(kinds)('Deny tells the client so, callback of the kind: %s', async (kind) => {
    const { request, answer, tab } = await atConsent(kind, javaScriptEnabled)
    await press(tab.page, 'Deny')
    if (kind === 'https') {
      // Nobody vouches for this website: the browser goes there only when the person follows the link (RFC 9700 §4.11.2).
      await tab.page.locator('main[data-error="access_denied"]').waitFor()
      if (javaScriptEnabled) await keepPicture(tab.page, 'denied')
      await tab.page.locator('a[data-continue]').click()
    }
    const callback = await answer()

    expect(callback.searchParams.get('error')).toBe('access_denied')
    expect(callback.searchParams.get('state')).toBe(request.state)
    expect(callback.searchParams.get('iss')).toBe(app.issuer)
    expect(callback.searchParams.has('code')).toBe(false)
    expect(tab.faults).toEqual([])
    await tab.close()
  })
})

test('after an app was called, the page stays with a link, and following it again is answered with what to do', async () => {
  const { answer, tab } = await atConsent('private scheme', true)
  await press(tab.page, 'Allow')
  await answer()
  const link = tab.page.locator('a[data-continue]')
  await keepPicture(tab.page, 'continue')
  expect(await link.textContent()).toBe('Continue')

  // Chromium's own question about the app covers the page here; its address says what the link does.
  await tab.page.goto(new URL((await link.getAttribute('href')) ?? '', app.issuer).href)
  await tab.page.locator('main[data-error]').waitFor()
  await keepPicture(tab.page, 'error-over')
  expect(await tab.page.locator('main').textContent()).toContain('connect again')
  await tab.close()
})

test('an answer that was given in another tab is told as such, and gives no second code', async () => {
  const { answer, tab, arrivals } = await atConsent('loopback', true)
  const second = await tab.page.context().newPage()
  await second.goto(tab.page.url())
  await press(tab.page, 'Allow')
  await answer()
  await press(second, 'Allow')
  await second.locator('main[data-error]').waitFor()
  expect(arrivals).toHaveLength(1)
  await tab.close()
})

// A client of the kind, with its consent page open and somebody at the other end.
async function atConsent(kind: (typeof kinds)[number], javaScriptEnabled: boolean) {
  const listener = kind === 'private scheme' ? undefined : await listen(kind === 'https' ? site : '127.0.0.1')
  const redirectUri =
    listener === undefined ? 'cursor://anysphere.cursor-mcp/oauth/callback' : `${listener.origin}/callback`
  const client = await register(app, { client_name: 'Probe', redirect_uris: [redirectUri] })
  const request = authorizationRequest(app, client.client_id, { redirect_uri: redirectUri })
  const tab = await chromium.tab({ javaScriptEnabled })
  const calledApps: URL[] = []
  tab.page.on('request', (asked) => {
    if (asked.url().startsWith('cursor:')) calledApps.push(new URL(asked.url()))
  })
  await reachConsent(tab.page, request.url, person)
  const arrivals: readonly Arrival[] = listener?.arrivals ?? []
  const answer = async () => {
    await expect.poll(() => calledApps.length + arrivals.length, { timeout: 10_000 }).toBe(1)
    const [arrival] = arrivals
    if (arrival !== undefined) expect(arrival.headers.referer).toBeUndefined()
    const callback = arrival?.url ?? calledApps[0]
    if (callback === undefined) throw new Error('no answer')
    expect(callback.href.split('?')[0]).toBe(redirectUri)
    return callback
  }
  return { client, request, tab, answer, arrivals }
}
