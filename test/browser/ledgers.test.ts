import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Chromium, keepPicture, startChromium, type Tab } from '../support/chromium.ts'
import { authorizationRequest, connect, register, token } from '../support/flow.ts'
import { faultsOfPage } from './checklist.ts'
import { type Gallery, openGallery } from './gallery.ts'
import { arriveAt, press, signIn } from './person.ts'

const looks = [
  { look: 'light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { look: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { look: 'narrow', viewport: { width: 320, height: 640 }, colorScheme: 'light' },
] as const

let chromium: Chromium
let gallery: Gallery
let accessToken = ''
let errors: Readonly<Record<string, string>> = {}

beforeAll(async () => {
  chromium = await startChromium()
  gallery = await openGallery()
  const { app, admin } = gallery
  accessToken = (await connect(app, admin)).accessToken
  const client = await register(app, { client_name: 'Claude Code', redirect_uris: ['http://localhost:3118/callback'] })
  const code = { client_id: client.client_id, code: 'spent', redirect_uri: 'http://localhost:3118/callback' }
  await token(app, { grant_type: 'authorization_code', ...code, code_verifier: 'a'.repeat(43) })
  const ask = (params: Record<string, string>) => authorizationRequest(app, client.client_id, params).url
  errors = {
    'wrong-redirect': ask({
      redirect_uri: 'https://elsewhere.example/callback?with=a-long-query-that-somebody-made-up',
    }),
    'wrong-resource': ask({ redirect_uri: 'http://localhost:3118/callback', resource: 'http://localhost:9728/other' }),
    'unknown-client': authorizationRequest(app, 'nobody').url,
    'expired-request': `${app.issuer}/interaction/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`,
  }
  await app.app.rooms.audit.flush()
})
afterAll(async () => {
  await chromium?.close()
  await gallery?.app.close()
})

describe.each(looks)('$look', ({ look, ...how }) => {
  let tab: Tab
  beforeAll(async () => {
    tab = await chromium.tab(how)
    await tab.page.goto(`${gallery.app.issuer}/admin/audit`)
    await signIn(tab.page, gallery.admin)
    await arriveAt(tab.page, 'audit')
  })
  afterAll(() => tab?.close())

  const holds = async (name: string) => {
    await keepPicture(tab.page, `${name}-${look}`)
    expect(await faultsOfPage(tab.page)).toEqual([])
    expect(tab.faults).toEqual([])
  }

  test.each([
    ['consents', '/admin/consents?revoked=yes'],
    ['audit', '/admin/audit'],
    ['keys', '/admin/keys'],
    ['diagnostics', '/admin/diagnostics'],
    ['diagnostics-codes', '/admin/diagnostics/codes'],
    ['error-code', '/errors/invalid_target'],
  ])('%s', async (name, path) => {
    await tab.page.goto(gallery.app.issuer + path)
    await arriveAt(tab.page, name)
    await holds(name)
  })

  test('one consent', async () => {
    await tab.page.goto(`${gallery.app.issuer}/admin/consents`)
    await tab.page.getByRole('link', { name: 'Look at it' }).first().click()
    await arriveAt(tab.page, 'consent-detail')
    await holds('consent-detail')
  })

  test('one event, and the check of the book', async () => {
    await tab.page.goto(`${gallery.app.issuer}/admin/audit?type=token.issued`)
    await tab.page.locator('tbody tr a').first().click()
    await arriveAt(tab.page, 'audit-event')
    await holds('audit-event')
    await tab.page.goto(`${gallery.app.issuer}/admin/audit`)
    await press(tab.page, 'Check now')
    await tab.page.locator('[data-verdict="whole"]').waitFor()
    await holds('audit-verified')
  })

  test('a token is read', async () => {
    await tab.page.goto(`${gallery.app.issuer}/admin/diagnostics`)
    await tab.page.getByLabel('Access token').fill(accessToken)
    await press(tab.page, 'Read it')
    await tab.page.locator('[data-verdict="accept"]').waitFor()
    await holds('diagnostics-token')
  })

  test.each(['wrong-redirect', 'wrong-resource', 'unknown-client', 'expired-request'])(
    'error page: %s',
    async (name) => {
      await tab.page.goto(errors[name] ?? '')
      await arriveAt(tab.page, 'error')
      expect(tab.takeFaults()).toEqual([expect.stringContaining('status of 400')])
      await holds(`error-${name}`)
    },
  )

  // Last: it leaves a successor behind.
  test('a rotation', async () => {
    await tab.page.goto(`${gallery.app.issuer}/admin/keys`)
    await press(tab.page, 'Begin the change')
    await tab.page.locator('[data-state="next"]').waitFor()
    await holds('keys-rotating')
  })
})
