import { afterEach, describe, expect, test } from 'vitest'
import { createDoctor } from '../../src/doctor/doctor.ts'
import type { Report } from '../../src/doctor/report.ts'
import { createEgress } from '../../src/net/egress.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type FarAway, openFarAway, publicAddress, sendJson } from '../support/far-away.ts'
import { type Before, type BrokenServer, startBrokenServer } from './broken-server.ts'

let server: BrokenServer
afterEach(() => server?.close())

const guardedFetch = createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], loopback: true, asClient: true })
const doctor = createDoctor({ guardedFetch, clock: systemClock })
const codesOf = (report: Report) => report.steps.flatMap((step) => step.findings.map(({ code }) => code))

/** Every address that a walk asks. */
const paths = [
  '/mcp',
  '/.well-known/oauth-protected-resource/mcp',
  '/.well-known/oauth-authorization-server',
  '/authorize',
  '/token',
  '/register',
  '/register/',
]
const isAt = (path: string, asked: string) => (path.endsWith('/') ? asked.startsWith(path) : asked === path)

describe('F05 redirects are followed nowhere', () => {
  test.each(paths)('%s', async (path) => {
    server = await startBrokenServer([], {
      before(_request, response, { path: asked, origin }) {
        if (!isAt(path, asked)) return false
        response.writeHead(307, { location: `${origin}/canary` }).end()
        return true
      },
    })
    await doctor.examine({ address: server.address, mayLeaveBehind: true, accessToken: 'e30.e30.c2ln' })
    expect(server.requests.some((request) => isAt(path, request.split(' ')[1] ?? ''))).toBe(true)
    expect(server.requests.filter((request) => request.endsWith('/canary'))).toEqual([])
  })
})

describe('F06 a body without end is given up', () => {
  test.each(paths)('%s', async (path) => {
    const pages: number[] = []
    server = await startBrokenServer([], {
      before(_request, response, { path: asked }) {
        if (!isAt(path, asked)) return false
        const page = pages.push(0) - 1
        response.writeHead(200, { 'content-type': 'application/json' })
        const go = (): void => {
          pages[page] = (pages[page] ?? 0) + 1
          if (!response.destroyed && response.write('['.repeat(16_384))) setImmediate(go)
        }
        response.on('drain', go)
        go()
        return true
      },
    })
    const report = await doctor.examine({ address: server.address, mayLeaveBehind: true, clients: ['cursor'] })
    // Given up for its length, and not because the time was over.
    expect(JSON.stringify(report)).not.toContain('timeout')
    expect(pages.length).toBeGreaterThan(0)
    for (const count of pages) expect(count * 16_384).toBeLessThan(16 * 1024 * 1024)
  })
})

describe('what cannot be sent back is not, and the walk goes on', () => {
  const register =
    (changes: Readonly<Record<string, unknown>>): Before =>
    (request, response, { path, origin }) => {
      if (path !== '/register' || request.method !== 'POST') return false
      const body = {
        client_id: 'one',
        redirect_uris: [],
        registration_client_uri: `${origin}/register/one`,
        ...changes,
      }
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      return true
    }

  test.each(['a\nb', 'a\u0000b', 'a b', '→', ''])('K10 a registration token %j', async (token) => {
    server = await startBrokenServer([], { before: register({ registration_access_token: token }) })
    const report = await doctor.examine({ address: server.address, clients: ['cursor'] })
    expect(report.leftBehind).toContain('one')
    expect(server.requests).not.toContain('DELETE /register/one')
  })

  test.each(['a\nb', '→', ' '])('K10 an access token %j', async (token) => {
    server = await startBrokenServer()
    const report = await doctor.examine({
      address: server.address,
      clients: ['cursor'],
      login: async ({ ask, issuer }) => ({
        answer: await ask(`${issuer.issuer}/answer`),
        end: async () => [],
      }),
    })
    expect(codesOf(report)).toContain('call_untried')
    const { address } = server
    const answer = {
      url: address,
      status: 200,
      headers: new Headers({ 'content-type': 'application/json' }),
      text: JSON.stringify({ access_token: token }),
    }
    const login = async () => ({ answer, end: async () => [] })
    expect(codesOf(await doctor.examine({ address, clients: ['cursor'], login }))).toContain('call_untried')
  })

  test.each([
    ['a name of a session that is no ASCII', 'caf\u00e9'],
    ['one that is endless', 'x'.repeat(8000)],
  ])('%s', async (_title, session) => {
    const told: (string | string[] | undefined)[] = []
    server = await startBrokenServer([], {
      before(request, response, { path }) {
        if (path !== '/mcp' || request.headers.authorization !== 'Bearer e30.e30.c2ln') return false
        told.push(request.headers['mcp-session-id'])
        response.setHeader('mcp-session-id', session)
        return false
      },
    })
    await doctor.examine({ address: server.address, clients: ['cursor'], accessToken: 'e30.e30.c2ln' })
    expect(told.length).toBeGreaterThan(1)
    expect(told.filter((one) => one !== undefined)).toEqual([])
  })
})

test.each(['/items/7?a=1', '/items/7?', '/items/7#b', '/items/7'])(
  'asking whether clients can be removed removes nothing at %s, wherever a server says that registration is',
  async (endpoint) => {
    const removed: string[] = []
    server = await startBrokenServer([], {
      metadataMembers: {},
      before(request, response, { path, origin }) {
        if (request.method === 'DELETE') removed.push(request.url ?? '')
        if (!path.startsWith('/.well-known/oauth-authorization-server')) return false
        response.writeHead(200, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            issuer: origin,
            authorization_endpoint: `${origin}/authorize`,
            token_endpoint: `${origin}/token`,
            registration_endpoint: `${origin}${endpoint}`,
          }),
        )
        return true
      },
    })
    await doctor.examine({ address: server.address, clients: ['cursor'] })
    expect(removed).toEqual([expect.stringMatching(/^\/items\/7\/[\w-]{40,}$/)])
  },
)

describe('F01 F04 the console is led nowhere inside', () => {
  const home = 'https://evil.example'
  const inside = (port: number): readonly string[] => [
    `https://127.0.0.1:${port}`,
    `https://localhost:${port}`,
    `http://127.0.0.1:${port}`,
    `https://[::1]:${port}`,
    `https://[::ffff:127.0.0.1]:${port}`,
    `https://0.0.0.0:${port}`,
    `https://2130706433:${port}`,
    `https://inside.example:${port}`,
    `https://turning.example:${port}`,
    'https://169.254.169.254',
    'https://metadata.google.internal',
    'https://10.0.0.7',
  ]

  async function stage(): Promise<FarAway & { readonly examine: () => Promise<Report> }> {
    const far = await openFarAway(['evil.example', 'inside.example', 'turning.example'])
    far.addresses.set('inside.example', [[publicAddress, '127.0.0.1']])
    // Public when it is asked first, and loopback from then on.
    far.addresses.set('turning.example', [[publicAddress], ['127.0.0.1']])
    const egress = createEgress(
      {
        ...{ userAgent: 'test', allowedHosts: [], documentHosts: [], isOnLoopback: false, proxy: undefined },
        hasRates: false,
      },
      far.stage,
    )
    const console = createDoctor({ guardedFetch: egress.doctor, clock: systemClock })
    return { ...far, examine: () => console.examine({ address: `${home}/mcp`, mayLeaveBehind: true }) }
  }

  test('by what the MCP server says', async () => {
    const { hosts, examine, arrivals, dialled, trapPort, requests } = await stage()
    for (const target of inside(trapPort)) {
      hosts.set('evil.example', (request, response) => {
        if (request.url === '/mcp') {
          const challenge = `Bearer resource_metadata="${target}/pointer"`
          return void response.writeHead(401, { 'www-authenticate': challenge, location: target }).end()
        }
        const document = { resource: `${home}/mcp`, authorization_servers: [target] }
        return sendJson(document)(request, response)
      })
      await examine()
    }
    expect(requests.length).toBeGreaterThan(0)
    expect([arrivals(), new Set(dialled)]).toEqual([0, new Set([publicAddress])])
  })

  test('by what the authorization server says', async () => {
    const { hosts, examine, arrivals, dialled, trapPort, requests } = await stage()
    for (const target of inside(trapPort)) {
      hosts.set('evil.example', (request, response) => {
        if (request.url === '/mcp') return void response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
        if (request.url === '/register') {
          const client = { client_id: 'a', redirect_uris: [], registration_access_token: 'b' }
          return sendJson({ ...client, registration_client_uri: `${target}/c` })(request, response)
        }
        if (request.url?.includes('protected-resource') === true) {
          return sendJson({ resource: `${home}/mcp`, authorization_servers: [home] })(request, response)
        }
        return sendJson({
          issuer: home,
          authorization_endpoint: `${target}/authorize`,
          token_endpoint: `${target}/token`,
          registration_endpoint: request.url?.includes('openid') === true ? `${target}/register` : `${home}/register`,
        })(request, response)
      })
      await examine()
    }
    expect(requests).toContain('evil.example /register')
    expect([arrivals(), new Set(dialled)]).toEqual([0, new Set([publicAddress])])
  })
})
