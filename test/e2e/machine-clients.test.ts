// Clients that speak for themselves (RFC 6749 §4.4), by openid-client.
import { decodeJwt } from 'jose'
import * as oidc from 'openid-client'
import { describe, expect, test } from 'vitest'
import { notes } from '../support/app.ts'
import { discover, start } from './strict-client.ts'

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
