// openid-client 6 as a strict third party: it checks metadata, issuer, `iss`, answers and signatures for us.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, decodeJwt, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { notes, startApp, type TestApp } from '../support/app.ts'
import { Person } from '../support/person.ts'

const redirectUri = 'https://client.example/cb'
const secret = 'mVZk3Xw0q9Tn2cLr8BfJ5hYs7PdGaKuE1oRiNtQv4xA'
let keys: CryptoKeyPair

beforeAll(async () => {
  keys = await generateKeyPair('ES256', { extractable: true })
})

interface Setting {
  readonly app: TestApp
  readonly person: Person
}

/** The server with an operator's clients, and a person. */
async function start(): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'test-openid-client-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'secret'), `${secret}\n`)
  const interactive = { redirect_uris: [redirectUri] }
  const machine = {
    grant_types: ['client_credentials'],
    resources: { [notes.identifier]: ['notes:read', 'notes:write'] },
  }
  const clients = [
    { client_id: 'basic', ...interactive, client_secret_file: 'secret' },
    {
      client_id: 'post',
      ...interactive,
      token_endpoint_auth_method: 'client_secret_post',
      client_secret_file: 'secret',
    },
    { client_id: 'other', ...interactive, client_secret_file: 'secret' },
    {
      client_id: 'keyed',
      ...interactive,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' }] },
    },
    { client_id: 'public', ...interactive, token_endpoint_auth_method: 'none' },
    { client_id: 'nightly', ...machine, client_secret_file: 'secret' },
    {
      client_id: 'nightly-keyed',
      ...machine,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' }] },
    },
  ].map((client) => ({ client_name: `Client ${client.client_id}`, ...client }))
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(file, stringify({ clients }))
  const app = await startApp({ settings: { CONFIG: file } })
  return { app, person: new Person(app.issuer, await app.person()) }
}

/** How each client proves itself. */
const proofs: Readonly<Record<string, () => oidc.ClientAuth>> = {
  basic: () => oidc.ClientSecretBasic(secret),
  post: () => oidc.ClientSecretPost(secret),
  other: () => oidc.ClientSecretBasic(secret),
  keyed: () => oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' }),
  public: () => oidc.None(),
  nightly: () => oidc.ClientSecretBasic(secret),
  'nightly-keyed': () => oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' }),
}

async function discover({ app }: Setting, clientId: string, algorithm: 'oidc' | 'oauth2' = 'oauth2') {
  const proof = (proofs[clientId] ?? oidc.None)()
  return oidc.discovery(new URL(app.issuer), clientId, undefined, proof, {
    algorithm,
    execute: [oidc.allowInsecureRequests],
  })
}

interface FlowOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly pushed?: boolean
  readonly dpop?: oidc.DPoPHandle
}

/** The code flow as openid-client does it, with every check it has. */
async function authorize({ person }: Setting, config: oidc.Configuration, { params, pushed, dpop }: FlowOptions = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const request = {
    redirect_uri: redirectUri,
    scope: 'notes:read notes:write',
    resource: notes.identifier,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    ...params,
  }
  const url = pushed
    ? await oidc.buildAuthorizationUrlWithPAR(config, request, { DPoP: dpop })
    : oidc.buildAuthorizationUrl(config, request)
  const callback = await person.answer(url)
  const redeem = (at: URL) =>
    oidc.authorizationCodeGrant(
      config,
      at,
      { pkceCodeVerifier, expectedState, ...(params?.nonce === undefined ? {} : { expectedNonce: params.nonce }) },
      { resource: notes.identifier },
      { DPoP: dpop },
    )
  return { url, callback, redeem }
}

test.each(['oidc', 'oauth2'] as const)('the metadata is found and valid by %s discovery', async (algorithm) => {
  const setting = await start()
  const config = await discover(setting, 'public', algorithm)
  const metadata = config.serverMetadata()
  expect(metadata.issuer).toBe(setting.app.issuer)
  expect(metadata.authorization_response_iss_parameter_supported).toBe(true)
  expect(metadata.supportsPKCE()).toBe(true)
})

describe.each(['basic', 'post', 'keyed', 'public'])('the code flow of the client "%s"', (clientId) => {
  test('ends with tokens for one MCP server, which refresh and can be revoked', async () => {
    const setting = await start()
    const { app } = setting
    const config = await discover(setting, clientId)
    const { callback, redeem } = await authorize(setting, config)
    const tokens = await redeem(callback)

    expect(tokens.scope?.split(' ').sort()).toEqual(['notes:read', 'notes:write'])
    const { payload } = await jwtVerify(tokens.access_token, createRemoteJWKSet(new URL(`${app.issuer}/jwks`)), {
      issuer: app.issuer,
      audience: notes.identifier,
      typ: 'at+jwt',
    })
    expect(payload).toMatchObject({ client_id: clientId, aud: notes.identifier })

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(refreshed.scope).toBe(tokens.scope)
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)

    await oidc.tokenRevocation(config, refreshed.refresh_token ?? '', { token_type_hint: 'refresh_token' })
    await expect(oidc.refreshTokenGrant(config, refreshed.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  test('may begin with a pushed request, whose address holds no parameters', async () => {
    const setting = await start()
    const config = await discover(setting, clientId)
    const { url, callback, redeem } = await authorize(setting, config, { pushed: true })
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
    expect(decodeJwt((await redeem(callback)).access_token)).toMatchObject({ aud: notes.identifier })
  })
})

test('an answer that says another issuer is refused by the client', async () => {
  const setting = await start()
  const config = await discover(setting, 'public')
  const { callback, redeem } = await authorize(setting, config)
  const mixedUp = new URL(callback)
  mixedUp.searchParams.set('iss', 'https://other.example')
  await expect(redeem(mixedUp)).rejects.toThrow()
  const bare = new URL(callback)
  bare.searchParams.delete('iss')
  await expect(redeem(bare)).rejects.toThrow()
  expect(await redeem(callback)).toHaveProperty('access_token')
})

test('an ID token is given where openid was asked, for this client and this nonce', async () => {
  const setting = await start()
  const config = await discover(setting, 'basic', 'oidc')
  const nonce = oidc.randomNonce()
  const { callback, redeem } = await authorize(setting, config, { params: { scope: 'openid notes:read', nonce } })
  const tokens = await redeem(callback)
  expect(tokens.claims()).toMatchObject({ iss: setting.app.issuer, aud: 'basic', nonce })
  expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: notes.identifier, sub: tokens.claims()?.sub })
})

describe('introspection', () => {
  test('a confidential client learns about its own refresh token, and no other client does', async () => {
    const setting = await start()
    const config = await discover(setting, 'basic')
    const { callback, redeem } = await authorize(setting, config)
    const { refresh_token = '' } = await redeem(callback)

    expect(await oidc.tokenIntrospection(config, refresh_token)).toMatchObject({ active: true, client_id: 'basic' })
    const other = await discover(setting, 'other')
    expect(await oidc.tokenIntrospection(other, refresh_token)).toEqual({ active: false })
    await oidc.tokenRevocation(config, refresh_token)
    expect(await oidc.tokenIntrospection(config, refresh_token)).toEqual({ active: false })
  })

  test('a client cannot revoke what belongs to another', async () => {
    const setting = await start()
    const config = await discover(setting, 'basic')
    const { callback, redeem } = await authorize(setting, config)
    const { refresh_token = '' } = await redeem(callback)
    const other = await discover(setting, 'other')

    await oidc.tokenRevocation(other, refresh_token).catch(() => undefined)

    expect(await oidc.refreshTokenGrant(config, refresh_token)).toHaveProperty('access_token')
  })
})

test('tokens of a client with a DPoP key are bound to that key, and refresh with no other', async () => {
  const setting = await start()
  const config = await discover(setting, 'public')
  expect(config.serverMetadata().dpop_signing_alg_values_supported).toContain('ES256')
  const dpop = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
  const { callback, redeem } = await authorize(setting, config, { dpop })
  const tokens = await redeem(callback)

  expect(tokens.token_type).toBe('dpop')
  expect(decodeJwt(tokens.access_token)).toMatchObject({ cnf: { jkt: await dpop.calculateThumbprint() } })
  const another = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
  const refreshToken = tokens.refresh_token ?? ''
  await expect(oidc.refreshTokenGrant(config, refreshToken, {}, { DPoP: another })).rejects.toThrow()
  const refreshed = await oidc.refreshTokenGrant(config, refreshToken, {}, { DPoP: dpop })
  expect(decodeJwt(refreshed.access_token)).toMatchObject({ cnf: { jkt: await dpop.calculateThumbprint() } })
})

describe.each(['nightly', 'nightly-keyed'])('the machine client "%s"', (clientId) => {
  const resource = notes.identifier

  test('speaks for itself, within its ceiling, for one MCP server, without a refresh token', async () => {
    const setting = await start()
    const config = await discover(setting, clientId)
    const tokens = await oidc.clientCredentialsGrant(config, { resource, scope: 'notes:write' })
    expect(tokens.scope).toBe('notes:write')
    expect(tokens.refresh_token).toBeUndefined()
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      sub: `client:${clientId}`,
      client_id: clientId,
      aud: resource,
      scope: 'notes:write',
    })
  })

  test('gets the defaults of the MCP server when it names no scope', async () => {
    const setting = await start()
    const config = await discover(setting, clientId)
    const tokens = await oidc.clientCredentialsGrant(config, { resource })
    expect(tokens.scope).toBe('notes:read')
    expect(decodeJwt(tokens.access_token)).toMatchObject({ scope: 'notes:read' })
  })

  test.each<[string, Record<string, string>, string | undefined]>([
    ['a scope above its ceiling', { scope: 'notes:delete' }, 'invalid_scope'],
    ['one scope within and one above', { scope: 'notes:read notes:delete' }, 'invalid_scope'],
    ['a scope nobody knows', { scope: 'notes:paint' }, 'invalid_scope'],
    ['a refresh token', { scope: 'offline_access' }, undefined],
    ['an MCP server nobody knows', { resource: 'https://other.example/mcp' }, 'invalid_target'],
  ])('asking for %s gets it nothing above its rights', async (_what, params, error) => {
    const setting = await start()
    const config = await discover(setting, clientId)
    const attempt = oidc.clientCredentialsGrant(config, { resource, ...params })
    if (error !== undefined) await expect(attempt).rejects.toMatchObject({ error })
    else expect((await attempt).refresh_token).toBeUndefined()
  })
})

test.each(['basic', 'public'])('the client "%s" of people cannot speak for itself', async (clientId) => {
  const setting = await start()
  const config = await discover(setting, clientId)
  await expect(oidc.clientCredentialsGrant(config, { resource: notes.identifier })).rejects.toMatchObject({
    error: 'unauthorized_client',
  })
})

test('a client that proves itself wrongly is invalid_client with 401', async () => {
  const setting = await start()
  const wrong = await oidc.discovery(
    new URL(setting.app.issuer),
    'nightly',
    undefined,
    oidc.ClientSecretBasic('guess'),
    {
      algorithm: 'oauth2',
      execute: [oidc.allowInsecureRequests],
    },
  )
  const refusal = await oidc.clientCredentialsGrant(wrong, { resource: notes.identifier }).catch((error) => error)
  // RFC 6749 §5.2: 401 with the scheme that the client used.
  expect(refusal).toBeInstanceOf(oidc.WWWAuthenticateChallengeError)
  expect(refusal).toMatchObject({ status: 401, cause: [{ scheme: 'basic' }] })
  expect(await refusal.response.json()).toMatchObject({ error: 'invalid_client' })
})

test('a client registers by openid-client and uses the secret it was given', async () => {
  const setting = await start()
  const config = await oidc.dynamicClientRegistration(
    new URL(setting.app.issuer),
    { client_name: 'Strict', redirect_uris: [redirectUri], token_endpoint_auth_method: 'client_secret_basic' },
    undefined,
    { algorithm: 'oauth2', execute: [oidc.allowInsecureRequests] },
  )
  const { callback, redeem } = await authorize(setting, config)
  expect(decodeJwt((await redeem(callback)).access_token)).toMatchObject({
    client_id: config.clientMetadata().client_id,
  })
})
