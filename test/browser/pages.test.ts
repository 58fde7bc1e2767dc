import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Chromium, keepPicture, startChromium, type Tab } from '../support/chromium.ts'
import { faultsOfPage } from './checklist.ts'
import { type Gallery, openGallery } from './gallery.ts'
import { arriveAt, signIn } from './person.ts'

const looks = [
  { look: 'light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { look: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { look: 'tablet', viewport: { width: 900, height: 700 }, colorScheme: 'light' },
  { look: 'narrow', viewport: { width: 320, height: 640 }, colorScheme: 'light' },
] as const

const ownPages: readonly (readonly [string, string])[] = [
  ['connections', '/account/connections'],
  ['security', '/account/security'],
  ['sessions', '/account/sessions'],
  ['sign-out', '/logout'],
  ['home', '/admin'],
  ['resources', '/admin/resources'],
  ['resource', '/admin/resources/new'],
  ['resource-by-hand', '/admin/resources/new?by_hand=yes'],
  ['feed', '/admin/feed'],
  ['settings', '/admin/settings'],
  ['clients', '/admin/clients'],
  ['client', '/admin/clients/new'],
  ['consents', '/admin/consents'],
  ['audit', '/admin/audit'],
]

let chromium: Chromium
let gallery: Gallery

beforeAll(async () => {
  chromium = await startChromium()
  gallery = await openGallery()
})
afterAll(async () => {
  await chromium?.close()
  await gallery?.app.close()
})

describe.each(looks)('$look', ({ look, ...how }) => {
  let tab: Tab
  beforeAll(async () => {
    tab = await chromium.tab(how)
  })
  afterAll(() => tab?.close())

  // The pages are held against the list, and a picture of each is kept.
  const holds = async (page: Page, name: string) => {
    await keepPicture(page, `${name}-${look}`)
    expect(await faultsOfPage(page)).toEqual([])
    expect(tab.faults).toEqual([])
  }

  test('sign-in for a client', async () => {
    await tab.page.goto(gallery.consents['proven-loopback'] ?? '')
    await arriveAt(tab.page, 'sign-in')
    await holds(tab.page, 'sign-in-for-a-client')
  })

  test('sign-in', async () => {
    await tab.page.goto(`${gallery.app.issuer}/account/connections`)
    await arriveAt(tab.page, 'sign-in')
    await holds(tab.page, 'sign-in')
    await signIn(tab.page, gallery.admin)
    await arriveAt(tab.page, 'connections')
  })

  test.each(ownPages)('%s', async (name, path) => {
    const response = await tab.page.goto(gallery.app.issuer + path)
    expect(response?.status()).toBe(200)
    await holds(tab.page, name)
  })

  test('one MCP server', async () => {
    await tab.page.goto(`${gallery.app.issuer}/admin/resources`)
    await tab.page.getByRole('link', { name: 'Open' }).click()
    await tab.page.getByLabel('Aliases').waitFor()
    for (const summary of await tab.page.locator('summary').all()) await summary.click()
    await holds(tab.page, 'resource-change')
  })

  test.each(['proven-loopback', 'proven-other-host', 'unproven-website', 'unproven-app', 'asked-again', 'long-words'])(
    'consent: %s',
    async (name) => {
      await tab.page.goto(gallery.consents[name] ?? '')
      await arriveAt(tab.page, 'consent')
      await holds(tab.page, `consent-${name}`)
    },
  )

  test.each([
    ['error-not-found', '/nothing-here', 404],
    ['error-client', '/authorize?client_id=nobody&response_type=code', 400],
    ['error-setup-closed', '/setup/0123456789012345678901234567890123456789', 404],
  ])('%s', async (name, path, status) => {
    const response = await tab.page.goto(gallery.app.issuer + path)
    expect(response?.status()).toBe(status)
    // The console notes the status of the answer, and that is all.
    expect(tab.takeFaults()).toEqual([expect.stringContaining(`status of ${status}`)])
    await holds(tab.page, name)
  })
})
