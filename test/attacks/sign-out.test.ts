import { expect, test } from 'vitest'
import { startApp } from '../support/app.ts'
import { Browser, type Page } from '../support/browser.ts'

// Sign-out ends the session of this browser and goes to our own page, wherever somebody would like it to go.

async function signedIn(issuer: string, email: string, password: string): Promise<Browser> {
  const browser = new Browser(issuer)
  await browser.submit(await browser.open('/sign-in'), { email, password })
  return browser
}

async function isSignedIn(browser: Browser): Promise<boolean> {
  return (await browser.open('/account/connections')).name === 'connections'
}

test('G23 following a link signs nobody out; the page asks first', async () => {
  const app = await startApp()
  const { email, password } = await app.person()
  const browser = await signedIn(app.issuer, email, password)
  const asked: Page = await browser.open('/logout?post_logout_redirect_uri=https://evil.example/&id_token_hint=x')
  expect(asked.status).toBe(200)
  expect(asked.body).not.toContain('evil.example')
  expect(await isSignedIn(browser)).toBe(true)
})

test('G23 a post without the form token signs nobody out', async () => {
  const app = await startApp()
  const { email, password } = await app.person()
  const browser = await signedIn(app.issuer, email, password)
  expect((await browser.post('/logout', {})).status).toBe(403)
  expect(await isSignedIn(browser)).toBe(true)
})

test('G23 sign-out ends on a page of ours, whatever target is asked for', async () => {
  const app = await startApp()
  const { email, password } = await app.person()
  const browser = await signedIn(app.issuer, email, password)
  const page = await browser.open('/logout?post_logout_redirect_uri=https://evil.example/')
  const after = await browser.submit(page, { post_logout_redirect_uri: 'https://evil.example/', state: 'x' })
  expect(new URL(after.url).origin).toBe(app.issuer)
  expect(after.name).toBe('sign-in')
  expect(await isSignedIn(browser)).toBe(false)
})
