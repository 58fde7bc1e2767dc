import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type Chromium, startChromium } from '../support/chromium.ts'
import { authorizationRequest, register } from '../support/flow.ts'
import { listen } from './listener.ts'
import { arriveAt } from './person.ts'

let chromium: Chromium
let app: TestApp
let person: TestPerson

beforeAll(async () => {
  chromium = await startChromium()
  app = await startApp()
  person = await app.person('ada')
})
afterAll(async () => {
  await chromium?.close()
  await app?.close()
})

test('a person with a keyboard alone signs in, reads in order and allows', async () => {
  const listener = await listen()
  const redirectUri = `${listener.origin}/callback`
  const client = await register(app, { client_name: 'Inspector', redirect_uris: [redirectUri] })
  const scope = 'notes:read notes:write notes:delete'
  const { page, faults } = await chromium.tab()
  await page.goto(authorizationRequest(app, client.client_id, { redirect_uri: redirectUri, scope }).url)

  // The first field has the focus, and Enter signs in rather than cancels.
  await typeSignIn(page)
  await arriveAt(page, 'consent')

  // A screen reader begins at the heading, and Enter there decides nothing.
  await page.locator('h1:focus').waitFor()
  expect((await focused(page)).text).toContain('Inspector')
  await page.keyboard.press('Enter')

  const order: { text: string; top: number }[] = []
  for (let step = 0; step < 20 && order.at(-1)?.text !== 'Allow'; step += 1) {
    await page.keyboard.press('Tab')
    order.push(await focused(page))
  }
  expect(order.map(({ text }) => text)).toEqual([
    'not you? switch',
    'Delete notes for good',
    'How programs call it',
    'Change your notes',
    'How programs call it',
    'How programs call it',
    'Stay connected',
    'Allowed for',
    'Does the program run on another machine?',
    'Deny',
    'Allow',
  ])
  const tops = order.map(({ top }) => top)
  expect(tops).toEqual(tops.toSorted((a, b) => a - b))

  await page.keyboard.press('Enter')
  await page.getByText('You can close this window').waitFor()
  expect(listener.arrivals[0]?.url.searchParams.get('code')).not.toBeNull()
  expect(faults).toEqual([])
})

test('where the focus is can be seen, and the first Tab of a page with a navigation skips it', async () => {
  const { page } = await chromium.tab()
  await page.goto(`${app.issuer}/account/connections`)
  await typeSignIn(page)
  await arriveAt(page, 'connections')
  await page.keyboard.press('Tab')
  expect((await focused(page)).text).toBe('Skip to content')
  expect(await outline(page)).toBeGreaterThanOrEqual(2)
  await page.keyboard.press('Tab')
  expect(await outline(page)).toBeGreaterThanOrEqual(2)
})

// The browser gives the focus with the first picture of a page, which is a moment after it has loaded.
async function typeSignIn(page: Page): Promise<void> {
  await page.locator('input[name="email"]:focus').waitFor()
  await page.keyboard.type(person.email)
  await page.keyboard.press('Tab')
  await page.keyboard.type(person.password)
  await page.keyboard.press('Enter')
}

// What has the focus: its label or text, and how far down it is.
function focused(page: Page): Promise<{ text: string; top: number }> {
  return page.evaluate(() => {
    const element = document.activeElement
    const isField = element instanceof HTMLInputElement || element instanceof HTMLSelectElement
    const label = isField ? element.labels?.[0]?.textContent : element?.textContent
    const top = (element?.getBoundingClientRect().top ?? 0) + window.scrollY
    // Deny and Allow stand side by side: a difference of some pixels is one line.
    return { text: (label ?? '').replace(/\s+/g, ' ').trim(), top: Math.round(top / 10) }
  })
}

function outline(page: Page): Promise<number> {
  return page.evaluate(() => Number.parseFloat(getComputedStyle(document.activeElement ?? document.body).outlineWidth))
}
