// What strangers call themselves, as a browser sees it: text, in its own direction, and nothing that runs.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type Chromium, startChromium, type Tab } from '../support/chromium.ts'
import { authorizationRequest, connect, type RegisteredClient, register } from '../support/flow.ts'
import { arriveAt, press, reachConsent } from './person.ts'

const names = [
  '<img src=x onerror="window.pwned=1">',
  '"><script>window.pwned=1</script>',
  "' onmouseover='window.pwned=1",
  '</title><svg onload=window.pwned=1>',
  '{{constructor.constructor("window.pwned=1")()}}<%= 7*7 %>',
  'javascript:window.pwned=1',
  // A name of a script that is read the other way must not turn round what stands beside it.
  'שלום Client',
]
let chromium: Chromium
let app: TestApp
let admin: TestPerson
let tab: Tab
const clients: RegisteredClient[] = []

beforeAll(async () => {
  chromium = await startChromium()
  app = await startApp()
  admin = await app.person('ada', 'admin')
  for (const [index, client_name] of names.entries()) {
    const client = await register(app, {
      client_name,
      software_id: client_name,
      software_version: client_name,
      redirect_uris: [`http://127.0.0.1:4${index}21/callback`],
      contacts: ['a@b.example'],
    })
    clients.push(client)
    const redirect_uri = client.redirect_uris[0] ?? ''
    await connect(app, admin, { redirect_uri }, client)
  }
  tab = await chromium.tab()
  const [first] = clients
  const request = authorizationRequest(app, first?.client_id ?? '', {
    redirect_uri: first?.redirect_uris[0],
    prompt: 'consent',
  })
  await reachConsent(tab.page, request.url, admin)
})
afterAll(async () => {
  await tab?.close()
  await chromium?.close()
  await app?.close()
})

async function expectHarmless(): Promise<void> {
  const found = await tab.page.evaluate(() => {
    // Whatever was to be run by a pointer would be run now.
    for (const element of document.querySelectorAll('*')) element.dispatchEvent(new MouseEvent('mouseover'))
    const attributes = [...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames())
    return {
      pwned: 'pwned' in window,
      handlers: attributes.filter((name) => name.startsWith('on')),
      strangers: document.querySelectorAll('img[src="x"], main svg[onload], main script').length,
      links: [...document.querySelectorAll('a[href]')].filter((link) =>
        /^javascript:/i.test(link.getAttribute('href') ?? ''),
      ).length,
      // D11: each name keeps its direction to itself.
      bidi: [...new Set([...document.querySelectorAll('bdi')].map((one) => getComputedStyle(one).unicodeBidi))],
      title: document.title,
    }
  })
  expect(found).toMatchObject({ pwned: false, handlers: [], strangers: 0, links: 0 })
  expect(found.bidi.filter((value) => !value.includes('isolate'))).toEqual([])
  expect(found.title).not.toContain('49')
  // Nothing was tried that the policy had to stop: it was text from the beginning.
  expect(tab.takeFaults()).toEqual([])
}

test('D11 D12 on the consent page of each of them', async () => {
  for (const client of clients) {
    const redirect_uri = client.redirect_uris[0]
    await tab.page.goto(authorizationRequest(app, client.client_id, { redirect_uri, prompt: 'consent' }).url)
    await arriveAt(tab.page, 'consent')
    await expectHarmless()
  }
})

test('D11 D12 on the pages of a person', async () => {
  for (const path of ['/account/connections', '/account/history', '/account/data']) {
    await tab.page.goto(app.issuer + path)
    await expectHarmless()
  }
  expect(await tab.page.content()).not.toContain('<svg onload')
})

test('D11 D12 in the console: lists, one client, the audit book, the check of a registration', async () => {
  const one = (id: string) => `/admin/clients/show?id=${encodeURIComponent(id)}`
  const paths = [
    '/admin',
    '/admin/clients',
    '/admin/consents',
    '/admin/audit',
    '/admin/clients/clean-up?unused_hours=1',
  ]
  for (const path of [...paths, ...clients.map(({ client_id }) => one(client_id))]) {
    await tab.page.goto(app.issuer + path)
    await expectHarmless()
  }
  for (const client_name of names) {
    await tab.page.goto(`${app.issuer}/admin/clients/registration`)
    await tab.page.locator('#subject').fill(JSON.stringify({ client_name, redirect_uris: ['https://a.example/cb'] }))
    await press(tab.page, 'Check')
    await tab.page.locator('[data-outcome="in"]').waitFor()
    await expectHarmless()
  }
})

test('D12 on the page that refuses', async () => {
  const [first] = clients
  await tab.page.goto(
    authorizationRequest(app, first?.client_id ?? '', { redirect_uri: 'https://evil.example/"><b>' }).url,
  )
  await arriveAt(tab.page, 'error')
  tab.takeFaults()
  await expectHarmless()
})
