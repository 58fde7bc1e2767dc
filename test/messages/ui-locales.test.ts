import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser, type Page } from '../support/browser.ts'
import { authorizationRequest, register } from '../support/flow.ts'

let app: TestApp
let clientId: string
beforeAll(async () => {
  app = await startApp({ settings: { BRAND_NAME: 'Acme ID' } })
  clientId = (await register(app)).client_id
})
afterAll(() => app.close())

const languageOf = ({ body }: Page): string => /<html lang="(\w+)"/.exec(body)?.[1] ?? ''
const begin = (params: Record<string, string>, headers: Record<string, string> = {}) =>
  new Browser(app.issuer, { 'accept-language': 'en', ...headers }).open(authorizationRequest(app, clientId, params).url)

it.each([
  ['de', 'de'],
  ['fr de en', 'de'],
  ['tlh', 'en'],
  ['"><script>', 'en'],
])('ui_locales=%s: the sign-in page of the authorization is in %s', async (uiLocales, expected) => {
  const page = await begin({ ui_locales: uiLocales })
  expect([page.name, languageOf(page)]).toEqual(['sign-in', expected])
  expect(page.body).toContain(expected === 'de' ? 'Acme ID auf localhost' : 'Acme ID at localhost')
})

it('the whole way is in that language: the fault, the page between', async () => {
  const person = await app.person()
  const browser = new Browser(app.issuer, { 'accept-language': 'en' })
  const page = await browser.open(authorizationRequest(app, clientId, { ui_locales: 'de' }).url)
  const refused = await browser.submit(page, { email: person.email, password: 'wrong' })
  expect([refused.status, languageOf(refused)]).toEqual([401, 'de'])
  expect(refused.body).toContain('kommen Sie nicht hinein')
  const between = await browser.submit(refused, { email: person.email, password: person.password })
  expect([between.name, languageOf(between)]).toEqual(['continue', 'de'])
  expect([(await browser.goOn(between)).name, languageOf(await browser.goOn(between))]).toEqual(['consent', 'de'])
})

it('a page that refuses the request is in that language, too', async () => {
  const page = await begin({ ui_locales: 'de', resource: 'https://unknown.example/mcp' })
  expect([page.name, languageOf(page)]).toEqual(['error', 'de'])
})

it('the footer’s choice wins from then on', async () => {
  const browser = new Browser(app.issuer, { 'accept-language': 'en' })
  const page = await browser.open(authorizationRequest(app, clientId, { ui_locales: 'de' }).url)
  const csrf = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  const here = /name="page" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  const again = await browser.post('/language', { _csrf: csrf, locale: 'en', page: here })
  expect([again.name, languageOf(again)]).toEqual(['sign-in', 'en'])
})
