import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notes, startApp, type TestApp } from '../support/app.ts'
import { databaseKinds } from '../support/database.ts'
import { loopbackRedirect, obtainCode, type RegisteredClient, register } from '../support/flow.ts'
import { anyText, expectSound, headerText, type Outcome, rowCounts, runs, share } from './attempts.ts'

// Any request to the protocol: never a fault, always a registered error or our page, and a refusal stores nothing.

describe.each(databaseKinds)('K13 B11 K16 the protocol on %s', (kind) => {
  let app: TestApp
  let client: RegisteredClient
  let code: string

  beforeAll(async () => {
    app = await startApp({ database: kind })
    client = await register(app)
    ;({ code } = await obtainCode(app, client, await app.person()))
  })
  afterAll(() => app.close())

  /** Values that are good in one place or another, so that generated requests get beyond the first check. */
  const good = () => [
    client.client_id,
    loopbackRedirect,
    code,
    'code',
    'S256',
    'x'.repeat(43),
    'notes:read',
    'notes:read notes:write openid offline_access',
    notes.identifier,
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'query',
    'none',
    'login',
    'consent',
    'en de',
    '0',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    'urn:ietf:params:oauth:request_uri:x',
    'eyJhbGciOiJub25lIn0.e30.',
  ]
  const names = [
    'client_id',
    'client_secret',
    'client_assertion',
    'client_assertion_type',
    'redirect_uri',
    'response_type',
    'response_mode',
    'scope',
    'resource',
    'state',
    'nonce',
    'code',
    'code_challenge',
    'code_challenge_method',
    'code_verifier',
    'grant_type',
    'refresh_token',
    'token',
    'token_type_hint',
    'prompt',
    'max_age',
    'acr_values',
    'claims',
    'ui_locales',
    'login_hint',
    'id_token_hint',
    'request',
    'request_uri',
    'registration',
    'dpop_jkt',
    'display',
  ]

  const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: anyText })
  const value = fc.oneof(
    { weight: 2, arbitrary: fc.nat(21).map((index): string => good()[index] ?? '') },
    { weight: 2, arbitrary: anyText },
  )
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 14 })
  /** A request that would be good, with some of it changed. */
  const nearlyGood = fc.tuple(
    fc.subarray([
      'client_id',
      'response_type',
      'redirect_uri',
      'code_challenge',
      'code_challenge_method',
      'scope',
      'resource',
    ]),
    pairs,
  )
  const headers = fc.dictionary(
    fc.constantFrom(
      'authorization',
      'accept',
      'accept-language',
      'dpop',
      'origin',
      'cookie',
      'user-agent',
      'x-forwarded-for',
      'if-none-match',
      'sec-fetch-site',
    ),
    fc.oneof(
      headerText,
      fc.constantFrom(
        'Basic',
        'Basic x',
        'Basic Og==',
        'Basic ////',
        'Bearer',
        'Bearer x',
        'DPoP x',
        '*/*',
        'application/json',
        'text/html',
        'null',
      ),
    ),
    { maxKeys: 4 },
  )

  function goodPairs(kept: readonly string[]): [string, string][] {
    const all: Readonly<Record<string, string>> = {
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: loopbackRedirect,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
      scope: 'notes:read',
      resource: notes.identifier,
    }
    return kept.map((one) => [one, all[one] ?? ''])
  }

  async function send(path: string, init: RequestInit): Promise<Outcome> {
    const answer = await fetch(`${app.issuer}${path}`, { redirect: 'manual', ...init })
    return { status: answer.status, headers: answer.headers, body: await answer.text() }
  }

  /** Sends; a refusal must have left every table as it was. */
  async function attempt(path: string, init: RequestInit): Promise<Outcome> {
    const before = await rowCounts(app)
    const outcome = await send(path, init)
    expectSound(outcome, true)
    if (outcome.status >= 400) expect(await rowCounts(app)).toEqual(before)
    return outcome
  }

  test('K13 /authorize', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyGood, headers, async ([kept, changes], extra) => {
        const query = new URLSearchParams([...goodPairs(kept), ...changes])
        const { status, headers: sent } = await attempt(`/authorize?${query}`, { headers: extra })
        const location = sent.get('location')
        if (location === null) return
        expect(status).toBe(303)
        // On with our own pages, or back to the one address that this client has.
        if (location.startsWith('/')) expect(location).toMatch(/^\/interaction\/[\w-]+$/)
        else expect(location.startsWith(`${loopbackRedirect}?`)).toBe(true)
      }),
      runs(share(kind, 120)),
    )
  })

  test.each(['/token', '/revoke', '/introspect', '/par'])('K13 %s', async (path) => {
    const type = fc.constantFrom(
      'application/x-www-form-urlencoded',
      'application/x-www-form-urlencoded; charset=utf-16',
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      '',
    )
    const body = fc.oneof(
      { weight: 5, arbitrary: nearlyGood.map(([kept, changes]) => ({ kept, changes })) },
      { weight: 1, arbitrary: fc.oneof(anyText, fc.json()).map((raw) => ({ raw })) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ bytes })) },
    )
    await fc.assert(
      fc.asyncProperty(
        type,
        body,
        headers,
        fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'GET', 'PATCH', 'DELETE'),
        async (contentType, sent, extra, method) => {
          const written =
            'raw' in sent
              ? sent.raw
              : 'bytes' in sent
                ? Buffer.from(sent.bytes)
                : String(new URLSearchParams([...goodPairs(sent.kept), ...sent.changes]))
          const outcome = await attempt(path, {
            method,
            headers: { ...extra, ...(contentType === '' ? {} : { 'content-type': contentType }) },
            ...(method === 'GET' ? {} : { body: written }),
          })
          expect(outcome.headers.get('location')).toBeNull()
        },
      ),
      runs(share(kind, 60)),
    )
  })

  test('K13 a NUL character in each parameter of each endpoint is a refusal', async () => {
    const all = [
      'client_id',
      'response_type',
      'redirect_uri',
      'code_challenge',
      'code_challenge_method',
      'scope',
      'resource',
    ]
    for (const one of names) {
      const query = new URLSearchParams([...goodPairs(all.filter((kept) => kept !== one)), [one, 'a\0b']])
      expectSound(await send(`/authorize?${query}`, {}), true)
      for (const path of ['/token', '/revoke', '/introspect', '/par']) {
        for (const grantType of ['authorization_code', 'refresh_token', 'client_credentials']) {
          const body = new URLSearchParams([...query, ['grant_type', grantType], ['code', 'x'], ['refresh_token', 'x']])
          const kept = [...body].filter(([name], index, list) => list.findIndex(([other]) => other === name) === index)
          expectSound(await send(path, { method: 'POST', body: new URLSearchParams(kept) }), true)
        }
      }
    }
    const basic = Buffer.from('a%00b:a%00b').toString('base64')
    await attempt('/token', {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    })
  })

  test('K13 D02 /register', async () => {
    const member = fc.constantFrom(
      'redirect_uris',
      'client_name',
      'grant_types',
      'response_types',
      'token_endpoint_auth_method',
      'scope',
      'contacts',
      'jwks',
      'jwks_uri',
      'client_uri',
      'logo_uri',
      'tos_uri',
      'policy_uri',
      'software_id',
      'software_version',
      'software_statement',
      'application_type',
      'client_id',
      'client_secret',
      'default_max_age',
      'require_auth_time',
      'id_token_signed_response_alg',
      'dpop_bound_access_tokens',
    )
    const json = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      anyText,
      fc.array(anyText, { maxLength: 4 }),
      fc.integer(),
      fc.boolean(),
    )
    const body = fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .dictionary(member, json, { maxKeys: 6 })
          .map((extra) => JSON.stringify({ redirect_uris: [loopbackRedirect], ...extra })),
      },
      { weight: 1, arbitrary: fc.dictionary(member, json, { maxKeys: 6 }).map((extra) => JSON.stringify(extra)) },
      { weight: 1, arbitrary: fc.json() },
      { weight: 1, arbitrary: anyText },
    )
    await fc.assert(
      fc.asyncProperty(body, async (written) => {
        await attempt('/register', { method: 'POST', headers: { 'content-type': 'application/json' }, body: written })
      }),
      runs(share(kind, 150)),
    )
  })

  test('K13 D13 /register/:client_id', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'PUT', 'DELETE', 'POST'),
        fc.oneof(fc.constant(''), anyText),
        fc.oneof(
          headerText.map((text) => `Bearer ${text}`),
          headerText,
        ),
        fc.json(),
        async (method, id, authorization, body) => {
          const path = `/register/${id === '' ? client.client_id : encodeURIComponent(id.toWellFormed())}`
          await attempt(path, {
            method,
            headers: { authorization, 'content-type': 'application/json' },
            ...(method === 'PUT' || method === 'POST' ? { body } : {}),
          })
        },
      ),
      runs(share(kind, 60)),
    )
  })
})
