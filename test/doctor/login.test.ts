import { spawn } from 'node:child_process'
import { afterEach, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { createDoctor } from '../../src/doctor/doctor.ts'
import { loginOnLoopback } from '../../src/doctor/login.ts'
import type { Report } from '../../src/doctor/report.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { openFarAway, sendJson } from '../support/far-away.ts'
import { type BrokenServer, startBrokenServer } from './broken-server.ts'

let server: BrokenServer
afterEach(() => server?.close())

const guardedFetch = createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], loopback: true, asClient: true })
const doctor = createDoctor({ guardedFetch, clock: systemClock })
const faultOf = (report: Report) =>
  report.steps.flatMap(({ findings }) => findings).find(({ code }) => code === 'login_failed')?.values.fault

/** Comes back to the program as a browser does. @returns what its page says */
async function comeBack(shown: string, changes: Readonly<Record<string, string | undefined>> = {}): Promise<Response> {
  const asked = new URL(shown)
  const back = new URL(asked.searchParams.get('redirect_uri') ?? '')
  const said = { code: 'good', state: asked.searchParams.get('state') ?? '', iss: asked.origin, ...changes }
  for (const [name, value] of Object.entries(said)) if (value !== undefined) back.searchParams.set(name, value)
  return fetch(back)
}

/** Signs in with a person who answers so. @returns what was shown, and the report */
async function signIn(
  answer: (shown: string) => Promise<unknown> = comeBack,
  examination: { readonly clientId?: string } = {},
) {
  const shown: string[] = []
  const login = loginOnLoopback({
    ...examination,
    show(url) {
      shown.push(url)
      void answer(url)
    },
  })
  const report = await doctor.examine({ address: server.address, clients: ['vscode'], login, ...examination })
  return { shown, report }
}

/** The command line, with a person who comes back. */
async function command(...argv: readonly string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const stderr = {
    write(text: string) {
      const [, url] = /^sign in at\n(\S+)\n$/.exec(text) ?? []
      if (url !== undefined) void comeBack(url)
    },
  }
  const terminal = { stdin: process.stdin, stdout: { write: (text: string) => (out += text) }, stderr }
  const code = await run(['doctor', server.address, '--client', 'vscode', '--login', ...argv], { env: {}, terminal })
  return { code, out }
}

describe('the client of a sign-in', () => {
  test('goes after the call, with its tokens, and nothing is left behind', async () => {
    server = await startBrokenServer()
    const { report } = await signIn()
    expect([faultOf(report), report.leftBehind, server.clients.size]).toEqual([undefined, [], 0])
    const { requests } = server
    expect(requests.slice(requests.lastIndexOf('POST /token') + 1)).toEqual([
      ...['POST /mcp', 'POST /mcp', 'POST /mcp', 'POST /revoke'],
      expect.stringMatching(/^DELETE \/register\/client\d+$/),
    ])
  })

  test.each([
    ['that cannot be removed', { removable: false }],
    [
      'whose removal fails',
      {
        before: (
          request: { readonly method?: string | undefined },
          response: { writeHead(status: number): { end(): void } },
          { path }: { readonly path: string },
        ) => {
          if (request.method !== 'DELETE' || !path.startsWith('/register/client')) return false
          response.writeHead(500).end()
          return true
        },
      },
    ],
  ])('%s is named, in the text and in --json', async (_title, options) => {
    server = await startBrokenServer([], options)
    const text = await command()
    const [first] = server.clients.keys()
    expect(text.out).toContain(`Left behind at the authorization server: ${first}\n`)
    expect(text.out).toContain(`Clients of this examination are still registered: ${first}\n`)
    const json = JSON.parse((await command('--json')).out)
    expect(json.left_behind).toEqual([[...server.clients.keys()].at(-1)])
    expect(json.steps[4]).toMatchObject({ step: 'registration', findings: [{ code: 'left_behind' }] })
  })

  test('is named when nobody comes back, too', async () => {
    server = await startBrokenServer([], { removable: false })
    const { report } = await signIn((url) => comeBack(url, { error: 'access_denied', code: undefined }))
    expect([faultOf(report), report.leftBehind]).toEqual(['access_denied', [...server.clients.keys()]])
  })

  test('that a person named keeps what it has', async () => {
    server = await startBrokenServer()
    const { report } = await signIn(comeBack, { clientId: 'https://mine.example/client.json' })
    expect(report.steps.find(({ step }) => step === 'call')?.light).toBe('green')
    expect(server.requests.filter((request) => /revoke|DELETE|POST \/register/.test(request))).toEqual([])
  })

  test('is removed when it is called off, while a person is awaited', async () => {
    server = await startBrokenServer()
    const calling = new AbortController()
    const login = loginOnLoopback({ show: () => calling.abort() })
    const report = await doctor.examine({ address: server.address, clients: ['vscode'], login, signal: calling.signal })
    expect([faultOf(report), report.leftBehind, server.clients.size]).toEqual(['it was called off', [], 0])
  })

  test('is removed upon Ctrl-C', async () => {
    server = await startBrokenServer()
    const argv = ['src/cli/main.ts', 'doctor', server.address, '--client', 'vscode', '--login']
    const child = spawn(process.execPath, argv, { env: { PATH: process.env.PATH } })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += String(chunk)))
    await expect.poll(() => out, { timeout: 20_000 }).toContain('sign in at')
    expect(server.clients.size).toBe(1)
    child.kill('SIGINT')
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect([code, server.clients.size]).toEqual([1, 0])
    expect(out).toMatch(/called off\nhint: nothing was left behind\n$/)
  }, 30_000)
})

describe('what arrives at the port', () => {
  test('H05 with another state, or with none, is refused and not believed; the right answer still counts', async () => {
    server = await startBrokenServer()
    const statuses: number[] = []
    const { report } = await signIn(async (url) => {
      for (const state of ['other', '']) {
        statuses.push((await comeBack(url, { state, error: 'access_denied', error_description: 'evil' })).status)
      }
      statuses.push((await comeBack(url)).status)
    })
    expect([statuses, faultOf(report)]).toEqual([[400, 400, 200], undefined])
  })

  test.each([
    [
      'H06 from another server',
      { iss: 'https://other.example' },
      /^the answer comes from https:\/\/other\.example, not/,
    ],
    ['H06 without the name of its server, which was promised', { iss: undefined }, /^the answer lacks iss/],
  ])('%s is not redeemed', async (_title, changes, fault) => {
    server = await startBrokenServer()
    const { report } = await signIn((url) => comeBack(url, changes))
    expect(faultOf(report)).toMatch(fault)
    // The code that nobody has issued, twice; never the one that came.
    expect(server.requests.filter((request) => request === 'POST /token').length).toBe(2)
  })

  test('a token endpoint that repeats the code does not bring it into the report', async () => {
    const code = 'a-code-that-is-long-enough'
    server = await startBrokenServer([], {
      before(_request, response, { path, body }) {
        if (path !== '/token' || !body.includes(code)) return false
        response.writeHead(400, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: 'invalid_grant', error_description: `${code} ${body}` }))
        return true
      },
    })
    const { report } = await signIn((url) => comeBack(url, { code }))
    expect(faultOf(report)).toMatch(/^invalid_grant: … /)
    expect(JSON.stringify(report)).not.toContain(code)
  })
})

describe('nobody is sent anywhere', () => {
  test('with a token in view that is for another server', async () => {
    server = await startBrokenServer(['other_resource'])
    const { shown, report } = await signIn()
    expect([shown, server.clients.size]).toEqual([[], 0])
    expect(faultOf(report)).toMatch(/^the document speaks of https:\/\/other\.example\/mcp/)
  })

  test.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'ms-settings:about',
    'http://127.0.0.1:631/jobs',
    'http://auth.example/authorize',
    'https://accounts.example@evil.example/authorize',
  ])('to %s', async (endpoint) => {
    const far = await openFarAway(['evil.example'])
    const origin = 'https://evil.example'
    far.hosts.set('evil.example', (request, response) => {
      if (request.url === '/mcp') return void response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
      const document = { resource: `${origin}/mcp`, authorization_servers: [origin] }
      const metadata = { issuer: origin, authorization_endpoint: endpoint, token_endpoint: `${origin}/token` }
      sendJson({ ...document, ...metadata })(request, response)
    })
    const outside = createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], asClient: true, ...far.stage })
    const shown: string[] = []
    const login = loginOnLoopback({ clientId: 'mine', show: (url) => void shown.push(url) })
    const address = `${origin}/mcp`
    const report = await createDoctor({ guardedFetch: outside, clock: systemClock }).examine({ address, login })
    expect([shown, faultOf(report)]).toEqual([[], 'the authorization endpoint is no https address'])
  })
})
