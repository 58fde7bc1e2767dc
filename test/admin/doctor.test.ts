import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BrokenServer, startBrokenServer } from '../doctor/broken-server.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser, csrfOf, type Page } from '../support/browser.ts'

let app: TestApp
let server: BrokenServer
beforeAll(async () => {
  app = await startApp()
  server = await startBrokenServer(['no_pkce'])
})
afterAll(async () => {
  await app.close()
  await server.close()
})

async function signedIn(role: 'member' | 'admin'): Promise<Browser> {
  const person = await app.person(undefined, role)
  const browser = new Browser(app.issuer)
  await browser.submit(await browser.open(`${app.issuer}/sign-in`), { email: person.email, password: person.password })
  return browser
}

const path = '/admin/diagnostics/doctor'

const examine = (browser: Browser, form: Page, address: string) =>
  browser.post(`${app.issuer}${path}`, { _csrf: csrfOf(form), address })

test('an administrator has a server examined; nothing is fetched before', async () => {
  const browser = await signedIn('admin')
  const form = await browser.open(`${app.issuer}${path}?address=${encodeURIComponent(server.address)}`)
  expect([form.name, form.body.includes(`value="${server.address}"`), server.requests.length]).toEqual([
    'doctor',
    true,
    0,
  ])
  const page = await examine(browser, form, server.address)
  expect(page.body).toContain('data-finding="no_pkce"')
  expect(page.body).toMatch(/data-client="cursor" data-light="red"/)
  expect(page.body).toMatch(/data-step="cors" data-light="green"/)
  expect(server.clients.size).toBe(0)
})

test('what is no address is refused, and no server is asked', async () => {
  const browser = await signedIn('admin')
  const form = await browser.open(`${app.issuer}${path}`)
  const before = server.requests.length
  const page = await examine(browser, form, 'javascript:alert(1)')
  expect([page.status, server.requests.length]).toEqual([400, before])
})

test('G21 a member finds nothing', async () => {
  const browser = await signedIn('member')
  expect((await browser.open(`${app.issuer}${path}`)).status).toBe(404)
})
