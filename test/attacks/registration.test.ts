import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, type Page } from '../support/browser.ts'
import { authorizationRequest, register } from '../support/flow.ts'
import { audited, count, expectJsonError, loopbackRedirect, parsed, registerRaw, webRedirect } from './stage.ts'

// What a stranger says of himself at the open registration: checked, cut to what we know, shown as a claim.

let app: TestApp
let person: TestPerson

beforeAll(async () => {
  app = await startApp()
  person = await app.person()
})
afterAll(() => app.close())

async function expectRefused(body: unknown, error = 'invalid_client_metadata', status = 400): Promise<void> {
  const before = [await count(app, 'client'), await count(app, 'registration_token')]
  expectJsonError(await registerRaw(app, body), status, error)
  expect([await count(app, 'client'), await count(app, 'registration_token')]).toEqual(before)
}

async function consentPage(body: Readonly<Record<string, unknown>>): Promise<Page> {
  const client = await register(app, body)
  const browser = new Browser(app.issuer)
  const [redirect_uri] = client.redirect_uris
  const page = await browser.open(authorizationRequest(app, client.client_id, { redirect_uri }).url)
  return browser.goOn(await browser.submit(page, { email: person.email, password: person.password }))
}

describe('sizes', () => {
  test('D02 a body over 16 kB is refused before it is parsed', async () => {
    await expectRefused(
      JSON.stringify({ redirect_uris: [webRedirect], x: 'x'.repeat(1_000_000) }),
      'invalid_client_metadata',
      413,
    )
  })

  test.each([
    [
      'fifty redirect URIs',
      { redirect_uris: Array.from({ length: 50 }, (_, index) => `${webRedirect}/${index}`) },
      'invalid_redirect_uri',
    ],
    ['a long redirect URI', { redirect_uris: [`${webRedirect}/${'x'.repeat(3000)}`] }, 'invalid_redirect_uri'],
    [
      'a thousand contacts',
      { redirect_uris: [webRedirect], contacts: Array.from({ length: 1000 }, () => 'a@b.example') },
      'invalid_client_metadata',
    ],
    [
      'eleven contacts',
      { redirect_uris: [webRedirect], contacts: Array.from({ length: 11 }, (_, i) => `a${i}@b.example`) },
      'invalid_client_metadata',
    ],
    [
      'a hundred and one letters',
      { redirect_uris: [webRedirect], client_name: 'é'.repeat(101) },
      'invalid_client_metadata',
    ],
    ['a long software id', { redirect_uris: [webRedirect], software_id: 'x'.repeat(101) }, 'invalid_client_metadata'],
    [
      'a long address of its terms',
      { redirect_uris: [webRedirect], tos_uri: `https://a.example/${'x'.repeat(2048)}` },
      'invalid_client_metadata',
    ],
    [
      'many ways to prove itself',
      {
        redirect_uris: [webRedirect],
        token_endpoint_auth_methods_supported: Array.from({ length: 101 }, (_, i) => `m${i}`),
      },
      'invalid_client_metadata',
    ],
    [
      'a key without end',
      `{"redirect_uris":["${webRedirect}"],"jwks":{"keys":[{"kty":"EC","x":${'['.repeat(5000)}${']'.repeat(5000)}}]}}`,
      'invalid_client_metadata',
    ],
    ['a long name', { redirect_uris: [webRedirect], client_name: 'x'.repeat(5000) }, 'invalid_client_metadata'],
    ['deep nesting', `{"redirect_uris":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'invalid_client_metadata'],
  ])('D02 %s is refused', (_title, body, error) => expectRefused(body, error))
})

describe('addresses', () => {
  const members = ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'jwks_uri', 'initiate_login_uri']
  test.each(
    members.flatMap((member) =>
      ['javascript:alert(1)', 'data:text/html,x', 'http://evil.example/x'].map((uri) => [member, uri]),
    ),
  )('D03 %s may not be %s', (member, uri) => expectRefused({ redirect_uris: [webRedirect], [member ?? '']: uri }))

  test.each(['javascript:alert(1)', 'data:x', 'http://evil.example/x'])(
    'D03 post_logout_redirect_uris may not hold %s',
    (uri) => expectRefused({ redirect_uris: [webRedirect], post_logout_redirect_uris: [uri] }),
  )

  test.each([
    'https://127.0.0.1/jwks',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/x',
    'https://localhost/x',
    'https://10.0.0.1/x',
  ])('D04 jwks_uri may not lie inside: %s', (jwks_uri) =>
    expectRefused({ redirect_uris: [webRedirect], token_endpoint_auth_method: 'private_key_jwt', jwks_uri }),
  )

  test('D05 nothing that is said makes this server fetch anything', async () => {
    let connections = 0
    const listener = createServer((_req, res) => res.end('[]')).on('connection', () => {
      connections += 1
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(listener.address() as AddressInfo).port}/x`
    const answer = await registerRaw(app, {
      redirect_uris: [webRedirect],
      sector_identifier_uri: url,
      request_uris: [url],
      backchannel_logout_uri: url,
      backchannel_client_notification_endpoint: url,
      subject_type: 'pairwise',
    })
    await new Promise((resolve) => listener.close(resolve))
    expect(answer.status).toBe(201)
    for (const member of ['sector_identifier_uri', 'request_uris', 'backchannel_logout_uri']) {
      expect(parsed(answer)).not.toHaveProperty(member)
    }
    expect(connections).toBe(0)
  })
})

describe('rights', () => {
  test('D06 grants that are given and not taken are dropped beside one that can be had', async () => {
    const answer = await registerRaw(app, {
      redirect_uris: [webRedirect],
      grant_types: [
        'authorization_code',
        'client_credentials',
        'implicit',
        'urn:ietf:params:oauth:grant-type:token-exchange',
      ],
    })
    expect(parsed(answer).grant_types).toEqual(['authorization_code', 'refresh_token'])
  })

  test.each([
    [['client_credentials']],
    [['implicit']],
    [['urn:ietf:params:oauth:grant-type:token-exchange', 'password']],
  ])('D06 nothing but %j is refused', (grant_types) => expectRefused({ redirect_uris: [webRedirect], grant_types }))

  test('D07 a scope that is registered gives nothing and narrows nothing', async () => {
    const answer = await registerRaw(app, { redirect_uris: [webRedirect], scope: 'admin:* notes:delete *' })
    expect(answer.status).toBe(201)
    expect(parsed(answer)).not.toHaveProperty('scope')
  })

  test('D08 what is ours to say cannot be said by the client', async () => {
    const said = {
      client_id: 'chosen',
      client_secret: 'chosen-secret-chosen-secret',
      client_id_issued_at: 1,
      client_secret_expires_at: 9_999_999_999,
      registration_access_token: 'chosen',
      registration_client_uri: 'https://evil.example/x',
      skip_consent: true,
      trusted: true,
      is_first_party: true,
      origin: 'operator',
      state: 'active',
      resourceCeiling: {},
      response_modes: ['form_post', 'fragment'],
    }
    const answer = await registerRaw(app, { redirect_uris: [webRedirect], ...said })
    const body = parsed(answer)
    expect(answer.status).toBe(201)
    for (const [name, value] of Object.entries(said)) expect(body[name]).not.toEqual(value)
    expect(body.client_id).toMatch(/^[\w-]{20,64}$/)
    expect(body.client_secret).toMatch(/^[\w-]{43}$/)
    expect(String(body.registration_client_uri)).toBe(`${app.issuer}/register/${String(body.client_id)}`)
    const [row] = await app.app.rooms.database.sql.all<{ origin: string; payload: string }>(
      'SELECT origin, payload FROM client WHERE id = ?',
      [String(body.client_id)],
    )
    expect(row?.origin).toBe('registered')
    expect(row?.payload).not.toMatch(/chosen|skip_consent|trusted|first_party|form_post/)
    // F21: an id of ours can never be taken for the address of a document.
    expect(body.client_id).not.toContain(':')
  })

  test('D09 keys that JavaScript treats in its own way have no effect', async () => {
    const redirects = `"redirect_uris":["${webRedirect}"]`
    for (const special of [
      '"__proto__":{"skip_consent":true,"client_name":"polluted"}',
      '"constructor":{"prototype":{"polluted":1}}',
      '"jwks":{"keys":[{"\\u005f_proto__":{"polluted":1}}]}',
    ]) {
      await expectRefused(`{${redirects},${special}}`, 'invalid_client_metadata')
    }
    const answer = await registerRaw(app, `{${redirects},"toString":"x","hasOwnProperty":"x"}`)
    expect(answer.status).toBe(201)
    expect(parsed(answer).client_name).toBeUndefined()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(({} as Record<string, unknown>).skip_consent).toBeUndefined()
  })

  test('D09 of doubled keys none counts', async () => {
    const redirects = (uri: string) => `"redirect_uris":["${uri}"]`
    for (const [first, second] of [
      ['javascript:x', webRedirect],
      [webRedirect, 'javascript:x'],
      [webRedirect, webRedirect],
    ] as const) {
      await expectRefused(`{${redirects(first)},${redirects(second)}}`, 'invalid_client_metadata')
    }
    await expectRefused(`{${redirects(webRedirect)},"redirect_\\u0075ris":["javascript:x"]}`, 'invalid_client_metadata')
  })

  test.each(['[]', 'null', '"x"', '1', '{', '', '\ufeff{}', '{"redirect_uris":"https://a.example/cb"}'])(
    'D09 a body that is no registration is refused: %s',
    async (body) => {
      const answer = await registerRaw(app, body)
      expect(answer.status).toBe(400)
      expectJsonError(answer, 400, String(parsed(answer).error))
    },
  )

  test.each([
    ['unsigned', 'x', 'invalid_software_statement'],
    ['by somebody', `${'e30'}.${'e30'}.c2ln`, 'unapproved_software_statement'],
  ])('D15 a software statement %s is refused and not taken for nothing', (_title, software_statement, error) =>
    expectRefused({ redirect_uris: [webRedirect], software_statement }, error),
  )
})

describe('names', () => {
  test('D10 a borrowed name is shown as a claim, with the host where the answer goes', async () => {
    const page = await consentPage({ client_name: 'Claude', redirect_uris: ['https://evil.example/cb'] })
    expect(page.name).toBe('consent')
    expect(page.body).toContain('data-identity="unverified"')
    expect(page.body).toMatch(/calls itself/)
    expect(page.body).toContain('evil.example')
    expect(page.body).not.toContain('proven')
  })

  test.each([
    ['a direction override', 'Claude\u202egnp.exe', 'Claudegnp.exe'],
    ['zero width', 'Cl\u200baude', 'Claude'],
    ['a line break', 'Claude\r\nSet-Cookie: x', 'Claude Set-Cookie: x'],
    ['a tower of marks', `a${'\u0301'.repeat(50)}`, 'á\u0301\u0301\u0301\u0301'],
    ['tags', 'a\u{e0041}b', 'ab'],
    ['another spelling of the same letters', 'Cafe\u0301', 'Café'],
  ])('D11 %s is taken out of a name', async (_title, client_name, shown) => {
    const answer = parsed(await registerRaw(app, { redirect_uris: [webRedirect], client_name }))
    expect(answer.client_name).toBe(shown)
    const page = await consentPage({ client_name })
    expect(page.body).not.toMatch(/[\u200b\u202a-\u202e\u2066-\u2069]/)
  })

  test.each([
    '<img src=x onerror=alert(1)>',
    '" onmouseover="alert(1)',
    '</title><script>alert(1)</script>',
    '{{7*7}}<%= 7*7 %>',
    "'-alert(1)-'",
    '#{7*7}',
  ])('D12 markup in a name is text: %s', async (client_name) => {
    const page = await consentPage({ client_name, software_id: client_name, redirect_uris: [loopbackRedirect] })
    expect(page.name).toBe('consent')
    expect(page.body).not.toMatch(/<img|<script|\sonmouseover="|\sonerror=alert\(1\)>/)
    expect(/<title>([^<]*)/.exec(page.body)?.[1]).not.toContain('49')
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/)
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|script-src/)
  })
})

test('K10 a name with a line break makes no header and no second log line', async () => {
  await register(app, { client_name: 'x\r\n{"level":60,"msg":"forged"}' })
  for (const line of app.log().trim().split('\n')) expect(JSON.parse(line).msg).not.toBe('forged')
})

test('a refused registration is in the audit book, without what was said', async () => {
  await registerRaw(app, { redirect_uris: ['javascript:secret-thing'] })
  const events = await audited(app, 'client.registration_refused')
  expect(events.length).toBeGreaterThan(0)
  expect(JSON.stringify(events)).not.toContain('secret-thing')
})
