// Second factors from the outside: what a half sign-in opens, what each requirement demands, what counts once.
import { decodeJwt } from 'jose'
import { describe, expect, it, test } from 'vitest'
import { disableAccount } from '../../src/accounts/close.ts'
import { updateResource } from '../../src/resources/change.ts'
import { notes, startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, csrfOf, type Page } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import { answerConsent, authorizationRequest, obtainCode, redeem, register } from '../support/flow.ts'
import {
  codeOf,
  finishApp,
  forgetSteps,
  recoveryCodesOn,
  signInWithPassword,
  withApp,
} from '../support/second-factor.ts'

const two = 'urn:sallyport:acr:two-factors'
const one = 'urn:sallyport:acr:one-factor'
const operator = { actor: 'operator' } as const

/** Opens an authorization and gives the password where it is asked. */
async function begin(
  app: TestApp,
  browser: Browser,
  person: TestPerson,
  params: Record<string, string | undefined> = {},
) {
  const client = await register(app)
  const request = authorizationRequest(app, client.client_id, params)
  const first = await browser.open(request.url)
  const page =
    first.name === 'sign-in' ? await browser.submit(first, { email: person.email, password: person.password }) : first
  return { client, request, first, page: page.name === 'continue' ? await browser.goOn(page) : page }
}

/** From the page after the last factor to the claims of the access token. */
async function claimsAfter(app: TestApp, browser: Browser, started: Awaited<ReturnType<typeof begin>>, page: Page) {
  const consent = page.continueTo === undefined ? page : await browser.goOn(page)
  const answered = await answerConsent(browser, consent)
  const code = new URL(answered.url).searchParams.get('code') ?? ''
  const { body } = await redeem(app, started.client, { code, request: started.request })
  return decodeJwt(body.access_token ?? '')
}

const sessions = async (app: TestApp, { id }: TestPerson) =>
  (await app.app.rooms.database.sql.all('SELECT 1 AS n FROM browser_session WHERE account_id = ?', [id])).length

describe('G19 a half sign-in', () => {
  it('is no sign-in: no session, no page of ours, no consent, no code', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    await withApp(app, ada)
    await app.app.rooms.sessions.endAll(ada.id)
    const browser = new Browser(app.issuer)
    const { page, request } = await begin(app, browser, ada)
    expect(page.name).toBe('second-factor')
    expect(await sessions(app, ada)).toBe(0)
    expect((await browser.open('/account/connections')).name).toBe('sign-in')
    const uid = new URL(page.url).pathname.split('/')[2]
    for (const path of [`/interaction/${uid}/consent`, `/authorize/${uid}`]) {
      const tried = await browser.open(path)
      expect([tried.name, new URL(tried.url).searchParams.get('code')]).not.toContain('consent')
      expect(new URL(tried.url).searchParams.has('code')).toBe(false)
    }
    expect((await browser.open(request.url)).name).toBe('sign-in')
    expect(await sessions(app, ada)).toBe(0)
  })

  it('ends in a sign-in with the code of the app; the token tells by what', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { held } = await withApp(app, ada)
    const browser = new Browser(app.issuer)
    const started = await begin(app, browser, ada)
    const next = await browser.submit(started.page, { code: codeOf(held) })
    expect(next.name).toBe('continue')
    const claims = await claimsAfter(app, browser, started, next)
    expect(claims).toMatchObject({ acr: two, amr: ['pwd', 'otp', 'mfa'] })
    expect(claims.auth_time).toBeGreaterThan(Date.now() / 1000 - 60)
  })

  it('belongs to its place and to its browser', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { held } = await withApp(app, ada)
    const browser = new Browser(app.issuer)
    const own = await signInWithPassword(browser, ada)
    expect(own.name).toBe('second-factor')
    const client = await register(app)
    const asked = await browser.open(authorizationRequest(app, client.client_id).url)
    const uid = new URL(asked.url).pathname.split('/')[2] ?? ''
    // The cookie of the own pages under every name that the authorization could look for.
    const [, secret = ''] = [...browser.cookies].find(([name]) => name.includes('factor')) ?? []
    for (const name of browser.cookies.keys()) if (name.includes('factor')) browser.cookies.delete(name)
    const { createHash } = await import('node:crypto')
    const place = createHash('sha256').update(uid).digest('base64url').slice(0, 8)
    browser.cookies.set(`sallyport_factor_${place}`, secret)
    const there = await browser.post(`/interaction/${uid}/second-factor`, { _csrf: csrfOf(own), code: codeOf(held) })
    expect(there).toMatchObject({ name: 'second-factor', status: 401 })
    expect(there.continueTo).toBeUndefined()
    const stranger = new Browser(app.issuer)
    const page = await stranger.open('/sign-in')
    const elsewhere = await stranger.post('/sign-in/second-factor', { _csrf: csrfOf(page), code: codeOf(held) })
    expect(elsewhere.status).toBe(401)
    expect((await stranger.open('/account/connections')).name).toBe('sign-in')
  })

  test.each([
    [
      'another password',
      async (app: TestApp, { id }: TestPerson) => {
        const { accounts, passwords, clock } = app.app.rooms
        await accounts.store.setPassword(id, await passwords.hash('another long enough one'), clock.now(), [])
      },
    ],
    [
      'being disabled',
      async (app: TestApp, { id }: TestPerson) => {
        await disableAccount(app.app.rooms.accounts, id, operator)
      },
    ],
    [
      'ten minutes',
      async (app: TestApp) => {
        await app.app.rooms.database.sql.run('UPDATE pending_sign_in SET expires_at = expires_at - 600000')
      },
    ],
  ])('is ended by %s', async (_title, end) => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { held } = await withApp(app, ada)
    const browser = new Browser(app.issuer)
    const page = await signInWithPassword(browser, ada)
    await end(app, ada)
    const next = await browser.submit(page, { code: codeOf(held) })
    expect(next.status).toBe(401)
    expect((await browser.open('/account/connections')).name).toBe('sign-in')
    expect(await app.app.rooms.factors.recovery.summary(ada.id)).toMatchObject({ left: 10 })
  })

  it('a session from before the factor was set up is asked for it, and changes nothing of it', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const browser = new Browser(app.issuer)
    await signInWithPassword(browser, ada)
    const { held } = await withAppBehindTheBack(app, ada)
    const client = await register(app)
    const asked = await browser.open(authorizationRequest(app, client.client_id).url)
    expect(asked.name).toBe('second-factor')
    const security = await browser.open('/account/security')
    const removal = await browser.post('/account/security/authenticator/remove', { _csrf: csrfOf(security) })
    expect(removal.name).toBe('second-factor')
    expect(await app.app.rooms.factors.totp.find(ada.id)).not.toBeNull()
    const in2 = await browser.submit(asked, { code: codeOf(held) })
    expect((await browser.goOn(in2)).name).toBe('consent')
  })

  it('that had the page of a first factor open sets none up when there is one by then', async () => {
    const app = await startApp({ settings: { SECOND_FACTOR: 'required' } })
    const ada = await app.person('ada')
    const browser = new Browser(app.issuer)
    const choice = await signInWithPassword(browser, ada)
    expect(choice.name).toBe('second-factor-setup')
    const open = await browser.open(`${choice.url}?with=app`)
    await withAppBehindTheBack(app, ada)
    const seed = await app.app.rooms.factors.totp.seed(ada.id)
    const { page } = await finishApp(browser, open)
    expect(page.name).toBe('second-factor')
    expect(await app.app.rooms.factors.totp.seed(ada.id)).toBe(seed)
    expect((await browser.open('/account/connections')).name).toBe('sign-in')
  })

  it('setting the first factor up ends the other sessions, and gives this one another identifier (G06)', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const other = new Browser(app.issuer)
    await signInWithPassword(other, ada)
    const browser = new Browser(app.issuer)
    await signInWithPassword(browser, ada)
    const before = new Map(browser.cookies)
    const { page, held } = await finishApp(browser, await browser.open('/account/security/authenticator'))
    expect(page.name).toBe('recovery-codes')
    expect((await browser.goOn(page)).name).toBe('security')
    expect((await other.open('/account/connections')).name).toBe('sign-in')
    const stale = new Browser(app.issuer)
    for (const [name, value] of before) stale.cookies.set(name, value)
    expect((await stale.open('/account/connections')).name).toBe('sign-in')
    expect(held.recoveryCodes).toHaveLength(10)
  })
})

/** Makes the one session of the server so many seconds older. @returns when it began, in seconds */
async function backdate({ app }: TestApp, seconds: number): Promise<number> {
  const { sql } = app.rooms.database
  const row = await sql.get<{ payload: string }>('SELECT payload FROM browser_session WHERE account_id IS NOT NULL')
  const payload: { loginTs: number } = JSON.parse(row?.payload ?? '{}')
  payload.loginTs -= seconds
  await sql.run('UPDATE browser_session SET payload = ? WHERE account_id IS NOT NULL', [JSON.stringify(payload)])
  return payload.loginTs
}

/** An app that was set up in another browser whose sessions lived on. */
async function withAppBehindTheBack(app: TestApp, person: TestPerson) {
  const { rooms } = app.app
  const { newSeed } = await import('../../src/credentials/totp/totp.ts')
  const seed = newSeed()
  await rooms.database.commit({
    conditions: [rooms.factors.totp.enrolStatement(person.id, seed, 0, new Date(), false)],
    effects: [],
  })
  return { held: { seed, recoveryCodes: [] } }
}

describe.each(databaseKinds)('G16 guesses, %s', (database) => {
  it('of any number at one moment no more are checked than a sign-in has', async () => {
    const app = await startApp({ database })
    const ada = await app.person('ada')
    const { held } = await withApp(app, ada)
    const browser = new Browser(app.issuer)
    const page = await signInWithPassword(browser, ada)
    const wrong = codeOf(held) === '000000' ? '111111' : '000000'
    const answers = await Promise.all(Array.from({ length: 30 }, () => browser.submit(page, { code: wrong })))
    expect(answers.map(({ status }) => status).filter((status) => status !== 401 && status !== 429)).toEqual([])
    await app.app.rooms.audit.flush()
    const tried = await app.app.rooms.audit.list({ type: 'session.sign_in_refused', limit: 50 })
    expect(tried.length).toBeGreaterThan(0)
    expect(tried.length).toBeLessThanOrEqual(5)
    // The sixth is not looked at, even when it is right.
    await app.app.rooms.guard.clear(ada.email)
    await app.app.rooms.database.sql.run('UPDATE pending_sign_in SET failures = 5')
    expect((await browser.submit(page, { code: codeOf(held) })).status).toBe(401)
    expect((await browser.open('/account/connections')).name).toBe('sign-in')
  })

  it('a sign-in lets in once, by one code, however many right ones come at one moment', async () => {
    const app = await startApp({ database })
    const ada = await app.person('ada')
    const { held } = await withApp(app, ada)
    await app.app.rooms.sessions.endAll(ada.id)
    const browser = new Browser(app.issuer)
    const page = await signInWithPassword(browser, ada)
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const post = (code: string) =>
      fetch(`${app.issuer}/sign-in/second-factor`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie, origin: app.issuer },
        body: new URLSearchParams({ _csrf: csrfOf(page), code }),
      })
    const answers = await Promise.all(held.recoveryCodes.slice(0, 4).map(post))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(await sessions(app, ada)).toBe(1)
    expect(await app.app.rooms.factors.recovery.summary(ada.id)).toMatchObject({ left: 9 })
  })

  it('the code of an app lets in once, whoever has seen it', async () => {
    const app = await startApp({ database })
    const ada = await app.person('ada')
    const { held } = await withApp(app, ada)
    const code = codeOf(held)
    const browsers = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const browser = new Browser(app.issuer)
        return { browser, page: await signInWithPassword(browser, ada) }
      }),
    )
    const pages = await Promise.all(browsers.map(({ browser, page }) => browser.submit(page, { code })))
    expect(pages.filter(({ name }) => name === 'connections')).toHaveLength(1)
    const late = new Browser(app.issuer)
    expect((await late.submit(await signInWithPassword(late, ada), { code })).name).toBe('second-factor')
  })
})

describe('recovery codes', () => {
  it('let in once each, and the history tells', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { held } = await withApp(app, ada)
    const browser = new Browser(app.issuer)
    await signInWithPassword(browser, ada)
    const page = await browser.open('/sign-in/second-factor?with=recovery')
    const [code = ''] = held.recoveryCodes
    expect((await browser.submit(page, { code: code.toUpperCase().replaceAll('-', ' ') })).name).toBe('connections')
    const again = new Browser(app.issuer)
    await signInWithPassword(again, ada)
    const refused = await again.submit(await again.open('/sign-in/second-factor?with=recovery'), { code })
    expect(refused).toMatchObject({ status: 401, name: 'second-factor' })
    await app.app.rooms.audit.flush()
    expect((await browser.open('/account/history')).body).toContain('You proved the second factor.')
    // The refused one was no sign-in, and is told as none.
    const events = await app.app.rooms.audit.list({ accountId: ada.id, limit: 50 })
    const of = (prefix: string) => events.filter(({ type }) => type === prefix).length
    expect([of('session.signed_in'), of('session.first_factor_proved'), of('session.sign_in_refused')]).toEqual([
      2, 2, 1,
    ])
    expect((await browser.open('/account/security')).body).toContain('9 codes are left.')
  })

  it('new ones are shown once and end the old ones; digests alone are kept', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { browser, held } = await withApp(app, ada)
    const security = await browser.open('/account/security')
    const page = await browser.post('/account/security/recovery-codes', { _csrf: csrfOf(security) })
    const fresh = recoveryCodesOn(page)
    expect(fresh).toHaveLength(10)
    expect((await browser.open('/account/security')).body).not.toContain(fresh[0])
    const rows = JSON.stringify(await app.app.rooms.database.sql.all('SELECT * FROM recovery_code'))
    for (const code of fresh) expect(rows).not.toContain(code)
    const late = new Browser(app.issuer)
    const asked = await signInWithPassword(late, ada)
    expect((await late.submit(asked, { code: held.recoveryCodes[0] ?? '' })).status).toBe(401)
    expect((await late.submit(asked, { code: fresh[0] ?? '' })).name).toBe('connections')
  })

  it('go with the last factor', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { browser } = await withApp(app, ada)
    const security = await browser.open('/account/security')
    await browser.post('/account/security/authenticator/remove', { _csrf: csrfOf(security) })
    expect(await app.app.rooms.factors.recovery.summary(ada.id)).toBeNull()
    expect((await signInWithPassword(new Browser(app.issuer), ada)).name).toBe('connections')
  })
})

describe('who has to have two factors', () => {
  it('administrators for the console, by default: setting one up comes first, and leads there', async () => {
    const app = await startApp({ settings: { ADMIN_SECOND_FACTOR: 'required' } })
    const root = await app.person('root', 'admin')
    const browser = new Browser(app.issuer)
    const page = await signInWithPassword(browser, root, 'clients')
    expect(page).toMatchObject({ name: 'second-factor-setup', status: 200 })
    expect(page.body).toContain('The console opens only with a second step')
    for (const path of ['/admin', '/admin/people', '/admin/keys']) {
      expect((await browser.open(path)).name).toBe('second-factor-setup')
    }
    const security = await browser.open('/account/security')
    const act = await browser.post('/admin/keys/rotate', { _csrf: csrfOf(security), alg: 'ES256' })
    expect(act.name).toBe('second-factor-setup')
    const { page: codes } = await finishApp(
      browser,
      await browser.open('/account/security/authenticator?return_to=clients'),
    )
    expect((await browser.goOn(codes)).name).toBe('clients')
    const member = await app.person('ada')
    const other = new Browser(app.issuer)
    await signInWithPassword(other, member)
    expect((await other.open('/admin')).status).toBe(404)
  })

  it('an administrator with a factor whose session lacks it is asked for it, not for the password', async () => {
    const app = await startApp({ settings: { ADMIN_SECOND_FACTOR: 'required' } })
    const root = await app.person('root', 'admin')
    const browser = new Browser(app.issuer)
    await signInWithPassword(browser, root)
    const { held } = await withAppBehindTheBack(app, root)
    const page = await browser.open('/admin/clients')
    expect(page.name).toBe('second-factor')
    expect((await browser.submit(page, { code: codeOf(held) })).name).toBe('clients')
  })

  it('a client of an administrator without one is connected all the same', async () => {
    const app = await startApp({ settings: { ADMIN_SECOND_FACTOR: 'required' } })
    const root = await app.person('root', 'admin')
    const { code } = await obtainCode(app, await register(app), root)
    expect(code).not.toBe('')
  })

  it('G19 on the consent page, too, an administrator without one decides for nobody else', async () => {
    const app = await startApp({ settings: { ADMIN_SECOND_FACTOR: 'required' } })
    const root = await app.person('root', 'admin')
    const browser = new Browser(app.issuer)
    const { client, page } = await begin(app, browser, root)
    expect(page.name).toBe('consent')
    expect(page.body).not.toContain('/vouch')
    const uid = new URL(page.url).pathname.split('/')[2]
    expect((await browser.post(`/interaction/${uid}/vouch`, { _csrf: csrfOf(page) })).status).toBe(404)
    await browser.post(`/interaction/${uid}/block`, { _csrf: csrfOf(page) })
    expect((await app.app.rooms.clients.find(client.client_id))?.state).toBe('active')
  })

  it('everybody by SECOND_FACTOR: set up inside of the authorization, before any session', async () => {
    const app = await startApp({ settings: { SECOND_FACTOR: 'required' } })
    const ada = await app.person('ada')
    const browser = new Browser(app.issuer)
    const started = await begin(app, browser, ada)
    expect(started.page.name).toBe('second-factor-setup')
    expect(await sessions(app, ada)).toBe(0)
    expect((await browser.open('/account/connections')).name).toBe('sign-in')
    const { page: codes, held } = await finishApp(browser, await browser.open(`${started.page.url}?with=app`))
    expect(held.recoveryCodes).toHaveLength(10)
    const claims = await claimsAfter(app, browser, started, codes)
    expect(claims).toMatchObject({ acr: two, amr: ['pwd', 'otp', 'mfa'] })
  })

  it('the first administrator, too, sets one up before anything else then', async () => {
    const app = await startApp({ settings: { SECOND_FACTOR: 'required' }, resources: [] })
    const link = (await app.app.setupLink()) ?? ''
    const browser = new Browser(app.issuer)
    const page = await browser.open(link)
    const next = await browser.submit(page, {
      name: 'Ada',
      email: 'ada@example.test',
      password: 'correct horse battery staple',
    })
    expect(next.name).toBe('second-factor-setup')
    const { page: codes } = await finishApp(browser, await browser.open(`${next.url}?with=app`))
    expect((await browser.goOn(codes)).name).toBe('home')
  })

  test.each([
    ['always', 'notes:read', true],
    ['destructive', 'notes:read notes:delete', true],
    ['destructive', 'notes:read notes:write', false],
    ['never', 'notes:read notes:delete', false],
  ] as const)('by the MCP server: %s, asked for %s', async (secondFactor, scope, isAsked) => {
    const app = await startApp({ resources: [{ ...notes, secondFactor }] })
    const ada = await app.person('ada')
    const browser = new Browser(app.issuer)
    const { page } = await begin(app, browser, ada, { scope })
    expect(page.name).toBe(isAsked ? 'second-factor-setup' : 'consent')
  })

  it('an MCP server that comes to demand it is asked about with a live session, without the password again', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { browser, held } = await withApp(app, ada)
    await app.app.rooms.sessions.endAll(ada.id)
    await forgetSteps(app)
    const fresh = new Browser(app.issuer)
    await signInWithPassword(fresh, ada)
    await fresh.submit(await fresh.open('/sign-in/second-factor'), { code: codeOf(held, 1) })
    const { resources, registry } = app.app.rooms
    const { id = '' } = (await registry.find(notes.identifier)) ?? {}
    await updateResource(resources, id, { secondFactor: 'always' }, operator)
    // Two factors were proved at the sign-in: nothing more is asked.
    expect((await begin(app, fresh, ada)).page.name).toBe('consent')
    expect(browser).toBeDefined()
  })
})

it('whoever gives up on a factor is asked nothing more, and nothing is allowed', async () => {
  const app = await startApp()
  const ada = await app.person('ada')
  const { held } = await withApp(app, ada)
  const browser = new Browser(app.issuer)
  const proving = await begin(app, browser, ada)
  const giveUp = async (page: Page) => {
    const given = await browser.post(page.url, { _csrf: csrfOf(page), decision: 'cancel' })
    return new URL((await browser.goOn(given)).url).searchParams.get('error')
  }
  expect(await giveUp(proving.page)).toBe('access_denied')
  const settingUp = await begin(app, browser, ada, { acr_values: 'phr' })
  const next = await browser.submit(settingUp.page, { code: codeOf(held) })
  expect(next.name).toBe('second-factor-setup')
  expect(await giveUp(next)).toBe('access_denied')
  expect((await browser.open('/account/connections')).name).toBe('sign-in')
})

describe('acr_values (RFC 9470)', () => {
  it('step up a live session by the missing factor alone, keep the moment of the sign-in, and tell of it in the token', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const browser = new Browser(app.issuer)
    await signInWithPassword(browser, ada)
    const signedInAt = await backdate(app, 300)
    const started = await begin(app, browser, ada, { acr_values: two })
    expect(started.first.name).toBe('second-factor-setup')
    const { page: codes } = await finishApp(browser, await browser.open(`${started.first.url}?with=app`))
    const claims = await claimsAfter(app, browser, started, codes)
    expect(claims).toMatchObject({ acr: two, amr: ['pwd', 'otp', 'mfa'], auth_time: signedInAt })
    // And it is enough from now on.
    expect((await begin(app, browser, ada, { acr_values: two, prompt: 'consent' })).first.name).toBe('consent')
  })

  it('one factor is told as one', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const browser = new Browser(app.issuer)
    const started = await begin(app, browser, ada, { acr_values: one })
    expect(started.page.name).toBe('consent')
    expect(await claimsAfter(app, browser, started, started.page)).toMatchObject({ acr: one, amr: ['pwd'] })
  })

  it('values of somebody else ask for nothing', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    expect((await begin(app, new Browser(app.issuer), ada, { acr_values: 'urn:somebody:gold 9' })).page.name).toBe(
      'consent',
    )
  })

  it('a phishing-resistant sign-in takes a passkey: the app is asked first, then one is set up', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { held } = await withApp(app, ada)
    const browser = new Browser(app.issuer)
    const { page } = await begin(app, browser, ada, { acr_values: 'phr' })
    expect(page.name).toBe('second-factor')
    const next = await browser.submit(page, { code: codeOf(held) })
    expect(next.name).toBe('second-factor-setup')
    expect(next.body).toContain('data-passkey="create"')
    expect(next.body).not.toContain('with=app')
    expect((await browser.open('/account/connections')).name).toBe('sign-in')
  })

  it('without pages the client is told that a sign-in is needed', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const browser = new Browser(app.issuer)
    const client = await register(app, { redirect_uris: ['https://client.example/cb'] })
    await app.app.rooms.database.sql.run("UPDATE client SET origin = 'operator'")
    await signInWithPassword(browser, ada)
    const request = authorizationRequest(app, client.client_id, {
      redirect_uri: 'https://client.example/cb',
      acr_values: two,
      prompt: 'none',
    })
    const answer = await browser.open(request.url)
    expect(new URL(answer.url).searchParams.get('error')).toBe('login_required')
  })

  it('are advertised', async () => {
    const app = await startApp()
    const metadata = await (await fetch(`${app.issuer}/.well-known/oauth-authorization-server`)).json()
    expect(metadata).toMatchObject({ acr_values_supported: [one, two, 'phr'] })
  })
})
