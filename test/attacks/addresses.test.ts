import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestApp } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { register } from '../support/flow.ts'
import { RawSocket } from '../support/raw-socket.ts'
import { type NotedRoute, protocolRoutes, readyRoutes, startWithRoutes } from '../support/routes.ts'
import { count } from './stage.ts'

// One address, one page: whatever is written a little differently is nothing at all, for everybody.

let app: TestApp
let routes: NotedRoute[]
let admin: Browser
let formToken: string

beforeAll(async () => {
  ;({ app, routes } = await startWithRoutes())
  const person = await app.person('ada', 'admin')
  admin = new Browser(app.issuer)
  await admin.submit(await admin.open('/sign-in'), { email: person.email, password: person.password })
  formToken = csrfOf(await admin.open('/admin/clients/new'))
})
afterAll(() => app.close())

/** The status of a request whose target is sent byte for byte, as an administrator. */
async function statusOf(method: string, target: string): Promise<number> {
  const raw = new RawSocket(app.issuer)
  const cookie = [...admin.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  // With a good form token, so that nothing stands before the address itself.
  const body = method === 'POST' ? `_csrf=${formToken}` : ''
  raw.send(
    `${method} ${target} HTTP/1.1\r\nHost: ${new URL(app.issuer).host}\r\nCookie: ${cookie}\r\nOrigin: ${app.issuer}\r\n` +
      'Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
  await raw.closed
  return raw.statuses[0] ?? 0
}

/** Other ways to write an address; its parameters are ids that nobody has. */
function spellings(path: string): string[] {
  const last = path.lastIndexOf('/')
  const first = path.charCodeAt(1).toString(16)
  return [
    `/${path}`,
    `${path}/`,
    `${path}//`,
    path.toUpperCase(),
    `/%${first}${path.slice(2)}`,
    `${path};x`,
    `${path};jsessionid=1`,
    `${path}%2f`,
    `${path}%5c`,
    `${path}%00`,
    `${path}%0a`,
    `${path}%20`,
    `${path}.`,
    `${path}.json`,
    `${path}..;/`,
    `/.${path}`,
    `/x/..${path}`,
    `/x/%2e%2e${path}`,
    `${path.slice(0, last)}%2f${path.slice(last + 1)}`,
    `${path.slice(0, last)}/.${path.slice(last)}`,
    `${path.slice(0, last)}\\${path.slice(last + 1)}`,
  ].filter((one) => one !== path && one.toLowerCase() !== '/')
}

// 405: what is no page of its own may look like the id of one that takes no form.
const refusals = [400, 404, 405]

describe('K04 every route has one address', () => {
  test('K04 the table holds the whole house', () => {
    expect(routes.length).toBeGreaterThan(80)
    for (const path of [
      '/sign-in',
      '/admin/clients',
      '/account/connections',
      '/interaction/:uid/consent',
      '/healthz',
    ]) {
      expect(routes).toContainEqual({ method: 'GET', path })
    }
  })

  test('K04 the table holds what the front answers without a router', async () => {
    const metadata = await (await fetch(`${app.issuer}/.well-known/oauth-authorization-server`)).json()
    const named = Object.values(metadata as object).filter((value) => `${value}`.startsWith(`${app.issuer}/`))
    expect(named.length).toBeGreaterThan(5)
    const table = [...protocolRoutes, ...readyRoutes]
    expect(table).toEqual(expect.arrayContaining(named.map((url) => new URL(url).pathname)))
    for (const path of readyRoutes) expect([path, await statusOf('GET', path)]).toEqual([path, 200])
    // No metadata names it: verifiers know where it is.
    expect(readyRoutes).toContain('/revocations')
  })

  test('K04 another spelling of a page without parameters is no page, also for an administrator', async () => {
    const wrong: string[] = []
    for (const { method, path } of routes.filter((route) => !route.path.includes(':') && route.path !== '/')) {
      for (const target of spellings(path)) {
        const status = await statusOf(method, target)
        if (!refusals.includes(status)) wrong.push(`${method} ${target}: ${status}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('K04 a page with parameters is not reached by another spelling of what is not the parameter', async () => {
    const wrong: string[] = []
    for (const { method, path } of routes.filter((route) => route.path.includes(':'))) {
      const real = path.replaceAll(/:\w+/g, 'AAAAAAAAAAAAAAAAAAAAAA')
      const plain = await statusOf(method, real)
      for (const target of [
        `/${real}`,
        `/%${path.charCodeAt(1).toString(16)}${real.slice(2)}`,
        `/x/..${real}`,
        `/.${real}`,
      ]) {
        const status = await statusOf(method, target)
        if (!refusals.includes(status)) wrong.push(`${method} ${target}: ${status} (${plain})`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('K04 the protocol has one spelling, and nothing is stored or given for another', async () => {
    const tables = ['client', 'interaction', 'pushed_request', 'authorization_code', 'refresh_family']
    const rows = () => Promise.all(tables.map((table) => count(app, table)))
    const before = await rows()
    const wrong: string[] = []
    for (const path of [...protocolRoutes, ...readyRoutes]) {
      for (const target of spellings(path)) {
        for (const method of ['GET', 'POST']) {
          const status = await statusOf(method, target)
          if (!refusals.includes(status)) wrong.push(`${method} ${target}: ${status}`)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(await rows()).toEqual(before)
  })
})

describe('K03 what a request says of itself', () => {
  test('G03 no post of the house is taken without a form token of this browser, or from another site', async () => {
    const stranger = new Browser(app.issuer)
    const tokenOfStranger = csrfOf(await stranger.open('/sign-in'))
    const own = { origin: app.issuer, 'sec-fetch-site': 'same-origin' }
    const tries: readonly (readonly [headers: Record<string, string>, token: string])[] = [
      [own, ''],
      [own, 'x'],
      [own, tokenOfStranger],
      [{ origin: 'https://evil.example' }, formToken],
      [{ origin: 'null' }, formToken],
      [{ 'sec-fetch-site': 'same-site' }, formToken],
      [{ 'sec-fetch-site': 'cross-site' }, formToken],
      [{ 'sec-fetch-site': 'none' }, formToken],
    ]
    const cookie = [...admin.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const posts = routes.filter(({ method }) => method === 'POST').map(({ path }) => path.replaceAll(/:\w+/g, 'x'))
    expect(posts.length).toBeGreaterThan(70)
    for (const path of posts) {
      for (const [headers, token] of tries) {
        const { status } = await fetch(`${app.issuer}${path}`, {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie, ...headers },
          body: new URLSearchParams({ _csrf: token }),
        })
        expect([path, headers, status]).toEqual([path, headers, 403])
      }
    }
    expect((await admin.open('/admin')).name).toBe('home')
  }, 60_000)

  test('K03 no header and no field makes another method of it', async () => {
    const client = await register(app)
    const management = `${app.issuer}/register/${client.client_id}`
    const headers = { authorization: `Bearer ${client.registration_access_token}` }
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override', '_method']) {
      const answer = await fetch(`${management}?_method=DELETE`, { headers: { ...headers, [name]: 'DELETE' } })
      expect(answer.status).toBe(200)
      const posted = await fetch(management, {
        method: 'POST',
        headers: { ...headers, [name]: 'DELETE' },
        body: new URLSearchParams({ _method: 'DELETE' }),
      })
      expect([400, 404, 405]).toContain(posted.status)
    }
    expect(await count(app, 'client', `id = '${client.client_id}'`)).toBe(1)
    const token = await fetch(`${app.issuer}/token?grant_type=x`, { headers: { 'x-http-method-override': 'POST' } })
    expect([404, 405]).toContain(token.status)
  })

  test('K03 no header makes another address of it', async () => {
    for (const name of ['x-original-url', 'x-rewrite-url', 'x-forwarded-prefix', 'x-forwarded-uri', 'x-override-url']) {
      const page = await fetch(`${app.issuer}/sign-in`, { headers: { [name]: '/admin' }, redirect: 'manual' })
      expect([page.status, (await page.text()).includes('data-page="sign-in"')]).toEqual([200, true])
    }
  })

  test('K03 a get changes nothing, whatever fields it carries', async () => {
    const page = await admin.open('/admin/clients')
    const fields = new URLSearchParams({ _csrf: csrfOf(page), confirm: 'yes', client_id: 'x', decision: 'allow' })
    const posts = routes.filter(({ method }) => method === 'POST').map(({ path }) => path)
    await app.app.rooms.audit.flush()
    const before = await count(app, 'audit_event')
    for (const path of posts) {
      const target = `${path.replaceAll(/:\w+/g, 'AAAAAAAAAAAAAAAAAAAAAA')}?${fields}`
      const answer = await admin.open(target)
      expect([target, answer.status < 500]).toEqual([target, true])
    }
    await app.app.rooms.audit.flush()
    expect(await count(app, 'audit_event')).toBe(before)
  })
})
