import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { invitePerson } from '../../src/accounts/invite.ts'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type Chromium, startChromium, type Tab } from '../support/chromium.ts'
import { authorizationRequest, connect, register } from '../support/flow.ts'
import { listen } from './listener.ts'
import { arriveAt } from './person.ts'

// No pointer in this file: every step is a key, and where it goes is found by Tab alone.
let chromium: Chromium
let app: TestApp
let admin: TestPerson
let ada: TestPerson
let tab: Tab
let page: Page

beforeAll(async () => {
  chromium = await startChromium()
  app = await startApp()
  admin = await app.person('root', 'admin')
  ada = await app.person('ada')
})
afterAll(async () => {
  await chromium?.close()
  await app?.close()
})
beforeEach(async () => {
  tab = await chromium.tab()
  page = tab.page
  onTestFinished(() => tab.close())
})

test('the first administrator sets the server up', async () => {
  const bare = await startApp({ resources: [] })
  await page.goto((await bare.app.setupLink()) ?? '')
  await arriveAt(page, 'setup')
  await typeInto('Your name', 'Grace')
  await typeInto('E-mail address', 'grace@example.test')
  await typeInto('Password', 'quite a long password of hers')
  await page.keyboard.press('Enter')
  await arriveAt(page, 'home')
  expect(tab.faults).toEqual([])
})

test('somebody invited accepts, signs out and signs in', async () => {
  const invitee = { email: 'guest@example.test', name: 'Guest', role: 'member' } as const
  const desk = { ...app.app.rooms.accounts, mailer: undefined }
  const made = await invitePerson(desk, invitee, { actor: 'operator' }, { locale: 'en', method: 'test' })
  await page.goto(made?.url ?? '')
  await arriveAt(page, 'invitation')
  await typeInto('Password', 'quite a long password of theirs')
  await pressOn('Accept and sign in')
  await arriveAt(page, 'connections')
  await pressOn('Sign out')
  await arriveAt(page, 'sign-in')
  await typeInto('E-mail address', invitee.email)
  await typeInto('Password', 'quite a long password of theirs')
  await page.keyboard.press('Enter')
  await arriveAt(page, 'connections')
  expect(tab.faults).toEqual([])
})

test('a person denies', async () => {
  const listener = await listen()
  const redirectUri = `${listener.origin}/callback`
  const client = await register(app, { client_name: 'Probe', redirect_uris: [redirectUri] })
  await page.goto(authorizationRequest(app, client.client_id, { redirect_uri: redirectUri }).url)
  await signInByKeys(ada)
  await arriveAt(page, 'consent')
  await pressOn('Deny')
  await page.getByText('You can close this window').waitFor()
  expect(listener.arrivals[0]?.url.searchParams.get('error')).toBe('access_denied')
  expect(tab.faults).toEqual([])
})

test('an administrator adds an MCP server', async () => {
  await page.goto(`${app.issuer}/admin/resources`)
  await signInByKeys(admin)
  await arriveAt(page, 'resources')
  await pressOn('Add an MCP server')
  await arriveAt(page, 'resource')
  await pressOn('Fill in by hand instead')
  await page.locator('[name=scope_0_name]').waitFor()
  await typeInto('Address', 'https://deploy.example/mcp')
  await typeInto('Name', 'Deployments')
  await reachField('[name=scope_0_name]')
  await page.keyboard.type('deploy:status')
  await reachField('[name=scope_0_description]')
  await page.keyboard.type('See deployments')
  await page.keyboard.press('Enter')
  await page.getByText('deploy.example/mcp').first().waitFor()
  const added = (await app.app.rooms.resources.store.list()).find(({ name }) => name === 'Deployments')
  expect(added?.scopes.map(({ name }) => name)).toEqual(['deploy:status'])
  expect(tab.faults).toEqual([])
})

test('an administrator finds a client and blocks it', async () => {
  const client = await register(app, { client_name: 'Odd one' })
  await page.goto(`${app.issuer}/admin/clients`)
  await signInByKeys(admin)
  await arriveAt(page, 'clients')
  await reachField('[name=q]')
  await page.keyboard.type('odd')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=odd/)
  await pressOn('“Odd one”')
  await arriveAt(page, 'client')
  await pressOn('Block')
  await page.getByRole('status').waitFor()
  expect((await app.app.rooms.clients.find(client.client_id))?.state).toBe('blocked')
  expect(tab.faults).toEqual([])
})

test('a person ends a connection', async () => {
  const person = await app.person('revoker')
  await connect(app, person, {}, await register(app, { client_name: 'Old script' }))
  await page.goto(`${app.issuer}/account/connections`)
  await signInByKeys(person)
  await arriveAt(page, 'connections')
  expect(await page.getByText('Old script').count()).toBeGreaterThan(0)
  await reachField('form[action$="/revoke"] button')
  await page.keyboard.press('Enter')
  await page.getByRole('status').waitFor()
  const now = await page.locator('main').textContent()
  expect(now).not.toContain('Old script')
  expect(tab.faults).toEqual([])
})

test('a person takes their data along', async () => {
  await page.goto(`${app.issuer}/account/data`)
  await signInByKeys(ada)
  await arriveAt(page, 'data')
  await reachField('form[action$="/export"] button')
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
  expect(download.suggestedFilename()).toMatch(/^sallyport-.*\.json$/)
  const text = readFileSync((await download.path()) ?? '', 'utf8')
  expect(text).toContain(ada.email)
  expect(JSON.parse(text)).toBeTypeOf('object')
  expect(tab.faults).toEqual([])
})

async function signInByKeys({ email, password }: TestPerson): Promise<void> {
  await arriveAt(page, 'sign-in')
  await typeInto('E-mail address', email)
  await typeInto('Password', password)
  await page.keyboard.press('Enter')
}

/** Goes on by Tab to the field with this label and types. */
async function typeInto(label: string, text: string): Promise<void> {
  await reach(`field ${label}`, (focus) => focus.label === label)
  await page.keyboard.type(text)
}

/** Goes on by Tab to the button or link with this text and presses Enter. */
async function pressOn(text: string): Promise<void> {
  await reach(`button ${text}`, (focus) => focus.isControl && focus.text === text)
  await page.keyboard.press('Enter')
}

async function reachField(selector: string): Promise<void> {
  await reach(selector, async () =>
    page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector),
  )
}

interface Focus {
  readonly label: string
  readonly text: string
  readonly isControl: boolean
}

async function reach(what: string, isThere: (focus: Focus) => boolean | Promise<boolean>): Promise<void> {
  // The browser gives the first focus with the first picture of a page, a moment after it has loaded.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  const seen: string[] = []
  for (let step = 0; step < 80; step += 1) {
    const focus = await focused()
    if (await isThere(focus)) return
    seen.push(focus.label || focus.text)
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${what}; it led to: ${seen.join(' · ')}`)
}

function focused(): Promise<Focus> {
  return page.evaluate(() => {
    const plain = (text: string | null | undefined) => (text ?? '').replace(/\s+/g, ' ').trim()
    const element = document.activeElement
    const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : []
    const isControl = element instanceof HTMLButtonElement || element instanceof HTMLAnchorElement
    return { label: plain(labels[0]?.textContent), text: isControl ? plain(element.textContent) : '', isControl }
  })
}
