// Tokens of other authorization servers in the shape in which those mint them, by the tests themselves; the options are those of docs/verifier.md.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createVerifier, type VerifierOptions } from '../../verifier/src/index.ts'
import { judge, makeKey, resource, signText, startIssuer, type TestIssuer, type TestKey } from './issuer.ts'

let key: TestKey
let host: TestIssuer
beforeAll(async () => {
  key = await makeKey('rsa-key', 'RS256')
  host = await startIssuer('/realms/acme')
})
afterAll(() => host.close())

const now = Math.floor(Date.parse('2026-11-20T12:00:00Z') / 1000)

/** A server as it shows itself: its metadata, its keys, and its tokens. */
interface Server {
  readonly issuer: string
  readonly jwksUri: string
  readonly metadataUrl: string
  /** Members that the published key has, or lacks. */
  readonly jwk: Record<string, unknown>
  readonly header: Record<string, unknown>
  readonly accessToken: Record<string, unknown>
  readonly idToken: Record<string, unknown>
  readonly options: Partial<VerifierOptions>
}

const tenant = '9f4c1d2e-0000-4000-8000-000000000001'
const api = '1b2c3d4e-0000-4000-8000-000000000002'
const client = 'c11e0000-0000-4000-8000-000000000003'

const servers: Readonly<Record<string, Server>> = {
  'Keycloak 26': {
    issuer: 'https://keycloak.example/realms/acme',
    jwksUri: 'https://keycloak.example/realms/acme/protocol/openid-connect/certs',
    metadataUrl: 'https://keycloak.example/realms/acme/.well-known/openid-configuration',
    jwk: { use: 'sig', x5c: ['MIIB'], x5t: 'x' },
    header: { typ: 'JWT' },
    accessToken: {
      jti: 'onrtac:5c1f0c0e',
      aud: [resource, 'account'],
      sub: '2f7a3d0e-user',
      typ: 'Bearer',
      azp: 'mcp-client',
      sid: 'b3a1',
      acr: '1',
      'allowed-origins': ['https://client.example'],
      realm_access: { roles: ['offline_access', 'default-roles-acme'] },
      scope: 'openid profile notes:read',
      preferred_username: 'alice',
    },
    idToken: { jti: 'x', aud: [resource], sub: '2f7a3d0e-user', typ: 'ID', azp: 'mcp-client', scope: 'notes:read' },
    options: { acceptTypes: ['at+jwt', 'JWT'], acceptAudienceArrays: true, claimNames: { client_id: 'azp' } },
  },
  'Auth0, RFC 9068 profile': {
    issuer: 'https://acme.eu.auth0.example/',
    jwksUri: 'https://acme.eu.auth0.example/.well-known/jwks.json',
    metadataUrl: 'https://acme.eu.auth0.example/.well-known/openid-configuration',
    jwk: { use: 'sig', x5c: ['MIIB'], x5t: 'x' },
    header: { typ: 'at+jwt' },
    accessToken: {
      sub: 'auth0|65f',
      aud: [resource, 'https://acme.eu.auth0.example/userinfo'],
      exp: now + 86_400,
      scope: 'openid profile notes:read',
      jti: 'Kx1',
      client_id: 'aBcD',
      permissions: ['notes:read'],
    },
    idToken: { sub: 'auth0|65f', aud: 'aBcD', nonce: 'n', sid: 's' },
    options: { acceptAudienceArrays: true, maxLifetimeSeconds: 86_400 },
  },
  'Entra ID, v2.0 tokens': {
    issuer: `https://login.microsoftonline.example/${tenant}/v2.0`,
    jwksUri: `https://login.microsoftonline.example/${tenant}/discovery/v2.0/keys`,
    metadataUrl: `https://login.microsoftonline.example/${tenant}/v2.0/.well-known/openid-configuration`,
    jwk: { use: 'sig', alg: undefined, x5t: 'rsa-key', x5c: ['MIIB'], issuer: 'x' },
    header: { typ: 'JWT', x5t: 'rsa-key' },
    accessToken: {
      aud: api,
      nbf: now,
      exp: now + 5123,
      aio: 'x',
      azp: client,
      azpacr: '0',
      name: 'Alice',
      oid: 'o',
      preferred_username: 'alice@acme.example',
      rh: 'x',
      scp: 'notes.read notes.write',
      sub: 'pairwise',
      tid: tenant,
      uti: 'u1Xz',
      ver: '2.0',
    },
    idToken: {
      aud: api,
      nbf: now,
      sub: 'pairwise',
      tid: tenant,
      uti: 'u1Xz',
      nonce: 'n',
      ver: '2.0',
      azp: client,
      scp: 'notes.read',
    },
    options: {
      audience: api,
      acceptTypes: ['JWT'],
      claimNames: { client_id: 'azp', jti: 'uti', scope: 'scp' },
      maxLifetimeSeconds: 5400,
    },
  },
}

function verifierFor(server: Server, options: Partial<VerifierOptions> = server.options) {
  const encryptionKey = { kty: 'RSA', kid: 'enc', use: 'enc', alg: 'RSA-OAEP', n: key.publicJwk.n, e: 'AQAB' }
  const { alg: _, ...unnamed } = { ...key.publicJwk, ...server.jwk }
  const published = 'alg' in server.jwk ? unnamed : { ...key.publicJwk, ...server.jwk }
  const documents: Record<string, unknown> = {
    [server.metadataUrl]: { issuer: server.issuer, jwks_uri: server.jwksUri },
    [server.jwksUri]: { keys: [encryptionKey, published] },
  }
  return createVerifier({
    issuer: server.issuer,
    resource,
    now: () => new Date(now * 1000),
    fetch: async (url) => {
      const document = documents[url]
      return document === undefined ? new Response(null, { status: 404 }) : Response.json(document)
    },
    ...options,
  })
}

function mint(server: Server, claims: Record<string, unknown>, header: Record<string, unknown> = {}) {
  const payload = { iss: server.issuer, iat: now, exp: now + 300, ...claims }
  return signText(
    JSON.stringify({ alg: 'RS256', kid: 'rsa-key', ...server.header, ...header }),
    JSON.stringify(payload),
    key,
  )
}

describe.each(Object.entries(servers))('%s', (_name, server) => {
  test('its access token is taken with the documented options, and only with them', async () => {
    const token = await mint(server, server.accessToken)
    const claims = await verifierFor(server).verify(token)
    expect(claims).toMatchObject({
      iss: server.issuer,
      sub: server.accessToken.sub,
      scopes: expect.arrayContaining([]),
    })
    expect(claims.client_id).toBe(server.accessToken.azp ?? server.accessToken.client_id)
    expect(claims.jti).toBe(server.accessToken.jti ?? server.accessToken.uti)
    expect(claims.scopes.some((scope) => /^notes.read$/.test(scope))).toBe(true)
    expect(await judge(verifierFor(server, {}), token)).toMatch(/^401 /)
    for (const name of Object.keys(server.options)) {
      const { [name as keyof VerifierOptions]: _left, ...others } = server.options
      expect(await judge(verifierFor(server, others), token), `without ${name}`).toMatch(/^401 /)
    }
  })

  test('V16 its ID token is refused with them too', async () => {
    const token = await mint(server, { ...server.idToken }, { typ: 'JWT' })
    expect(await judge(verifierFor(server), token)).toMatch(/^401 /)
    expect(await judge(verifierFor(server, { ...server.options, acceptTypes: ['at+jwt', 'JWT'] }), token)).toMatch(
      /^401 /,
    )
  })

  test('V18 V31 a token for another server, of another tenant or under another key is refused', async () => {
    const verifier = verifierFor(server)
    expect(await judge(verifier, await mint(server, { ...server.accessToken, aud: 'https://other.example' }))).toBe(
      '401 audience',
    )
    const other = { ...server, issuer: server.issuer.replace(/acme|9f4c/, 'evil') }
    expect(await judge(verifier, await mint(other, server.accessToken))).toBe('401 issuer')
    expect(await judge(verifier, await mint(server, server.accessToken, { kid: 'enc' }))).toBe('401 key_unknown')
  })
})

describe('V15 V16 where typ says nothing', () => {
  const open = { acceptTypes: ['JWT'] as const }

  test.each([
    { nonce: 'n' },
    { at_hash: 'x' },
    { c_hash: 'x' },
    { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
    { typ: 'ID' },
    { typ: 'Refresh' },
    { typ: 'Logout' },
    { typ: 7 },
  ])('a token with %j is no access token', async (claims) => {
    const verifier = host.verifier(open)
    expect(await judge(verifier, await host.mint(claims, { typ: 'JWT' }))).toBe('401 wrong_type')
    expect(await judge(host.verifier({ acceptTypes: ['at+jwt', 'JWT'] }), await host.mint(claims))).toBe('accepted')
  })

  test.each([{ typ: 'Bearer' }, { typ: 'DPoP' }])('a token with %j is one', async (claims) =>
    expect(await judge(host.verifier(open), await host.mint(claims, { typ: 'JWT' }))).toBe('accepted'),
  )

  test('JWT alone does not let at+jwt in, nor the other way round, nor anything else', async () => {
    expect(await judge(host.verifier(open), await host.mint({}, { typ: 'JWT' }))).toBe('accepted')
    expect(await judge(host.verifier(open), await host.mint({}, { typ: 'jwt' }))).toBe('accepted')
    expect(await judge(host.verifier(open), await host.mint({}))).toBe('401 wrong_type')
    for (const typ of [undefined, 'dpop+jwt', 'logout+jwt', 'secevent+jwt', ''])
      expect(await judge(host.verifier(open), await host.mint({}, { typ })), typ).toBe('401 wrong_type')
  })

  test.each([{ acceptTypes: [] }, { acceptTypes: ['dpop+jwt'] }, { audience: '' }, { claimNames: { jti: '' } }])(
    '%j stops the start',
    (options) => expect(() => host.verifier(JSON.parse(JSON.stringify(options)))).toThrow(TypeError),
  )

  test('a claim under another name is not read under its own', async () => {
    const verifier = host.verifier({ claimNames: { scope: 'scp' } })
    const claims = await verifier.verify(await host.mint({ scope: 'admin', scp: 'notes:read' }))
    expect([claims.scope, claims.scopes]).toEqual(['notes:read', ['notes:read']])
    const without = await verifier.verify(await host.mint({ scope: 'admin' }))
    expect([without.scope, without.scopes, without.sub]).toEqual([undefined, [], 'account-1'])
    expect((await verifier.verify(await host.mint({ scope: ['x'], note: 'kept' }))).note).toBe('kept')
    expect(await judge(host.verifier({ claimNames: { client_id: 'azp' } }), await host.mint())).toBe('401 claim')
  })
})
