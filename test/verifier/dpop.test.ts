import { DpopSession, withDpop } from '@modelcontextprotocol/client'
import { base64url, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  createMemoryReplays,
  type DpopOptions,
  type PresentedCredentials,
  type Verifier,
} from '../../verifier/src/index.ts'
import { sha256 } from '../../verifier/src/sha256.ts'
import { makeKey, signText, startIssuer, type TestIssuer, type TestKey } from './issuer.ts'
import { setups, startServer } from './servers.ts'

let issuer: TestIssuer
let client: TestKey
let thief: TestKey
let jkt: string
let verifier: Verifier

beforeAll(async () => {
  issuer = await startIssuer()
  client = await makeKey('client')
  thief = await makeKey('thief')
  jkt = await calculateJwkThumbprint(client.publicJwk)
})
beforeEach(() => {
  issuer.clock.now = new Date('2026-11-20T12:00:00Z')
  verifier = issuer.verifier({ dpop: {} })
})
afterAll(() => issuer.close())

let made = 0
const publicJwk = (key: TestKey) => {
  const { kty, crv, x, y } = key.publicJwk
  return { kty, crv, x, y }
}

/** A proof for POST /mcp, right but for what is changed; members set to undefined are left out. */
async function prove(
  token: string,
  changes: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  key = client,
): Promise<string> {
  const claims = {
    jti: `proof-${++made}`,
    htm: 'POST',
    htu: 'http://localhost:9728/mcp',
    iat: Math.floor(issuer.clock.now.getTime() / 1000),
    ath: await sha256(token),
    ...changes,
  }
  return signText(
    JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicJwk(key), ...header }),
    JSON.stringify(claims),
    key,
  )
}

const boundToken = (changes = {}) => issuer.mint({ cnf: { jkt }, ...changes })

async function ask(presented: Partial<PresentedCredentials>, by = verifier): Promise<string> {
  try {
    await by.authenticate({ authorization: [], tokenElsewhere: false, method: 'POST', path: '/mcp', ...presented })
    return 'accepted'
  } catch (error) {
    if (error instanceof Error && 'status' in error && 'code' in error && 'reason' in error) {
      return `${error.status} ${error.code} ${error.reason}`
    }
    throw error
  }
}

const send = async (token: string, ...dpop: string[]) => ask({ authorization: [`DPoP ${token}`], dpop })
const pass = (seconds: number) => {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
}

describe('a bound token', () => {
  test('is accepted with a fresh proof each time, also when it is remembered', async () => {
    const token = await boundToken()
    for (let round = 0; round < 3; round++) expect(await send(token, await prove(token))).toBe('accepted')
    expect(verifier.counts().remembered).toBeGreaterThan(0)
    expect(await send(token)).toBe('401 invalid_dpop_proof proof_missing')
  })

  test('V40 is nothing as a bearer token, with or without a proof, known or not', async () => {
    const token = await boundToken()
    const bearer = { authorization: [`Bearer ${token}`] }
    expect(await ask(bearer)).toBe('401 invalid_token sender_constrained')
    expect(await ask({ ...bearer, dpop: [await prove(token)] })).toBe('401 invalid_token sender_constrained')
    expect(await send(token, await prove(token))).toBe('accepted')
    expect(await ask(bearer)).toBe('401 invalid_token sender_constrained')
    await expect(verifier.verify(token)).rejects.toMatchObject({ reason: 'sender_constrained' })
    expect(await ask(bearer, issuer.verifier())).toBe('401 invalid_token sender_constrained')
    expect(await ask({ authorization: [`DPoP ${token}`] }, issuer.verifier())).toBe('401 invalid_token no_credentials')
  })

  test.each([
    null,
    'x',
    [],
    {},
    { jkt: '' },
    { jkt: 'short' },
    { jkt: 7 },
    { jkt: `${'A'.repeat(42)}=` },
    { jkt: 'A'.repeat(44) },
    { jkt: `${'A'.repeat(43)}=` },
    { jkt: `=${'A'.repeat(43)}` },
    { jkt: ['A'.repeat(43)] },
    { jkt: 'A'.repeat(43), 'x5t#S256': 'A'.repeat(43) },
    { 'x5t#S256': 'A'.repeat(43) },
    { jwk: {} },
  ])('V40 cnf %j is refused: nobody here could check it', async (cnf) => {
    const token = await issuer.mint({ cnf })
    expect(await send(token, await prove(token))).toBe('401 invalid_token sender_constrained')
    expect(await ask({ authorization: [`Bearer ${token}`] })).toBe('401 invalid_token sender_constrained')
  })

  test('V42 an unbound token has no place in the scheme DPoP, and none at all where proofs are required', async () => {
    const token = await issuer.mint()
    expect(await send(token, await prove(token))).toBe('401 invalid_token not_sender_constrained')
    expect(await ask({ authorization: [`Bearer ${token}`] })).toBe('accepted')
    const strict = issuer.verifier({ dpop: { required: true } })
    expect(await ask({ authorization: [`Bearer ${token}`] }, strict)).toBe('401 invalid_token not_sender_constrained')
    await expect(strict.verify(token)).rejects.toMatchObject({ reason: 'not_sender_constrained' })
  })
})

describe('V41 a proof', () => {
  test('must be one', async () => {
    const token = await boundToken()
    const proof = await prove(token)
    const other = await prove(token)
    expect(await send(token, proof, other)).toBe('401 invalid_dpop_proof proof_malformed')
    expect(await send(token, `${proof}, ${other}`)).toBe('401 invalid_dpop_proof proof_malformed')
    for (const odd of ['', 'x', 'a.b.c', `${proof}.x`, `${proof}=`, ` ${proof}`, 'x'.repeat(9000)])
      expect(await send(token, odd), odd.slice(0, 20)).toBe('401 invalid_dpop_proof proof_malformed')
    expect(await send(token, proof)).toBe('accepted')
  })

  test('is good once', async () => {
    const token = await boundToken()
    const proof = await prove(token)
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => send(token, proof)))
    expect(verdicts.filter((verdict) => verdict === 'accepted')).toHaveLength(1)
    expect(new Set(verdicts)).toEqual(new Set(['accepted', '401 invalid_dpop_proof proof_replayed']))
    // The same jti under another proof is a replay too, for as long as the proof could be good.
    pass(60)
    expect(await send(token, await prove(token, { jti: `proof-${made}` }))).toBe(
      '401 invalid_dpop_proof proof_replayed',
    )
    pass(10)
    expect(await send(token, await prove(token, { jti: `proof-${made}` }))).toBe('accepted')
  })

  test('V41 a store that is shared knows a proof that another instance has seen', async () => {
    const replays = createMemoryReplays()
    const [one, two] = [issuer.verifier({ dpop: { replays } }), issuer.verifier({ dpop: { replays } })]
    const token = await boundToken()
    const presented = { authorization: [`DPoP ${token}`], dpop: [await prove(token)] }
    expect(await ask(presented, one)).toBe('accepted')
    expect(await ask(presented, two)).toBe('401 invalid_dpop_proof proof_replayed')
  })

  const wrongClaims: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ htm: 'GET' }, 'proof_request'],
    [{ htm: 'post' }, 'proof_request'],
    [{ htm: undefined }, 'proof_request'],
    [{ htu: 'http://localhost:9728/mcp/' }, 'proof_request'],
    [{ htu: 'http://localhost:9728/MCP' }, 'proof_request'],
    [{ htu: 'http://localhost:9728/' }, 'proof_request'],
    [{ htu: 'http://localhost:9729/mcp' }, 'proof_request'],
    [{ htu: 'https://localhost:9728/mcp' }, 'proof_request'],
    [{ htu: 'http://evil.example/mcp' }, 'proof_request'],
    [{ htu: 'http://user@localhost:9728/mcp' }, 'proof_request'],
    [{ htu: '/mcp' }, 'proof_request'],
    [{ htu: ['http://localhost:9728/mcp'] }, 'proof_request'],
    [{ htu: undefined }, 'proof_request'],
    [{ ath: undefined }, 'proof_token'],
    [{ ath: 'x' }, 'proof_token'],
    [{ ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' }, 'proof_token'],
    [{ jti: undefined }, 'proof_malformed'],
    [{ jti: '' }, 'proof_malformed'],
    [{ jti: 7 }, 'proof_malformed'],
    [{ jti: 'x'.repeat(257) }, 'proof_malformed'],
    [{ iat: undefined }, 'proof_malformed'],
    [{ iat: 'now' }, 'proof_malformed'],
    [{ iat: 1e308 }, 'proof_malformed'],
    [{ iat: 1.5 }, 'proof_malformed'],
    [{ nonce: 7 }, 'proof_malformed'],
  ]
  test.each(wrongClaims)('V41 with %j is refused', async (changes, reason) => {
    const token = await boundToken()
    expect(await send(token, await prove(token, changes))).toBe(`401 invalid_dpop_proof ${reason}`)
  })

  const wrongHeaders: readonly (readonly [string, () => Record<string, unknown>, string])[] = [
    ['no typ', () => ({ typ: undefined }), 'proof_malformed'],
    ['typ JWT', () => ({ typ: 'JWT' }), 'proof_malformed'],
    ['typ of an access token', () => ({ typ: 'at+jwt' }), 'proof_malformed'],
    ['crit', () => ({ crit: ['exp'] }), 'proof_malformed'],
    ['b64', () => ({ b64: false }), 'proof_malformed'],
    ['alg none', () => ({ alg: 'none' }), 'proof_key'],
    ['alg HS256', () => ({ alg: 'HS256' }), 'proof_key'],
    ['an alg that is not allowed', () => ({ alg: 'ES512' }), 'proof_key'],
    ['an alg that is not the key', () => ({ alg: 'EdDSA' }), 'proof_key'],
    ['no jwk', () => ({ jwk: undefined }), 'proof_key'],
    ['a jwk that is none', () => ({ jwk: 'x' }), 'proof_key'],
    ['a symmetric jwk', () => ({ jwk: { kty: 'oct', k: 'AAAA' } }), 'proof_key'],
    ['a private jwk', () => ({ jwk: { ...publicJwk(client), d: 'AAAA' } }), 'proof_key'],
    ['a jwk for encryption', () => ({ jwk: { ...publicJwk(client), use: 'enc' } }), 'proof_key'],
    ['a jwk off the curve', () => ({ jwk: { ...publicJwk(client), x: publicJwk(client).y } }), 'proof_key'],
    ['the key of another', () => ({ jwk: publicJwk(thief) }), 'proof_key'],
  ]
  test.each(wrongHeaders)('V41 with %s is refused', async (_name, header, reason) => {
    const token = await boundToken()
    expect(await send(token, await prove(token, {}, header()))).toBe(`401 invalid_dpop_proof ${reason}`)
  })

  test('V41 that shows its private key is refused', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(pair.privateKey)
    const token = await issuer.mint({ cnf: { jkt: await calculateJwkThumbprint(jwk) } })
    const key: TestKey = {
      ...client,
      sign: async (bytes) =>
        new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, bytes)),
    }
    expect(await send(token, await prove(token, {}, { jwk }, key))).toBe('401 invalid_dpop_proof proof_key')
    const { d: _, ...open } = jwk
    expect(await send(token, await prove(token, {}, { jwk: open }, key))).toBe('accepted')
  })

  test('V05 V41 of more than 8 kB is refused before it is decoded', async () => {
    const token = await boundToken()
    const proof = await prove(token, { filler: 'x'.repeat(8192) })
    expect(await send(token, proof)).toBe('401 invalid_dpop_proof proof_malformed')
  })

  test('V41 by another key is refused, whichever jwk it shows', async () => {
    const token = await boundToken()
    expect(await send(token, await prove(token, {}, {}, thief))).toBe('401 invalid_dpop_proof proof_key')
    const borrowed = await prove(token, {}, { jwk: publicJwk(client) }, thief)
    expect(await send(token, borrowed)).toBe('401 invalid_dpop_proof proof_signature')
  })

  test('V41 for another token is refused', async () => {
    const [one, two] = [await boundToken(), await boundToken({ jti: 'token-2' })]
    expect(await send(two, await prove(one))).toBe('401 invalid_dpop_proof proof_token')
  })

  test('V41 V25 with a doubled member is refused', async () => {
    const token = await boundToken()
    const [header = '', payload = ''] = (await prove(token))
      .split('.')
      .map((part) => new TextDecoder().decode(base64url.decode(part)))
    const doubled = await signText(header, payload.replace('{', '{"htm":"GET",'), client)
    expect(await send(token, doubled)).toBe('401 invalid_dpop_proof proof_malformed')
  })

  test('V41 is good for a minute, and no clock is far ahead', async () => {
    const token = await boundToken()
    const now = Math.floor(issuer.clock.now.getTime() / 1000)
    const at = async (iat: number) => send(token, await prove(token, { iat }))
    expect(await at(now - 60)).toBe('accepted')
    expect(await at(now - 61)).toBe('401 invalid_dpop_proof proof_time')
    expect(await at(now + 5)).toBe('accepted')
    expect(await at(now + 6)).toBe('401 invalid_dpop_proof proof_time')
  })

  test('is for the path as the client sees it, whatever query and spelling', async () => {
    const token = await boundToken()
    for (const htu of [
      'http://LOCALHOST:9728/mcp',
      'http://localhost:9728/mcp?x=1#y',
      'http://localhost:9728/a/../mcp',
    ])
      expect(await send(token, await prove(token, { htu })), htu).toBe('accepted')
    const elsewhere = { authorization: [`DPoP ${token}`], dpop: [await prove(token)], path: '/other' }
    expect(await ask(elsewhere)).toBe('401 invalid_dpop_proof proof_request')
    const behindProxy = issuer.verifier({ dpop: { publicUrl: (path) => `https://public.example/prefix${path}` } })
    const proof = await prove(token, { htu: 'https://public.example/prefix/mcp' })
    expect(await ask({ authorization: [`DPoP ${token}`], dpop: [proof] }, behindProxy)).toBe('accepted')
  })

  test('V53 the Host of the request is not what it is for', async () => {
    const setup = setups.express
    if (setup === undefined) throw new Error('express')
    const server = await startServer(setup, verifier)
    try {
      const token = await boundToken()
      const proof = await prove(token, { htu: `http://127.0.0.1:${server.port}/mcp` })
      const headers = ['Authorization', `DPoP ${token}`, 'DPoP', proof, 'Content-Type', 'application/json']
      const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
      expect((await server.ask('/mcp', { headers, body })).status).toBe(401)
      const right = ['Authorization', `DPoP ${token}`, 'DPoP', await prove(token)]
      expect((await server.ask('/mcp', { headers: right, body })).status).toBe(200)
    } finally {
      await server.close()
    }
  })

  test('EdDSA and RS256 keys prove too', async () => {
    for (const alg of ['EdDSA', 'RS256'] as const) {
      const key = await makeKey('x', alg)
      const { kid: _, alg: __, use: ___, ...jwk } = key.publicJwk
      const token = await issuer.mint({ cnf: { jkt: await calculateJwkThumbprint(jwk) } })
      expect(await send(token, await prove(token, {}, { alg, jwk }, key)), alg).toBe('accepted')
    }
  })

  test('V30 V41 no character of it can be changed', async () => {
    const token = await boundToken()
    const proof = await prove(token)
    for (let at = 0; at < proof.length; at++) {
      const spoilt = proof.slice(0, at) + (proof[at] === 'A' ? 'B' : 'A') + proof.slice(at + 1)
      expect(await send(token, spoilt), `position ${at}`).toMatch(/^401 invalid_dpop_proof /)
    }
    expect(await send(token, proof)).toBe('accepted')
  })
})

describe('the replay store', () => {
  test('V41 that fails lets nobody in and calls no token bad', async () => {
    const token = await boundToken()
    for (const remember of [
      () => Promise.reject(new Error('redis is away')),
      () => {
        throw new Error('full')
      },
    ]) {
      const broken = issuer.verifier({ dpop: { replays: { remember } } })
      const presented = { authorization: [`DPoP ${token}`], dpop: [await prove(token)] }
      expect(await ask(presented, broken)).toBe('503 temporarily_unavailable replays_unavailable')
    }
  })

  test('in memory is bounded, forgets what is over, and throws when full', () => {
    const store = createMemoryReplays(3)
    expect([store.remember('a', 60, 0), store.remember('b', 70, 10), store.remember('a', 70, 10)]).toEqual([
      true,
      true,
      false,
    ])
    expect(store.remember('c', 80, 20)).toBe(true)
    expect(() => store.remember('d', 80, 20)).toThrow('3 proofs')
    expect(store.remember('c', 80, 20)).toBe(false)
    expect(store.remember('d', 120, 60)).toBe(true)
    expect(store.size).toBe(3)
    expect(() => store.remember('a', 120, 69)).toThrow('3 proofs')
    expect(store.remember('a', 130, 70)).toBe(true)
  })

  test('is asked only about proofs that are otherwise good', async () => {
    const asked: string[] = []
    const watching = issuer.verifier({ dpop: { nonces: true, replays: { remember: (id) => asked.push(id) > 0 } } })
    const token = await boundToken()
    const bad = [await prove(token, { htm: 'GET' }), await prove(token, {}, {}, thief), await prove(token)]
    for (const proof of bad) await ask({ authorization: [`DPoP ${token}`], dpop: [proof] }, watching)
    expect(asked).toEqual([])
    const proof = await prove(token, { nonce: await watching.dpopNonce() })
    expect(await ask({ authorization: [`DPoP ${token}`], dpop: [proof] }, watching)).toBe('accepted')
    expect(asked).toEqual([expect.stringMatching(/^[\w-]{43}$/)])
  })
})

describe('nonces', () => {
  const nonceOf = async (token: string, proof: string, by: Verifier) =>
    by
      .authenticate({
        authorization: [`DPoP ${token}`],
        dpop: [proof],
        tokenElsewhere: false,
        method: 'POST',
        path: '/mcp',
      })
      .then(
        () => 'accepted',
        (error) => [error.status, error.code, error.dpopNonce, error.challenge],
      )

  test('V41 are asked for with 401 and given there; one is good for a minute or two, with each instance of one secret', async () => {
    const dpop: DpopOptions = { nonces: true, nonceSecret: 'a secret of thirty-two characters' }
    const [one, two] = [issuer.verifier({ dpop }), issuer.verifier({ dpop })]
    const token = await boundToken()
    const [status, code, nonce, challenge] = await nonceOf(token, await prove(token), one)
    expect([status, code]).toEqual([401, 'use_dpop_nonce'])
    expect(challenge).toContain('DPoP error="use_dpop_nonce"')
    expect(nonce).toMatch(/^[\w-]{43}$/)
    expect(await nonceOf(token, await prove(token, { nonce: 'made up' }), one)).toContain('use_dpop_nonce')
    expect(await nonceOf(token, await prove(token, { nonce }), two)).toBe('accepted')
    pass(60)
    expect(await nonceOf(token, await prove(token, { nonce }), one)).toBe('accepted')
    pass(60)
    expect(await nonceOf(token, await prove(token, { nonce }), one)).toContain('use_dpop_nonce')
    expect(await one.dpopNonce()).toBe(await two.dpopNonce())
    expect(await one.dpopNonce()).not.toBe(nonce)
    const alone = issuer.verifier({ dpop: { nonces: true } })
    expect(await alone.dpopNonce()).not.toBe(await one.dpopNonce())
    expect(await verifier.dpopNonce()).toBeUndefined()
  })

  test('the DPoP client of the MCP SDK gets in, nonce and all', async () => {
    issuer.clock.now = new Date()
    const session = await DpopSession.create()
    const thumbprint = await calculateJwkThumbprint(JSON.parse(JSON.stringify(session.publicJwk)))
    const setup = setups.fetch
    if (setup === undefined) throw new Error('fetch')
    const open: { close(): Promise<void> }[] = []
    const noncesOn = issuer.verifier({
      dpop: { nonces: true, required: true, publicUrl: (path) => `http://127.0.0.1:${server.port}${path}` },
    })
    const server = await startServer(setup, noncesOn)
    open.push(server)
    try {
      const token = await issuer.mint({ cnf: { jkt: thumbprint } })
      const fetchWithProof = withDpop(session, () => token)(fetch)
      for (let round = 0; round < 2; round++) {
        const answer = await fetchWithProof(`http://127.0.0.1:${server.port}/mcp`, {
          method: 'POST',
          body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
        })
        expect(answer.status).toBe(200)
        expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/)
        expect(answer.headers.get('access-control-expose-headers')).toContain('DPoP-Nonce')
      }
      expect(noncesOn.counts().refusedBy).toEqual({ proof_nonce: 1 })
    } finally {
      for (const one of open) await one.close()
    }
  })
})

describe('challenges', () => {
  const metadata = 'resource_metadata="http://localhost:9728/.well-known/oauth-protected-resource/mcp"'
  const algs = 'algs="ES256 EdDSA Ed25519 RS256 PS256"'
  const challengeOf = async (presented: Partial<PresentedCredentials>, by = verifier) =>
    by.authenticate({ authorization: [], tokenElsewhere: false, ...presented }).then(
      () => undefined,
      (error) => error.challenge,
    )

  test('V41 name DPoP after Bearer, or alone where it is required, with the algorithms', async () => {
    const strict = issuer.verifier({ dpop: { required: true } })
    expect(await challengeOf({})).toBe(`Bearer scope="notes:read", ${metadata}, DPoP ${algs}`)
    expect(await challengeOf({}, strict)).toBe(`DPoP scope="notes:read", ${algs}, ${metadata}`)
    expect(await challengeOf({ authorization: ['DPoP x'] })).toBe(
      `DPoP error="invalid_token", error_description="the access token is not valid here", scope="notes:read", ${algs}, ${metadata}`,
    )
    const token = await boundToken()
    expect(await challengeOf({ authorization: [`DPoP ${token}`] })).toContain('DPoP error="invalid_dpop_proof"')
    expect(await challengeOf({ authorization: [`Bearer ${token}`] })).toContain('DPoP error="invalid_token"')
    const needs = { scopes: ['notes:write'] }
    const presented = {
      authorization: [`DPoP ${token}`],
      dpop: [await prove(token)],
      tokenElsewhere: false,
      method: 'POST',
      path: '/mcp',
    }
    await expect(verifier.authenticate(presented, needs)).rejects.toMatchObject({
      challenge: expect.stringMatching(/^DPoP error="insufficient_scope".*scope="notes:write"/),
    })
    const auth = await verifier.authenticate({ ...presented, dpop: [await prove(token)] })
    expect(() => verifier.authorize(auth, needs)).toThrow(
      expect.objectContaining({ challenge: expect.stringMatching(/^DPoP error="insufficient_scope"/) }),
    )
  })

  test('V49 the metadata says how proofs are taken', () => {
    expect(verifier.metadata).toMatchObject({
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'RS256', 'PS256'],
      dpop_bound_access_tokens_required: false,
    })
  })

  test.each([
    { algorithms: [] },
    { algorithms: ['HS256'] },
    { maxAgeSeconds: 0 },
    { maxAgeSeconds: 301 },
    { nonceSecret: 'short' },
  ])('dpop %j stops the start', (dpop) =>
    expect(() => issuer.verifier(JSON.parse(JSON.stringify({ dpop })))).toThrow('dpop.'),
  )
})
