// What a hostile look at the package found: each of these let something through, crashed, hung or lied before.

import fastify from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { guardMcp as guardFastify } from '../../verifier/src/fastify.ts'
import { guardMcp } from '../../verifier/src/fetch.ts'
import { sha256 } from '../../verifier/src/sha256.ts'
import { judge, makeKey, signText, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let orphans: unknown[]
const note = (reason: unknown) => orphans.push(reason)

beforeEach(async () => {
  issuer = await startIssuer()
  orphans = []
  // Where nobody listens, Node ends the process.
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  process.off('unhandledRejection', note)
  await issuer.close()
})

const now = () => Math.floor(issuer.clock.now.getTime() / 1000)
const pass = (seconds: number) => {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
}
/** Node tells of an orphaned rejection when a turn of its loop is over. */
const turnOver = () => new Promise((resolve) => setImmediate(resolve))

async function list(changes: Record<string, unknown> = {}): Promise<Response> {
  const claims = { iss: issuer.url, iat: now(), exp: now() + 60, cursor: 'c1', complete: true, revoked: {}, ...changes }
  const header = { alg: 'ES256', typ: 'revocations+jwt', kid: 'key-1' }
  return new Response(await signText(JSON.stringify(header), JSON.stringify(claims), issuer.key))
}

describe.each([
  ['throws', () => fail()],
  ['rejects', async () => fail()],
])('V44 a log that %s', (_how, log) => {
  test('while the list of revocations is fetched in the background does not end the process', async () => {
    let isAway = false
    const verifier = issuer.verifier({
      revocations: { onEvent: log },
      fetch: async (url, init) => {
        if (!url.includes('/revocations')) return fetch(url, init)
        if (isAway) throw new Error('away')
        return list()
      },
    })
    const token = await issuer.mint()
    expect(await judge(verifier, token)).toBe('accepted')
    isAway = true
    pass(6)
    expect(await judge(verifier, token)).toBe('accepted')
    await turnOver()
    await turnOver()
    expect(orphans).toEqual([])
  })

  test('while keys are fetched does not refuse what the known ones vouch for', async () => {
    const verifier = issuer.verifier({ onKeysEvent: log })
    const token = await issuer.mint({ exp: now() + 3600 })
    expect(await judge(verifier, token)).toBe('accepted')
    issuer.faults.set('/jwks', { status: 500 })
    pass(601)
    expect(await judge(verifier, token)).toBe('accepted')
    await turnOver()
    expect(orphans).toEqual([])
  })
})

describe('V22 V43 V48 a token that ends while the body is still coming in', () => {
  const call = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'delete_note' } })
  const tools = { delete_note: [] }

  /** A call whose second half is sent after something has happened. */
  const slowly = (token: string, meanwhile: () => void) => {
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new ReadableStream({
        start: (control) => control.enqueue(new TextEncoder().encode(call.slice(0, 20))),
        pull: (control) => {
          meanwhile()
          control.enqueue(new TextEncoder().encode(call.slice(20)))
          control.close()
        },
      }),
      duplex: 'half',
    }
    return new Request(issuer.resource, init)
  }

  test('by its exp is refused, tolerance of clocks included', async () => {
    const decisions: unknown[] = []
    const verifier = issuer.verifier({ tools, onDecision: ({ reason, sub }) => decisions.push([reason, sub]) })
    let calls = 0
    const guard = guardMcp(verifier, () => {
      calls++
      return new Response('done')
    })
    expect((await guard(slowly(await issuer.mint(), () => pass(304)))).status).toBe(200)
    const late = await guard(slowly(await issuer.mint(), () => pass(305)))
    expect([late.status, late.headers.get('www-authenticate'), calls]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
      1,
    ])
    expect(decisions).toEqual([
      [undefined, 'account-1'],
      ['expired', 'account-1'],
    ])
  })

  test('by revocation is refused, and a fast one is not asked about twice', async () => {
    let isActive = true
    let asked = 0
    const verifier = issuer.verifier({
      tools,
      introspection: { url: 'https://auth.example/introspect', authorization: 'x', cacheSeconds: 0 },
      fetch: async (url, init) => {
        if (!url.endsWith('/introspect')) return fetch(url, init)
        asked++
        return Response.json({ active: isActive })
      },
    })
    const guard = guardMcp(verifier, () => new Response('done'))
    expect((await guard(slowly(await issuer.mint(), () => pass(0.9)))).status).toBe(200)
    expect(asked).toBe(1)
    const taken = slowly(await issuer.mint(), () => {
      isActive = false
      pass(1)
    })
    expect([(await guard(taken)).status, asked]).toEqual([401, 3])
  })

  test('is refused by Fastify, which reads bodies between our hooks', async () => {
    const decisions: unknown[] = []
    const verifier = issuer.verifier({ tools, onDecision: ({ reason, tool }) => decisions.push([reason, tool]) })
    const app = fastify()
    let wait = 304
    app.addHook('preParsing', async () => pass(wait))
    app.post('/mcp', { ...guardFastify(verifier) }, async () => 'done')
    const send = async () => {
      const headers = { authorization: `Bearer ${await issuer.mint()}`, 'content-type': 'application/json' }
      return (await app.inject({ method: 'POST', url: '/mcp', headers, payload: call })).statusCode
    }
    expect(await send()).toBe(200)
    wait = 305
    expect(await send()).toBe(401)
    expect(decisions).toEqual([
      [undefined, undefined],
      [undefined, 'delete_note'],
      [undefined, undefined],
      ['expired', undefined],
    ])
    await app.close()
  })

  test('is refused later on, wherever it is asked for again', async () => {
    const verifier = issuer.verifier({ tools, dpop: {} })
    const auth = await verifier.authenticate({
      authorization: [`Bearer ${await issuer.mint()}`],
      tokenElsewhere: false,
    })
    await verifier.reauthorize(auth, { tool: 'delete_note', scopes: ['notes:read'] })
    await expect(verifier.reauthorize(auth, { scopes: ['notes:write'] })).rejects.toMatchObject({ status: 403 })
    pass(305)
    await expect(verifier.reauthorize(auth, { scopes: ['notes:write'] })).rejects.toMatchObject({
      status: 401,
      reason: 'expired',
      challenge: expect.stringMatching(/^Bearer error="invalid_token"/),
    })
    // Also for one that nobody here has let in.
    await expect(verifier.reauthorize({ ...auth }, {})).rejects.toMatchObject({ status: 401 })
  })
})

test('V43 after a pause the first request waits for the list, also when the last question before it had failed', async () => {
  let answer = () => list()
  const verifier = issuer.verifier({
    revocations: {},
    fetch: async (url, init) => (url.includes('/revocations') ? answer() : fetch(url, init)),
  })
  const token = await issuer.mint({ exp: now() + 3600 })
  expect(await judge(verifier, token)).toBe('accepted')
  answer = () => Promise.reject(new Error('away'))
  pass(10)
  expect(await judge(verifier, token)).toBe('accepted')
  const mark = await sha256(['token', issuer.url, 'token-1'].join('\n'))
  // Under traffic nobody waits for one that has just failed.
  pass(19)
  const other = await issuer.mint({ jti: 'token-2' })
  answer = () => new Promise(() => {})
  expect(await judge(verifier, other)).toBe('accepted')
  answer = () => list({ revoked: { [mark]: now() } })
  pass(60)
  expect(await judge(verifier, token)).toBe('401 revoked')
})

describe('a clock that was three days ahead and is set right', () => {
  test('V38 leaves no withdrawn key alive', async () => {
    const verifier = issuer.verifier()
    pass(259_200)
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
    issuer.keys.splice(0, 1, (await makeKey('key-2')).publicJwk)
    pass(-259_200)
    expect(await judge(verifier, await issuer.mint())).toBe('401 key_unknown')
  })

  test('V34 does not wait three days for keys that could not be had', async () => {
    const verifier = issuer.verifier()
    issuer.faults.set('/jwks', { status: 500 })
    pass(259_200)
    expect(await judge(verifier, await issuer.mint())).toBe('503 keys_unavailable')
    issuer.faults.clear()
    pass(-259_200)
    expect(await judge(verifier, await issuer.mint())).toBe('accepted')
  })

  test('V37 does not wait three days for a key that was unknown', async () => {
    const verifier = issuer.verifier()
    await verifier.ready()
    pass(259_200)
    const next = await makeKey('key-2')
    expect(await judge(verifier, await issuer.mint({}, {}, next))).toBe('401 key_unknown')
    issuer.keys.push(next.publicJwk)
    pass(-259_200)
    // The keys are looked at again in any case; then by the name.
    expect(await judge(verifier, await issuer.mint({}, {}, next))).toBe('accepted')
    const third = await makeKey('key-3')
    issuer.keys.push(third.publicJwk)
    expect(await judge(verifier, await issuer.mint({}, {}, third))).toBe('accepted')
  })
})

test('V46 what a handler adds to the claims of a token is not there for the next request with it', async () => {
  const verifier = issuer.verifier({ acceptAudienceArrays: true })
  await verifier.ready()
  const token = await issuer.mint({ aud: [issuer.resource], roles: ['user'], realm: { roles: [{ name: 'user' }] } })
  for (const isRemembered of [false, true, true]) {
    const claims = await verifier.verify(token)
    expect(claims).toMatchObject({ roles: ['user'], realm: { roles: [{ name: 'user' }] }, aud: [issuer.resource] })
    expect(verifier.counts().remembered > 0).toBe(isRemembered)
    for (const shared of [claims.roles, claims.aud, claims.scopes, claims.realm]) {
      expect(() => Object.assign(Object(shared), { 9: 'admin', roles: [] })).toThrow(TypeError)
    }
  }
})

function fail(): never {
  throw new Error('the log is full')
}
