import { afterEach, describe, expect, test } from 'vitest'
import { createDoctor, type Examination, serverAddress } from '../../src/doctor/doctor.ts'
import { type FindingCode, findings } from '../../src/doctor/finding.ts'
import type { Report } from '../../src/doctor/report.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { type BrokenServer, goodToken, startBrokenServer } from './broken-server.ts'

let server: BrokenServer
afterEach(() => server?.close())

const guardedFetch = createGuardedFetch({
  userAgent: 'test',
  allowedInternalHosts: [],
  loopback: true,
  asClient: true,
})
const doctor = createDoctor({ guardedFetch, clock: systemClock })

async function examine(
  defects: readonly FindingCode[],
  examination: Partial<Examination> = {},
  options: Parameters<typeof startBrokenServer>[1] = {},
): Promise<Report> {
  server = await startBrokenServer(defects, options)
  return doctor.examine({ address: server.address, accessToken: goodToken(server.origin), ...examination })
}

const codesOf = (report: Report) => report.steps.flatMap((step) => step.findings.map(({ code }) => code))
// On loopback; a document that each connection has for itself.
const always: readonly FindingCode[] = ['cloud_cannot_reach', 'stand_in_passed']

describe('a server that does everything right', () => {
  test('is green for every client that runs on this machine, and nothing stays behind', async () => {
    const report = await examine([])
    expect(codesOf(report)).toEqual(always)
    expect(report.clients.map(({ client, light, way }) => [client, light, way])).toEqual([
      ['claude', 'amber', 'document'],
      ['claude-code', 'green', 'document'],
      ['chatgpt', 'amber', 'document'],
      ['vscode', 'green', 'document'],
      ['cursor', 'green', 'registration'],
      ['codex', 'green', 'document'],
      ['inspector', 'green', 'registration'],
    ])
    expect([report.leftBehind, server.clients.size]).toEqual([[], 0])
  })
})

// Each switched on alone is called by its name, and reddens or yellows its step.
const single = (Object.keys(findings) as FindingCode[]).filter(
  (code) =>
    ![
      // Not reached by a switch of this server; their own tests are below.
      ...['server_internal', 'server_not_https', 'server_unreachable', 'cloud_cannot_reach'],
      ...['registration_untried', 'registration_unreachable', 'authorize_untried', 'authorize_unreachable'],
      ...['not_mcp', 'issuer_internal', 'kin_passed', 'kin_refused', 'stand_in_passed', 'stand_in_refused'],
      ...['login_failed', 'token_answer_cached', 'token_no_scope', 'token_no_refresh', 'call_untried'],
      ...['token_expired', 'token_other_issuer', 'token_other_audience', 'token_no_audience', 'token_opaque'],
      ...['token_long', 'token_unreachable', 'call_unreachable'],
    ].includes(code),
)

// Where one defect shows only beside another.
const beside: Partial<Record<FindingCode, readonly FindingCode[]>> = {
  no_document: ['no_pointer'],
  not_at_path: ['no_pointer'],
}

describe('every defect is named', () => {
  test.each(single)('%s', async (defect) => {
    const report = await examine([defect, ...(beside[defect] ?? [])])
    expect(codesOf(report)).toContain(defect)
    const { step, weight } = findings[defect]
    const light = report.steps.find((one) => one.step === step)?.light
    expect(light).toEqual(weight === 'broken' ? 'red' : expect.stringMatching(/amber|red/))
    if (weight === 'broken') expect(report.light).toBe('red')
    expect(report.clients.some(({ findings: own }) => own.some(({ code }) => code === defect))).toBe(true)
  })
})

describe('a token', () => {
  const withToken = (changes: Record<string, unknown>, clients: Examination['clients'] = ['cursor']) =>
    examine([], { clients }).then(async () => {
      const report = await doctor.examine({
        address: server.address,
        clients,
        accessToken: goodToken(server.origin, changes),
      })
      return codesOf(report)
    })

  test.each<readonly [FindingCode, Record<string, unknown>]>([
    ['token_expired', { exp: 1_000_000_000, iat: 999_999_900 }],
    ['token_other_issuer', { iss: 'https://other.example' }],
    ['token_other_audience', { aud: 'https://other.example/mcp' }],
    ['token_no_audience', { aud: undefined }],
    ['token_long', { exp: Math.floor(Date.now() / 1000) + 90_000 }],
  ])('%s', async (code, changes) => {
    expect(await withToken(changes)).toEqual([code])
  })

  test('one that is no JWT cannot be read, and one that is refused is said to be', async () => {
    const report = await examine([], { clients: ['cursor'], accessToken: 'opaque' })
    expect(codesOf(report)).toEqual(['token_opaque', 'call_refused'])
  })

  test.each(['token_answer_cached', 'token_no_scope', 'token_no_refresh'] as const)('%s', async (defect) => {
    const report = await examine([defect], {
      clients: ['cursor'],
      accessToken: undefined,
      login: async ({ ask, issuer }) => ({
        answer: await ask(`${issuer.issuer}/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: 'code=good',
        }),
        end: async () => [],
      }),
    })
    expect(codesOf(report)).toEqual([defect])
  })

  test('without a person there is none, and the reason is told', async () => {
    const login = () => Promise.resolve({ reason: 'nobody came', end: async () => [] })
    const report = await examine([], { clients: ['cursor'], accessToken: undefined, login })
    expect(report.steps.find(({ step }) => step === 'token')?.findings).toEqual([
      { code: 'login_failed', values: { fault: 'nobody came' }, clients: ['cursor'] },
    ])
  })
})

describe('what is left behind', () => {
  test('nothing is registered where the server does not remove clients', async () => {
    const report = await examine([], { clients: ['cursor', 'inspector'] }, { removable: false })
    expect(codesOf(report)).toContain('registration_untried')
    expect(server.requests.filter((request) => request === 'POST /register')).toEqual([])
    expect(server.clients.size).toBe(0)
  })

  test('with leave, everybody is registered, and what stays is named', async () => {
    const report = await examine([], { clients: ['cursor', 'inspector'], mayLeaveBehind: true }, { removable: false })
    expect(report.leftBehind).toEqual([...server.clients.keys()])
    expect(report.leftBehind.length).toBe(2)
    expect(report.clients.map(({ way }) => way)).toEqual(['registration', 'registration'])
  })

  test('where the first turns out to stay, there is no second', async () => {
    const report = await examine(['left_behind'], { clients: ['cursor', 'inspector'] })
    expect([report.leftBehind.length, server.clients.size]).toEqual([1, 1])
  })

  test('the token of a client is not carried to another origin', async () => {
    const other = await startBrokenServer()
    const report = await examine([], { clients: ['cursor'] }, { managedAt: other.origin })
    expect(report.leftBehind.length).toBe(1)
    expect(other.requests).toEqual([])
    await other.close()
  })

  test('a client that is named is used, and nothing is registered', async () => {
    await examine([], { clients: ['cursor'], clientId: 'https://mine.example/client.json' })
    expect(server.requests.filter((request) => request.includes('/register'))).toEqual(['OPTIONS /register'])
  })
})

describe('where it goes', () => {
  test('F01 what a server names is not reached inside: the guard decides, and the report says so', async () => {
    const closed = createDoctor({
      guardedFetch: createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], asClient: true }),
      clock: systemClock,
    })
    const codes = async (address: string) => codesOf(await closed.examine({ address, clients: ['codex'] }))
    expect(await codes('https://10.0.0.7/mcp')).toEqual(['server_internal'])
    expect(await codes('https://localhost:1/mcp')).toEqual(['server_internal'])
    expect(await codes('http://tools.example/mcp')).toEqual(['server_not_https'])
  })

  test('F05 a redirect is looked at and not followed', async () => {
    await examine(['server_redirects'])
    expect(server.requests).not.toContain('POST /other')
  })

  test('a server that nobody listens at is said to be away', async () => {
    const report = await doctor.examine({ address: 'http://localhost:1/mcp', clients: ['codex'] })
    expect(codesOf(report)).toEqual(['server_unreachable'])
    expect(report.steps.map(({ light }) => light)).toEqual(['red', ...Array(7).fill('untried')])
  })

  test.each([
    ['tools.example', null],
    ['ftp://tools.example', null],
    ['https://user:secret@tools.example/', null],
    ['https://tools.example/', 'https://tools.example'],
    ['https://tools.example/mcp#top', 'https://tools.example/mcp'],
  ])('%s as an address is %s', (text, address) => {
    expect(serverAddress(text)).toBe(address)
  })
})
