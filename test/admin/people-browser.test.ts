import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { invitePerson } from '../../src/accounts/invite.ts'
import { makeLink } from '../../src/accounts/links/send.ts'
import { faultsOfPage } from '../browser/checklist.ts'
import { arriveAt, press, signIn } from '../browser/person.ts'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type Chromium, keepPicture, startChromium, type Tab } from '../support/chromium.ts'
import { connect, register } from '../support/flow.ts'

const looks = [
  { look: 'light', viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { look: 'dark', viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  { look: 'narrow', viewport: { width: 320, height: 640 }, colorScheme: 'light' },
] as const
const operator = { actor: 'operator' } as const
const request = { locale: 'en', method: 'test' } as const

let chromium: Chromium
let app: TestApp
let root: TestPerson
let ada: TestPerson

beforeAll(async () => {
  chromium = await startChromium()
  // Nobody listens there: every letter fails, which is what the pages have to tell.
  app = await startApp({ settings: { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'id@example.test' } })
  root = await app.person('root', 'admin')
  ada = await app.person('ada')
  await app.person('grace')
  const client = await register(app, { client_name: 'Claude Code' })
  await connect(app, ada, { scope: 'notes:read notes:write' }, client)
  await connect(app, ada, { scope: 'notes:read' })
  const invitee = {
    email: 'a.rather.long.address.of.somebody@department.of-a-company.example',
    name: 'Maximiliane Freifrau von und zu Hohenlohe-Langenburg',
    role: 'admin',
  } as const
  await invitePerson({ ...app.app.rooms.accounts, mailer: undefined }, invitee, operator, request)
})
afterAll(async () => {
  await chromium?.close()
  await app?.close()
})

const linkFor = async (id: string) => {
  const made = await makeLink({ ...app.app.rooms.accounts, mailer: undefined }, id, operator, request)
  return made?.url ?? ''
}

describe.each(looks)('people, $look', ({ look, ...how }) => {
  let tab: Tab
  beforeAll(async () => {
    tab = await chromium.tab(how)
  })
  afterAll(() => tab?.close())

  const holds = async (page: Page, name: string) => {
    await keepPicture(page, `${name}-${look}`)
    expect(await faultsOfPage(page)).toEqual([])
    expect(tab.faults).toEqual([])
  }

  test('a forgotten password', async () => {
    await tab.page.goto(`${app.issuer}/sign-in`)
    await tab.page.getByRole('link', { name: 'Forgot your password?' }).click()
    await arriveAt(tab.page, 'forgot-password')
    await holds(tab.page, 'forgot-password')
    await tab.page.getByLabel('E-mail address').fill('nobody@example.test')
    await press(tab.page, 'Send the letter')
    await tab.page.getByText('a letter is on its way').waitFor()
    await holds(tab.page, 'forgot-password-asked')
  })

  test('behind a link', async () => {
    await tab.page.goto(await linkFor(ada.id))
    await arriveAt(tab.page, 'reset')
    await holds(tab.page, 'reset')
    const person = { email: `new-${look}@example.test`, name: 'Newcomer', role: 'member' } as const
    const made = await invitePerson({ ...app.app.rooms.accounts, mailer: undefined }, person, operator, request)
    await tab.page.goto(made?.url ?? '')
    await arriveAt(tab.page, 'invitation')
    await tab.page.getByLabel('Password').fill('short')
    await press(tab.page, 'Accept and sign in')
    await tab.page.getByText('the invitation is still good').waitFor()
    expect(tab.takeFaults()).toEqual([expect.stringContaining('status of 400')])
    await holds(tab.page, 'invitation')
    await tab.page.getByLabel('Password').fill('quite another long password')
    await tab.page.keyboard.press('Enter')
    await arriveAt(tab.page, 'connections')
    await press(tab.page, 'Sign out')
    await arriveAt(tab.page, 'sign-in')
  })

  test('the list and one person', async () => {
    await tab.page.goto(`${app.issuer}/admin/people`)
    await signIn(tab.page, root)
    await arriveAt(tab.page, 'people')
    await holds(tab.page, 'people')
    await tab.page.getByLabel('Part of a name or e-mail address').fill('ada')
    await tab.page.keyboard.press('Enter')
    await tab.page.getByRole('link', { name: 'ada' }).click()
    await arriveAt(tab.page, 'person')
    await holds(tab.page, 'person')
    await press(tab.page, 'Sign out everywhere')
    await tab.page.getByText('Signed out everywhere.').waitFor()
  })

  test('an invitation whose letter fails', async () => {
    await tab.page.goto(`${app.issuer}/admin/people`)
    await tab.page.getByRole('link', { name: 'Invite somebody' }).click()
    await arriveAt(tab.page, 'person-invite')
    await holds(tab.page, 'person-invite')
    await tab.page.getByLabel('E-mail address').fill(`guest-${look}@example.test`)
    await tab.page.getByLabel('Name').fill('Guest')
    await press(tab.page, 'Invite')
    await arriveAt(tab.page, 'person-link')
    expect(await tab.page.getByLabel('Link').inputValue()).toMatch(/\/invitation\/[\w-]{43}$/)
    await holds(tab.page, 'person-link')
  })

  test('signing in again', async () => {
    await tab.page.goto(`${app.issuer}/sign-in?return_to=people/invite&again=posted`)
    await tab.page.getByText('Nothing was changed yet').waitFor()
    await holds(tab.page, 'sign-in-again')
    await tab.page.getByLabel('Password').fill(root.password)
    await press(tab.page, 'Sign in')
    await arriveAt(tab.page, 'person-invite')
  })

  test('in German', async () => {
    await tab.page.goto(`${app.issuer}/admin/people/${ada.id}`)
    await press(tab.page, 'Deutsch')
    await tab.page.getByText('Überall abmelden').waitFor()
    await holds(tab.page, 'person-german')
  })
})
