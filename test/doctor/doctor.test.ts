import { afterEach, describe, expect, test } from 'vitest'
import { createDoctor, type Examination } from '../../src/doctor/doctor.ts'
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
const always: readonly FindingCode[] = ['cloud_cannot_reach', 'authorize_untried']

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
