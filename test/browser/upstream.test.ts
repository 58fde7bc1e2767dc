import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freePort, startApp, type TestApp } from '../support/app.ts'
import { axeFaults } from '../support/axe.ts'
import { type Chromium, keepPicture, startChromium, type Tab } from '../support/chromium.ts'
import { authorizationRequest, register } from '../support/flow.ts'
import { addUpstream, startUpstream, type TestUpstream, upstreamOf } from '../support/upstream.ts'
import { listen } from './listener.ts'
import { arriveAt, heading, press } from './person.ts'

let chromium: Chromium
let app: TestApp
let upstream: TestUpstream
let tab: Tab

beforeAll(async () => {
  chromium = await startChromium()
  const issuer = `http://localhost:${await freePort()}`
  app = await startApp({ settings: { ISSUER: issuer, PORT: new URL(issuer).port } })
  // Another host, so that the browser keeps the cookies of the two apart as on the net.
  upstream = await startUpstream([`${issuer}/upstream/acme/callback`], '127.0.0.1')
  upstream.people.set('ada', { email: 'ada@acme.example', email_verified: true, name: 'Ada' })
  await addUpstream(app, upstreamOf(upstream))
})
afterAll(async () => {
  await chromium?.close()
  await app?.close()
  await upstream?.close()
})
beforeEach(async () => {
  tab = await chromium.tab()
  return () => tab.close()
})

async function ask(): Promise<{ url: string; callback: Awaited<ReturnType<typeof listen>> }> {
  const callback = await listen()
  const redirectUri = `${callback.origin}/callback`
  const client = await register(app, { client_name: 'Inspector', redirect_uris: [redirectUri] })
  return { url: authorizationRequest(app, client.client_id, { redirect_uri: redirectUri }).url, callback }
}

test('a person signs in at a provider inside an authorization, and the client gets its answer', async () => {
  const { page } = tab
  const { url, callback } = await ask()
  await page.goto(url)
  await arriveAt(page, 'sign-in')
  await page.getByRole('link', { name: 'Continue with Acme ID' }).click()
  await arriveAt(page, 'upstream-continue')
  expect(await heading(page)).toBe('A program that calls itself “Inspector” wants to use Notes as you')
  expect(await axeFaults(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 640 })
  await keepPicture(page, 'upstream-journey-320')
  await page.setViewportSize({ width: 1000, height: 800 })
  await press(page, 'Continue to Acme ID')
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor()
  expect(new URL(page.url()).origin).toBe(upstream.issuer)
  await page.getByRole('link', { name: 'ada' }).click()
  await arriveAt(page, 'consent')
  expect(await page.locator('main').textContent()).toContain('ada@acme.example')
  await keepPicture(page, 'upstream-journey-consent')
  await press(page, 'Allow')
  await page.getByText('You can close this window').waitFor()
  expect(callback.arrivals[0]?.url.searchParams.get('code')).toBeTruthy()
  // Nothing was loaded from elsewhere, no script was asked for, no policy was broken.
  expect(tab.faults).toEqual([])
})

test('H01 the way back ends on a page that says what to do', async () => {
  const { page } = tab
  const answers: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/upstream/acme/callback')) answers.push(request.url())
  })
  await page.goto(`${app.issuer}/sign-in`)
  await press(page, 'Continue with Acme ID')
  await page.getByRole('link', { name: 'ada' }).click()
  await arriveAt(page, 'connections')
  await page.goto(answers[0] ?? '')
  await page.locator('main[data-error="upstream_spent"]').waitFor()
  expect(await heading(page)).toBe('This sign-in is over')
  // Who was signed in stays it.
  await page.goto(`${app.issuer}/account/connections`)
  await arriveAt(page, 'connections')
})

test('H15 two tabs of one browser each end at their own consent', async () => {
  const first = await ask()
  const second = await ask()
  const { page } = tab
  const other = await page.context().newPage()
  for (const [one, { url }] of [
    [page, first],
    [other, second],
  ] as const) {
    await one.goto(url)
    await one.getByRole('link', { name: 'Continue with Acme ID' }).click()
    await press(one, 'Continue to Acme ID')
    await one.getByRole('heading', { name: 'Who are you?' }).waitFor()
  }
  await other.getByRole('link', { name: 'ada' }).click()
  await arriveAt(other, 'consent')
  await page.getByRole('link', { name: 'ada' }).click()
  await arriveAt(page, 'consent')
  await press(page, 'Allow')
  await page.getByText('You can close this window').waitFor()
  expect(first.callback.arrivals).toHaveLength(1)
  expect(second.callback.arrivals).toHaveLength(0)
  await press(other, 'Allow')
  await other.getByText('You can close this window').waitFor()
  expect(second.callback.arrivals).toHaveLength(1)
})

test('H02 somebody who follows a link that another person began is not signed in', async () => {
  const attacker = await chromium.tab()
  const captured = attacker.page.waitForRequest((request) => request.url().startsWith(`${upstream.issuer}/auth?`))
  await attacker.page.goto(`${app.issuer}/sign-in`)
  await press(attacker.page, 'Continue with Acme ID')
  const { page } = tab
  await page.goto((await captured).url())
  await page.getByRole('link', { name: 'ada' }).click()
  await page.locator('main[data-error="upstream_other_browser"]').waitFor()
  await keepPicture(page, 'upstream-journey-other-browser')
  await page.goto(`${app.issuer}/account`)
  await arriveAt(page, 'sign-in')
  await attacker.close()
})
