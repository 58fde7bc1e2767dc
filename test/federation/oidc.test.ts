import { createHash } from 'node:crypto'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createUpstreamProtocol } from '../../src/federation/protocol.ts'
import { answerWith, hop, later, openProtocol, start, startOpenIdProvider, upstreamAt } from './provider.ts'
import { json } from './web-server.ts'

const challenge = createHash('sha256').update(hop.verifier).digest('base64url')
const now = new Date()
const redeem = (
  { server }: Awaited<ReturnType<typeof startOpenIdProvider>>,
  given: Parameters<typeof upstreamAt>[1] = {},
  answer = answerWith(),
) => openProtocol().redeem(upstreamAt(server.origin, given), answer, hop, now)

describe('H07 what goes out', () => {
  it('with the browser: state, nonce and challenge of this hop, and nothing of the verifier', async () => {
    const { server } = await startOpenIdProvider()
    const upstream = upstreamAt(server.origin, { scopes: ['openid', 'email'] })
    const url = await openProtocol().authorizationUrl(upstream, hop)
    expect(`${url.origin}${url.pathname}`).toBe(`${server.origin}/authorize`)
    const plain = {
      ...{ client_id: 'sallyport', response_type: 'code', redirect_uri: hop.redirectUri, scope: 'openid email' },
      ...{ state: hop.state, nonce: hop.nonce, code_challenge: challenge, code_challenge_method: 'S256' },
    }
    expect(Object.fromEntries(url.searchParams)).toEqual(plain)
    const anew = await openProtocol().authorizationUrl(upstream, { ...hop, isAnew: true })
    expect(Object.fromEntries(anew.searchParams)).toEqual({ ...plain, prompt: 'login', max_age: '0' })
  })

  const basic = `Basic ${Buffer.from('sallyport:secret').toString('base64')}`
  it.each<[string, readonly string[] | undefined, string | undefined, string | undefined, Record<string, string>]>([
    ['in the header where nothing is said', undefined, 'secret', basic, {}],
    ['in the header where both are taken', ['client_secret_post', 'client_secret_basic'], 'secret', basic, {}],
    [
      'in the form where that alone is taken',
      ['client_secret_post'],
      'secret',
      undefined,
      { client_id: 'sallyport', client_secret: 'secret' },
    ],
    ['not at all without one', ['client_secret_basic'], undefined, undefined, { client_id: 'sallyport' }],
  ])('the secret goes %s', async (_title, methods, clientSecret, authorization, more) => {
    const provider = await startOpenIdProvider({ metadata: { token_endpoint_auth_methods_supported: methods } })
    await redeem(provider, { clientSecret })
    const asked = provider.asked('/token')
    expect(asked?.headers.authorization).toBe(authorization)
    expect(Object.fromEntries(asked?.body ?? [])).toEqual({
      ...{ grant_type: 'authorization_code', code: 'a-code', redirect_uri: hop.redirectUri },
      ...{ code_verifier: hop.verifier, ...more },
    })
  })
})

describe('what comes of a good answer', () => {
  it('is the person, their tokens, and when they signed in there', async () => {
    const provider = await startOpenIdProvider({
      claims: { email: 'ada@acme.example', email_verified: true, auth_time: 1_772_366_400 },
      tokens: { refresh_token: 'rt', expires_in: 60, scope: 'openid email' },
      userInfo: { name: 'Ada', groups: ['a'] },
    })
    const arrival = await redeem(provider)
    expect(arrival).toMatchObject({
      person: {
        issuer: provider.server.origin,
        subject: 'ada',
        email: 'ada@acme.example',
        emailVerified: true,
        name: 'Ada',
      },
      tokens: {
        accessToken: 'at',
        refreshToken: 'rt',
        expiresAt: new Date(now.getTime() + 60_000),
        scope: 'openid email',
      },
      authTime: new Date(1_772_366_400_000),
    })
    expect(arrival.person.groups).toEqual(['a'])
    expect(provider.asked('/me')?.headers.authorization).toBe('Bearer at')
  })

  it('a provider without user data is not asked for any, and what it does not say is left open', async () => {
    const provider = await startOpenIdProvider({ metadata: { userinfo_endpoint: undefined } })
    const { tokens, authTime } = await redeem(provider)
    expect(provider.paths()).not.toContain('GET /me')
    expect(tokens).toEqual({ accessToken: 'at', refreshToken: undefined, expiresAt: undefined, scope: undefined })
    expect(authTime).toBeUndefined()
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>, string | undefined, boolean]>([
    ['the token alone', { email: 'a@a.example', email_verified: true }, {}, 'a@a.example', true],
    ['the user data alone', {}, { email: 'b@b.example', email_verified: true }, 'b@b.example', true],
    [
      'the token wins',
      { email: 'a@a.example', email_verified: true },
      { email: 'b@b.example', email_verified: false },
      'a@a.example',
      true,
    ],
    [
      'the word of the user data for an address of the token',
      { email: 'a@a.example' },
      { email: 'a@a.example', email_verified: true },
      'a@a.example',
      false,
    ],
    [
      'the word of the token for an address of the user data',
      { email_verified: true },
      { email: 'b@b.example' },
      'b@b.example',
      false,
    ],
    [
      'Entra’s word of the user data for an address of the token',
      { email: 'a@a.example' },
      { xms_edov: true },
      'a@a.example',
      false,
    ],
    [
      'Entra’s word of the token for an address of the user data',
      { xms_edov: true },
      { email: 'b@b.example' },
      'b@b.example',
      false,
    ],
    ['Entra’s word beside its address', {}, { email: 'b@b.example', xms_edov: true }, 'b@b.example', true],
    ['Entra’s word beside its address in the token', { email: 'a@a.example', xms_edov: true }, {}, 'a@a.example', true],
  ])(
    'H09 an address and the word for it come from one place: %s',
    async (_title, claims, userInfo, email, verified) => {
      const provider = await startOpenIdProvider({ claims, userInfo })
      const { person } = await redeem(provider, { preset: 'entra' })
      expect([person.email, person.emailVerified]).toEqual([email, verified])
    },
  )

  it('H10 a tenant counts when the token names it, and not when the user data does', async () => {
    for (const [preset, claim] of [
      ['google', 'hd'],
      ['entra', 'tid'],
      ['auth0', 'org_id'],
    ] as const) {
      const told = await startOpenIdProvider({ userInfo: { [claim]: 'acme' } })
      expect((await redeem(told, { preset })).person.tenant).toBeUndefined()
      const signed = await startOpenIdProvider({ claims: { [claim]: 'acme' }, userInfo: { [claim]: 'evil' } })
      expect((await redeem(signed, { preset })).person.tenant).toBe('acme')
    }
  })

  it.each([
    ['oidc', false],
    ['google', true],
    ['entra', true],
  ] as const)('G22 %s may keep silent on when somebody signed in anew: %s', async (preset, isAccepted) => {
    const { server } = await startOpenIdProvider()
    const arrival = openProtocol().redeem(
      upstreamAt(server.origin, { preset }),
      answerWith(),
      { ...hop, isAnew: true },
      now,
    )
    if (isAccepted) expect((await arrival).person.subject).toBe('ada')
    else await expect(arrival).rejects.toMatchObject({ kind: 'refused', reason: 'not_signed_in_anew' })
  })
})

describe('H05 H08 H12 what goes wrong has its name', () => {
  it.each<[string, Record<string, string>, string, string]>([
    ['the person said no', { error: 'access_denied' }, 'denied', 'error_answer'],
    ['another error', { error: 'server_error' }, 'refused', 'error_answer'],
    ['another issuer', { code: 'a', iss: 'https://evil.example' }, 'refused', 'oauth_invalid_response'],
    ['no code', {}, 'refused', 'oauth_invalid_response'],
  ])('in the answer: %s', async (_title, params, kind, reason) => {
    const provider = await startOpenIdProvider()
    await expect(redeem(provider, {}, answerWith(params))).rejects.toMatchObject({ kind, reason })
    expect(provider.paths()).toEqual(['GET /.well-known/openid-configuration'])
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['another nonce', { nonce: 'x' }, 'oauth_jwt_claim_comparison_failed'],
    ['a hash of another code', { c_hash: 'x' }, 'id_token_c_hash'],
    ['a hash of another token', { at_hash: 'x' }, 'id_token_at_hash'],
    ['an end that has passed', { exp: 1 }, 'oauth_jwt_timestamp_check_failed'],
  ])('in the ID token: %s', async (_title, claims, reason) => {
    const provider = await startOpenIdProvider({ claims })
    await expect(redeem(provider)).rejects.toMatchObject({ kind: 'refused', reason })
    expect(provider.paths()).not.toContain('GET /me')
  })

  it('hashes of this code and this token are no fault', async () => {
    const half = (text: string) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
    const provider = await startOpenIdProvider({ claims: { c_hash: half('a-code'), at_hash: half('at') } })
    expect((await redeem(provider)).person.subject).toBe('ada')
  })

  it.each<[string, number, unknown, string, string]>([
    ['it refuses the code', 400, { error: 'invalid_grant' }, 'refused', 'code_refused'],
    ['it is overrun', 429, {}, 'down', 'server_error'],
    ['it is broken', 500, { error: 'server_error' }, 'down', 'server_error'],
    ['it gives no token', 200, { token_type: 'Bearer' }, 'refused', 'oauth_invalid_response'],
    ['it gives no ID token', 200, { access_token: 'at', token_type: 'Bearer' }, 'refused', 'oauth_invalid_response'],
    ['it says something in words', 404, 'nothing', 'down', 'garbage'],
  ])('at the token endpoint: %s', async (_title, status, body, kind, reason) => {
    const provider = await startOpenIdProvider()
    const { answer } = provider.server
    provider.server.answer = (request, response) =>
      request.path === '/token' ? json(response, body, status) : answer(request, response)
    await expect(redeem(provider)).rejects.toMatchObject({ kind, reason })
  })

  it('text that is no JSON, a redirect, and an address that may not be asked', async () => {
    const provider = await startOpenIdProvider()
    const upstream = upstreamAt(provider.server.origin)
    const ask = () => openProtocol().authorizationUrl(upstream, hop)
    provider.server.answer = (_request, response) => void response.end('<h1>Maintenance</h1>')
    await expect(ask()).rejects.toMatchObject({ kind: 'down', reason: 'garbage' })
    provider.server.answer = (_request, response) => void response.writeHead(302, { location: '/x' }).end()
    await expect(ask()).rejects.toMatchObject({ kind: 'down', reason: 'redirected' })
    const inside = openProtocol().authorizationUrl(upstreamAt('https://10.0.0.7'), hop)
    await expect(inside).rejects.toMatchObject({ kind: 'refused', reason: 'address_refused' })
  })

  it('H11 metadata of a slash more, and addresses that nobody is to go to', async () => {
    const provider = await startOpenIdProvider()
    const ask = () => openProtocol().authorizationUrl(upstreamAt(provider.server.origin), hop)
    provider.said.metadata = { issuer: `${provider.server.origin}/` }
    await expect(ask()).rejects.toMatchObject({ kind: 'refused', reason: 'issuer' })
    provider.said.metadata = { userinfo_endpoint: 'https://169.254.169.254/me' }
    await expect(ask()).rejects.toMatchObject({ kind: 'refused', reason: 'endpoint' })
  })
})

describe('metadata is asked for', () => {
  const discovery = 'GET /.well-known/openid-configuration'
  const hour = 3_600_000

  async function open() {
    const provider = await startOpenIdProvider()
    const protocol = openProtocol()
    const goAt = (milliseconds: number, given: Parameters<typeof upstreamAt>[1] = {}) =>
      protocol.authorizationUrl(upstreamAt(provider.server.origin, given), { ...hop, startedAt: later(milliseconds) })
    return { ...provider, goAt, times: () => provider.paths().filter((path) => path === discovery).length }
  }

  it('once an hour, and once for people who come together', async () => {
    const { goAt, times } = await open()
    await Promise.all([goAt(0), goAt(0), goAt(0)])
    expect(times()).toBe(1)
    await goAt(hour - 1)
    expect(times()).toBe(1)
    await goAt(hour)
    expect(times()).toBe(2)
    await goAt(2 * hour - 1)
    expect(times()).toBe(2)
  })

  it('H12 while it cannot be had, what is known serves a day and no longer', async () => {
    const { goAt, server, times } = await open()
    await goAt(0)
    const { answer } = server
    server.answer = (_request, response) => json(response, {}, 503)
    await goAt(hour)
    await goAt(24 * hour - 1)
    expect(times()).toBe(3)
    await expect(goAt(24 * hour)).rejects.toMatchObject({ kind: 'down' })
    server.answer = answer
    await goAt(24 * hour)
    expect(times()).toBe(5)
  })

  it('H11 what says something wrong ends the use of what was known', async () => {
    const { goAt, said } = await open()
    await goAt(0)
    said.metadata = { issuer: 'https://evil.example' }
    await expect(goAt(hour)).rejects.toMatchObject({ kind: 'refused' })
  })

  it('anew for another client or secret, and another upstream keeps its own', async () => {
    const { goAt, times } = await open()
    await goAt(0)
    await goAt(0, { id: 'acme2' })
    for (const given of [{ clientSecret: 'new' }, { clientId: 'new' }, { preset: 'okta' }] as const)
      await goAt(0, given)
    expect(times()).toBe(5)
    await goAt(0, { id: 'acme2' })
    expect(times()).toBe(5)
    // The one before the last is forgotten: secrets that were replaced are not held.
    await goAt(0)
    expect(times()).toBe(6)
  })
})

describe('H12 the breaker around both', () => {
  it('lets an upstream rest after three failures, and half a minute later asks once', async () => {
    const provider = await startOpenIdProvider()
    const { answer } = provider.server
    let moment = start
    const protocol = openProtocol({ now: () => moment })
    const upstream = upstreamAt(provider.server.origin)
    const ask = () => protocol.authorizationUrl(upstream, hop)
    provider.server.answer = (_request, response) => json(response, {}, 500)
    for (let time = 0; time < 3; time += 1) await expect(ask()).rejects.toMatchObject({ reason: 'server_error' })
    await expect(ask()).rejects.toMatchObject({ kind: 'down', reason: 'resting' })
    await expect(protocol.redeem(upstream, answerWith(), hop, now)).rejects.toMatchObject({ reason: 'resting' })
    expect(provider.server.arrived).toHaveLength(3)
    moment = later(29_999)
    await expect(ask()).rejects.toMatchObject({ reason: 'resting' })
    moment = later(30_000)
    provider.server.answer = answer
    await ask()
    provider.server.answer = (_request, response) => json(response, {}, 500)
    // It answered: two failures more are no outage.
    for (let time = 0; time < 2; time += 1)
      await expect(protocol.redeem(upstream, answerWith(), hop, now)).rejects.toMatchObject({ reason: 'server_error' })
    provider.server.answer = answer
    expect((await protocol.redeem(upstream, answerWith(), hop, now)).person.subject).toBe('ada')
  })

  it('our own limit is no failure of the upstream', async () => {
    const { server } = await startOpenIdProvider()
    const protocol = openProtocol({ concurrent: 0 })
    for (let time = 0; time < 5; time += 1) {
      await expect(protocol.authorizationUrl(upstreamAt(server.origin), hop)).rejects.toMatchObject({ reason: 'busy' })
    }
  })

  it('a step as a whole ends after twelve seconds', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const rules = { clock: { now: () => start }, allowedInternalHosts: [], loopback: false }
    const silent = createUpstreamProtocol({ fetch: () => new Promise(() => undefined), ...rules })
    let end = 'none'
    const asked = silent.authorizationUrl(upstreamAt('https://login.acme.example'), hop).catch(({ reason }) => {
      end = reason
    })
    await vi.advanceTimersByTimeAsync(11_999)
    expect(end).toBe('none')
    await vi.advanceTimersByTimeAsync(1)
    await asked
    expect(end).toBe('timeout')
    expect(vi.getTimerCount()).toBe(0)
  })
})
