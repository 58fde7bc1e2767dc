import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { invalidTarget } from '../../src/oauth/errors.ts'
import { AppError } from '../../src/runtime/app-error.ts'
import { seeOther, signedIn } from '../../src/web/context.ts'
import { requireAccount, requireAdmin } from '../../src/web/middleware/require-account.ts'
import { returnName, returnPath } from '../../src/web/navigation.ts'
import { cookiesOf, type PageServer, startPageServer } from './page-server.ts'

let server: PageServer
let https: PageServer
const member = { id: 'm', email: 'm@acme.example', name: '<b>Mia</b>', role: 'member' as const }

beforeAll(async () => {
  const routes: Parameters<typeof startPageServer>[0]['routes'] = (router) => {
    router.get('/ok', (ctx) => ctx.state.render(ctx, 'continue', { title: 'x', page: 'continue', target: '<script>' }))
    router.get('/token', (ctx) => {
      ctx.body = ctx.state.forms.token(ctx)
    })
    router.get('/interaction/:uid', (ctx) => ctx.state.render(ctx, 'continue', { title: 'x', page: 'continue' }))
    router.get('/refused', () => {
      throw new AppError('some_code', 400, 'Words for people.', { log: { detail: 'for the log' } })
    })
    router.get('/busy', () => {
      throw new AppError('busy', 503, 'Busy.')
    })
    router.get('/oauth', () => {
      throw invalidTarget('resource is not known here')
    })
    router.get('/broken', () => {
      throw new Error('SELECT secret FROM /srv/table')
    })
    router.get('/account/connections', requireAccount(), (ctx) =>
      ctx.state.render(ctx, 'continue', {
        title: 'x',
        page: 'connections',
        area: 'account',
        target: signedIn(ctx).account.id,
      }),
    )
    router.get('/admin/clients', requireAdmin(), (ctx) => seeOther(ctx, '/admin'))
  }
  const sessions = {
    current: async (ctx: { get(name: string): string }) =>
      ctx.get('x-test-session') === ''
        ? null
        : { account: member, sessionUid: 'u', authTime: new Date(0), amr: ['pwd'], lacksSecondFactor: false },
  }
  server = await startPageServer({ routes, sessions })
  https = await startPageServer({ routes, issuer: 'https://auth.acme.example/id' })
})
afterAll(async () => {
  await server.close()
  await https.close()
})

describe('headers', () => {
  it.each(['/ok', '/refused', '/broken', '/nowhere', '/interaction/1'])('G07 G08 G10 of %s', async (path) => {
    const { headers } = await server.ask(path)
    const csp = headers['content-security-policy'] ?? ''
    expect(csp).toContain("default-src 'none'")
    expect(csp).toContain("frame-ancestors 'none'")
    expect(csp).toContain("form-action 'self'")
    expect(csp).toContain("base-uri 'none'")
    expect(csp).not.toContain('unsafe')
    expect(headers['x-frame-options']).toBe('DENY')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['strict-transport-security']).toBeUndefined()
  })

  it('G10 HSTS of a year on https only', async () => {
    expect((await https.ask('/ok')).headers['strict-transport-security']).toBe('max-age=31536000')
  })

  it('G09 cookies are __Host- and Secure on https, plain on http loopback', async () => {
    const [secure] = (await https.ask('/token')).headers['set-cookie'] ?? []
    expect(secure).toMatch(/^__Host-sallyport_browser=[\w-]{43}; path=\/; samesite=lax; secure; httponly$/i)
    const [plain] = (await server.ask('/token')).headers['set-cookie'] ?? []
    expect(plain).toMatch(/^sallyport_browser=[\w-]{43}; path=\/; samesite=lax; httponly$/i)
  })
})

describe('hosts', () => {
  it.each(['evil.example', 'localhost', 'localhost:1', 'evil:x@localhost', ''])(
    'K01 M7 421 for Host %j',
    async (host) => {
      const answer = await server.ask('/ok', { headers: { host } })
      expect(answer.status).toBe(421)
      expect(answer.body).not.toContain('evil')
    },
  )

  it('K02 forwarding headers name no other host', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', 'x-original-url': '/broken' }
    const answer = await server.ask('/ok', { headers })
    expect(answer.status).toBe(200)
    expect(answer.body).not.toContain('evil')
  })

  it('K01 an absolute request target is refused, probes answer under any host', async () => {
    expect((await server.ask('http://evil.example/ok')).status).toBe(400)
    expect((await server.ask('/healthz', { headers: { host: '10.0.0.7:8414' } })).status).toBe(404)
  })
})

describe('errors', () => {
  it('an AppError becomes a page with its code and the id of the request', async () => {
    const answer = await server.ask('/refused')
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('<main id="main" class="sheet" data-page="error" data-error="some_code">')
    expect(answer.body).toContain('Words for people.')
    expect(answer.body).toContain(answer.headers['x-request-id'])
    expect(answer.body).not.toContain('for the log')
  })

  it('M14 busy says when to come again', async () => {
    expect((await server.ask('/busy')).headers['retry-after']).toBe('2')
  })

  it('an OAuthError becomes JSON in the registered form', async () => {
    const answer = await server.ask('/oauth')
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toEqual({
      error: 'invalid_target',
      error_description: 'resource is not known here',
    })
  })

  it('K13 a fault of ours betrays nothing and is logged in full', async () => {
    const answer = await server.ask('/broken')
    expect(answer.status).toBe(500)
    expect(answer.body).toContain('data-error="server_error"')
    expect(answer.body).not.toMatch(/SELECT|srv|at file|\.ts/)
    expect(server.logLines.join('')).toContain('SELECT secret')
    expect(server.logLines.join('')).toContain(answer.headers['x-request-id'])
  })

  it.each(['/%', '/%ff', '/refused/%E0%A4%A', '/%00'])('K13 %s is answered with a 4xx page', async (path) => {
    const answer = await server.ask(path)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.body).toContain('data-page="error"')
  })

  it('an unknown address is a page, too', async () => {
    const answer = await server.ask('/nowhere')
    expect(answer.status).toBe(404)
    expect(answer.body).toContain('data-error="not_found"')
  })
})

describe('log', () => {
  it('K11 K12 carries the pattern of the route, one line, nothing of the caller’s', async () => {
    const before = server.logLines.length
    await server.ask('/interaction/uid-that-is-a-cookie?q=x', { headers: { 'user-agent': 'a\t{"level":60}' } })
    const lines = server.logLines.slice(before)
    expect(lines).toHaveLength(1)
    expect(lines.join('').trim().split('\n')).toHaveLength(1)
    expect(lines[0]).toContain('"route":"/interaction/:uid"')
    expect(lines[0]).not.toContain('uid-that-is-a-cookie')
    expect(lines[0]).not.toContain('60}')
  })

  it('K11 an id sent by the caller is not taken over', async () => {
    expect((await server.ask('/ok', { headers: { 'x-request-id': 'mine' } })).headers['x-request-id']).not.toBe('mine')
  })
})

describe('pages', () => {
  it('escapes what it is given, has no inline style or script, and no address of another origin', async () => {
    const { body } = await server.ask('/account/connections', { headers: { 'x-test-session': '1' } })
    expect(body).toContain('&lt;b&gt;Mia&lt;/b&gt;')
    expect(body).not.toMatch(/<script|style=|https?:\/\/(?!localhost)/)
    expect(body).toContain('data-page="connections"')
    expect(body).toContain('aria-current="page"')
    expect((await server.ask('/ok')).body).toContain('&lt;script&gt;')
  })

  it('puts the path of the issuer in front of every own address', async () => {
    expect((await https.ask('/ok')).body).toContain('href="/id/assets/sallyport.')
  })

  it('G21 a page for people asks for a sign-in and comes back by name; a page for administrators is not there for members', async () => {
    const asked = await server.ask('/account/connections')
    expect([asked.status, asked.headers.location]).toEqual([303, '/sign-in?return_to=connections'])
    expect((await server.ask('/admin/clients')).headers.location).toBe('/sign-in?return_to=clients')
    expect((await server.ask('/admin/clients', { headers: { 'x-test-session': '1' } })).status).toBe(404)
  })

  it.each([
    '//evil.example',
    '/\\evil',
    'https:evil',
    '\t//evil',
    'javascript:alert(1)',
    '/admin',
    '',
    'CLIENTS',
    '__proto__',
  ])('G26 return_to %j is nowhere', (name) => expect(returnPath(name)).toBeNull())

  it('G26 names stand for pages of ours, the nearest above', () => {
    expect(returnPath('clients')).toBe('/admin/clients')
    expect(returnName('/admin/clients/abc')).toBe('clients')
    expect(returnName('/adminx')).toBeNull()
  })

  it('K10 G26 seeOther() takes nothing that could leave our origin or split the answer', () => {
    const ctx = { state: { render: { basePath: '' } } }
    for (const path of ['//evil', '/\\evil', 'https://evil', '/a\r\nX: y', '/a b', '']) {
      expect(() => seeOther(ctx as unknown as Parameters<typeof seeOther>[0], path)).toThrow()
    }
  })
})

describe('assets', () => {
  it('are immutable under their digest and revalidated under their name', async () => {
    const address = /href="(\/assets\/sallyport\.[\w-]{12}\.css)"/.exec((await server.ask('/ok')).body)?.[1] ?? ''
    const file = await server.ask(address)
    expect(file.headers['content-type']).toBe('text/css; charset=utf-8')
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    const plain = await server.ask('/assets/sallyport.css')
    expect(plain.headers['cache-control']).toBe('no-cache')
    const again = await server.ask('/assets/sallyport.css', {
      headers: { 'if-none-match': String(plain.headers.etag) },
    })
    expect([again.status, again.body]).toEqual([304, ''])
    expect(cookiesOf(file)).toBe('')
  })

  it.each([
    '/assets/../package.json',
    '/assets/%2e%2e/package.json',
    '/assets/sallyport.css/',
    '/assets/',
    '/assets/toString',
  ])('nothing else is served: %s', async (path) => expect((await server.ask(path)).status).toBe(404))
})
