import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Hop } from '../../src/federation/adapter.ts'
import { reasonsWithin, UpstreamFault } from '../../src/federation/fault.ts'
import { createHopCookies } from '../../src/federation/hop-cookies.ts'
import { checkIdToken, type IdTokenContext } from '../../src/federation/id-token.ts'
import { createUpstreamProtocol } from '../../src/federation/protocol.ts'
import { admit } from '../../src/federation/rules.ts'
import type { GuardedFetch } from '../../src/net/guarded-fetch.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { createCookieJar } from '../../src/web/cookies.ts'
import { madeUpstream } from './made.ts'

const now = new Date()
const seconds = Math.floor(now.getTime() / 1000)

describe('what an ID token must say beside what the library checks', () => {
  const token = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.x.x`
  const half = (value: string) => createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url')
  const context: IdTokenContext = {
    ...{ code: 'a-code', accessToken: 'a-token', now, startedAt: new Date(now.getTime() - 30_000) },
    ...{ isAnew: false, tellsAuthTime: true },
  }
  const anew = { ...context, isAnew: true }

  it('H07 at_hash and c_hash are those of this code and this token', () => {
    const good = { iat: seconds, at_hash: half('a-token'), c_hash: half('a-code') }
    expect(checkIdToken(good, token, context)).toBeUndefined()
    for (const bad of [{ at_hash: half('a-code') }, { c_hash: half('a-token') }, { at_hash: '' }, { c_hash: null }]) {
      expect(() => checkIdToken({ ...good, ...bad }, token, context)).toThrow(UpstreamFault)
    }
  })

  it('a hash of an algorithm that nobody knows is refused', () => {
    const odd = `${Buffer.from('{"alg":"none"}').toString('base64url')}.x.`
    expect(() => checkIdToken({ iat: seconds, at_hash: 'x' }, odd, context)).toThrow('id_token_alg')
  })

  it.each<[string, Record<string, unknown>, IdTokenContext, boolean]>([
    ['nothing is said, nothing was asked', {}, context, true],
    ['nothing is said, and it was asked', {}, anew, false],
    ['nothing is said by a provider that never does', {}, { ...anew, tellsAuthTime: false }, true],
    ['before the hop began', { auth_time: seconds - 600 }, anew, false],
    [
      'before the hop, said by one that need not',
      { auth_time: seconds - 600 },
      { ...anew, tellsAuthTime: false },
      false,
    ],
    ['after it began', { auth_time: seconds - 10 }, anew, true],
    ['in words', { auth_time: String(seconds) }, anew, false],
  ])('G22 a sign-in that was to be fresh: %s', (_title, claims, given, isAccepted) => {
    const check = () => checkIdToken({ iat: seconds, ...claims }, token, given)
    if (isAccepted) expect(check).not.toThrow()
    else expect(check).toThrow('not_signed_in_anew')
  })
})

describe('H10 a provider with an issuer for each tenant', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const base = 'https://login.microsoftonline.com'
  const [ours, theirs] = ['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222']
  const hop: Hop = {
    ...{ state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43), isAnew: false, startedAt: now },
    redirectUri: 'https://id.example/upstream/entra/callback',
  }
  const upstream = madeUpstream({
    ...{ id: 'entra', preset: 'entra', issuer: `${base}/organizations/v2.0` },
    rules: { tenants: [ours], trustsEmail: true },
  })

  /** Microsoft, as far as the guard lets us see it. */
  function microsoft(claims: Record<string, unknown>): GuardedFetch {
    const json = (body: unknown) =>
      new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
    return async (url) => {
      const { pathname } = new URL(url)
      if (pathname.endsWith('openid-configuration')) {
        return json({
          issuer: `${base}/{tenantid}/v2.0`,
          authorization_endpoint: `${base}/organizations/oauth2/v2.0/authorize`,
          token_endpoint: `${base}/organizations/oauth2/v2.0/token`,
          jwks_uri: `${base}/organizations/discovery/v2.0/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        })
      }
      if (pathname.endsWith('keys')) {
        return json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' }] })
      }
      const all = { aud: 'sallyport', sub: 'ada', iat: seconds, exp: seconds + 600, nonce: hop.nonce, ...claims }
      const signed = [{ alg: 'RS256', kid: 'k' }, all]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url')
      return json({ access_token: 'at', token_type: 'Bearer', id_token: `${signed}.${signature}` })
    }
  }

  async function arrive(claims: Record<string, unknown>) {
    const rules = { clock: systemClock, allowedInternalHosts: [], loopback: false }
    const protocol = createUpstreamProtocol({ fetch: microsoft(claims), ...rules })
    const answer = new URL(`${hop.redirectUri}?state=${hop.state}&code=a-code`)
    return (await protocol.redeem(upstream, answer, hop, now)).person
  }

  it('knows people by the issuer of their own tenant', async () => {
    const person = await arrive({ iss: `${base}/${ours}/v2.0`, tid: ours, email: 'ada@acme.example' })
    expect(person).toMatchObject({ issuer: `${base}/${ours}/v2.0`, subject: 'ada', tenant: ours })
    expect(admit(upstream, person, true)).toMatchObject({ ok: true })
  })

  it('does not let a tenant in that is not listed, whatever it says', async () => {
    const person = await arrive({ iss: `${base}/${theirs}/v2.0`, tid: theirs, email: 'ada@acme.example' })
    expect(admit(upstream, person, true)).toEqual({ ok: false, reason: 'issuer' })
  })

  it('does not believe a token that names the tenant of another issuer', async () => {
    await expect(arrive({ iss: `${base}/${theirs}/v2.0`, tid: ours })).rejects.toMatchObject({ kind: 'refused' })
  })
})

it('H13 the log gets the messages of an error, and nothing that it carries', () => {
  const inner = new Error('unexpected claim', { cause: { id_token: 'a-secret' } })
  const fault = new UpstreamFault('refused', 'id_token', { cause: new Error('library', { cause: inner }) })
  expect(reasonsWithin(fault)).toBe('upstream: id_token: library: unexpected claim')
})

it('H15 the cookies of hops are of this host alone on https, and of no path', () => {
  const set: string[][] = []
  const cookies = {
    secure: false,
    get: () => undefined,
    set: (name: string, value: string, options: object) => set.push([name, value, JSON.stringify(options)]),
  }
  const ctx = { req: { headers: {} }, cookies }
  createHopCookies(createCookieJar('https://id.example')).give(ctx as never, 'a-state', now)
  expect(set).toHaveLength(1)
  expect(set[0]?.[0]).toMatch(/^__Host-sallyport_hop_[\w-]{12}$/)
  expect(JSON.parse(set[0]?.[2] ?? '')).toMatchObject({
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
    path: '/',
    maxAge: 600_000,
  })
})
