import axe from 'axe-core'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLogoStore } from '../../src/logos/store.ts'
import type { TestPerson } from '../support/app.ts'
import { type Chromium, keepPicture, startChromium, type Tab } from '../support/chromium.ts'
import { askFor, documentUrl, strangersWebsite } from '../support/clients-on-show.ts'
import { authorizationRequest, register } from '../support/flow.ts'
import { faultsOfPage } from './checklist.ts'
import { type Gallery, openGallery } from './gallery.ts'
import { listen } from './listener.ts'
import { arriveAt, heading, press, signIn } from './person.ts'

const looks = [
  { look: 'light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { look: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { look: 'narrow', viewport: { width: 320, height: 640 }, colorScheme: 'light' },
] as const

let chromium: Chromium
let gallery: Gallery
let member: TestPerson
let lookAlike: string

beforeAll(async () => {
  chromium = await startChromium()
  gallery = await openGallery()
  const { app } = gallery
  member = await app.person('grace')
  const { database, clients } = app.app.rooms
  const logoUri = 'https://claude.example/logo.png'
  const known = await clients.find(documentUrl)
  if (known === null) throw new Error('the gallery has no document')
  // A picture as the server has drawn it an hour ago.
  const disc =
    '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><rect width="96" height="96" rx="22" fill="#d97757"/><circle cx="48" cy="48" r="20" fill="#fff"/></svg>'
  const png = await sharp(Buffer.from(disc))
    .png()
    .toBuffer()
    .catch(() => solid())
  await createLogoStore(database).save({ clientId: documentUrl, uri: logoUri, png, fetchedAt: new Date() })
  await database.sql.run('UPDATE client SET payload = ? WHERE id = ?', [
    JSON.stringify({ ...known.metadata, logo_uri: logoUri, policy_uri: 'https://claude.example/privacy' }),
    documentUrl,
  ])
  clients.forget(documentUrl)
  const copy = await register(app, { client_name: 'CIaude Соde', redirect_uris: [strangersWebsite] })
  lookAlike = askFor(app, copy, { redirect_uri: strangersWebsite })
})
afterAll(async () => {
  await chromium?.close()
  await gallery?.app.close()
})

function solid(): Promise<Buffer> {
  return sharp({ create: { width: 96, height: 96, channels: 3, background: '#d97757' } })
    .png()
    .toBuffer()
}

/** Everything a machine can say against a page. */
async function faults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    const run = Reflect.get(globalThis, 'axe').run
    const { violations } = await run()
    return violations.map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => `${id}: ${nodes[0]?.html}`)
  })
  return [...(await faultsOfPage(page)), ...violations]
}

describe.each(looks)('$look', ({ look, ...how }) => {
  let tab: Tab
  beforeEach(async () => {
    tab = await chromium.tab(how)
    await tab.page.goto(`${gallery.app.issuer}/account/connections`)
    await signIn(tab.page, member)
    await arriveAt(tab.page, 'connections')
  })
  afterEach(() => tab?.close())

  const holds = async (name: string) => {
    await keepPicture(tab.page, `consent-whole-${name}-${look}`)
    expect(await faults(tab.page)).toEqual([])
    expect(tab.faults).toEqual([])
  }

  test('G24 F18 a proven client, with its picture from here, and everything unfolded', async () => {
    await tab.page.goto(gallery.consents['proven-loopback'] ?? '')
    await arriveAt(tab.page, 'consent')
    await holds('proven')
    const face = tab.page.locator('img.face')
    expect(await face.getAttribute('src')).toMatch(/^\/logos\//)
    expect(await face.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0)
    for (const summary of await tab.page.locator('summary').all()) await summary.click()
    await holds('unfolded')
  })

  test('D10 a stranger’s website does not get past an empty box, and Deny needs none', async () => {
    await tab.page.goto(gallery.consents['unproven-website'] ?? '')
    await arriveAt(tab.page, 'consent')
    await holds('stranger')
    await press(tab.page, 'Allow')
    await arriveAt(tab.page, 'consent')
    await press(tab.page, 'Deny')
    await arriveAt(tab.page, 'error')
    expect(await tab.page.locator('main').textContent()).toContain('claude-login.example')
    await holds('denied')
  })

  test('D10 D11 a look-alike is stopped, and passed only on purpose', async () => {
    // Names are remembered for some seconds, and these have just become known.
    await expect
      .poll(
        async () => {
          await tab.page.goto(lookAlike)
          return tab.page.locator('main').getAttribute('data-page')
        },
        { timeout: 10_000, interval: 500 },
      )
      .toBe('consent-warning')
    expect(await heading(tab.page)).toBe('This is not the Claude Code that people here use')
    await holds('look-alike')
    await tab.page.getByLabel('I know claude-login.example').check()
    await press(tab.page, 'Go on')
    await arriveAt(tab.page, 'consent')
    await holds('look-alike-passed')
  })

  test('F17 an answer that nobody takes can be copied after going back', async () => {
    const listener = await listen()
    const redirectUri = `${listener.origin}/callback`
    const client = await register(gallery.app, { client_name: 'Shell', redirect_uris: [redirectUri] })
    await tab.page.goto(authorizationRequest(gallery.app, client.client_id, { redirect_uri: redirectUri }).url)
    await arriveAt(tab.page, 'consent')
    await press(tab.page, 'Allow')
    await tab.page.getByText('You can close this window').waitFor()
    await tab.page.goBack()
    await tab.page.locator('main[data-error="already_answered"]').waitFor()
    tab.takeFaults()
    await holds('returned')
    await press(tab.page, 'Show the code to copy')
    await tab.page.getByLabel('Code alone').waitFor()
    expect(await tab.page.getByLabel('Address').inputValue()).toContain('code=')
    await holds('code')
  })

  test('“by hand” sends nothing anywhere and shows the code at once', async () => {
    await tab.page.goto(gallery.consents['asked-again'] ?? '')
    await arriveAt(tab.page, 'consent')
    await tab.page.getByText('Does the program run on another machine?').click()
    await tab.page.getByLabel('Show me a code to copy').check()
    await press(tab.page, 'Allow')
    await tab.page.getByLabel('Code alone').waitFor()
    expect(tab.faults).toEqual([])
  })

  test('“block this client” holds until the person lifts it', async () => {
    await tab.page.goto(gallery.consents['unproven-app'] ?? '')
    await arriveAt(tab.page, 'consent')
    await tab.page.getByText('Do you not trust this client?').click()
    await press(tab.page, 'Block this client')
    await tab.page.locator('main[data-error="client_blocked"]').waitFor()
    await holds('blocked')
    await tab.page.goto(gallery.consents['unproven-app'] ?? '')
    await arriveAt(tab.page, 'consent-blocked')
    await holds('blocked-asks')
    await press(tab.page, 'Let it ask me again')
    await arriveAt(tab.page, 'consent')
  })

  test('an app gets its answer from a page that can be closed', async () => {
    await tab.page.goto(gallery.consents['unproven-app'] ?? '')
    await arriveAt(tab.page, 'consent')
    await press(tab.page, 'Allow')
    await arriveAt(tab.page, 'continue')
    expect(await heading(tab.page)).toBe('“Cursor” is connected')
    await holds('allowed')
  })
})

test('the page speaks German to who reads German', async () => {
  const tab = await chromium.tab({ locale: 'de-DE' })
  await tab.page.goto(gallery.consents['unproven-website'] ?? '')
  await arriveAt(tab.page, 'sign-in')
  await tab.page.locator('input[name="email"]').fill(member.email)
  await tab.page.locator('input[name="password"]').fill(member.password)
  await tab.page.getByRole('button', { name: 'Anmelden', exact: true }).click()
  await arriveAt(tab.page, 'consent')
  await keepPicture(tab.page, 'consent-whole-german')
  expect(await faults(tab.page)).toEqual([])
  expect(await tab.page.getByRole('button', { name: 'Erlauben' }).count()).toBe(1)
  await tab.close()
})
