// What the generated attacks share: how many, which texts, what an answer may look like, what may not have changed.
import fc from 'fast-check'
import { expect } from 'vitest'
import type { TestApp } from '../support/app.ts'
import type { DatabaseKind } from '../support/database.ts'

const wanted = Number(process.env.FUZZ_RUNS ?? 0)
const seed = process.env.FUZZ_SEED === undefined ? undefined : Number(process.env.FUZZ_SEED)

/** Bounded in the suite; `npm run fuzz` wants more. A failure prints seed and path, and the smallest input that fails. */
export function runs(inSuite: number): fc.Parameters<unknown> {
  return { numRuns: wanted > 0 ? wanted : inSuite, endOnFailure: false, ...(seed === undefined ? {} : { seed }) }
}

/** PostgreSQL has faults of its own to find, in fewer runs of the suite. */
export function share(kind: DatabaseKind, inSuite: number): number {
  return kind === 'sqlite' ? inSuite : Math.ceil(inSuite / 3)
}

/** Texts that have hurt somebody, somewhere. */
const known = [
  '',
  ' ',
  '\0',
  'a\0b',
  '%00',
  '%ff',
  '%',
  '\r\nSet-Cookie: planted=1',
  '\ud800',
  '\u202e',
  '\ufeff',
  "' OR '1'='1",
  "'; DROP TABLE client; --",
  '" OR 1=1 --',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '{{7*7}}<%= 7*7 %>#{7*7}',
  '../../../../etc/passwd',
  '..%2f..%2f',
  'javascript:alert(1)',
  '//evil.example',
  'https://evil.example/cb',
  'http://169.254.169.254/latest',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'NaN',
  '-1',
  '0',
  '1e999',
  '9007199254740993',
  '99999999999999999999999',
  '1n',
  '[]',
  '{}',
  '[object Object]',
  'true',
  'x'.repeat(5000),
  'é'.repeat(2000),
  '😀'.repeat(500),
  'a '.repeat(2000),
  '*',
  '%%%',
  '_',
  '\\',
  '$1',
] as const

/** Any text: one that has hurt, or one that nobody thought of. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...known) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 60 }) },
)

/** Text that may stand in a header. */
export const headerText: fc.Arbitrary<string> = fc
  .oneof(anyText, fc.string({ unit: 'binary-ascii', maxLength: 60 }))
  .map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').trim())

/** Errors that have a registration; a refusal of the protocol says one of these. */
const registeredErrors = new Set([
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'unsupported_response_mode',
  'invalid_scope',
  'temporarily_unavailable',
  'invalid_client',
  'invalid_grant',
  'unsupported_grant_type',
  'invalid_token',
  'insufficient_scope',
  'invalid_redirect_uri',
  'invalid_client_metadata',
  'invalid_software_statement',
  'unapproved_software_statement',
  'invalid_target',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'consent_required',
  'invalid_request_uri',
  'invalid_request_object',
  'request_not_supported',
  'request_uri_not_supported',
  'registration_not_supported',
])

/** One answer as the attacks look at it. */
export interface Outcome {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** Never a fault of ours, nothing of our inside, nothing of theirs that could run; a refusal in one of its forms. */
export function expectSound({ body, headers, status }: Outcome, isProtocol: boolean, where = ''): void {
  expect([where, status < 500 ? 'no fault' : status]).toEqual([where, 'no fault'])
  expect(body).not.toMatch(/<script>alert|<img src=x/i)
  expect(headers.getSetCookie().join()).not.toMatch(/planted/)
  expect(headers.get('x-powered-by')).toBeNull()
  if (status < 400) return
  expect(body).not.toMatch(/node_modules|\/src\/|\.ts:\d|SQLITE_|prisma|oidc-provider|\bat \w+ \(/i)
  const type = headers.get('content-type') ?? ''
  if (type.startsWith('application/json')) {
    const { error } = JSON.parse(body) as { error?: string }
    expect(registeredErrors, body).toContain(error)
  } else if (type.startsWith('text/html')) expect(body).toMatch(/data-page="/)
  else if (body !== '') {
    // Turned away at the door: one line of ours.
    expect(type).toBe('text/plain; charset=utf-8')
    expect(body.length).toBeLessThan(200)
  }
  if (isProtocol) expect(headers.get('cache-control')).toContain('no-store')
}

// Refusals are told in the book; limits and the memory of what was shown once count what was refused.
const mayGrow = /^(?:audit_event|audit_head|rate_limit|replay_mark|sign_in_failure|limit_.*|_prisma_migrations)$/

/** The number of rows of every table that a refusal must leave alone. */
export async function rowCounts({ app }: TestApp): Promise<Record<string, number>> {
  const { database } = app.rooms
  const list =
    database.kind === 'sqlite'
      ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
      : "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
  const tables = await database.sql.all<{ name: string }>(list)
  const counts: Record<string, number> = {}
  for (const { name } of tables.filter((table) => !mayGrow.test(table.name))) {
    const row = await database.sql.get<{ count: number }>(`SELECT count(*) AS count FROM "${name}"`)
    counts[name] = Number(row?.count)
  }
  return counts
}
