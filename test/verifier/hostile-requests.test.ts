// Requests as no client sends them, but somebody does.
import { calculateJwkThumbprint } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConnectRequest, type ConnectResponse, requireToken } from '../../verifier/src/express.ts'
import { requireToken as fetchGate } from '../../verifier/src/fetch.ts'
import type { VerifierOptions } from '../../verifier/src/index.ts'
import { sha256 } from '../../verifier/src/sha256.ts'
import { judge, makeKey, signText, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await startIssuer()
})
afterEach(() => issuer.close())

test('V41 a path that makes no address with our origin is no place that a proof is for', async () => {
  const key = await makeKey('client')
  const { kty, crv, x, y } = key.publicJwk
  const verifier = issuer.verifier({ dpop: {} })
  const token = await issuer.mint({ cnf: { jkt: await calculateJwkThumbprint(key.publicJwk) } })
  const proof = await signText(
    JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } }),
    JSON.stringify({
      jti: 'proof-1',
      htm: 'POST',
      htu: issuer.resource,
      iat: Math.floor(issuer.clock.now.getTime() / 1000),
      ath: await sha256(token),
    }),
    key,
  )
  const present = (path: string) =>
    verifier.authenticate({
      authorization: [`DPoP ${token}`],
      dpop: [proof],
      tokenElsewhere: false,
      method: 'POST',
      path,
    })
  // `OPTIONS *`, a request to a proxy, and what is left of one.
  for (const path of ['*', 'http://localhost:9728/mcp', ':9/mcp', '@other.example/mcp']) {
    await expect(present(path), path).rejects.toMatchObject({ status: 401, reason: 'proof_request' })
  }
  await expect(present('/mcp')).resolves.toMatchObject({ clientId: 'client-1' })
})

test('V01 V03 what is no text is no token', async () => {
  const verifier = issuer.verifier()
  const token = await issuer.mint()
  // Parse boundary: a caller without a compiler.
  const odd: string[] = JSON.parse(`[null, 7, {}, {"length": 3}, ["${token}"]]`)
  for (const one of [...odd, Object(token)]) expect(await judge(verifier, one)).toBe('401 token_malformed')
})

describe('V02 the headers of a request that only looks like one of Node', () => {
  async function ask(request: Omit<ConnectRequest, typeof Symbol.asyncIterator>): Promise<number> {
    let isIn = false
    const response: ConnectResponse = { statusCode: 200, setHeader() {}, end() {} }
    await requireToken(issuer.verifier())(request, response, () => {
      isIn = true
    })
    return isIn ? 0 : response.statusCode
  }

  test('are read where it has no list of them, as in adapters for Lambda', async () => {
    const authorization = `Bearer ${await issuer.mint()}`
    expect(await ask({ url: '/mcp', headers: { authorization }, rawHeaders: [] })).toBe(0)
    expect(await ask({ url: '/mcp', headers: { authorization } })).toBe(0)
    expect(await ask({ url: '/mcp', headers: { authorization: [authorization, authorization] } })).toBe(400)
    // Where there is a list, it counts.
    expect(await ask({ url: '/mcp', headers: { authorization }, rawHeaders: ['Host', 'x'] })).toBe(401)
  })
})

test('V45 a page may ask for every method of an application behind a gate', async () => {
  const gate = fetchGate(issuer.verifier())
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    const headers = { origin: 'https://app.example', 'access-control-request-method': method }
    const answer = await gate(new Request(issuer.resource, { method: 'OPTIONS', headers }))
    const allowed = answer instanceof Response ? answer.headers.get('access-control-allow-methods') : null
    expect(allowed?.split(', ')).toContain(method)
  }
})

describe('V43 an answer about another token', () => {
  const ask = async (answer: unknown, options: Partial<VerifierOptions> = {}, claims = {}) => {
    const told: string[] = []
    const verifier = issuer.verifier({
      ...options,
      introspection: {
        url: 'https://auth.example/introspect',
        authorization: 'Basic x',
        onEvent: ({ kind, cause }) => told.push(`${kind}: ${cause}`),
      },
      fetch: async (url, init) => (url.endsWith('/introspect') ? Response.json(answer) : fetch(url, init)),
    })
    return [await judge(verifier, await issuer.mint(claims)), ...told]
  }

  test('is none, whatever it says', async () => {
    const fault = 'ask_failed: Error: https://auth.example/introspect speaks of another token'
    expect(await ask({ active: true, jti: 'token-2' })).toEqual(['503 introspection_unavailable', fault])
    expect(await ask({ active: false, jti: 'token-2' })).toEqual(['503 introspection_unavailable', fault])
  })

  test('is told by the jti, under its name, where there is one', async () => {
    expect(await ask({ active: true })).toEqual(['accepted'])
    expect(await ask({ active: true, jti: null })).toEqual(['accepted'])
    expect(await ask({ active: true, jti: 'token-1' })).toEqual(['accepted'])
    expect(await ask({ active: false })).toEqual(['401 inactive'])
    const named = { claimNames: { jti: 'uti' } }
    expect(await ask({ active: true, jti: 'x', uti: 'token-9' }, named, { uti: 'token-9' })).toEqual(['accepted'])
  })

  test('that cannot be understood is told to the log', async () => {
    expect(await ask({ active: 'true' })).toEqual([
      '503 introspection_unavailable',
      'ask_failed: Error: https://auth.example/introspect says nothing',
    ])
  })
})
