import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type LimitName, limitNames, limitsOf, limitTable } from '../../src/config/limit-table.ts'
import { ask } from '../races/stage.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { authorizationRequest } from '../support/flow.ts'

// Too much of everything, at every door. The proxy in front is this test: it says whose request it is.

let app: TestApp
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-03T10:00:00Z') }))
afterEach(() => void vi.useRealTimers())
const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

async function start(limits: Parameters<typeof limitsOf>[0] = {}, options: Parameters<typeof startApp>[0] = {}) {
  app = await startApp({
    ...options,
    settings: { RATE_LIMITS: 'on', TRUSTED_PROXIES: '127.0.0.1,::1', ...options.settings },
    adjust: (config) => ({ ...config, limits: limitsOf(limits) }),
  })
}

const so = (points: number, window_seconds = 60) => ({ points, window_seconds })
const many = (index: number) => `198.18.${index >> 8}.${index & 255}`

function registration(from: string): Promise<Response> {
  return fetch(`${app.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
    body: JSON.stringify({
      client_name: 'Flood',
      redirect_uris: ['http://127.0.0.1:4321/cb'],
      token_endpoint_auth_method: 'none',
    }),
  })
}

function token(from: string, at: TestApp = app): Promise<Response> {
  return fetch(`${at.issuer}/token`, {
    method: 'POST',
    headers: { 'x-forwarded-for': from },
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'nobody', refresh_token: 'x' }),
  })
}

/** Sends so many, a few at a time. @returns how often each status came */
async function send(
  times: number,
  one: (index: number) => Promise<{ readonly status: number }>,
): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (let index = 0; index < times; index += 10) {
    const some = Array.from({ length: Math.min(10, times - index) }, (_, more) => one(index + more))
    for (const { status } of await Promise.all(some)) counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

describe('registration', () => {
  const perAddress = limitTable.registration.by.address.points
  const perEveryone = limitTable.registration.by.everyone.points

  test('D01 a thousand from one address: 429 with Retry-After after the first ones; tokens go on', async () => {
    await start()
    expect(await send(1000, () => registration('203.0.113.5'))).toEqual({ 201: perAddress, 429: 1000 - perAddress })
    const answer = await registration('203.0.113.5')
    expect(answer.headers.get('retry-after')).toBe('600')
    expect(await app.app.rooms.database.sql.all('SELECT id FROM client')).toHaveLength(perAddress)
    // Counted, not timed: no token request is refused, from this address neither.
    expect(await send(200, () => token('203.0.113.5'))).toEqual({ 401: 200 })
    pass(600)
    expect((await registration('203.0.113.5')).status).toBe(201)
  })

  test('D01 a thousand from a /64 are from one', async () => {
    await start()
    const counts = await send(1000, (index) => registration(`2001:db8:0:1::${(index + 1).toString(16)}`))
    expect(counts).toEqual({ 201: perAddress, 429: 1000 - perAddress })
  })

  test('D01 a thousand from many: all of them together have a cap', async () => {
    await start()
    const counts = await send(1000, (index) => registration(many(index)))
    expect(counts).toEqual({ 201: perEveryone, 429: 1000 - perEveryone })
    expect(await send(100, (index) => token(many(index)))).toEqual({ 401: 100 })
  })

  test('D01 K24 on PostgreSQL two processes count together', async () => {
    const rule = { registration: { address: so(5), everyone: so(8) } }
    await start(rule, { database: 'postgresql' })
    const other = await startApp({
      beside: app,
      settings: { RATE_LIMITS: 'on', TRUSTED_PROXIES: '127.0.0.1' },
      adjust: (config) => ({ ...config, limits: limitsOf(rule) }),
    })
    // An empty form is let in at the door and refused behind it.
    const at = (which: TestApp, from: string) => ask(which, '/register', {}, { 'x-forwarded-for': from })
    const counts = await send(40, (index) => at(index % 2 ? app : other, '203.0.113.5'))
    expect(counts).toEqual({ 400: 5, 429: 35 })
    expect(await send(40, (index) => at(index % 2 ? app : other, many(index)))).toEqual({ 400: 3, 429: 37 })
  })

  test('K02 no header of a stranger makes a new address of him', async () => {
    await start({ registration: { address: so(3) } }, { settings: { TRUSTED_PROXIES: '' } })
    const counts = await send(20, (index) =>
      fetch(`${app.issuer}/register`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': many(index),
          forwarded: `for=${many(index)}`,
          'x-real-ip': many(index),
          'x-original-forwarded-for': many(index),
        },
        body: JSON.stringify({ redirect_uris: ['http://127.0.0.1:4321/cb'], token_endpoint_auth_method: 'none' }),
      }),
    )
    expect(counts).toEqual({ 201: 3, 429: 17 })
  })

  test('K02 behind a proxy, what stands left of it and every spelling of one address are one', async () => {
    await start({ registration: { address: so(3) } })
    const spellings = [
      '203.0.113.9',
      '::ffff:203.0.113.9',
      '::ffff:cb00:7109',
      '0:0:0:0:0:FFFF:203.0.113.9',
      '203.0.113.9:4711',
    ]
    const counts = await send(20, (index) => registration(`${many(index)}, ${spellings[index % spellings.length]}`))
    expect(counts).toEqual({ 201: 3, 429: 17 })
  })

  test('the book tells of a flood once, with the limit by its name', async () => {
    await start({ registration: { address: so(3) } })
    await send(50, () => registration('203.0.113.5'))
    await app.app.rooms.audit.flush()
    const events = await app.app.rooms.audit.list({ type: 'limit.reached', limit: 10 })
    expect(events.map(({ address, detail }) => [address, detail])).toEqual([
      ['203.0.113.5', { limit: 'registration', by: 'address' }],
    ])
  })
})

describe('every door', () => {
  interface DoorCase {
    readonly limit: LimitName
    readonly by?: 'address' | 'client' | 'account'
    readonly answer: 'program' | 'person'
    readonly ask: () => Promise<Response>
  }
  const post =
    (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
    () =>
      fetch(`${app.issuer}${path}`, {
        method: 'POST',
        body,
        headers: { origin: 'https://inspector.example', ...headers },
      })
  const form = (fields: Record<string, string>) => new URLSearchParams(fields)
  const ownForm = (path: string, fields: Record<string, string>) => async () => {
    const browser = new Browser(app.issuer)
    const page = await browser.open('/sign-in')
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return fetch(`${app.issuer}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, origin: new URL(app.issuer).origin, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ _csrf: csrfOf(page), ...fields }),
    })
  }
  const get = (path: string) => () => fetch(`${app.issuer}${path}`, { redirect: 'manual' })

  const doors: readonly DoorCase[] = [
    { limit: 'token', answer: 'program', ask: () => post('/token', form({ grant_type: 'x', client_id: 'x' }))() },
    { limit: 'revocation', answer: 'program', ask: () => post('/revoke', form({ token: 'x', client_id: 'x' }))() },
    {
      limit: 'introspection',
      answer: 'program',
      ask: () => post('/introspect', form({ token: 'x', client_id: 'x' }))(),
    },
    { limit: 'revocation_list', answer: 'program', ask: get('/revocations?since=1') },
    { limit: 'pushed_request', answer: 'program', ask: () => post('/par', form({ client_id: 'x' }))() },
    {
      limit: 'registration',
      answer: 'program',
      ask: () => post('/register', '{}', { 'content-type': 'application/json' })(),
    },
    { limit: 'client_management', answer: 'program', ask: () => get('/register/somebody')() },
    { limit: 'client_management', by: 'client', answer: 'program', ask: () => get('/register/somebody')() },
    { limit: 'authorize', answer: 'person', ask: () => get('/authorize?client_id=x')() },
    { limit: 'sign_in', answer: 'person', ask: ownForm('/sign-in', { email: '', password: '' }) },
    { limit: 'sign_in', answer: 'person', ask: ownForm('/sign-in/second-factor', { code: '123456' }) },
    { limit: 'password_link', answer: 'person', ask: ownForm('/reset/x', { password: 'x' }) },
    { limit: 'password_link', answer: 'person', ask: ownForm('/invitation/x', { password: 'x' }) },
    { limit: 'password_link', answer: 'person', ask: ownForm('/setup/x', { password: 'x' }) },
    { limit: 'forgotten_password', answer: 'person', ask: ownForm('/forgot-password', { email: 'ann@example.test' }) },
    {
      limit: 'forgotten_password',
      by: 'account',
      answer: 'person',
      ask: ownForm('/forgot-password', { email: 'ann@example.test' }),
    },
    { limit: 'upstream', answer: 'person', ask: get('/upstream/acme/callback?state=x') },
    { limit: 'pages', answer: 'person', ask: get('/sign-in') },
  ]

  test.each(doors)(
    'K06 D01 $limit refuses the third with 429, Retry-After and its own words',
    async ({ limit, by = 'address', answer, ask }) => {
      await start({ [limit]: { [by]: so(2, 120) } })
      const [first, second, third] = [await ask(), await ask(), await ask()]
      expect(first.status).not.toBe(429)
      expect(second.status).not.toBe(429)
      expect(third.status).toBe(429)
      expect(third.headers.get('retry-after')).toBe('120')
      expect(third.headers.get('ratelimit')).toBe(`"${limit}";r=0;t=120`)
      expect(third.headers.get('ratelimit-policy')).toBe(`"${limit}";q=2;w=120`)
      const body = await third.text()
      if (answer === 'program') {
        expect(JSON.parse(body)).toEqual({
          error: 'temporarily_unavailable',
          error_description: 'too many requests, try again in 120 seconds',
        })
        // A client in a browser must be able to read that it came too early.
        expect(third.headers.get('access-control-allow-origin')).toBe('*')
        expect(third.headers.get('access-control-expose-headers')).toContain('Retry-After')
        expect(third.headers.get('cache-control')).toBe('no-store')
      } else {
        expect(body).toContain('data-error="too_many_requests"')
        expect(body).toContain('2 minutes')
      }
      pass(120)
      expect((await ask()).status).not.toBe(429)
    },
  )

  test('no limit of the table is without a door here', () => {
    const elsewhere = ['document_fetch', 'console', 'own_account']
    expect([...new Set(doors.map(({ limit }) => limit)), ...elsewhere].sort()).toEqual([...limitNames].sort())
  })

  test('K02 the list of revocations is counted by address, as the proxy tells it, and not when it is asked for by a preflight', async () => {
    await start({ revocation_list: { address: so(2) } })
    const ask = (from: string, method = 'GET') =>
      fetch(`${app.issuer}/revocations`, { method, headers: { 'x-forwarded-for': from } })
    expect(await send(20, () => ask('203.0.113.5', 'OPTIONS'))).toEqual({ 204: 20 })
    expect(await send(20, (index) => ask('203.0.113.5', index % 2 ? 'GET' : 'HEAD'))).toEqual({ 200: 2, 429: 18 })
    expect(await send(2, () => ask('203.0.113.6'))).toEqual({ 200: 2 })
  })

  test('a preflight is not counted', async () => {
    await start({ token: { address: so(2) } })
    const preflight = () =>
      fetch(`${app.issuer}/token`, {
        method: 'OPTIONS',
        headers: { origin: 'https://inspector.example', 'access-control-request-method': 'POST' },
      })
    expect(await send(20, preflight)).toEqual({ 204: 20 })
    expect((await token('203.0.113.5')).status).not.toBe(429)
  })

  test('the console and a person’s own acts are counted by account, so others go on', async () => {
    await start({ console: { account: so(3) }, own_account: { account: so(2) } })
    const pages = async (email: string, password: string) => {
      const browser = new Browser(app.issuer)
      await browser.submit(await browser.open('/sign-in'), { email, password })
      return browser
    }
    const [ann, bob] = [await app.person('ann', 'admin'), await app.person('bob', 'admin')]
    const [annsBrowser, bobsBrowser] = [await pages(ann.email, ann.password), await pages(bob.email, bob.password)]
    // The sign-in itself ends on a page of the console.
    const statuses = []
    for (let index = 0; index < 3; index += 1) statuses.push((await annsBrowser.open('/admin/clients')).status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await bobsBrowser.open('/admin/clients')).status).toBe(200)
    const guess = async (browser: Browser) => {
      const page = await browser.open('/account/security')
      const fields = { _csrf: csrfOf(page), current_password: '', password: '' }
      return (await browser.post(`${app.issuer}/account/security`, fields)).status
    }
    const acts = [await guess(annsBrowser), await guess(annsBrowser), await guess(annsBrowser)]
    expect(acts.map((status) => status === 429)).toEqual([false, false, true])
    expect(await guess(bobsBrowser)).not.toBe(429)
  })

  test('probes are never counted: an orchestrator would stop the server', async () => {
    await start({ pages: { address: so(1) } })
    expect(await send(20, get('/healthz'))).toEqual({ 200: 20 })
  })

  test('RATE_LIMITS=off lets everything through but guesses', async () => {
    await start({ token: { address: so(1) }, sign_in: { address: so(1) } }, { settings: { RATE_LIMITS: 'off' } })
    expect(await send(50, () => token('203.0.113.5'))).toEqual({ 401: 50 })
    vi.spyOn(app.app.rooms.passwords, 'verify').mockResolvedValue(false)
    const counts: Record<number, number> = {}
    for (let index = 0; index < 10; index += 1) {
      const { status } = await ownForm('/sign-in', { email: 'ann@example.test', password: 'wrong guess' })()
      counts[status] = (counts[status] ?? 0) + 1
    }
    expect(counts).toEqual({ 401: 5, 429: 5 })
  })

  test('F16 one address makes this server fetch so many documents and no more, and is not told to register anew', async () => {
    await start({ document_fetch: { address: so(2, 60) } })
    const ask = (index: number) =>
      fetch(authorizationRequest(app, `https://client${index}.example/document.json`).url, {
        headers: { 'x-forwarded-for': '203.0.113.5', accept: 'text/html' },
        redirect: 'manual',
      })
    const answers = [await ask(1), await ask(2), await ask(3)]
    expect(answers.map(({ status }) => status === 429)).toEqual([false, false, true])
    expect(answers[2]?.headers.get('retry-after')).toBe('60')
    expect(await answers[2]?.text()).toContain('data-error="temporarily_unavailable"')
    const elsewhere = await fetch(authorizationRequest(app, 'https://client4.example/document.json').url, {
      headers: { 'x-forwarded-for': '203.0.113.6', accept: 'text/html' },
    })
    expect(elsewhere.status).not.toBe(429)
  })
})
