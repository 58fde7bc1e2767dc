import { globSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { count } from './stage.ts'

// A page has one address. The router compares the paths of guards and of pages in two ways, so another spelling of a page
// must not be a page at all: it would be one without its guard.

let app: TestApp
let member: TestPerson

beforeAll(async () => {
  app = await startApp()
  member = await app.person('member')
})
afterAll(() => app.close())

async function signedIn(): Promise<Browser> {
  const browser = new Browser(app.issuer)
  const page = await browser.open('/sign-in')
  await browser.submit(page, { email: member.email, password: member.password })
  return browser
}

const guarded = [
  '/admin',
  '/admin/clients',
  '/admin/clients/new',
  '/admin/resources',
  '/admin/resources/new',
  '/admin/consents',
  '/admin/audit',
  '/account',
  '/account/connections',
  '/account/security',
  '/account/sessions',
]
const capital = (path: string) => path.replace(/[a-z]/, (letter) => letter.toUpperCase())
const spellings = guarded.flatMap((path) => [
  path.toUpperCase(),
  capital(path),
  `${path.slice(0, -1)}${path.slice(-1).toUpperCase()}`,
  `/${path}`,
  path.replace('/a', '/%61'),
])

describe('G21 another spelling of a guarded page', () => {
  test.each(spellings)('%s is no page, for a stranger and for a member', async (path) => {
    for (const browser of [new Browser(app.issuer), await signedIn()]) {
      const page = await browser.open(`${app.issuer}${path}`)
      // The part before the capital is a page of the guard's: a stranger may be asked to sign in, and that is all.
      expect(['error', 'sign-in']).toContain(page.name)
      if (page.name === 'error') expect([404, page.error]).toEqual([page.status, 'not_found'])
    }
  })

  test('takes no form either', async () => {
    const browser = await signedIn()
    const before = await count(app, 'client')
    const page = await browser.open('/account/security')
    for (const path of ['/ADMIN/clients', '/Admin/clients', '/admin/CLIENTS']) {
      const answer = await browser.post(`${app.issuer}${path}`, {
        _csrf: csrfOf(page),
        client_name: 'mine',
        kind: 'public',
        redirect_uris: 'https://mine.example/cb',
      })
      expect(answer.status).toBe(404)
    }
    expect(await count(app, 'client')).toBe(before)
  })
})

test('G21 no router takes another spelling than its own', () => {
  const makers = globSync('src/**/*.ts').flatMap((file) => readFileSync(file, 'utf8').match(/new Router\(.*/g) ?? [])
  expect(makers.length).toBeGreaterThan(5)
  for (const maker of makers) expect(maker).toContain('sensitive: true')
})
