import { createServer } from 'node:http'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth as requireBearerAuth1 } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { OAuthError, OAuthErrorCode, requireBearerAuth, verifyBearerToken } from '@modelcontextprotocol/server'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Verifier } from '../../verifier/src/index.ts'
import { createTokenVerifier, requireScopes } from '../../verifier/src/mcp.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let verifier: Verifier

beforeAll(async () => {
  issuer = await startIssuer()
  issuer.clock.now = new Date() // the SDKs compare expiresAt with the clock of the machine
  verifier = issuer.verifier()
})
afterAll(() => issuer.close())

const invalidToken2 = (text: string) => new OAuthError(OAuthErrorCode.InvalidToken, text)

test('SDK 2.x: the verifier fits verifyBearerToken and requireBearerAuth', async () => {
  const token = await issuer.mint()
  const options = {
    verifier: createTokenVerifier(verifier, { invalidToken: invalidToken2 }),
    resourceMetadataUrl: verifier.metadataUrl,
    expectedResource: new URL(issuer.resource),
    requiredScopes: ['notes:read'],
  }
  expect(await verifyBearerToken(`Bearer ${token}`, options)).toMatchObject({
    token,
    clientId: 'client-1',
    scopes: ['notes:read'],
    expiresAt: issuer.claims().exp,
    resource: new URL(issuer.resource),
    extra: { sub: 'account-1' },
  })
  const gate = requireBearerAuth(options)
  const ask = async (headers: Record<string, string>) => {
    const answer = await gate(new Request('http://localhost:9728/mcp', { headers }))
    return answer instanceof Response ? answer : undefined
  }
  expect(await ask({ authorization: `Bearer ${token}` })).toBeUndefined()
  const refused = await ask({ authorization: `Bearer ${await issuer.mint({ aud: 'https://other.example' })}` })
  expect(refused?.status).toBe(401)
  expect(refused?.headers.get('www-authenticate')).toContain('error="invalid_token"')
  expect(refused?.headers.get('www-authenticate')).toContain(verifier.metadataUrl)
  expect((await ask({ authorization: `Bearer ${await issuer.mint({ scope: 'x' })}` }))?.status).toBe(403)
})

test('V44 SDK 2.x: keys that cannot be had never let anybody in', async () => {
  const broken = issuer.verifier({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
  const gate = requireBearerAuth({ verifier: createTokenVerifier(broken, { invalidToken: invalidToken2 }) })
  const headers = { authorization: `Bearer ${await issuer.mint()}` }
  expect(await gate(new Request('http://localhost:9728/mcp', { headers }))).toMatchObject({ status: 500 })
})

test('SDK 1.x: the verifier fits requireBearerAuth', async () => {
  const app = express()
  const slot = createTokenVerifier(verifier, { invalidToken: (text) => new InvalidTokenError(text) })
  app.use(requireBearerAuth1({ verifier: slot, resourceMetadataUrl: verifier.metadataUrl }), (asked, answer) => {
    answer.json(asked.auth)
  })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
    const ask = async (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } })
    const good = await ask(await issuer.mint())
    expect(good.status).toBe(200)
    expect(await good.json()).toMatchObject({ clientId: 'client-1', resource: issuer.resource })
    const bad = await ask(await issuer.mint({ cnf: { jkt: 'x' } }))
    expect(bad.status).toBe(401)
    expect(bad.headers.get('www-authenticate')).toContain('error="invalid_token"')
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

test('V28 V29 a scope challenge names all that is needed, honours the map, and refuses who passed no gate', () => {
  const tiered = issuer.verifier({ scopeHierarchy: { admin: ['notes:read', 'notes:write'] } })
  const challenge = requireScopes(tiered, 'notes:read', 'notes:write')
  const refused = { scopes: ['notes:read', 'notes:write'] }
  expect(challenge({ authInfo: { scopes: ['notes:read'] } })).toEqual(refused)
  expect(challenge({})).toEqual(refused)
  expect(challenge({ authInfo: { scopes: ['admin'] } })).toBeUndefined()
})
