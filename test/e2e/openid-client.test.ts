// openid-client 6 as a strict third party: it checks metadata, issuer, `iss`, answers and signatures for us.
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { describe, expect, test } from 'vitest'
import { notes } from '../support/app.ts'
import { authorize, discover, redirectUri, start } from './strict-client.ts'

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
