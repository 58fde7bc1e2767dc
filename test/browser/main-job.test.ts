import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { type Chromium, keepPicture, startChromium } from '../support/chromium.ts'
import { authorizationRequest, redeem, refresh, register } from '../support/flow.ts'
import { faultsOfPage } from './checklist.ts'
import { listen } from './listener.ts'
import { arriveAt, heading, press, signIn } from './person.ts'

let chromium: Chromium
let app: TestApp

beforeAll(async () => {
  chromium = await startChromium()
  app = await startApp({ resources: [] })
})
afterAll(async () => {
  await chromium?.close()
  await app?.close()
})

const grace = { email: 'grace@example.test', password: 'a ship in port is safe' }

test('from the printed link to a connected client, and back out again', async () => {
  const { page, faults, takeFaults } = await chromium.tab()

  // The link, the first administrator
  await page.goto((await app.app.setupLink()) ?? '')
  await arriveAt(page, 'setup')
  await keepPicture(page, 'setup')
  expect(await faultsOfPage(page)).toEqual([])
  await page.getByLabel('Your name').fill('Grace')
  await page.getByLabel('E-mail address').fill('not an address')
  await page.getByLabel('Password').fill(grace.password)
  // The browser itself keeps a form back that cannot be right.
  await press(page, 'Create and sign in')
  await arriveAt(page, 'setup')
  await page.getByLabel('E-mail address').fill(grace.email)
  await press(page, 'Create and sign in')
  await arriveAt(page, 'home')
  expect(await heading(page)).toBe('Connect your first client')
  await keepPicture(page, 'home-new')

  // An MCP server
  await page.locator('main').getByRole('link', { name: 'Add an MCP server' }).click()
  await page.getByRole('link', { name: 'Fill in by hand instead' }).click()
  await page.getByLabel('Address', { exact: true }).fill('http://localhost:9728/mcp')
  await page.getByLabel('Name', { exact: true }).fill('Notes')
  await page.getByLabel('Scope 1').fill('notes:read')
  await page.getByLabel('Words of 1').fill('Read your notes')
  await page.getByLabel('1 by default').check()
  await page.getByLabel('Scope 2').fill('notes:delete')
  await page.getByLabel('Words of 2').fill('Delete notes for good')
  await page.getByLabel('Risk of 2').selectOption('destructive')
  await press(page, 'Add')
  await page.getByRole('status').getByText('Added.').waitFor()
  await keepPicture(page, 'resource-added')
  await page.goto(`${app.issuer}/admin`)
  await page.getByRole('heading', { name: 'Connect a client to Notes' }).waitFor()

  // A client comes; who is signed in is not asked for a password again
  const listener = await listen()
  const redirectUri = `${listener.origin}/callback`
  const client = await register(app, { client_name: 'Inspector', redirect_uris: [redirectUri] })
  const scope = 'notes:read notes:delete'
  const request = authorizationRequest(app, client.client_id, { redirect_uri: redirectUri, scope })
  await page.goto(request.url)
  await arriveAt(page, 'consent')
  expect(await heading(page)).toBe('A program that calls itself “Inspector” wants to use Notes as you')
  expect(await page.getByLabel('Read your notes').isDisabled()).toBe(true)
  expect(await page.getByLabel('Delete notes for good').isChecked()).toBe(false)
  await press(page, 'Allow')
  await page.getByText('You can close this window').waitFor()
  const code = listener.arrivals[0]?.url.searchParams.get('code') ?? ''
  const tokens = await redeem(app, client, { code, request })
  expect(tokens.body.scope).toBe('notes:read')
  const refreshToken = tokens.body.refresh_token ?? ''

  // It is listed, and can be ended
  await page.goto(`${app.issuer}/account/connections`)
  const card = page.locator('[data-client]')
  expect(await card.locator('h2').textContent()).toContain('“Inspector”')
  await card.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('status').getByText('Ended.').waitFor()
  await keepPicture(page, 'connections-ended')
  expect(await faultsOfPage(page)).toEqual([])
  await page.getByRole('heading', { name: 'Nothing acts as you' }).waitFor()
  expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')

  // A new password
  const password = 'ships are made for the sea'
  await page.getByRole('link', { name: 'Security' }).click()
  await page.getByLabel('Current password').fill('a guess that is wrong')
  await page.getByLabel('New password').fill(password)
  await press(page, 'Change password')
  await page.getByText('This is not your current password.').waitFor()
  expect(takeFaults()).toEqual([expect.stringContaining('status of 401')])
  await keepPicture(page, 'security-refused')
  expect(await faultsOfPage(page)).toEqual([])
  await page.getByLabel('Current password').fill(grace.password)
  await page.getByLabel('New password').fill(password)
  await press(page, 'Change password')
  await page.getByText('Your password is changed.').waitFor()

  // Out, refused with the old one, in with the new one, back where the link led
  await press(page, 'Sign out')
  await arriveAt(page, 'sign-in')
  await page.goto(`${app.issuer}/admin/clients`)
  await signIn(page, grace)
  await page.getByText('do not let you in').waitFor()
  expect(takeFaults()).toEqual([expect.stringContaining('status of 401')])
  await keepPicture(page, 'sign-in-refused')
  expect(await faultsOfPage(page)).toEqual([])
  expect(await page.getByLabel('E-mail address').inputValue()).toBe(grace.email)
  await signIn(page, { email: grace.email, password })
  await arriveAt(page, 'clients')
  expect(faults).toEqual([])
})

test('an administrator blocks a client in the console and removes it', async () => {
  const admin = await app.person('ada', 'admin')
  const client = await register(app, { client_name: 'Pest' })
  const { page, takeFaults, faults } = await chromium.tab()
  await page.goto(`${app.issuer}/admin/clients`)
  await signIn(page, admin)
  await page.getByRole('link', { name: 'Pest' }).click()
  const own = page.url()
  await page.getByRole('button', { name: 'Block' }).click()
  await page.getByRole('button', { name: 'Unblock' }).waitFor()

  await page.goto(authorizationRequest(app, client.client_id).url)
  await page.locator('main[data-error]').waitFor()
  expect(await heading(page)).toBe('This client is blocked')
  await keepPicture(page, 'error-blocked')
  takeFaults()

  await page.goto(own)
  await page.getByText('Remove…').click()
  await page.getByLabel('Type the name “Pest” to confirm').fill('Pest')
  await keepPicture(page, 'clients-remove')
  expect(await faultsOfPage(page)).toEqual([])
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByText('The client is removed.').waitFor()
  expect(faults).toEqual([])

  await page.goto(authorizationRequest(app, client.client_id).url)
  await page.getByRole('heading', { name: 'This client was removed from this server' }).waitFor()
})

test('an administrator adds a client by hand and sees its secret once', async () => {
  const admin = await app.person('mary', 'admin')
  const { page, faults } = await chromium.tab()
  await page.goto(`${app.issuer}/admin/clients/new`)
  await signIn(page, admin)
  await arriveAt(page, 'clients')
  await page.getByRole('link', { name: 'Add a client' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Nightly report')
  await page.getByLabel('A server that people use').check()
  await page.getByLabel('Redirect addresses').fill('https://report.example/cb')
  await press(page, 'Add')
  await page.locator('[data-client-secret]').waitFor()
  expect((await page.locator('[data-client-secret]').textContent())?.length).toBe(43)
  expect(await faultsOfPage(page)).toEqual([])
  expect(faults).toEqual([])
})
