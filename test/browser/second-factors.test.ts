// Second factors in a real browser: its virtual authenticator holds the passkeys (WebAuthn over the DevTools protocol).
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type Chromium, keepPicture, startChromium, type Tab } from '../support/chromium.ts'
import { authorizationRequest, register } from '../support/flow.ts'
import { codeOf, forgetSteps } from '../support/second-factor.ts'
import { arriveAt, press, signIn } from './person.ts'

let chromium: Chromium
let app: TestApp
let ada: TestPerson
let tab: Tab
let people = 0

beforeAll(async () => {
  chromium = await startChromium()
  app = await startApp()
})
afterAll(async () => {
  await chromium?.close()
  await app?.close()
})
beforeEach(async ({ onTestFinished }) => {
  people += 1
  ada = await app.person(`ada${people}`)
  tab = await chromium.tab()
  onTestFinished(async () => {
    expect(tab.faults).toEqual([])
    await tab.close()
  })
})

/** A device that keeps passkeys and recognises its owner. */
async function plugIn(page: Page): Promise<{ recogniseOwner(isUserVerified: boolean): Promise<void> }> {
  const cdp: CDPSession = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    async recogniseOwner(isUserVerified) {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
  }
}

async function openSecurity(page: Page): Promise<void> {
  await page.goto(`${app.issuer}/sign-in?return_to=security`)
  await signIn(page, ada)
  await arriveAt(page, 'security')
}

async function addPasskey(page: Page): Promise<void> {
  await openSecurity(page)
  await page.getByRole('link', { name: 'Add a passkey' }).click()
  await arriveAt(page, 'second-factor-setup')
  await page.getByLabel('Name of the passkey').fill('My laptop')
  await press(page, 'Create a passkey')
  await arriveAt(page, 'recovery-codes')
  expect(await page.locator('.recovery li').count()).toBe(10)
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await arriveAt(page, 'security')
  expect(await page.getByText('My laptop').first().isVisible()).toBe(true)
}

async function signOut(page: Page): Promise<void> {
  await page.context().clearCookies()
  await page.goto(`${app.issuer}/sign-in`)
}

test('a passkey is created, and then lets in alone', async () => {
  const { page } = tab
  await plugIn(page)
  await addPasskey(page)
  await signOut(page)
  await press(page, 'Sign in with a passkey')
  await arriveAt(page, 'connections')
})

test('a passkey is the second step of an authorization', async () => {
  const { page } = tab
  await plugIn(page)
  await addPasskey(page)
  await signOut(page)
  const client = await register(app)
  await page.goto(authorizationRequest(app, client.client_id).url)
  await signIn(page, ada)
  await arriveAt(page, 'second-factor')
  await press(page, 'Use a passkey')
  await arriveAt(page, 'consent')
})

test('an app is set up inside of an authorization that asks for two factors, and asked for at the next', async () => {
  const { page } = tab
  const client = await register(app)
  const params = { acr_values: 'urn:sallyport:acr:two-factors' }
  await page.goto(authorizationRequest(app, client.client_id, params).url)
  await signIn(page, ada)
  await arriveAt(page, 'second-factor-setup')
  await page.getByRole('link', { name: 'Use an app' }).click()
  await arriveAt(page, 'authenticator-setup')
  const seed = ((await page.locator('code.key').textContent()) ?? '').replaceAll(' ', '')
  const picture = await page.locator('.qr svg').boundingBox()
  expect(picture?.width).toBeGreaterThan(150)
  await page.getByLabel('Code that the app shows now').fill(codeOf({ seed }))
  await press(page, 'Finish')
  await arriveAt(page, 'recovery-codes')
  await page.getByRole('link', { name: 'I have kept them' }).click()
  await arriveAt(page, 'consent')
  await signOut(page)
  await forgetSteps(app)
  await page.goto(authorizationRequest(app, client.client_id, params).url)
  await signIn(page, ada)
  await arriveAt(page, 'second-factor')
  await page.getByLabel('Code').fill(codeOf({ seed }))
  await page.keyboard.press('Enter')
  await arriveAt(page, 'consent')
})

test('a recovery code lets in whose phone is gone', async () => {
  const { page } = tab
  await openSecurity(page)
  await page.getByRole('link', { name: 'Set up an app' }).click()
  const seed = ((await page.locator('code.key').textContent()) ?? '').replaceAll(' ', '')
  await page.getByLabel('Code that the app shows now').fill(codeOf({ seed }))
  await press(page, 'Finish')
  await arriveAt(page, 'recovery-codes')
  const code = (await page.locator('.recovery code').first().textContent()) ?? ''
  await signOut(page)
  await signIn(page, ada)
  await page.getByRole('link', { name: 'use a recovery code' }).click()
  await page.getByLabel('Recovery code').fill(code)
  await press(page, 'Continue')
  await arriveAt(page, 'connections')
  await page.goto(`${app.issuer}/account/security`)
  expect(await page.getByText('9 codes are left.').isVisible()).toBe(true)
})

test('who breaks off is told so, and may try again; nothing moves on by itself', async () => {
  const { page } = tab
  const device = await plugIn(page)
  await addPasskey(page)
  await signOut(page)
  await device.recogniseOwner(false)
  const failed = page.getByText('Nothing was confirmed.')
  expect(await failed.isVisible()).toBe(false)
  await press(page, 'Sign in with a passkey')
  await failed.waitFor()
  await keepPicture(page, 'sign-in-passkey-failed')
  await device.recogniseOwner(true)
  await press(page, 'Sign in with a passkey')
  await arriveAt(page, 'connections')
})

test('without script the pages say what to do, and the app works', async () => {
  const bare = await chromium.tab({ javaScriptEnabled: false })
  const { page } = bare
  await page.goto(`${app.issuer}/sign-in`)
  expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible()).toBe(false)
  // What is looked for by its text passes `noscript` by; the picture below shows it.
  expect(await page.locator('noscript').first().textContent()).toContain('Passkeys need JavaScript')
  await signIn(page, ada)
  await page.goto(`${app.issuer}/account/security/second-factor`)
  expect(await page.locator('noscript').textContent()).toContain('An authenticator app works without.')
  expect(await page.getByLabel('Name of the passkey').isVisible()).toBe(false)
  await keepPicture(page, 'second-factor-setup-without-script')
  await page.getByRole('link', { name: 'Use an app' }).click()
  await arriveAt(page, 'authenticator-setup')
  await bare.close()
})
