// Passkeys from the outside, with an authenticator of software: what a signed answer has to be to count.
import { decodeJwt } from 'jose'
import { describe, expect, it, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type AnswerOptions, makePasskey, optionsOn, type SoftPasskey } from '../support/authenticator.ts'
import { Browser, csrfOf, type Page } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import { answerConsent, authorizationRequest, redeem, register } from '../support/flow.ts'
import { recoveryCodesOn, signInWithPassword } from '../support/second-factor.ts'

/** A person with a passkey, and the browser in which it was made. */
async function withPasskey(app: TestApp, person: TestPerson, over: AnswerOptions = {}) {
  const browser = new Browser(app.issuer)
  await signInWithPassword(browser, person)
  const page = await browser.open('/account/security/passkeys')
  const { passkey, registration } = makePasskey(optionsOn(page), app.issuer, over)
  const done = await browser.submit(page, { passkey: registration, name: 'Laptop' })
  return { browser, passkey, page, registration, done }
}

/** What the button of the sign-in page sends. */
async function signInByPasskey(browser: Browser, passkey: SoftPasskey, how: AnswerOptions = {}, page?: Page) {
  const shown = page ?? (await browser.open('/sign-in'))
  return browser.post('/sign-in/passkey', { _csrf: csrfOf(shown), passkey: passkey.answer(optionsOn(shown), how) })
}

describe('a passkey', () => {
  it('is made by who is signed in, gets recovery codes with it, and lets in alone, without an e-mail address', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { done, passkey } = await withPasskey(app, ada)
    expect(recoveryCodesOn(done)).toHaveLength(10)
    const page = await signInByPasskey(new Browser(app.issuer), passkey)
    expect(page).toMatchObject({ name: 'connections', status: 200 })
  })

  it('is asked for after the password, and is both at once in the token: phr', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { passkey } = await withPasskey(app, ada, { backedUp: false })
    const browser = new Browser(app.issuer)
    const client = await register(app)
    const request = authorizationRequest(app, client.client_id, { acr_values: 'phr' })
    const signIn = await browser.open(request.url)
    const asked = await browser.submit(signIn, { email: ada.email, password: ada.password })
    expect(asked.name).toBe('second-factor')
    const next = await browser.submit(asked, { passkey: passkey.answer(optionsOn(asked)) })
    const answered = await answerConsent(browser, await browser.goOn(next))
    const code = new URL(answered.url).searchParams.get('code') ?? ''
    const { body } = await redeem(app, client, { code, request })
    expect(decodeJwt(body.access_token ?? '')).toMatchObject({ acr: 'phr', amr: ['pwd', 'hwk', 'mfa'] })
  })

  it('lets in alone inside of an authorization, for an administrator and the console, too', async () => {
    const app = await startApp({ settings: { ADMIN_SECOND_FACTOR: 'required', SECOND_FACTOR: 'required' } })
    const root = await app.person('root', 'admin')
    const browser = new Browser(app.issuer)
    const setup = await signInWithPassword(browser, root)
    const { passkey, registration } = makePasskey(optionsOn(setup), app.issuer)
    await browser.submit(setup, { passkey: registration, name: 'Laptop' })
    const fresh = new Browser(app.issuer)
    const client = await register(app)
    const request = authorizationRequest(app, client.client_id)
    const shown = await fresh.open(request.url)
    const uid = new URL(shown.url).pathname.split('/')[2]
    const next = await fresh.post(`/interaction/${uid}/sign-in/passkey`, {
      _csrf: csrfOf(shown),
      passkey: passkey.answer(optionsOn(shown)),
    })
    expect((await fresh.goOn(next)).name).toBe('consent')
    expect((await fresh.open('/admin')).name).toBe('home')
  })

  test.each<[string, AnswerOptions]>([
    ['from another site', { origin: 'https://evil.example' }],
    ['without its owner being recognised', { userVerified: false }],
    ['in the name of somebody else', { userHandle: 'somebody' }],
  ])('%s lets nobody in alone', async (_title, how) => {
    const app = await startApp()
    const { passkey } = await withPasskey(app, await app.person('ada'))
    const browser = new Browser(app.issuer)
    expect(await signInByPasskey(browser, passkey, how)).toMatchObject({ name: 'sign-in', status: 401 })
    expect((await browser.open('/account/connections')).name).toBe('sign-in')
    await app.app.rooms.audit.flush()
    expect(await app.app.rooms.audit.list({ type: 'session.sign_in_refused', limit: 5 })).toHaveLength(1)
  })

  it('beside the password it need not recognise its owner', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { passkey } = await withPasskey(app, ada)
    const browser = new Browser(app.issuer)
    const asked = await signInWithPassword(browser, ada)
    const next = await browser.submit(asked, { passkey: passkey.answer(optionsOn(asked), { userVerified: false }) })
    expect(next.name).toBe('connections')
  })

  it('of somebody else is no second factor', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    await withPasskey(app, ada)
    const { passkey } = await withPasskey(app, await app.person('eve'))
    const browser = new Browser(app.issuer)
    const asked = await signInWithPassword(browser, ada)
    expect(await browser.submit(asked, { passkey: passkey.answer(optionsOn(asked)) })).toMatchObject({ status: 401 })
    expect((await browser.open('/account/connections')).name).toBe('sign-in')
  })

  it('whose counter goes back is a copy, and lets nobody in', async () => {
    const app = await startApp()
    const { passkey } = await withPasskey(app, await app.person('ada'), { counter: 5 })
    expect((await signInByPasskey(new Browser(app.issuer), passkey, { counter: 7 })).name).toBe('connections')
    for (const counter of [7, 6, 0]) {
      expect((await signInByPasskey(new Browser(app.issuer), passkey, { counter })).status).toBe(401)
    }
    expect((await signInByPasskey(new Browser(app.issuer), passkey, { counter: 8 })).name).toBe('connections')
  })

  it('of a disabled account lets nobody in', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { passkey } = await withPasskey(app, ada)
    await app.app.rooms.database.sql.run("UPDATE account SET state = 'disabled'")
    expect((await signInByPasskey(new Browser(app.issuer), passkey)).status).toBe(401)
  })

  test.each(['', '{}', 'null', '[]', 'x'.repeat(5000), '{"id":"a","rawId":"a","type":"public-key","response":{}}'])(
    'an answer that is none is refused: %.40s',
    async (passkey) => {
      const app = await startApp()
      const browser = new Browser(app.issuer)
      const page = await browser.open('/sign-in')
      expect((await browser.post('/sign-in/passkey', { _csrf: csrfOf(page), passkey })).status).toBe(401)
    },
  )
})

describe.each(databaseKinds)('a challenge, %s', (database) => {
  it('G16 counts once, at one moment and later', async () => {
    const app = await startApp({ database })
    const { passkey } = await withPasskey(app, await app.person('ada'))
    const browser = new Browser(app.issuer)
    const page = await browser.open('/sign-in')
    const answer = passkey.answer(optionsOn(page))
    const post = () => browser.post('/sign-in/passkey', { _csrf: csrfOf(page), passkey: answer })
    const pages = await Promise.all(Array.from({ length: 5 }, post))
    expect(pages.filter(({ status }) => status === 401)).toHaveLength(4)
    expect((await post()).status).toBe(401)
  })

  it('belongs to its browser and its purpose', async () => {
    const app = await startApp({ database })
    const ada = await app.person('ada')
    const { passkey } = await withPasskey(app, ada)
    const theirs = await new Browser(app.issuer).open('/sign-in')
    const browser = new Browser(app.issuer)
    const own = await browser.open('/sign-in')
    const answer = passkey.answer(optionsOn(theirs))
    const crossed = await browser.post('/sign-in/passkey', { _csrf: csrfOf(own), passkey: answer })
    expect(crossed.status).toBe(401)
    const asked = await signInWithPassword(browser, ada)
    const mixed = await browser.submit(asked, { passkey: passkey.answer(optionsOn(own)) })
    expect(mixed).toMatchObject({ name: 'second-factor', status: 401 })
  })

  it('of a new passkey stores one key, once', async () => {
    const app = await startApp({ database })
    const ada = await app.person('ada')
    const { browser, page, registration } = await withPasskey(app, ada)
    const again = await browser.submit(page, { passkey: registration, name: 'Twice' })
    expect(again.status).toBe(400)
    expect(await app.app.rooms.factors.passkeys.list(ada.id)).toHaveLength(1)
  })
})

describe('G21, G22 looking after passkeys', () => {
  const list = (app: TestApp, { id }: TestPerson) => app.app.rooms.factors.passkeys.list(id)

  it('names and removals are for their owner', async () => {
    const app = await startApp()
    const [ada, eve] = [await app.person('ada'), await app.person('eve')]
    const { browser, passkey } = await withPasskey(app, ada)
    const stranger = new Browser(app.issuer)
    await signInWithPassword(stranger, eve)
    const hers = await stranger.open('/account/security')
    for (const act of ['rename', 'remove']) {
      const fields = { _csrf: csrfOf(hers), passkey: passkey.id, name: 'Mine' }
      expect((await stranger.post(`/account/security/passkeys/${act}`, fields)).status).toBe(404)
    }
    expect((await list(app, ada)).map(({ name }) => name)).toEqual(['Laptop'])
    const own = await browser.open('/account/security')
    const fields = { _csrf: csrfOf(own), passkey: passkey.id, name: '  Old\u202e   laptop ' }
    await browser.post('/account/security/passkeys/rename', fields)
    expect((await list(app, ada)).map(({ name }) => name)).toEqual(['Old laptop'])
    await browser.post('/account/security/passkeys/remove', fields)
    expect(await list(app, ada)).toEqual([])
    expect(await app.app.rooms.factors.recovery.summary(ada.id)).toBeNull()
  })

  it('the only way into an account stays', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { browser, passkey } = await withPasskey(app, ada)
    await app.app.rooms.database.sql.run('UPDATE account SET password_hash = NULL')
    const own = await browser.open('/account/security')
    const fields = { _csrf: csrfOf(own), passkey: passkey.id }
    expect((await browser.post('/account/security/passkeys/remove', fields)).status).toBe(409)
    expect(await list(app, ada)).toHaveLength(1)
  })

  test.each([
    ['/account/security/authenticator', 'get'],
    ['/account/security/passkeys', 'get'],
    ['/account/security/passkeys', 'post'],
    ['/account/security/passkeys/rename', 'post'],
    ['/account/security/passkeys/remove', 'post'],
    ['/account/security/authenticator', 'post'],
    ['/account/security/authenticator/remove', 'post'],
    ['/account/security/recovery-codes', 'post'],
  ])('%s (%s) wants a recent sign-in', async (path, method) => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { browser, passkey } = await withPasskey(app, ada)
    const page = await browser.open('/account/security')
    const { sql } = app.app.rooms.database
    const row = await sql.get<{ payload: string }>('SELECT payload FROM browser_session')
    const payload: { loginTs: number } = JSON.parse(row?.payload ?? '{}')
    const older = JSON.stringify({ ...payload, loginTs: payload.loginTs - 700 })
    await sql.run('UPDATE browser_session SET payload = ?', [older])
    const fields = { _csrf: csrfOf(page), passkey: passkey.id, name: 'Changed', code: '123456', enrolment: 'x' }
    const answer = method === 'get' ? await browser.open(path) : await browser.post(path, fields)
    expect(answer.name).toBe('sign-in')
    expect((await list(app, ada)).map(({ name }) => name)).toEqual(['Laptop'])
    expect(await app.app.rooms.factors.recovery.summary(ada.id)).toMatchObject({ left: 10 })
  })
})

it('an issuer that is a number takes no passkeys, and says so', async () => {
  const first = await startApp()
  const port = new URL(first.issuer).port
  await first.close()
  const app = await startApp({ settings: { ISSUER: `http://127.0.0.1:${port}`, PORT: port } })
  const ada = await app.person('ada')
  const browser = new Browser(app.issuer)
  expect((await browser.open('/sign-in')).body).not.toContain('data-passkey')
  await signInWithPassword(browser, ada)
  expect((await browser.open('/account/security')).body).toContain('browsers keep none for a numeric address')
})
