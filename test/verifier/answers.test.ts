// What is answered, word for word: each sentence, each header, each code of JSON-RPC, and the calls of the verifier that decide without a request.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { answerMetadata, answerPreflight, answerRefusal, corsHeaders } from '../../verifier/src/answer.ts'
import { createVerifier, type Decision, VerifierError } from '../../verifier/src/index.ts'
import { idOf, readMcpMessage, refuseTool } from '../../verifier/src/mcp-message.ts'
import { letProcessEnd } from '../../verifier/src/token-end.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'
import { setups, startServer } from './servers.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

describe('a refusal as an answer', () => {
  const cors = {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'WWW-Authenticate, DPoP-Nonce, Retry-After, Mcp-Session-Id, MCP-Protocol-Version',
    'cache-control': 'no-store',
  }
  const json = { 'content-type': 'application/json' }
  const message = 'in a sentence'

  test('without credentials says where to look, and nothing else', () => {
    const error = new VerifierError({
      code: 'invalid_token',
      status: 401,
      message,
      reason: 'no_credentials',
      challenge: 'Bearer',
    })
    expect(answerRefusal(error)).toEqual({
      status: 401,
      headers: { ...cors, 'www-authenticate': 'Bearer' },
      body: undefined,
    })
  })

  test('says in its body what is wrong, and has no header that does not belong to it', () => {
    const error = new VerifierError({
      code: 'invalid_token',
      status: 401,
      message,
      reason: 'expired',
      challenge: 'Bearer',
    })
    expect(answerRefusal(error)).toEqual({
      status: 401,
      headers: { ...cors, ...json, 'www-authenticate': 'Bearer' },
      body: '{"error":"invalid_token","error_description":"in a sentence"}',
    })
  })

  test('carries a nonce, a time to wait, or the methods that there are', () => {
    const headersOf = (more: object) =>
      answerRefusal(new VerifierError({ code: 'invalid_request', status: 400, message, reason: 'method', ...more }))
        .headers
    expect(headersOf({})).toEqual({ ...cors, ...json })
    expect(headersOf({ dpopNonce: 'n' })).toEqual({ ...cors, ...json, 'dpop-nonce': 'n' })
    expect(headersOf({ retryAfterSeconds: 7 })).toEqual({ ...cors, ...json, 'retry-after': '7' })
    expect(headersOf({ status: 405 })).toEqual({ ...cors, ...json, allow: 'GET, POST, DELETE, OPTIONS' })
  })

  test('of a message is one of JSON-RPC, with its id', () => {
    const error = new VerifierError({
      code: 'invalid_request',
      status: 400,
      message,
      reason: 'method',
      rpcCode: -32_600,
    })
    const body = (id?: string | number | null) => JSON.parse(answerRefusal(error, id).body ?? '')
    expect(body(7)).toEqual({ jsonrpc: '2.0', id: 7, error: { code: -32_600, message } })
    expect(body()).toMatchObject({ id: null })
  })
})

describe('a preflight', () => {
  const own = 'Authorization, Content-Type, DPoP, MCP-Protocol-Version, Mcp-Session-Id'
  test.each([
    [undefined, own],
    ['', own],
    ['authorization, mcp-method', 'authorization, mcp-method'],
    ['x-a\r\nset-cookie: a=b', own],
    ['<x> authorization', own],
    ['authorization;', own],
  ])('for the headers %j', (requested, allowed) => {
    expect(answerPreflight(requested)).toEqual({
      status: 204,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
        'access-control-allow-headers': allowed,
        'access-control-max-age': '600',
        vary: 'Access-Control-Request-Headers',
      },
      body: undefined,
    })
  })
})

describe('the metadata', () => {
  test('is read, and nothing else', () => {
    const headers = { ...corsHeaders, 'content-type': 'application/json', 'cache-control': 'public, max-age=300' }
    expect(answerMetadata({ a: 1 }, 'GET', undefined)).toEqual({ status: 200, headers, body: '{"a":1}' })
    expect(answerMetadata({ a: 1 }, 'HEAD', undefined)).toEqual({ status: 200, headers, body: undefined })
    expect(answerMetadata({ a: 1 }, 'OPTIONS', 'x-a')).toEqual(answerPreflight('x-a'))
    expect(answerMetadata({ a: 1 }, 'POST', undefined)).toEqual({
      status: 405,
      headers: { ...corsHeaders, allow: 'GET, HEAD, OPTIONS' },
      body: undefined,
    })
  })
})

describe('a message', () => {
  const refusal = (text: string) => {
    try {
      return readMcpMessage({ bytes: new TextEncoder().encode(text) })
    } catch (error) {
      if (!(error instanceof VerifierError)) throw error
      return [error.status, error.rpcCode, error.reason, error.message]
    }
  }

  test.each<[string, readonly unknown[]]>([
    ['[]', [400, -32_600, 'message_batch', 'a batch of messages is not accepted']],
    [' \t\r\n[{"jsonrpc":"2.0"}]', [400, -32_600, 'message_batch', 'a batch of messages is not accepted']],
    ['{}', [400, -32_600, 'message_malformed', 'the body is not a JSON-RPC 2.0 message']],
    ['{"jsonrpc":"1.0"}', [400, -32_600, 'message_malformed', 'the body is not a JSON-RPC 2.0 message']],
    ['{"jsonrpc":"2.0","method":7}', [400, -32_600, 'message_malformed', 'method must be a string']],
    ['{"jsonrpc":"2.0","method":"tools/call"}', [400, -32_602, 'message_malformed', 'tools/call must name a tool']],
    [
      '{"jsonrpc":"2.0","method":"tools/call","params":{"name":["x"]}}',
      [400, -32_602, 'message_malformed', 'tools/call must name a tool'],
    ],
    ['{', [400, -32_700, 'message_malformed', 'the body is not one JSON object without repeated members']],
    ['', [400, -32_700, 'message_malformed', 'the body is not one JSON object without repeated members']],
  ])('%s is refused in a sentence', (text, expected) => expect(refusal(text)).toEqual(expected))

  test('may begin with white space', () => {
    expect(refusal('\t\r\n {"jsonrpc":"2.0","method":"ping"}')).toMatchObject({ method: 'ping', tool: undefined })
  })

  test('has an id that is text or a number, and no other', () => {
    const ids = ['a', '', 0, 7.5, null, true, {}, undefined]
    const of = (id: unknown) => idOf({ method: 'ping', tool: undefined, body: { id } })
    expect(ids.map(of)).toEqual(['a', '', 0, 7.5, null, null, null, null])
    expect(idOf(undefined)).toBeNull()
  })

  test('for a tool that there is not is answered like one', () => {
    expect(refuseTool()).toMatchObject({ rpcCode: -32_602, message: 'there is no such tool', status: 400 })
  })
})

describe('the guard', () => {
  test.each(Object.entries(setups))(
    'of %s says what is wrong with a request in the words of JSON-RPC',
    async (name, setup) => {
      const server = await startServer(setup, issuer.verifier({ tools: { '*': [] } }), { maxBodyBytes: 40 })
      try {
        const token = ['authorization', `Bearer ${await issuer.mint()}`, 'content-type', 'application/json']
        const ask = async (init: Parameters<typeof server.ask>[1]) => {
          const { status, body } = await server.ask('/mcp', {
            method: 'POST',
            ...init,
            headers: [...token, ...(init?.headers ?? [])],
          })
          return [status, body === '' ? undefined : JSON.parse(body)]
        }
        const error = (code: number, message: string) => ({ jsonrpc: '2.0', id: null, error: { code, message } })
        const ping = '{"jsonrpc":"2.0","method":"ping","id":1}' // 40 bytes
        expect(await ask({ method: 'PUT', body: ping })).toEqual([405, error(-32_600, 'MCP has POST, GET and DELETE')])
        expect((await ask({ body: ping }))[0]).toBe(200)
        expect(await ask({ body: `${ping} ` })).toEqual([413, error(-32_600, 'a message has at most 40 bytes')])
        // Fastify has read the body before us: what it could read, we can judge.
        const compressed = [415, error(-32_600, 'the body must not be compressed')]
        expect(await ask({ body: ping, headers: ['content-encoding', 'gzip'] })).toEqual(
          name === 'fastify' ? [200, { sub: 'account-1' }] : compressed,
        )
        expect((await ask({ body: ping, headers: ['content-encoding', 'Identity'] }))[0]).toBe(200)
        expect((await ask({ method: 'HEAD' }))[0]).not.toBe(405)
      } finally {
        await server.close()
      }
    },
  )
})

describe('a decision without a request', () => {
  test('is told and counted, whether it lets through or not', async () => {
    const told: Decision[] = []
    const verifier = issuer.verifier({
      scopeHierarchy: { 'notes:write': ['notes:read'] },
      onDecision: (decision) => told.push(decision),
    })
    const claims = await verifier.verify(await issuer.mint({ scope: 'notes:write' }))
    verifier.requireScopes(claims, ['notes:read'])
    verifier.requireScopes({ scopes: ['notes:read'] }, ['notes:read'])
    expect(() => verifier.requireScopes({ scopes: claims.scopes, claims }, ['notes:write', 'notes:delete'])).toThrow(
      expect.objectContaining({ code: 'insufficient_scope', scopes: ['notes:write', 'notes:delete'] }),
    )
    verifier.authorize({ scopes: claims.scopes, claims }, {})
    expect(told.map(({ decision, sub, neededScopes }) => [decision, sub, neededScopes])).toEqual([
      ['allowed', 'account-1', []],
      ['allowed', undefined, ['notes:read']],
      ['allowed', undefined, ['notes:read']],
      ['refused', 'account-1', ['notes:write', 'notes:delete']],
      ['allowed', 'account-1', []],
    ])
    expect(verifier.counts()).toMatchObject({ allowed: 4, refused: 1, refusedBy: { scope: 1 } })
  })

  test('without a table of tools needs nothing of any tool', () => {
    const verifier = issuer.verifier()
    expect(verifier.scopesOfTool('any')).toEqual([])
    expect(verifier.mayCall({ scopes: [] }, 'any')).toBe(true)
    expect(verifier.filterTools({ tools: [{ name: 'any' }] }, { scopes: [] })).toEqual({ tools: [{ name: 'any' }] })
    const closed = issuer.verifier({ tools: { some: ['notes:read'] } })
    expect(closed.filterTools({ tools: [{ name: 'any' }, { name: 'some' }] }, { scopes: ['notes:read'] })).toEqual({
      tools: [{ name: 'some' }],
    })
  })

  test('says nothing to nobody: without a hook there is none to call', async () => {
    const now = vi.fn(() => issuer.clock.now)
    const verifier = createVerifier({ issuer: issuer.url, resource: issuer.resource, now })
    await expect(verifier.verify('x')).rejects.toMatchObject({ reason: 'token_malformed' })
    expect(verifier.counts()).toMatchObject({ refused: 1, refusedBy: { token_malformed: 1 } })
  })
})

test('the faults of options are sentences, one after the other', () => {
  const fault = (options: object) => {
    try {
      issuer.verifier(options)
    } catch (error) {
      return error instanceof TypeError ? error.message : error
    }
    return undefined
  }
  expect(fault({ audience: '', acceptTypes: ['at+jwt', 'x'], claimNames: { jti: '' }, keysMaxAgeSeconds: -1 })).toBe(
    'createVerifier: audience must not be empty; acceptTypes must be at+jwt, JWT or both; claimNames must be names of claims; ' +
      'keysMaxAgeSeconds must be a positive number',
  )
  expect(fault({ keysMaxAgeSeconds: 60, keysStaleSeconds: 60 })).toBeUndefined()
  expect(fault({ dpop: { maxAgeSeconds: 300, nonceSecret: 'x'.repeat(32) } })).toBeUndefined()
  expect(fault({ dpop: { maxAgeSeconds: 301, nonceSecret: 'x'.repeat(31) } })).toBe(
    'createVerifier: dpop.maxAgeSeconds must be a positive number, at most 300; dpop.nonceSecret must be 32 characters or longer',
  )
})

test('a process ends before a timer, whatever a runtime makes of timers', () => {
  const unref = vi.fn()
  for (const timer of [1, null, undefined, {}, { unref: 5 }, { unref }]) letProcessEnd(timer)
  expect(unref).toHaveBeenCalledTimes(1)
})
