import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestApp } from '../support/app.ts'
import { Browser, csrfOf, type Page } from '../support/browser.ts'
import { crawl, type FoundForm } from '../support/crawl.ts'
import { databaseKinds } from '../support/database.ts'
import { authorizationRequest, connect, register } from '../support/flow.ts'
import { protocolRoutes, startWithRoutes } from '../support/routes.ts'
import { anyText, expectSound, rowCounts, runs, share } from './attempts.ts'

// Every form of every page, found by walking over the pages, with fields that are wrong, missing, doubled or invented, sent by
// somebody who may send it: never a fault, always a page of ours.

/** What would end the walk itself. */
const leftAlone =
  /^\/(?:logout|account\/sessions|account\/data|admin\/people\/[^/]+\/(?:remove|disable|sign-out|role|unlink)|admin\/keys)/

type Fields = readonly (readonly [name: string, value: string])[]

/** Changes of a form: what each of its fields says, and what else comes. */
const change = fc.record({
  values: fc.array(fc.option(anyText, { nil: undefined }), { minLength: 1, maxLength: 12 }),
  dropped: fc.nat(40),
  doubled: fc.nat(40),
  more: fc.array(fc.tuple(anyText, anyText), { maxLength: 2 }),
})

function changed(
  { fields }: FoundForm,
  { doubled, dropped, more, values }: typeof change extends fc.Arbitrary<infer T> ? T : never,
): Fields {
  const named = [...fields].filter(([name]) => name !== '_csrf')
  const out = named.flatMap(([name, [first = '']], index): (readonly [string, string])[] => {
    if (index === dropped) return []
    const value = values[index % values.length] ?? first
    return index === doubled
      ? [
          [name, value],
          [name, first],
        ]
      : [[name, value]]
  })
  return [...out, ...more]
}

describe.each(databaseKinds)('K13 K16 pages and forms on %s', (kind) => {
  let app: TestApp
  let gets: readonly string[]
  let admin: Browser
  let visitor: Browser
  let formToken: string
  let forms: readonly { readonly browser: Browser; readonly form: FoundForm }[]

  beforeAll(async () => {
    const started = await startWithRoutes({ database: kind })
    app = started.app
    gets = started.routes
      .filter(({ method, path }) => method === 'GET' && !leftAlone.test(path))
      .map(({ path }) => path)
    const ada = await app.person('ada', 'admin')
    const { client } = await connect(app, ada)
    admin = new Browser(app.issuer)
    await admin.submit(await admin.open('/sign-in'), { email: ada.email, password: ada.password })
    formToken = csrfOf(await admin.open('/admin/clients/new'))
    visitor = new Browser(app.issuer)
    const stranger = await register(app)
    const signIn = await visitor.open(authorizationRequest(app, stranger.client_id).url)
    const asked = new Browser(app.issuer)
    await asked.submit(await asked.open('/sign-in'), { email: ada.email, password: ada.password })
    const consent = await asked.open(authorizationRequest(app, stranger.client_id).url)
    const start = ['/admin', '/account', `/admin/clients/show?id=${client.client_id}`]
    const own = await crawl(admin, start, leftAlone)
    const outside = await crawl(visitor, [signIn.url, '/sign-in', '/forgot-password'].map(pathOf), leftAlone)
    const decision = await crawl(asked, [pathOf(consent.url)], /^\/(?!interaction)/)
    forms = [
      ...own.forms.map((form) => ({ browser: admin, form })),
      ...outside.forms.map((form) => ({ browser: visitor, form })),
      ...decision.forms.map((form) => ({ browser: asked, form })),
    ]
  }, 120_000)
  afterAll(() => app.close())

  test('K13 the walk has found the forms of the house', () => {
    expect(forms.length).toBeGreaterThan(25)
    const actions = forms.map(({ form }) => `${form.method} ${form.action.split('?')[0]}`)
    for (const action of [
      'POST /sign-in',
      'POST /admin/resources',
      'POST /admin/clients',
      'GET /admin/audit',
      'GET /admin/people',
    ]) {
      expect(actions).toContain(action)
    }
    expect(actions.some((action) => /^POST \/interaction\/[^/]+\/consent$/.test(action))).toBe(true)
  })

  test('K13 every form takes what somebody writes into it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), change, async (index, changes) => {
        const found = forms[index % forms.length]
        if (found === undefined) return
        await submit(found.browser, found.form, changed(found.form, changes))
      }),
      runs(share(kind, 250)),
    )
  })

  test('K13 every page takes what somebody writes into its address', async () => {
    const query = fc.array(fc.tuple(fc.constantFrom(...parameterNames), anyText), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.nat(), anyText, query, async (index, id, pairs) => {
        const path = (gets[index % gets.length] ?? '/').replaceAll(
          /:\w+/g,
          encodeURIComponent(id.slice(0, 300).toWellFormed()) || 'x',
        )
        expectSoundPage(await admin.open(`${path}?${new URLSearchParams(pairs)}`))
      }),
      runs(share(kind, 250)),
    )
  })

  test('K13 each parameter of each page alone, with a NUL character and with what no decoder takes', async () => {
    for (const path of gets) {
      const real = path.replaceAll(/:\w+/g, 'a%00b')
      for (const value of ['a%00b', '%ff', "'", '%22%3E%3Cscript%3Ealert(1)%3C/script%3E']) {
        const all = parameterNames.map((name) => `${name}=${value}`).join('&')
        expectSoundPage(await admin.open(`${real}?${all}`))
      }
    }
  }, 120_000)

  test('G03 without the token of its page no form does anything', async () => {
    const before = await rowCounts(app)
    for (const { browser, form } of forms.filter((one) => one.form.method === 'POST')) {
      const page = await browser.post(form.action, {
        ...Object.fromEntries([...form.fields].map(([name, [first = '']]) => [name, first])),
        _csrf: 'x',
      })
      expect([form.action, page.status]).toEqual([form.action, 403])
    }
    expect(await rowCounts(app)).toEqual(before)
  })

  async function submit(browser: Browser, { action, method }: FoundForm, fields: Fields): Promise<void> {
    const pairs = new URLSearchParams(fields.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]))
    if (method === 'GET')
      return expectSoundPage(await browser.open(`${action.split('?')[0]}?${pairs.toString().slice(0, 9000)}`))
    // A token of this browser's own page; the administrator's is at hand.
    const token = browser === admin ? formToken : csrfOf(await browser.open('/sign-in'))
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    pairs.append('_csrf', token)
    const answer = await fetch(`${app.issuer}${action}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, origin: app.issuer, 'sec-fetch-site': 'same-origin' },
      body: pairs,
    })
    expectSound({ status: answer.status, headers: answer.headers, body: await answer.text() }, false, action)
    const location = answer.headers.get('location')
    if (location !== null) expect(location).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/)
  }
})

const parameterNames = [
  'q',
  'type',
  'account',
  'client',
  'server',
  'scope',
  'since',
  'until',
  'request',
  'before',
  'after',
  'next',
  'state',
  'origin',
  'unused',
  'kind',
  'id',
  'code',
  'format',
  'page',
  'return_to',
  'again',
  'unused_hours',
  'idle_days',
  'as_of',
  'by_hand',
  'address',
  'person',
  'resource',
  'ui_locales',
  'error',
  'iss',
]

function expectSoundPage({ body, headers, status, url }: Page): void {
  // Status 0: somewhere else, which no page of this walk leads to.
  expect([url, status]).not.toEqual([url, 0])
  const isProtocol = protocolRoutes.some((path) => new URL(url).pathname === path)
  expectSound({ body, headers, status }, isProtocol, url.slice(0, 300))
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://localhost')
  return `${pathname}${search}`
}
