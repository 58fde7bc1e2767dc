import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createUpstreamProtocol } from '../../src/federation/protocol.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { openFarAway } from '../support/far-away.ts'
import { answerWith, hop, later, openProtocol, start, upstreamAt } from './provider.ts'
import { json, startWebServer } from './web-server.ts'

interface Words {
  token: unknown
  user: unknown
  emails: unknown
  orgs: unknown
}
const honest: Words = {
  token: { access_token: 'gho', token_type: 'bearer', scope: 'read:user' },
  user: { id: 4242, login: 'ada', name: 'Ada' },
  emails: [
    { email: 'old@acme.example', primary: false, verified: true },
    { email: 'ada@acme.example', primary: true, verified: true },
  ],
  orgs: [{ login: 'acme' }, { login: 'other' }],
}

/** A GitHub Enterprise server on loopback. */
async function openGithub(words: Partial<Words> = {}, given: Parameters<typeof upstreamAt>[1] = {}) {
  const said = { ...honest, ...words }
  const server = await startWebServer(({ path }, response) => {
    if (path === '/login/oauth/access_token') return json(response, said.token)
    if (path === '/api/v3/user') return json(response, said.user)
    if (path === '/api/v3/user/emails') return json(response, said.emails)
    if (path === '/api/v3/user/orgs?per_page=100') return json(response, said.orgs)
    json(response, { message: 'Not Found' }, 404)
  })
  const upstream = upstreamAt(server.origin, { preset: 'github', scopes: ['read:user', 'user:email'], ...given })
  return {
    ...{ server, upstream },
    paths: () => server.arrived.map(({ method, path }) => `${method} ${path}`),
    redeem: (params: Record<string, string> | string = { code: 'a-code' }) =>
      openProtocol().redeem(upstream, answerWith(params), hop, start),
  }
}

describe('GitHub over a real connection', () => {
  it('H07 the browser takes state and challenge of this hop; anew, the person chooses who they are', async () => {
    const { server, upstream } = await openGithub()
    const url = await openProtocol().authorizationUrl(upstream, hop)
    expect(`${url.origin}${url.pathname}`).toBe(`${server.origin}/login/oauth/authorize`)
    const plain = {
      ...{ client_id: 'sallyport', redirect_uri: hop.redirectUri, scope: 'read:user user:email', state: hop.state },
      code_challenge: createHash('sha256').update(hop.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }
    expect(Object.fromEntries(url.searchParams)).toEqual(plain)
    const anew = await openProtocol().authorizationUrl(upstream, { ...hop, isAnew: true })
    expect(Object.fromEntries(anew.searchParams)).toEqual({ ...plain, prompt: 'select_account' })
    expect(server.arrived).toEqual([])
  })

  it('the code becomes a person and their tokens, in as few questions as it takes', async () => {
    const { paths, redeem, server } = await openGithub({
      token: { access_token: 'gho', scope: 'read:user', refresh_token: 'ghr', expires_in: 60 },
    })
    const { authTime, person, tokens } = await redeem()
    expect(person).toMatchObject({
      ...{ issuer: server.origin, subject: '4242', email: 'ada@acme.example', emailVerified: true, name: 'Ada' },
      ...{ groups: [], claims: { login: 'ada', name: 'Ada' } },
    })
    expect(tokens).toEqual({ accessToken: 'gho', refreshToken: 'ghr', expiresAt: later(60_000), scope: 'read:user' })
    expect(authTime).toBeUndefined()
    expect(paths()).toEqual(['POST /login/oauth/access_token', 'GET /api/v3/user', 'GET /api/v3/user/emails'])
    const [code, user] = server.arrived
    expect(Object.fromEntries(code?.body ?? [])).toEqual({
      ...{ client_id: 'sallyport', client_secret: 'the client secret', code: 'a-code' },
      ...{ redirect_uri: hop.redirectUri, code_verifier: hop.verifier },
    })
    expect(code?.headers).toMatchObject({
      ...{ accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(user?.headers).toMatchObject({ authorization: 'Bearer gho', accept: 'application/vnd.github+json' })
  })

  it('what it does not say is left open', async () => {
    const token = { access_token: 'gho' }
    const { redeem } = await openGithub(
      { token, user: { id: 1, login: 'ada', name: null } },
      { clientSecret: undefined },
    )
    const { person, tokens } = await redeem()
    expect(person.name).toBe('ada')
    expect(tokens).toEqual({ accessToken: 'gho', refreshToken: undefined, expiresAt: undefined, scope: undefined })
  })

  it('H09 an address that is not asked for, or not confirmed, is none', async () => {
    const unasked = await openGithub({}, { scopes: ['read:user'] })
    expect((await unasked.redeem()).person).toMatchObject({ email: undefined, emailVerified: false })
    expect(unasked.paths()).not.toContain('GET /api/v3/user/emails')
    for (const [primary, verified] of [
      [true, false],
      [false, true],
    ]) {
      const { redeem } = await openGithub({ emails: [{ email: 'ada@acme.example', primary, verified }] })
      expect((await redeem()).person).toMatchObject({ email: undefined, emailVerified: false })
    }
  })

  it.each([[{ groups: ['acme'] }], [{ adminGroups: ['acme'] }]])(
    'organisations are asked for by rules %j',
    async (rules) => {
      const { redeem } = await openGithub({}, { rules })
      expect((await redeem()).person.groups).toEqual(['acme', 'other'])
    },
  )

  it('github.com has its API at a host of its own', async () => {
    const far = await openFarAway(['github.com', 'api.github.com'])
    const answer = (body: unknown) => (_request: unknown, response: Parameters<typeof json>[0]) => json(response, body)
    far.hosts.set('github.com', answer(honest.token))
    far.hosts.set('api.github.com', ({ url }, response) =>
      json(response, url === '/user' ? honest.user : honest.emails),
    )
    const fetch = createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], mayPost: true, ...far.stage })
    const rules = { clock: { now: () => start }, allowedInternalHosts: [], loopback: false }
    const upstream = upstreamAt('https://github.com', { preset: 'github', scopes: ['user:email'] })
    await createUpstreamProtocol({ fetch, ...rules }).redeem(upstream, answerWith(), hop, start)
    expect(far.requests).toEqual([
      ...['github.com /login/oauth/access_token', 'api.github.com /user', 'api.github.com /user/emails'],
    ])
  })

  it('H06 an answer that names this issuer is accepted', async () => {
    const { redeem, server } = await openGithub()
    expect((await redeem({ code: 'a', iss: `${server.origin}/login/oauth` })).person.subject).toBe('4242')
  })

  it.each<[string, string, string, string]>([
    ['H06 another issuer', 'code=a&iss=https://evil.example/login/oauth', 'refused', 'issuer'],
    ['H06 an empty issuer', 'code=a&iss=', 'refused', 'issuer'],
    ['H06 two issuers', 'code=a&iss=ISSUER&iss=ISSUER', 'refused', 'issuer'],
    ['the person said no', 'error=access_denied', 'denied', 'error_answer'],
    ['another error, beside a code', 'code=a&error=server_error', 'refused', 'error_answer'],
    ['no code', '', 'refused', 'answer'],
    ['an empty code', 'code=', 'refused', 'answer'],
    ['H05 two codes', 'code=a&code=b', 'refused', 'answer'],
  ])('%s asks nobody', async (_title, params, kind, reason) => {
    const { redeem, server } = await openGithub()
    const given = params.replaceAll('ISSUER', encodeURIComponent(`${server.origin}/login/oauth`))
    await expect(redeem(given)).rejects.toMatchObject({ kind, reason })
    expect(server.arrived).toEqual([])
  })

  it.each<[string, Partial<Words>, string, string]>([
    ['a refusal with status 200', { token: { error: 'bad_verification_code' } }, 'refused', 'code_refused'],
    ['an empty token', { token: { access_token: '' } }, 'down', 'garbage'],
    ['a lifetime that is over', { token: { access_token: 'a', expires_in: 0 } }, 'down', 'garbage'],
    ['the number 0', { user: { id: 0, login: 'ada' } }, 'down', 'garbage'],
    ['a broken number', { user: { id: 1.5, login: 'ada' } }, 'down', 'garbage'],
    ['a person without login', { user: { id: 1, login: '' } }, 'down', 'garbage'],
    ['addresses that are none', { emails: { email: 'a' } }, 'down', 'garbage'],
    ['verified in words', { emails: [{ email: 'a@a.example', primary: true, verified: 'true' }] }, 'down', 'garbage'],
  ])('H05 %s is nobody', async (_title, words, kind, reason) => {
    await expect((await openGithub(words)).redeem()).rejects.toMatchObject({ kind, reason })
  })

  it.each([
    [404, 'refused', 'status_404'],
    [401, 'refused', 'status_401'],
    [500, 'down', 'server_error'],
    [429, 'down', 'server_error'],
  ] as const)('H12 status %i is %s', async (status, kind, reason) => {
    const { redeem, server } = await openGithub()
    const { answer } = server
    server.answer = (request, response) =>
      request.path === '/api/v3/user' ? json(response, honest.user, status) : answer(request, response)
    await expect(redeem()).rejects.toMatchObject({ kind, reason })
  })

  it('text that is no JSON is garbage', async () => {
    const { redeem, server } = await openGithub()
    server.answer = (_request, response) => void response.end('<h1>Unicorn</h1>')
    await expect(redeem()).rejects.toMatchObject({ kind: 'down', reason: 'garbage' })
  })
})
