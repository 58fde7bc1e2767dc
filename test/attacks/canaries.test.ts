import { existsSync, readFileSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { makeToken } from '../../src/clients/initial-access-tokens/initial-access-token.ts'
import { answerOf, deliver, openStage } from '../federation/journey.ts'
import { freePort, notes, startApp, type TestApp } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { answerConsent, authorizationRequest, obtainCode, redeem, refresh, register } from '../support/flow.ts'
import { signInWithPassword, withApp } from '../support/second-factor.ts'
import { ask, audited, authorizeParams, operatorClient, pairs, parsed, post, webRedirect } from './stage.ts'

// Every secret of a whole life is noted on the way; afterwards none of them may be found where it could be read later: in
// a log line, in a row, in the bytes of the database file, in the audit export. Digests and sealed boxes are no secrets.

afterEach(() => void vi.useRealTimers())

/** Secrets by what they are. */
class Canaries {
  readonly seen = new Map<string, string>()

  note(name: string, value: unknown): string {
    const text = String(value)
    expect(text.length, name).toBeGreaterThanOrEqual(16)
    this.seen.set(`${name} ${this.seen.size}`, text)
    return text
  }

  foundIn(place: string): string[] {
    return [...this.seen].filter(([, value]) => place.includes(value)).map(([name]) => name)
  }
}

/** Registers, signs in, connects, refreshes, reuses, fails in every way that carries a secret. */
async function live(app: TestApp, canaries: Canaries): Promise<void> {
  const password = canaries.note('password', 'canary-password-5b1f0c')
  const email = 'admin@canary.example'
  const browser = new Browser(app.issuer)
  const link = (await app.app.setupLink()) ?? ''
  const setupToken = canaries.note('setup token', link.split('/').at(-1))
  const setup = await browser.open(link)
  await browser.submit(setup, { name: 'Admin', email, password: 'short' })
  const home = await browser.submit(setup, { name: 'Admin', email, password })
  expect(home.status).toBe(200)
  noteCookies(browser, canaries)
  await ask(`${app.issuer}/setup/${setupToken}`)

  const wrong = canaries.note('mistyped password', 'canary-password-5b1f0d')
  const signIn = await new Browser(app.issuer).open(`${app.issuer}/sign-in`)
  const visitor = new Browser(app.issuer)
  await visitor.open(signIn.url)
  await visitor.submit(await visitor.open(signIn.url), { email, password: wrong })
  // A password in the field of the name happens to people.
  await visitor.submit(await visitor.open(signIn.url), { email: wrong, password: wrong })

  const client = await register(app, { token_endpoint_auth_method: 'client_secret_basic' })
  const secret = canaries.note('client secret', client.client_secret)
  const registrationToken = canaries.note('registration token', client.registration_access_token)
  const basic = { authorization: `Basic ${Buffer.from(`${client.client_id}:${secret}`).toString('base64')}` }
  canaries.note('basic header', basic.authorization.slice('Basic '.length))

  const fresh = new Browser(app.issuer)
  const request = authorizationRequest(app, client.client_id, { scope: 'openid notes:read' })
  let page = await fresh.open(request.url)
  page = await fresh.goOn(await fresh.submit(page, { email, password }))
  canaries.note('interaction', /\/interaction\/([^/]+)\//.exec(page.url)?.[1])
  canaries.note('form token', csrfOf(page))
  noteCookies(fresh, canaries)
  const done = await answerConsent(fresh, page)
  noteCookies(fresh, canaries)
  const code = canaries.note('code', new URL(done.url).searchParams.get('code'))
  canaries.note('verifier', request.verifier)
  const inBody = { client_secret: secret }
  const wrongVerifier = canaries.note('wrong verifier', 'canary-verifier-'.repeat(4))
  await redeem(app, client, { code, request }, { ...inBody, code_verifier: wrongVerifier })
  const first = await redeem(app, client, { code, request }, inBody)
  expect(first.status).toBe(200)
  canaries.note('access token', first.body.access_token)
  canaries.note('access token signature', first.body.access_token?.split('.')[2])
  canaries.note('id token', first.body.id_token)
  const one = canaries.note('refresh token', first.body.refresh_token)
  const second = await refresh(app, client, one, inBody)
  const two = canaries.note('refresh token', second.body.refresh_token)
  canaries.note('access token', second.body.access_token)
  for (const part of [...one.split('.'), ...two.split('.')].filter((text) => text.length >= 22)) {
    canaries.note('part of a refresh token', part)
  }
  await refresh(app, client, one, inBody)
  await ask(`${app.issuer}/account/connections?access_token=${second.body.access_token}`)
  await post(`${app.issuer}/introspect`, { token: two }, basic)
  await post(`${app.issuer}/token?refresh_token=${two}&client_secret=${secret}`, { grant_type: 'refresh_token' })
  await post(`${app.issuer}/token`, { grant_type: two, client_id: one, code })
  await post(`${app.issuer}/token`, { grant_type: 'authorization_code', redirect_uri: code, code: secret }, basic)
  await ask(`${app.issuer}/${code}/${two}`)
  await ask(`${app.issuer}/authorize?${pairs({ ...authorizeParams(client.client_id), scope: code, state: two })}`)
  await ask(`${app.issuer}/authorize?${pairs({ client_id: secret, redirect_uri: `${webRedirect}?${code}` })}`)

  const management = `${app.issuer}/register/${client.client_id}`
  const bearer = { authorization: `Bearer ${registrationToken}`, 'content-type': 'application/json' }
  const { client_id, redirect_uris } = client
  const update = { client_id, redirect_uris, client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' }
  const refusedSecret = canaries.note('wrong secret', 'canary-secret-7d21aa-canary-secret')
  await put(management, bearer, { ...update, client_secret: refusedSecret })
  await put(management, bearer, { ...update, redirect_uris: [`javascript:${secret}`] })
  const updated = await put(management, bearer, update)
  expect(updated.status).toBe(200)
  canaries.note('next registration token', parsed(updated).registration_access_token)
  await ask(management, { headers: bearer })

  // Reuse after the window, a code that comes back, a sign-out: the paths that write about what they refuse.
  const again = await obtainCode(app, client, { id: '', email, password })
  canaries.note('second code', again.code)
  noteCookies(again.browser, canaries)
  const tokens = await redeem(app, client, again, inBody)
  canaries.note('third refresh token', tokens.body.refresh_token)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 40_000 })
  await redeem(app, client, again, inBody)
  await refresh(app, client, tokens.body.refresh_token ?? '', inBody)
  await post(`${app.issuer}/revoke`, { token: two, client_id, client_secret: secret })
  const pushed = await post(`${app.issuer}/par`, authorizeParams(client_id, { redirect_uri: redirect_uris[0] }), basic)
  canaries.note('pushed request', String(parsed(pushed).request_uri).split(':').at(-1))

  const machine = await operatorClient(app, {
    clientId: 'machine',
    grantTypes: ['client_credentials'],
    redirectUris: undefined,
    clientSecret: canaries.note('operator’s secret', 'canary-operator-secret-91c3'),
  })
  const machineToken = await post(
    `${app.issuer}/token`,
    { grant_type: 'client_credentials' },
    { authorization: `Basic ${Buffer.from(`${machine.id}:${machine.secret}`).toString('base64')}` },
  )
  canaries.note('machine token', parsed(machineToken).access_token)

  page = await fresh.open(`${app.issuer}/account/security`)
  const changed = canaries.note('new password', 'canary-password-77aa02')
  await fresh.post('/account/security', { _csrf: csrfOf(page), current_password: password, password: changed })
  page = await fresh.open(`${app.issuer}/logout`)
  await fresh.post('/logout', { _csrf: csrfOf(page) })

  for (const key of app.app.rooms.keys.keyset().jwks.keys) canaries.note('private key', Reflect.get(key, 'd'))
  canaries.note('server secret', Buffer.alloc(32, 7).toString('base64url'))
}

test('C20 K12 no secret is in a log line, a row, the database file, the audit export', async () => {
  const app = await startApp()
  const canaries = new Canaries()
  await live(app, canaries)
  expect(canaries.seen.size).toBeGreaterThan(35)

  expect((await audited(app, 'token.issued')).length).toBeGreaterThan(0)
  await expectNowhere(app, canaries)
})

test('K12 H13 D14 nor one of second factors, providers upstream, or tokens for registering, nor is one in the metrics', async () => {
  const metricsPort = await freePort()
  const stage = await openStage(
    { settings: { METRICS_PORT: String(metricsPort) } },
    { keepTokensFor: [notes.identifier] },
  )
  const { app, upstream } = stage
  const canaries = new Canaries()
  canaries.note('client secret upstream', upstream.clientSecret)

  // Through the upstream, as somebody new, up to an answer; then the same answer again, and one that was invented.
  const here = new Browser(app.issuer)
  const answer = await answerOf(stage, here)
  const { searchParams } = new URL(answer)
  canaries.note('code upstream', searchParams.get('code'))
  canaries.note('state upstream', searchParams.get('state'))
  noteCookies(here, canaries)
  expect((await deliver(here, answer)).name).toBe('consent')
  noteCookies(here, canaries)
  await here.open(answer)
  await new Browser(app.issuer).open(answer)
  for (const secret of upstream.secrets) canaries.note('code or token upstream', secret)
  expect(upstream.secrets.length).toBeGreaterThan(1)

  const ada = await app.person('canary', 'admin')
  const { browser, held } = await withApp(app, ada)
  canaries.note('seed', held.seed)
  for (const code of held.recoveryCodes) canaries.note('recovery code', code)
  noteCookies(browser, canaries)
  const [first = '', second = ''] = held.recoveryCodes
  for (const code of [first, first, `${second}x`, held.seed]) {
    const again = new Browser(app.issuer)
    const page = await signInWithPassword(again, ada)
    expect(page.name).toBe('second-factor')
    noteCookies(again, canaries)
    await again.submit(page, { code })
  }

  const desk = {
    tokens: app.app.rooms.initialAccessTokens,
    auditStatement: app.app.rooms.audit.statement,
    clock: app.app.rooms.clock,
  }
  const made = await makeToken(desk, { note: 'canary', uses: 1, days: 1 }, { actor: 'operator' })
  const invitation = canaries.note('initial access token', made.token)
  for (const token of [invitation, `${invitation}x`]) {
    await ask(`${app.issuer}/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [webRedirect] }),
    })
  }

  const metrics = (await ask(`http://127.0.0.1:${metricsPort}/metrics`)).body
  expect(metrics).toContain('sallyport_auth_denied_total')
  expect(canaries.foundIn(metrics)).toEqual([])
  await expectNowhere(app, canaries)
})

/** Looks everywhere where something could be read later. */
async function expectNowhere(app: TestApp, canaries: Canaries): Promise<void> {
  await app.app.rooms.audit.seal()
  expect(canaries.foundIn(app.log())).toEqual([])

  const exported: string[] = []
  for await (const line of app.app.rooms.audit.exportLines()) exported.push(line)
  expect(exported.length).toBeGreaterThan(10)
  expect(canaries.foundIn(exported.join('\n'))).toEqual([])

  const { sql } = app.app.rooms.database
  const tables = await sql.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
  expect(tables.length).toBeGreaterThan(15)
  for (const { name } of tables) {
    const rows = await sql.all(`SELECT * FROM "${name}"`)
    expect([name, canaries.foundIn(JSON.stringify(rows))]).toEqual([name, []])
  }
  // What was deleted, too: free pages and the write-ahead log keep old bytes.
  if (app.address.kind !== 'sqlite') throw new Error('this test reads the file')
  for (const file of [app.address.file, `${app.address.file}-wal`].filter(existsSync)) {
    expect(canaries.foundIn(readFileSync(file, 'latin1'))).toEqual([])
  }
}

test('C20 secrets are kept as digests or sealed, each in its form', async () => {
  const app = await startApp()
  await live(app, new Canaries())
  const { sql } = app.app.rooms.database
  const secrets = await sql.all<{ secret_digest: string }>(
    'SELECT secret_digest FROM client WHERE secret_digest IS NOT NULL',
  )
  for (const row of secrets) expect(row.secret_digest).toMatch(/^sha256:[\w-]{43}$/)
  const accounts = await sql.all<{ password_hash: string }>('SELECT password_hash FROM account')
  for (const row of accounts)
    expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$m=(?:19456|[2-9]\d{4}|\d{6,}),t=[2-9]/)
  for (const [table, column] of [
    ['authorization_code', 'digest'],
    ['refresh_family', 'current_digest'],
    ['browser_session', 'digest'],
    ['registration_token', 'digest'],
    ['pushed_request', 'digest'],
  ]) {
    const rows = await sql.all<{ value: string }>(`SELECT ${column} AS value FROM ${table}`)
    for (const { value } of rows) expect([table, value]).toEqual([table, expect.stringMatching(/^[\w-]{43}$/)])
  }
  const keys = await sql.all<{ sealed_private_jwk: string; public_jwk: string }>('SELECT * FROM signing_key')
  expect(keys.length).toBeGreaterThan(0)
  for (const row of keys) {
    expect(row.sealed_private_jwk).not.toContain('"d"')
    expect(JSON.parse(row.public_jwk)).not.toHaveProperty('d')
  }
  expect(JSON.stringify(parsed(await ask(`${app.issuer}/jwks`)))).not.toMatch(/"(?:d|p|q|dp|dq|qi|k)":/)
})

function noteCookies(browser: Browser, canaries: Canaries): void {
  for (const [name, value] of browser.cookies) {
    // The second half of a signed cookie is no secret alone, but belongs to one.
    if (value.length >= 16) canaries.note(`cookie ${name}`, decodeURIComponent(value))
  }
}

function put(url: string, headers: Record<string, string>, body: unknown) {
  return ask(url, { method: 'PUT', headers, body: JSON.stringify(body) })
}
