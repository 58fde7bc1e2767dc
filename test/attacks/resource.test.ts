import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createResource } from '../../src/resources/change.ts'
import type { ResourceDraft } from '../../src/resources/resource.ts'
import { notes, startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import {
  answerConsent,
  authorizationRequest,
  connect,
  decide,
  obtainCode,
  type RegisteredClient,
  redeem,
  refresh,
  register,
} from '../support/flow.ts'
import {
  ask,
  authorize,
  count,
  expectJsonError,
  expectSentBack,
  expectShown,
  operatorClient,
  parsed,
  post,
} from './stage.ts'

// A token is for exactly one MCP server that is registered here, in its one spelling (RFC 8707).

const mail: ResourceDraft = {
  identifier: 'https://mcp.example.com/mail',
  name: 'Mail',
  aliases: ['https://mail.example.com/'],
  tokenLifetimeSeconds: 600,
  signingAlg: 'ES256',
  scopes: [
    { name: 'mail:read', description: 'Read your mail', risk: 'read', isDefault: true },
    { name: 'mail:send', description: 'Send mail', risk: 'destructive', isDefault: false },
  ],
}
let app: TestApp
let person: TestPerson
let client: RegisteredClient

beforeAll(async () => {
  app = await startApp({ resources: [notes, mail] })
  person = await app.person()
  client = await register(app)
  await operatorClient(app, { clientId: 'vouched', tokenEndpointAuthMethod: 'none' })
})
afterEach(() => void vi.useRealTimers())
afterAll(() => app.close())

interface Claims {
  readonly aud: unknown
  readonly scope: string
  readonly exp: number
  readonly iat: number
}

function claimsOf(token: string | undefined): Claims {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())
}

async function audienceFor(resource: string | undefined, scope: string | undefined): Promise<unknown> {
  const obtained = await obtainCode(app, client, person, { resource, scope })
  const answer = await redeem(app, client, obtained, { resource })
  expect(answer.body).not.toHaveProperty('error')
  return claimsOf(answer.body.access_token).aud
}

describe('E01 no resource', () => {
  test('E01 with several MCP servers a request that names none is refused', async () => {
    expectSentBack(await authorize(app, 'vouched', { resource: undefined }), 'invalid_target', app)
    expectSentBack(await authorize(app, 'vouched', { resource: undefined, scope: undefined }), 'invalid_target', app)
    expectSentBack(await authorize(app, 'vouched', { resource: undefined, scope: 'openid' }), 'invalid_target', app)
  })

  test('E01 with exactly one it is meant, on both legs', async () => {
    const single = await startApp()
    const someone = await single.person()
    const { answer } = await connect(single, someone, { resource: undefined, scope: undefined })
    expect(claimsOf(answer.body.access_token)).toMatchObject({ aud: notes.identifier, scope: 'notes:read' })
  })

  test('E01 a token request without a resource is for the one that was allowed', async () => {
    const obtained = await obtainCode(app, client, person, { resource: mail.identifier, scope: 'mail:read' })
    const answer = await redeem(app, client, obtained)
    expect(claimsOf(answer.body.access_token).aud).toBe(mail.identifier)
    const again = await refresh(app, client, answer.body.refresh_token ?? '')
    expect(claimsOf(again.body.access_token).aud).toBe(mail.identifier)
  })

  test('E01 openid beside it makes no token without an audience', async () => {
    const obtained = await obtainCode(app, client, person, { scope: 'openid notes:read' })
    const answer = await redeem(app, client, obtained)
    expect(claimsOf(answer.body.access_token).aud).toBe(notes.identifier)
    const openidOnly = await refresh(app, client, answer.body.refresh_token ?? '', { scope: 'openid' })
    if (openidOnly.status === 200) expect(claimsOf(openidOnly.body.access_token).aud).toBe(notes.identifier)
  })

  test('E01 a machine client that names none of several gets no token', async () => {
    const resources = new Map([[notes.identifier, ['notes:read']]])
    const { id, secret } = await operatorClient(app, {
      clientId: 'machine',
      grantTypes: ['client_credentials'],
      redirectUris: undefined,
      tokenEndpointAuthMethod: 'client_secret_post',
      resources,
    })
    const params = { grant_type: 'client_credentials', client_id: id, client_secret: secret }
    for (const resource of [undefined, '', mail.identifier, 'https://x.example', [notes.identifier, mail.identifier]]) {
      expectJsonError(await post(`${app.issuer}/token`, { ...params, resource }), 400, 'invalid_target')
    }
    const good = await post(`${app.issuer}/token`, { ...params, resource: notes.identifier })
    expect(claimsOf(String(parsed(good).access_token)).aud).toBe(notes.identifier)
  })
})

const malformed = [
  'mcp',
  '/mcp',
  '//localhost:9728/mcp',
  `${notes.identifier}#x`,
  `${notes.identifier}#`,
  'javascript:alert(1)',
  'http://user@localhost:9728/mcp',
  'http://user:pass@localhost:9728/mcp',
  '',
  ' ',
  `http://localhost:9728/${'x'.repeat(4000)}`,
  'urn:mcp:notes',
  'ftp://localhost:9728/mcp',
]

test.each(malformed)('E02 what is no resource is refused on both legs: %s', async (resource) => {
  expectSentBack(await authorize(app, 'vouched', { resource }), 'invalid_target', app)
  const obtained = await obtainCode(app, client, person)
  const answer = await redeem(app, client, obtained, { resource })
  if (resource === '') {
    // An empty parameter is an absent one (RFC 6749 §3.1): the token is for what was allowed.
    expect(claimsOf(answer.body.access_token).aud).toBe(notes.identifier)
    return
  }
  expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target'])
  expect((await redeem(app, client, obtained)).status).toBe(200)
})

test('E03 an unknown MCP server is refused before anything is shown', async () => {
  const interactions = await count(app, 'interaction')
  for (const resource of ['https://elsewhere.example/mcp', 'http://localhost:9729/mcp', 'https://localhost:9728/mcp']) {
    expectSentBack(await authorize(app, 'vouched', { resource }), 'invalid_target', app)
    const answer = await authorize(app, client.client_id, { resource, redirect_uri: undefined })
    expectShown(answer, 'invalid_target', app, 'http://127.0.0.1:4321/callback')
  }
  expect(await count(app, 'interaction')).toBe(interactions)
})

test('E04 another registered MCP server than the one allowed: refused, and the code stays good', async () => {
  const obtained = await obtainCode(app, client, person)
  const answer = await redeem(app, client, obtained, { resource: mail.identifier })
  expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target'])
  const good = await redeem(app, client, obtained, { resource: notes.identifier })
  expect(claimsOf(good.body.access_token).aud).toBe(notes.identifier)
})

describe('E05 two resources', () => {
  test('E05 are refused at the authorization endpoint, before a page', async () => {
    const interactions = await count(app, 'interaction')
    for (const scope of ['notes:read', 'notes:read mail:read', 'openid', undefined]) {
      const resource = [notes.identifier, mail.identifier]
      expectSentBack(await authorize(app, 'vouched', { resource, scope }), 'invalid_target', app)
    }
    expect(await count(app, 'interaction')).toBe(interactions)
  })

  test('E05 M5 are refused at the token endpoint, with openid granted, too', async () => {
    const obtained = await obtainCode(app, client, person, { scope: 'openid notes:read' })
    const answer = await redeem(app, client, obtained, { resource: [notes.identifier, mail.identifier] })
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target'])
    const good = await redeem(app, client, obtained)
    const both = await refresh(app, client, good.body.refresh_token ?? '', {
      resource: [notes.identifier, mail.identifier],
    })
    expect([both.status, both.body.error]).toEqual([400, 'invalid_target'])
  })

  test('E05 the same one twice, in two spellings, is one', async () => {
    const resource = [notes.identifier, `${notes.identifier}/`]
    const url = new URL(authorizationRequest(app, client.client_id, { resource: undefined }).url)
    const request = authorizationRequest(app, client.client_id)
    url.searchParams.set('code_challenge', new URL(request.url).searchParams.get('code_challenge') ?? '')
    for (const one of resource) url.searchParams.append('resource', one)
    const page = await decide(new Browser(app.issuer), { url: url.href }, person)
    const code = new URL(page.url).searchParams.get('code') ?? ''
    const answer = await redeem(app, client, { code, request }, { resource })
    expect(claimsOf(answer.body.access_token).aud).toBe(notes.identifier)
  })
})

describe('E06 M6 spellings', () => {
  test.each(['HTTP://LOCALHOST:9728/mcp', 'http://localhost:9728/mcp/', 'http://Localhost:9728/mcp/'])(
    'E06 M6 %s is the notes server, and the audience is its identifier',
    async (resource) => {
      expect(await audienceFor(resource, 'notes:read')).toBe(notes.identifier)
    },
  )

  test.each([
    'https://mcp.example.com:443/mail',
    'https://MCP.example.com/mail/',
    'https://mail.example.com',
    'https://mail.example.com/',
  ])('E06 M6 %s is the mail server, and the audience is its identifier', async (resource) => {
    expect(await audienceFor(resource, 'mail:read')).toBe(mail.identifier)
  })

  test.each([
    'http://localhost:9728/MCP',
    'http://localhost:9728/%6dcp',
    'http://localhost:9728//mcp',
    'http://localhost:9728/mcp//',
    'http://localhost:9728/mcp?a=b',
  ])('E06 %s is another address', async (resource) => {
    expectSentBack(await authorize(app, 'vouched', { resource }), 'invalid_target', app)
  })

  test('E06 an international host has one spelling', async () => {
    await createResource(
      app.app.rooms.resources,
      { ...notes, identifier: 'https://bücher.example/mcp' },
      { actor: 'operator' },
    )
    expect(await audienceFor('https://xn--bcher-kva.example/mcp', 'notes:read')).toBe(
      'https://xn--bcher-kva.example/mcp',
    )
    expect(await audienceFor('https://BÜCHER.example/mcp', 'notes:read')).toBe('https://xn--bcher-kva.example/mcp')
  })
})

test.each([
  'http://localhost:9728/mcp-evil',
  'http://localhost:9728/mcp/x',
  'http://localhost:9728/mc',
  'http://localhost:9728',
  'http://localhost:9728/mcp/../mail',
  'http://localhost:97280/mcp',
  'http://localhost:9728.evil.example/mcp',
  'http://localhost:9728@evil.example/mcp',
])('E07 a path or host that begins alike is another server: %s', async (resource) => {
  expectSentBack(await authorize(app, 'vouched', { resource }), 'invalid_target', app)
})

describe('E08 scopes of another server', () => {
  test('E08 are left out, and the answer says what was given', async () => {
    const obtained = await obtainCode(app, client, person, { scope: 'notes:read mail:read mail:send' })
    const answer = await redeem(app, client, obtained)
    expect(answer.body.scope).toBe('notes:read')
    expect(claimsOf(answer.body.access_token).scope).toBe('notes:read')
  })

  test('E08 alone are refused', async () => {
    expectSentBack(await authorize(app, 'vouched', { scope: 'mail:read mail:send' }), 'invalid_scope', app)
  })
})

test('E09 the audience is the server that was asked for, not its origin', async () => {
  await createResource(
    app.app.rooms.resources,
    { ...notes, identifier: 'https://mcp.example.com' },
    { actor: 'operator' },
  )
  expect(await audienceFor(mail.identifier, 'mail:read')).toBe(mail.identifier)
  expect(await audienceFor('https://mcp.example.com/', 'notes:read')).toBe('https://mcp.example.com')
})

test('E09 a token lives as long as its server says, from now', async () => {
  const { answer } = await connect(app, person, { resource: mail.identifier, scope: 'mail:read' }, client)
  const { exp, iat } = claimsOf(answer.body.access_token)
  expect(exp - iat).toBe(600)
  expect(answer.body.expires_in).toBe(600)
})

test('E10 offline_access belongs to this server: in its metadata, in no token, asked or not asked all the same', async () => {
  const metadata = parsed(await ask(`${app.issuer}/.well-known/oauth-authorization-server`))
  expect(metadata.scopes_supported).toEqual(['openid', 'offline_access'])
  const asked = await connect(app, person, { scope: 'notes:read offline_access' }, client)
  expect(claimsOf(asked.answer.body.access_token).scope).toBe('notes:read')
  const unasked = await connect(app, person, {}, client)
  expect(asked.refreshToken).not.toBe('')
  expect(unasked.refreshToken).not.toBe('')
})

describe('E11 step-up', () => {
  test('E11 shows what is new, and the old connection lives until it is replaced', async () => {
    const own = await register(app)
    const first = await connect(app, person, {}, own)
    const request = authorizationRequest(app, own.client_id, { scope: 'notes:read notes:write' })
    const page = await first.browser.open(request.url)
    expect(page.name).toBe('consent')
    expect(page.body).toMatch(/data-diff/)
    expect(page.body).toContain('New: Change your notes')
    expect((await refresh(app, own, first.refreshToken)).body.scope).toBe('notes:read')
    const done = await answerConsent(first.browser, page)
    const code = new URL(done.url).searchParams.get('code') ?? ''
    const more = await redeem(app, own, { code, request })
    expect(more.body.scope).toBe('notes:read notes:write')
  })

  test('E11 a no leaves the old connection as it was', async () => {
    const own = await register(app)
    const first = await connect(app, person, {}, own)
    const request = authorizationRequest(app, own.client_id, { scope: 'notes:read notes:write' })
    await decide(first.browser, request, person, { decision: 'deny' })
    expect((await refresh(app, own, first.refreshToken)).body.scope).toBe('notes:read')
  })
})

describe('E12 dangerous scopes', () => {
  test.each(['*', 'all', 'admin:*', 'notes:*', '**'])('E12 %s is known to nobody', async (scope) => {
    expectSentBack(await authorize(app, 'vouched', { scope }), 'invalid_scope', app)
    const obtained = await obtainCode(app, client, person, { scope: `notes:read ${scope}` })
    expect((await redeem(app, client, obtained)).body.scope).toBe('notes:read')
  })

  test.each(['*', 'notes:*', '**'])('E12 %s cannot be registered for a server', async (name) => {
    const scopes = [{ name, description: 'Everything', risk: 'read' as const, isDefault: false }]
    const draft = { ...notes, identifier: 'https://wild.example/mcp', scopes }
    await expect(createResource(app.app.rooms.resources, draft, { actor: 'operator' })).rejects.toThrow()
  })

  test('E12 a destructive one in a long list is set apart and not ticked', async () => {
    const own = await register(app)
    const browser = new Browser(app.issuer)
    const scope = 'notes:read notes:write notes:delete'
    const request = authorizationRequest(app, own.client_id, { scope })
    let page = await browser.open(request.url)
    page = await browser.goOn(await browser.submit(page, { email: person.email, password: person.password }))
    expect(page.body).toMatch(/<fieldset[^>]*data-risk="destructive"/)
    const box = /<input[^>]*value="notes:delete"[^>]*>/.exec(page.body)?.[0] ?? ''
    expect(box).not.toContain('checked')
    const ticked = [...page.body.matchAll(/<input[^>]*name="scope" value="([^"]+)"[^>]*checked/g)].map(
      ([, name = '']) => name,
    )
    const done = await answerConsent(browser, page, { scopes: ticked })
    const code = new URL(done.url).searchParams.get('code') ?? ''
    expect((await redeem(app, own, { code, request })).body.scope).toBe('notes:read notes:write')
  })
})
