import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notes, startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type Chromium, keepPicture, startChromium, type Tab } from '../support/chromium.ts'
import { documentRedirect, documentUrl, everyScope, withDocument } from '../support/clients-on-show.ts'
import { connect, type RegisteredClient, refresh, register } from '../support/flow.ts'
import { faultsOfPage } from './checklist.ts'
import { arriveAt, press, signIn } from './person.ts'

let chromium: Chromium
let app: TestApp
let person: TestPerson
let script: RegisteredClient

beforeAll(async () => {
  chromium = await startChromium()
  app = await startApp({
    settings: { REFRESH_GRACE_SECONDS: '0' },
    resources: [
      notes,
      { ...notes, identifier: 'http://localhost:9729/mcp', name: 'Deploy', tokenLifetimeSeconds: 900 },
    ],
    adjust: withDocument,
  })
  person = await app.person('ada')
  script = await register(app, { client_name: 'My script' })
  const document = { ...script, client_id: documentUrl }
  const redirect_uri = documentRedirect
  await connect(app, person, { scope: everyScope, redirect_uri }, document)
  await connect(app, person, { scope: 'notes:read', redirect_uri, resource: 'http://localhost:9729/mcp' }, document)
  await connect(app, person, { scope: 'notes:read notes:write' }, script)
  // Cursor’s credential comes back after it was used up.
  const cursor = await register(app, { client_name: 'Cursor' })
  const { refreshToken } = await connect(app, person, {}, cursor)
  await refresh(app, cursor, refreshToken)
  await app.app.rooms.database.sql.run('UPDATE refresh_family SET rotated_at = rotated_at - 5000')
  await refresh(app, cursor, refreshToken)
  await app.app.rooms.audit.flush()
})
afterAll(async () => {
  await chromium?.close()
  await app?.close()
})

const looks = [
  { look: 'light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { look: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { look: 'tablet', viewport: { width: 900, height: 700 }, colorScheme: 'light' },
  { look: 'narrow', viewport: { width: 320, height: 640 }, colorScheme: 'light' },
  { look: 'german', viewport: { width: 1280, height: 800 }, colorScheme: 'dark', locale: 'de-DE' },
] as const

async function enter(tab: Tab, path: string, wording: 'en' | 'de' = 'en'): Promise<Page> {
  const { page } = tab
  await page.goto(`${app.issuer}${path}`)
  if (wording === 'en') await signIn(page, person)
  else {
    await page.getByLabel('E-Mail-Adresse').fill(person.email)
    await page.getByLabel('Passwort', { exact: true }).fill(person.password)
    await press(page, 'Anmelden')
  }
  return page
}

test('a person narrows, pauses, resumes and ends what acts as them (G25)', async () => {
  const tab = await chromium.tab()
  const page = await enter(tab, '/account/connections')
  await arriveAt(page, 'connections')
  await page.getByText('A used-up credential of “Cursor” came back').waitFor()
  const row = page.locator('[data-client]', { hasText: 'My script' }).locator('[data-grant]')

  await row.getByText('Allow less…').click()
  await row.getByLabel('Change your notes').uncheck()
  await keepPicture(page, 'connections-narrow')
  expect(await faultsOfPage(page)).toEqual([])
  await row.getByRole('button', { name: 'Take the rest away' }).click()
  await page.getByRole('status').getByText('New tokens hold less from now on.').waitFor()
  expect(await row.getByText('Change your notes').count()).toBe(0)

  await row.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('status').getByText('Paused.').waitFor()
  await row.getByText('Paused since').waitFor()
  await keepPicture(page, 'connections-paused')
  expect(await faultsOfPage(page)).toEqual([])
  await row.getByRole('button', { name: 'Resume' }).click()
  await page.getByRole('status').getByText('Resumed.').waitFor()

  await row.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('status').getByText('can work until').waitFor()
  expect(await row.count()).toBe(0)
  expect(tab.faults).toEqual([])

  // Something to look at on the pages below.
  await connect(app, person, { scope: everyScope }, script)
  await page.goto(`${app.issuer}/account/connections`)
  await row.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('status').getByText('Paused.').waitFor()
  await tab.close()
})

test('a person takes their data along, by keyboard and without script (G22)', async () => {
  const tab = await chromium.tab({ javaScriptEnabled: false })
  const page = await enter(tab, '/account/data')
  await arriveAt(page, 'data')
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download' }).focus()
  await page.keyboard.press('Enter')
  const download = await waiting
  expect(download.suggestedFilename()).toMatch(/^sallyport-[\d-]+\.json$/)
  const data = JSON.parse(readFileSync(await download.path(), 'utf8'))
  expect(data.account.email).toBe(person.email)
  await tab.close()
})

test('a session ends in another browser (G27)', async () => {
  const [one, other] = [await chromium.tab(), await chromium.tab()]
  await enter(one, '/account/sessions')
  await arriveAt(one.page, 'sessions')
  await enter(other, '/account/sessions')
  await arriveAt(other.page, 'sessions')
  const rows = other.page.locator('tbody tr')
  await expect.poll(() => rows.count()).toBeGreaterThan(1)
  // The one used last stands below this one.
  await rows.nth(1).getByRole('button', { name: 'End' }).click()
  await other.page.getByRole('status').getByText('That session has ended.').waitFor()
  await one.page.reload()
  await arriveAt(one.page, 'sign-in')
  await Promise.all([one.close(), other.close()])
})

describe.each(looks)('$look', ({ look, ...how }) => {
  let tab: Tab
  beforeAll(async () => {
    tab = await chromium.tab(how)
    await enter(tab, '/account/connections', look === 'german' ? 'de' : 'en')
    await arriveAt(tab.page, 'connections')
  })
  afterAll(() => tab?.close())

  test.each(['connections', 'sessions', 'history', 'data'])('%s', async (name) => {
    await tab.page.goto(`${app.issuer}/account/${name}`)
    await arriveAt(tab.page, name)
    for (const one of await tab.page.locator('main details').all()) {
      if (name === 'data') await one.locator('summary').click()
    }
    await keepPicture(tab.page, `mine-${name}-${look}`)
    expect(await faultsOfPage(tab.page)).toEqual([])
    expect(tab.faults).toEqual([])
  })
})

test('the account ends, and says so (C14)', async () => {
  const tab = await chromium.tab()
  const page = await enter(tab, '/account/data')
  await arriveAt(page, 'data')
  await page.getByText('Delete your account…').click()
  await page.getByLabel('Type your e-mail address').fill('somebody@example.test')
  await press(page, 'Delete for good')
  await page.getByText('This is not the e-mail address of your account.').waitFor()
  expect(tab.takeFaults()).toEqual([expect.stringContaining('status of 400')])
  await keepPicture(page, 'data-refused')
  expect(await faultsOfPage(page)).toEqual([])
  await page.getByLabel('Type your e-mail address').fill(person.email)
  await press(page, 'Delete for good')
  await arriveAt(page, 'account-deleted')
  await keepPicture(page, 'account-deleted')
  expect(await faultsOfPage(page)).toEqual([])
  await page.goto(`${app.issuer}/account`)
  await arriveAt(page, 'sign-in')
  expect(tab.faults).toEqual([])
  await tab.close()
})
