import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { Events, OAuth2Server } from 'oauth2-mock-server'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createUpstreamProtocol } from '../../src/federation/protocol.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser, csrfOf, type Page } from '../support/browser.ts'
import { addUpstream, passUpstream, startUpstream, upstreamOf } from '../support/upstream.ts'
import { answerOf, countOf, deliver, leaveFromOwnPage, openStage } from './journey.ts'

const person = { sub: 'mallory', email: 'mallory@acme.example', email_verified: true, name: 'Mallory' }

/** A provider whose every word can be changed. */
class Hostile {
  readonly server = new OAuth2Server()
  /** Asked for at the token endpoint. */
  readonly tokenRequests: URLSearchParams[] = []

  get issuer(): string {
    return this.server.issuer.url ?? ''
  }

  async start(): Promise<this> {
    await this.server.issuer.keys.generate('RS256')
    await this.server.start(0, '127.0.0.1')
    onTestFinished(() => this.server.stop())
    const { service } = this.server
    service.on(Events.BeforeTokenSigning, (token) => Object.assign(token.payload, person))
    service.on(Events.BeforeUserinfo, (answer) => {
      answer.body = person
    })
    service.on(Events.BeforeResponse, (_answer, request) => {
      this.tokenRequests.push(new URLSearchParams(request.body as unknown as Record<string, string>))
    })
    return this
  }

  /** Changes the claims of the ID token. */
  claims(change: (payload: Record<string, unknown>) => void): void {
    this.server.service.on(Events.BeforeTokenSigning, ({ payload }) => change(payload))
  }

  /** Changes the whole ID token. */
  idToken(change: (idToken: string) => string | undefined): void {
    this.server.service.on(Events.BeforeResponse, ({ body }) => {
      if (body !== '') body.id_token = change(String(body.id_token))
    })
  }

  metadata(changes: Record<string, unknown>): void {
    this.server.service.on(Events.BeforeWellKnownOpenIdConfiguration, ({ body }) => Object.assign(body, changes))
  }
}

async function openHostile(
  changes: Parameters<typeof upstreamOf>[1] = {},
): Promise<{ app: TestApp; hostile: Hostile }> {
  const hostile = await new Hostile().start()
  const app = await startApp()
  await addUpstream(app, upstreamOf({ issuer: hostile.issuer, clientSecret: 'secret' }, changes))
  return { app, hostile }
}

/** One sign-in at the own pages; `change` may alter the answer on its way. */
async function signIn(app: TestApp, id = 'acme', change: (answer: URL) => void = () => undefined): Promise<Page> {
  const here = new Browser(app.issuer)
  const address = await leaveFromOwnPage(here, id)
  const answer = new URL(await passUpstream(new Browser(new URL(address).origin), address))
  change(answer)
  return deliver(here, answer.href)
}

/** Refused, with nobody signed in or made. */
async function expectRefused(app: TestApp, page: Page, code = 'upstream_refused', status = 400): Promise<void> {
  expect([page.status, page.error]).toEqual([status, code])
  expect(await countOf(app, 'account')).toBe(0)
  expect(await countOf(app, 'browser_session')).toBe(0)
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const payloadOf = (idToken: string) => JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString())

it('an honest answer is accepted: what follows is refused for its one fault', async () => {
  const { app } = await openHostile()
  expect((await signIn(app)).name).toBe('connections')
})

describe('H05 odd answers', () => {
  const stateOf = (answer: URL) => answer.searchParams.get('state') ?? ''

  it.each<[string, (answer: URL) => void, string, number]>([
    ['no state', (answer) => answer.searchParams.delete('state'), 'upstream_malformed', 400],
    ['an empty state', (answer) => answer.searchParams.set('state', ''), 'upstream_malformed', 400],
    ['two states', (answer) => answer.searchParams.append('state', stateOf(answer)), 'upstream_malformed', 400],
    [
      'a state of another length',
      (answer) => answer.searchParams.set('state', `${stateOf(answer)}A`),
      'upstream_malformed',
      400,
    ],
    ['an unknown state', (answer) => answer.searchParams.set('state', 'A'.repeat(43)), 'upstream_spent', 400],
    [
      'a state with markup',
      (answer) => answer.searchParams.set('state', '"><script>alert(1)</script>'),
      'upstream_malformed',
      400,
    ],
    ['no code', (answer) => answer.searchParams.delete('code'), 'upstream_refused', 400],
    ['two codes', (answer) => answer.searchParams.append('code', 'another'), 'upstream_refused', 400],
    ['an answer of another flow', (answer) => answer.searchParams.set('id_token', 'a.b.c'), 'upstream_refused', 400],
    [
      'an error with markup beside the code',
      (answer) => {
        answer.searchParams.set('error', '<script>alert(1)</script>')
        answer.searchParams.set('error_description', '<img src=x onerror=alert(2)>')
        answer.searchParams.set('error_uri', 'javascript:alert(3)')
      },
      'upstream_refused',
      400,
    ],
    [
      'a refusal upstream, with words for the person',
      (answer) => {
        answer.searchParams.delete('code')
        answer.searchParams.set('error', 'access_denied')
        answer.searchParams.set('error_description', 'Call <b>0900</b> alert(1) to unlock your account')
      },
      'upstream_denied',
      403,
    ],
  ])('%s', async (_title, change, code, status) => {
    const { app } = await openHostile()
    const page = await signIn(app, 'acme', change)
    await expectRefused(app, page, code, status)
    expect(page.body).not.toMatch(/alert\(|0900|javascript:/)
  })

  it('a post of the answer is refused', async () => {
    const { app } = await openHostile()
    const answer = await fetch(`${app.issuer}/upstream/acme/callback`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
      body: new URLSearchParams({ state: 'A'.repeat(43), code: 'x' }),
    })
    expect(answer.status).toBe(403)
  })
})

describe('H06 answers of one upstream are nothing to another', () => {
  it('an answer at the callback of another upstream is refused and used up', async () => {
    const { app, hostile } = await openHostile()
    const other = await new Hostile().start()
    await addUpstream(app, upstreamOf({ issuer: other.issuer, clientSecret: 's' }, { id: 'other', name: 'Other' }))
    const here = new Browser(app.issuer)
    const address = await leaveFromOwnPage(here, 'acme')
    const answer = await passUpstream(new Browser(hostile.issuer), address)
    const page = await deliver(here, answer.replace('/upstream/acme/', '/upstream/other/'))
    await expectRefused(app, page, 'upstream_mixed_up')
    expect((await deliver(here, answer)).error).toBe('upstream_spent')
    expect([...hostile.tokenRequests, ...other.tokenRequests]).toEqual([])
  })

  it('an answer that names another issuer is refused', async () => {
    const { app, hostile } = await openHostile()
    const change = (answer: URL) => answer.searchParams.set('iss', 'https://evil.example')
    await expectRefused(app, await signIn(app, 'acme', change))
    expect(hostile.tokenRequests).toEqual([])
  })

  it('an answer that names no issuer is refused where the upstream promises to name it', async () => {
    const stage = await openStage()
    const here = new Browser(stage.app.issuer)
    const answer = new URL(await answerOf(stage, here))
    expect(answer.searchParams.get('iss')).toBe(stage.upstream.issuer)
    answer.searchParams.delete('iss')
    expect((await deliver(here, answer.href)).error).toBe('upstream_refused')
    expect(stage.upstream.requests).not.toContain('POST /token')
  })

  it('an answer to a question that was asked of another issuer is refused', async () => {
    const { app, hostile } = await openHostile()
    const other = await new Hostile().start()
    const here = new Browser(app.issuer)
    const answer = await passUpstream(new Browser(hostile.issuer), await leaveFromOwnPage(here))
    const { store } = app.app.rooms.federation.upstreams
    await store.put(upstreamOf({ issuer: other.issuer, clientSecret: 's' }), 'keep')
    await expectRefused(app, await deliver(here, answer), 'upstream_gone')
  })
})

describe('H07 upstream codes are bound', () => {
  it('PKCE S256, a nonce and a state of 256 bits go out each time', async () => {
    const { app, hostile } = await openHostile()
    const sent = [1, 2].map(async () => new URL(await leaveFromOwnPage(new Browser(app.issuer))).searchParams)
    const [first, second] = await Promise.all(sent)
    expect(first?.get('code_challenge_method')).toBe('S256')
    for (const name of ['code_challenge', 'nonce', 'state']) {
      expect(first?.get(name)).toMatch(/^[\w-]{43}$/)
      expect(first?.get(name)).not.toBe(second?.get(name))
    }
    await signIn(app)
    expect(hostile.tokenRequests[0]?.get('code_verifier')).toMatch(/^[\w-]{43}$/)
  })

  it('a code of another hop does not pass an upstream that checks', async () => {
    const stage = await openStage()
    const stolen = new URL(await answerOf(stage, new Browser(stage.app.issuer), 'bob')).searchParams.get('code') ?? ''
    const here = new Browser(stage.app.issuer)
    const answer = new URL(await answerOf(stage, here, 'ada'))
    answer.searchParams.set('code', stolen)
    const page = await deliver(here, answer.href)
    expect(page.error).toBe('upstream_refused')
    expect(await countOf(stage.app, 'account')).toBe(0)
  })

  it.each<[string, (payload: Record<string, unknown>) => void]>([
    ['another nonce', (payload) => Object.assign(payload, { nonce: 'another' })],
    ['no nonce', (payload) => void delete payload.nonce],
    ['an at_hash of another token', (payload) => Object.assign(payload, { at_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' })],
    ['a c_hash of another code', (payload) => Object.assign(payload, { c_hash: 'MTIzNDU2Nzg5MDEyMzQ1Ng' })],
    ['an at_hash that is no text', (payload) => Object.assign(payload, { at_hash: 1 })],
  ])('an ID token with %s is refused', async (_title, change) => {
    const { app, hostile } = await openHostile()
    hostile.claims(change)
    await expectRefused(app, await signIn(app))
  })
})

describe('H08 ID tokens are checked in full', () => {
  const seconds = () => Math.floor(Date.now() / 1000)

  it.each<[string, (payload: Record<string, unknown>) => void]>([
    ['another audience', (payload) => Object.assign(payload, { aud: 'somebody-else' })],
    ['several audiences without azp', (payload) => Object.assign(payload, { aud: ['sallyport', 'somebody-else'] })],
    [
      'several audiences and another azp',
      (payload) => Object.assign(payload, { aud: ['sallyport', 'somebody-else'], azp: 'somebody-else' }),
    ],
    ['another issuer', (payload) => Object.assign(payload, { iss: 'https://accounts.google.com' })],
    ['no issuer', (payload) => void delete payload.iss],
    ['no subject', (payload) => void delete payload.sub],
    ['an empty subject', (payload) => Object.assign(payload, { sub: '' })],
    ['no end', (payload) => void delete payload.exp],
    ['an end that has passed', (payload) => Object.assign(payload, { exp: seconds() - 60 })],
    ['an end in words', (payload) => Object.assign(payload, { exp: 'tomorrow' })],
    ['no beginning', (payload) => void delete payload.iat],
    ['a beginning long ago', (payload) => Object.assign(payload, { iat: seconds() - 3600 })],
    ['a beginning in the future', (payload) => Object.assign(payload, { iat: seconds() + 3600 })],
  ])('%s', async (_title, change) => {
    const { app, hostile } = await openHostile()
    hostile.claims(change)
    const page = await signIn(app)
    expect(page.status).toBeGreaterThanOrEqual(400)
    expect(page.status).toBeLessThan(500)
    await expectRefused(app, page, page.error, page.status)
  })

  it.each<[string, (idToken: string, hostile: Hostile) => string | undefined]>([
    ['alg none', (idToken) => `${encode({ alg: 'none' })}.${encode(payloadOf(idToken))}.`],
    [
      'HS256 with our client secret',
      (idToken) => {
        const signed = `${encode({ alg: 'HS256' })}.${encode(payloadOf(idToken))}`
        return `${signed}.${createHmac('sha256', 'secret').update(signed).digest('base64url')}`
      },
    ],
    [
      'HS256 with the public key',
      (idToken, hostile) => {
        const signed = `${encode({ alg: 'HS256' })}.${encode(payloadOf(idToken))}`
        const key = JSON.stringify(hostile.server.issuer.keys.toJSON()[0])
        return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
      },
    ],
    [
      'a changed payload',
      (idToken) => idToken.replace(/\.[^.]+\./, `.${encode({ ...payloadOf(idToken), sub: 'root' })}.`),
    ],
    ['no signature', (idToken) => idToken.replace(/\.[^.]*$/, '.')],
    ['a key that it brings along', (idToken) => broughtAlong(payloadOf(idToken))],
    ['a critical header', (idToken) => idToken.replace(/^[^.]+/, encode({ alg: 'RS256', crit: ['x'], x: 1 }))],
    ['no ID token at all', () => undefined],
    ['an ID token that is none', () => 'nonsense'],
    ['an encrypted one', () => 'a.b.c.d.e'],
  ])('%s', async (_title, change) => {
    const { app, hostile } = await openHostile()
    hostile.metadata({ id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'] })
    hostile.idToken((idToken) => change(idToken, hostile))
    const page = await signIn(app)
    expect(['upstream_refused', 'upstream_down']).toContain(page.error)
    await expectRefused(app, page, page.error, page.status)
  })

  it('user data about another subject', async () => {
    const { app, hostile } = await openHostile()
    hostile.server.service.on(Events.BeforeUserinfo, (answer) => {
      answer.body = { ...person, sub: 'somebody-else' }
    })
    await expectRefused(app, await signIn(app))
  })
})

function broughtAlong(payload: unknown): string {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signed = `${encode({ alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }) })}.${encode(payload)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}

describe('H09 an e-mail address links nothing', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['verified', { email_verified: true }, 'upstream_person_email_taken'],
    ['not verified', { email_verified: false }, 'upstream_person_email_unverified'],
    ['without a word', {}, 'upstream_person_email_unverified'],
    ['verified in words', { email_verified: 'true' }, 'upstream_person_email_unverified'],
  ])('the address of somebody here, %s', async (_title, claims, code) => {
    const { app, hostile } = await openHostile()
    const victim = await app.person('victim')
    const told = { sub: 'mallory', email: victim.email, ...claims }
    hostile.claims((payload) => {
      for (const name of ['email', 'email_verified']) delete payload[name]
      Object.assign(payload, told)
    })
    hostile.server.service.on(Events.BeforeUserinfo, (answer) => {
      answer.body = told
    })
    const page = await signIn(app)
    expect([page.status, page.error]).toEqual([403, code])
    expect(await countOf(app, 'upstream_identity')).toBe(0)
    expect(await countOf(app, 'browser_session')).toBe(0)
  })

  it('an address of the ID token is not verified by the word of the user data', async () => {
    const { app, hostile } = await openHostile()
    hostile.claims((payload) => {
      Object.assign(payload, { email: 'boss@acme.example' })
      delete payload.email_verified
    })
    const page = await signIn(app)
    expect(page.error).toBe('upstream_person_email_unverified')
  })
})

describe('H10 subjects belong to their issuer', () => {
  it('the same subject at two upstreams is two people', async () => {
    const { app } = await openHostile()
    const other = await new Hostile().start()
    other.claims((payload) => Object.assign(payload, { email: 'mallory@other.example' }))
    await addUpstream(app, upstreamOf({ issuer: other.issuer, clientSecret: 's' }, { id: 'other', name: 'Other' }))
    expect((await signIn(app, 'acme')).name).toBe('connections')
    expect((await signIn(app, 'other')).name).toBe('connections')
    expect(await countOf(app, 'account')).toBe(2)
  })
})

describe('H11 metadata cannot lead us astray', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { issuer: 'https://evil.example' }],
    ['the issuer with a slash more', { issuer: 'SLASH' }],
    ['an http address elsewhere', { token_endpoint: 'http://evil.example/token' }],
    ['an http page for the person', { authorization_endpoint: 'http://evil.example/authorize' }],
    ['a script as page for the person', { authorization_endpoint: 'javascript:alert(1)' }],
    ['the metadata service of a cloud', { userinfo_endpoint: 'https://169.254.169.254/latest' }],
    ['a private address', { jwks_uri: 'https://10.0.0.1/jwks' }],
    ['a private address in disguise', { token_endpoint: 'https://[::ffff:a00:1]/token' }],
    ['credentials in an address', { token_endpoint: 'https://user:pw@idp.example/token' }],
    ['no keys', { jwks_uri: undefined }],
  ])('%s', async (_title, changes) => {
    const { app, hostile } = await openHostile()
    hostile.metadata(changes.issuer === 'SLASH' ? { issuer: `${hostile.issuer}/` } : changes)
    const here = new Browser(app.issuer)
    await expect(leaveFromOwnPage(here)).rejects.toThrow('upstream_refused')
    expect(await countOf(app, 'upstream_state')).toBe(0)
  })

  it('what changes for the worse later is noticed at the next look, and what was known is not used any more', async () => {
    const { app, hostile } = await openHostile()
    expect((await signIn(app)).name).toBe('connections')
    hostile.metadata({ token_endpoint: 'https://10.0.0.1/token' })
    expect((await signIn(app)).name).toBe('connections')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_700_000 })
    onTestFinished(() => void vi.useRealTimers())
    await expect(leaveFromOwnPage(new Browser(app.issuer))).rejects.toThrow('upstream_refused')
  })

  it('an upstream on this machine is for an issuer on this machine only', async () => {
    const upstream = await startUpstream(['https://id.sallyport.example/upstream/acme/callback'])
    const protocol = (loopback: boolean) =>
      createUpstreamProtocol({
        fetch: createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], loopback, mayPost: true }),
        ...{ clock: systemClock, allowedInternalHosts: [], loopback },
      })
    const redirectUri = 'https://id.sallyport.example/upstream/acme/callback'
    const hop = { state: 's', nonce: 'n', verifier: 'v'.repeat(43), redirectUri, isAnew: false, startedAt: new Date() }
    const refusal = protocol(false).authorizationUrl(upstreamOf(upstream), hop)
    await expect(refusal).rejects.toMatchObject({ kind: 'refused' })
    expect(upstream.requests).toEqual([])
    expect((await protocol(true).authorizationUrl(upstreamOf(upstream), hop)).origin).toBe(upstream.issuer)
  })
})

it('G22 a session is as old as the sign-in upstream that it comes from', async () => {
  const { app, hostile } = await openHostile()
  hostile.claims((payload) => Object.assign(payload, { auth_time: Math.floor(Date.now() / 1000) - 1800 }))
  const here = new Browser(app.issuer)
  await deliver(here, await passUpstream(new Browser(hostile.issuer), await leaveFromOwnPage(here)))
  const page = await here.open('/account/security')
  const asked = await here.post('/account/security/upstreams/acme', { _csrf: csrfOf(page) })
  expect(asked.name).toBe('sign-in')
  // Of last week it is a session nevertheless, and not over at once.
  hostile.claims((payload) => Object.assign(payload, { auth_time: Math.floor(Date.now() / 1000) - 90 * 86_400 }))
  const { sql } = app.app.rooms.database
  await sql.run('DELETE FROM browser_session')
  expect((await signIn(app)).name).toBe('connections')
  const session = await sql.get<{ expires_at: number }>('SELECT expires_at FROM browser_session')
  expect(Number(session?.expires_at)).toBeGreaterThan(Date.now() + 600_000)
})
