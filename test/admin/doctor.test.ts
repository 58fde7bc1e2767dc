import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Before, type BrokenServer, startBrokenServer } from '../doctor/broken-server.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser, csrfOf, type Page } from '../support/browser.ts'

let app: TestApp
let server: BrokenServer
beforeAll(async () => {
  app = await startApp()
  server = await startBrokenServer(['no_pkce'])
})
afterAll(async () => {
  await app.close()
  await server.close()
})

async function signedIn(role: 'member' | 'admin'): Promise<Browser> {
  const person = await app.person(undefined, role)
  const browser = new Browser(app.issuer)
  await browser.submit(await browser.open(`${app.issuer}/sign-in`), { email: person.email, password: person.password })
  return browser
}

const path = '/admin/diagnostics/doctor'

const examine = (browser: Browser, form: Page, address: string) =>
  browser.post(`${app.issuer}${path}`, { _csrf: csrfOf(form), address })

test('an administrator has a server examined; nothing is fetched before', async () => {
  const browser = await signedIn('admin')
  const form = await browser.open(`${app.issuer}${path}?address=${encodeURIComponent(server.address)}`)
  expect([form.name, form.body.includes(`value="${server.address}"`), server.requests.length]).toEqual([
    'doctor',
    true,
    0,
  ])
  const page = await examine(browser, form, server.address)
  expect(page.body).toContain('data-finding="no_pkce"')
  expect(page.body).toMatch(/data-client="cursor" data-light="red"/)
  expect(page.body).toMatch(/data-step="cors" data-light="green"/)
  expect(server.clients.size).toBe(0)
})

test('what is no address is refused, and no server is asked', async () => {
  const browser = await signedIn('admin')
  const form = await browser.open(`${app.issuer}${path}`)
  const before = server.requests.length
  const page = await examine(browser, form, 'javascript:alert(1)')
  expect([page.status, server.requests.length]).toEqual([400, before])
})

test('a password in an address is refused, and not shown again', async () => {
  const browser = await signedIn('admin')
  const form = await browser.open(`${app.issuer}${path}`)
  const page = await examine(browser, form, 'https://ada:geheim@tools.example/mcp')
  expect([page.status, page.body.includes('value="https://tools.example/mcp"')]).toEqual([400, true])
  expect(page.body).not.toContain('geheim')
})

test('G21 what a server writes is text on the page, and leads nowhere', async () => {
  const evil = '<img src=x onerror=alert(1)>"><script>alert(1)</script>{{1}}\u202e\u009b2J'
  const before: Before = (request, response, { path, origin }) => {
    const answers: Readonly<Record<string, unknown>> = {
      '/.well-known/oauth-protected-resource/mcp': {
        resource: `https://other.example/${evil}`,
        authorization_servers: [`${origin}`],
      },
      '/register': { client_id: evil, redirect_uris: [evil], token_endpoint_auth_method: evil },
    }
    const answer = request.method === 'OPTIONS' ? undefined : answers[path]
    if (answer === undefined) return false
    response.writeHead(path === '/register' ? 201 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
    return true
  }
  const hostile = await startBrokenServer([], { before, metadataMembers: { issuer: `https://x.example/${evil}` } })
  const browser = await signedIn('admin')
  const form = await browser.open(`${app.issuer}${path}`)
  const page = await browser.post(`${app.issuer}${path}`, {
    ...{ _csrf: csrfOf(form), address: hostile.address, register: 'yes' },
  })
  await hostile.close()
  expect(page.body.match(/&lt;img src=x/g)?.length).toBeGreaterThan(4)
  expect(page.body).not.toMatch(/<img src=x|<script>alert|[\u009b\u202e]/)
  expect(page.body).not.toMatch(/(?:href|src|action)="[^"]*(?:other|x)\.example/)
  // Of what was fetched the log has the host, and nothing that the host said.
  const lines = app.log().trim().split('\n')
  expect(lines.filter((line) => !/^\{.*\}$/.test(line))).toEqual([])
  expect(app.log()).not.toMatch(/onerror|[\u009b\u202e]/)
})

test('G21 a member finds nothing', async () => {
  const browser = await signedIn('member')
  expect((await browser.open(`${app.issuer}${path}`)).status).toBe(404)
})
