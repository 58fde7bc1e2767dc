import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Verifier } from '../../verifier/src/index.ts'
import { headerOf, judge, resource, signText, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let verifier: Verifier
let now: number

beforeAll(async () => {
  issuer = await startIssuer()
  verifier = issuer.verifier()
  now = issuer.clock.now.getTime() / 1000
})
afterAll(() => issuer.close())

const judgeClaims = async (changes: Record<string, unknown>, by = verifier) => judge(by, await issuer.mint(changes))

describe('issuer and audience', () => {
  test('V16 an ID token of the same issuer is refused, even under the right type', async () => {
    expect(await judge(verifier, await issuer.mint({ aud: 'client-1', nonce: 'n' }, { typ: 'JWT' }))).toMatch(/^401 /)
    expect(await judgeClaims({ aud: 'client-1', nonce: 'n' })).toBe('401 audience')
  })

  test('V17 iss is compared byte for byte', async () => {
    const { url } = issuer
    for (const iss of [
      `${url}/`,
      `${url} `,
      url.toUpperCase(),
      'https://evil.example',
      [url],
      { url },
      null,
      undefined,
      '',
    ])
      expect(await judgeClaims({ iss }), JSON.stringify(iss)).toBe('401 issuer')
  })

  test.each([
    'http://localhost:9728/other',
    'http://localhost:9728',
    'http://localhost:9728/mcp/',
    'http://localhost:9728/mcp/sub',
    'http://localhost:9728/MCP',
    'HTTP://localhost:9728/mcp',
    'http://LOCALHOST:9728/mcp',
    'localhost:9728/mcp',
    'http://localhost:9728/mc',
    ' http://localhost:9728/mcp',
    'https://evil.example/?http://localhost:9728/mcp',
    '',
    null,
    undefined,
    [],
    {},
    7,
  ])('V18 aud %j is refused', async (aud) => expect(await judgeClaims({ aud })).toBe('401 audience'))

  test('V19 an array is refused, also one that holds only us', async () => {
    expect(await judgeClaims({ aud: [resource, 'https://other.example'] })).toBe('401 audience')
    expect(await judgeClaims({ aud: [resource] })).toBe('401 audience')
  })

  test('V19 an array is taken where that was asked for, if we are in it', async () => {
    const lenient = issuer.verifier({ acceptAudienceArrays: true })
    expect(await judgeClaims({ aud: ['https://other.example', resource] }, lenient)).toBe('accepted')
    for (const aud of [['https://other.example'], [], [`${resource}/`], [resource, 7], [[resource]], { 0: resource }])
      expect(await judgeClaims({ aud }, lenient), JSON.stringify(aud)).toBe('401 audience')
  })

  test('V53 the audience is that of the configuration, in its canonical spelling', async () => {
    expect(issuer.verifier({ resource: 'HTTP://LocalHost:9728/mcp/' }).resource).toBe(resource)
    expect(issuer.verifier({ resource: 'https://mcp.example:443/' }).resource).toBe('https://mcp.example')
    expect(await judgeClaims({}, issuer.verifier({ resource: 'http://localhost:9728/other' }))).toBe('401 audience')
  })
})

describe('times', () => {
  test.each([undefined, null, '1795180800', 1795180800.5, -1, 0, true, [1795180800]])(
    'V20 exp %j is refused',
    async (exp) => expect(await judgeClaims({ exp })).toBe('401 claim'),
  )

  test.each(['NaN', '1e308', '1e400', '9007199254740993'])('V20 exp written as %s is refused', async (exp) => {
    const payload = JSON.stringify(issuer.claims()).replace(/"exp":\d+/, `"exp":${exp}`)
    expect(await judge(verifier, await signText(JSON.stringify(headerOf(issuer.key)), payload, issuer.key))).toMatch(
      /^401 (claim|token_malformed)$/,
    )
  })

  test('V21 a lifetime above an hour is refused, also where it is nearly over', async () => {
    expect(await judgeClaims({ exp: now + 3600 })).toBe('accepted')
    expect(await judgeClaims({ exp: now + 3601 })).toBe('401 lifetime')
    expect(await judgeClaims({ iat: now - 3590, exp: now + 11 })).toBe('401 lifetime')
    expect(await judgeClaims({ exp: now + 301 }, issuer.verifier({ maxLifetimeSeconds: 300 }))).toBe('401 lifetime')
    expect(await judgeClaims({ exp: now + 7200 }, issuer.verifier({ maxLifetimeSeconds: 7200 }))).toBe('accepted')
  })

  test('V21 a token that expires before it was issued is refused', async () => {
    expect(await judgeClaims({ iat: now + 4, exp: now + 3 })).toBe('401 lifetime')
    expect(await judgeClaims({ iat: now, exp: now })).toBe('401 lifetime')
  })

  test.each([
    [1, 'accepted'],
    [4, 'accepted'],
    [5, '401 expired'],
    [61, '401 expired'],
  ])('V22 expired for %d s: %s', async (seconds, verdict) =>
    expect(await judgeClaims({ iat: now - 100, exp: now - seconds })).toBe(verdict),
  )

  test('V22 the skew can be set up to 60 s, no further', async () => {
    const wide = issuer.verifier({ clockSkewSeconds: 60 })
    expect(await judgeClaims({ iat: now - 100, exp: now - 59 }, wide)).toBe('accepted')
    expect(await judgeClaims({ iat: now - 100, exp: now - 60 }, wide)).toBe('401 expired')
    for (const clockSkewSeconds of [61, -1, Number.NaN])
      expect(() => issuer.verifier({ clockSkewSeconds })).toThrow(/clockSkewSeconds/)
  })

  test('V22 a token that was good dies when its time comes', async () => {
    const clock = { now: issuer.clock.now }
    const ticking = issuer.verifier({ now: () => clock.now })
    const token = await issuer.mint()
    expect(await judge(ticking, token)).toBe('accepted')
    clock.now = new Date(clock.now.getTime() + 306_000)
    expect(await judge(ticking, token)).toBe('401 expired')
  })

  test('V23 a token from the future is refused beyond the skew', async () => {
    expect(await judgeClaims({ iat: now + 5 })).toBe('accepted')
    expect(await judgeClaims({ iat: now + 6, exp: now + 300 })).toBe('401 not_yet_valid')
    expect(await judgeClaims({ nbf: now + 5 })).toBe('accepted')
    expect(await judgeClaims({ nbf: now + 6 })).toBe('401 not_yet_valid')
    for (const nbf of ['now', null, 1.5]) expect(await judgeClaims({ nbf })).toBe('401 claim')
  })
})

describe('who', () => {
  test.each(['sub', 'client_id', 'jti', 'iat'])('V24 a token without a proper %s is refused', async (name) => {
    for (const value of [undefined, null, '', ['x'], { x: 1 }, true])
      expect(await judgeClaims({ [name]: value }), JSON.stringify(value)).toBe('401 claim')
  })

  test('V40 a token bound to a key is refused as a bearer token, whatever it is bound by', async () => {
    for (const cnf of [{ jkt: 'abc' }, { 'x5t#S256': 'abc' }, {}, null, 'x'])
      expect(await judgeClaims({ cnf })).toBe('401 sender_constrained')
  })
})

describe('scopes', () => {
  test.each([
    [undefined, []],
    [null, []],
    [['notes:read'], []],
    [{ 'notes:read': true }, []],
    ['', []],
    ['notes:read  notes:write', []],
    [' notes:read', []],
    ['notes:read,notes:write', ['notes:read,notes:write']],
    ['notes:read\tnotes:write', []],
    ['notes:read "x"', []],
    ['notes:read notes:read', ['notes:read']],
    ['notes:write notes:read', ['notes:write', 'notes:read']],
  ])('V27 scope %j gives %j', async (scope, scopes) => {
    const claims = await verifier.verify(await issuer.mint({ scope }))
    expect(claims.scopes).toEqual(scopes)
    expect(typeof claims.scope === 'string' || claims.scope === undefined).toBe(true)
  })

  test('V27 a token cannot bring its own list of scopes', async () => {
    const claims = await verifier.verify(await issuer.mint({ scopes: ['admin'] }))
    expect(claims.scopes).toEqual(['notes:read'])
  })

  test('V27 only whole names count', async () => {
    const needs = async (scope: unknown, ...scopes: string[]) =>
      verifier.verify(await issuer.mint({ scope }), { scopes }).then(
        () => 'accepted',
        (error) => error.code,
      )
    expect(await needs('notes:read', 'notes:read')).toBe('accepted')
    expect(await needs('notes:read', 'notes:readonly')).toBe('insufficient_scope')
    expect(await needs('notes:readonly', 'notes:read')).toBe('insufficient_scope')
    expect(await needs('notes', 'notes:read')).toBe('insufficient_scope')
    expect(await needs('NOTES:READ', 'notes:read')).toBe('insufficient_scope')
    expect(await needs(['notes:read'], 'notes:read')).toBe('insufficient_scope')
    expect(await needs(undefined, 'notes:read')).toBe('insufficient_scope')
    expect(await needs('toString', 'notes:read')).toBe('insufficient_scope')
  })

  test('V28 a scope brings another with it only by the configured map, through any number of steps', async () => {
    const tiered = issuer.verifier({
      scopeHierarchy: { admin: ['write'], write: ['read'], read: ['admin-list', 'read'] },
    })
    const granted = await tiered.verify(await issuer.mint({ scope: 'admin' }))
    expect(tiered.covers(granted, ['read', 'write', 'admin-list'])).toBe(true)
    expect(tiered.covers({ scopes: ['read'] }, ['write'])).toBe(false)
    expect(verifier.covers(granted, ['read'])).toBe(false)
  })

  test('V29 a missing scope is answered 403 with all that the operation needs, in one challenge', async () => {
    const both = ['notes:read', 'notes:write']
    await expect(verifier.verify(await issuer.mint(), { scopes: both })).rejects.toMatchObject({
      code: 'insufficient_scope',
      status: 403,
      scopes: both,
      challenge:
        'Bearer error="insufficient_scope", error_description="the access token does not allow this operation", ' +
        'scope="notes:read notes:write", ' +
        'resource_metadata="http://localhost:9728/.well-known/oauth-protected-resource/mcp"',
    })
  })
})
