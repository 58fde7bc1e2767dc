// Where second factors meet letters and sessions that were begun long ago.
import { describe, expect, it } from 'vitest'
import { makeLink } from '../../src/accounts/links/send.ts'
import { leaveFromOwnPage, openStage } from '../federation/journey.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import { authorizationRequest, register } from '../support/flow.ts'
import { codeOf, finishApp, signInWithPassword, withApp } from '../support/second-factor.ts'
import { passUpstream, signedInThere } from '../support/upstream.ts'

const two = 'urn:sallyport:acr:two-factors'

/** Makes the only session one that proved these, so many seconds ago. */
async function change({ app }: TestApp, amr: readonly string[], seconds: number): Promise<void> {
  const { sql } = app.rooms.database
  const row = await sql.get<{ payload: string }>('SELECT payload FROM browser_session WHERE account_id IS NOT NULL')
  const payload: { loginTs: number } = JSON.parse(row?.payload ?? '{}')
  const changed = JSON.stringify({ ...payload, amr, loginTs: payload.loginTs - seconds })
  await sql.run('UPDATE browser_session SET payload = ? WHERE account_id IS NOT NULL', [changed])
}

describe.each(databaseKinds)('letters, %s', (database) => {
  it('G15 G16 clear no guesses at codes, and make no browser that has guesses of its own', async () => {
    const app = await startApp({ database })
    const ada = await app.person('ada')
    const { held } = await withApp(app, ada)
    const wrong = codeOf(held) === '000000' ? '111111' : '000000'
    // Somebody who reads Ada's letters: one factor, and as many letters as they like.
    const guesses: number[] = []
    for (let letter = 0; letter < 4; letter += 1) {
      const password = `an altogether new one ${letter}`
      const facts = { locale: 'en', method: 'test' } as const
      const made = await makeLink(app.app.rooms.accounts, ada.id, { actor: 'operator' }, facts)
      const thief = new Browser(app.issuer)
      await thief.submit(await thief.open(made?.url ?? ''), { password })
      for (let guess = 0; guess < 3; guess += 1) {
        const page = await signInWithPassword(thief, { ...ada, password })
        expect(page.name).toBe('second-factor')
        guesses.push((await thief.submit(page, { code: wrong })).status)
      }
    }
    // The free ones of one network, and no more.
    expect(guesses).toEqual([...Array<number>(5).fill(401), ...Array<number>(7).fill(429)])
  })
})

describe('G19 G21 what an administrator may do for everyone on the consent page', () => {
  const powers = ['vouch', 'block'] as const

  /** An administrator who gave a password and nothing more, in front of the consent page; then the session is changed. */
  async function ask(before: (app: TestApp, browser: Browser) => Promise<void>, act: (typeof powers)[number]) {
    const app = await startApp({ settings: { ADMIN_SECOND_FACTOR: 'required' } })
    const root = await app.person('root', 'admin')
    const browser = new Browser(app.issuer)
    const { client_id: clientId } = await register(app)
    const signIn = await browser.open(authorizationRequest(app, clientId).url)
    const next = await browser.submit(signIn, { email: root.email, password: root.password })
    const consent = await browser.goOn(next)
    expect(consent.name).toBe('consent')
    const uid = new URL(consent.url).pathname.split('/')[2]
    const _csrf = csrfOf(consent)
    await before(app, browser)
    await browser.post(`/interaction/${uid}/${act}`, { _csrf })
    const client = await app.app.rooms.clients.find(clientId)
    return { state: client?.state, allowedAt: client?.allowedAt }
  }

  it.each(powers)('is nothing with a password alone: %s', async (act) => {
    expect(await ask(async () => undefined, act)).toEqual({ state: 'active', allowedAt: null })
  })

  it.each(powers)('nor when the session is left at home: %s', async (act) => {
    const leaveAtHome = async (_: TestApp, browser: Browser) => {
      for (const name of browser.cookies.keys()) if (name.includes('session')) browser.cookies.delete(name)
    }
    expect(await ask(leaveAtHome, act)).toEqual({ state: 'active', allowedAt: null })
  })

  it.each(powers)('nor beside the session of somebody else: %s', async (act) => {
    const bringAnother = async (app: TestApp, browser: Browser) => {
      const other = new Browser(app.issuer)
      await signInWithPassword(other, await app.person('mallory'))
      for (const [name, value] of other.cookies) if (name.includes('session')) browser.cookies.set(name, value)
    }
    expect(await ask(bringAnother, act)).toEqual({ state: 'active', allowedAt: null })
  })
})

describe('G22 an unattended browser adds no factor: whose it is gives the password first', () => {
  it('inside of an authorization that wants two factors', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const browser = new Browser(app.issuer)
    await signInWithPassword(browser, ada)
    await change(app, ['pwd'], 3600)
    const { client_id: clientId } = await register(app)
    const first = await browser.open(authorizationRequest(app, clientId, { acr_values: two }).url)
    expect(first.name).toBe('sign-in')
    const uid = new URL(first.url).pathname.split('/')[2]
    expect((await browser.open(`/interaction/${uid}/second-factor/enrol?with=app`)).name).toBe('sign-in')
    expect((await browser.submit(first, { email: ada.email, password: 'a guess' })).name).toBe('sign-in')
    const next = await browser.submit(first, { email: ada.email, password: ada.password })
    expect(next.name).toBe('second-factor-setup')
  })

  it('on the own pages', async () => {
    const app = await startApp({ settings: { SECOND_FACTOR: 'required' } })
    const ada = await app.person('ada')
    const browser = new Browser(app.issuer)
    await finishApp(browser, await browser.open(`${(await signInWithPassword(browser, ada)).url}?with=app`))
    // As a session from before the setting: one factor, and none that could be asked for.
    await app.app.rooms.database.sql.run('DELETE FROM totp_factor')
    await change(app, ['pwd'], 3600)
    const page = await browser.open('/sign-in/second-factor?return_to=security')
    expect([page.name, new URL(page.url).search]).toEqual(['sign-in', '?return_to=security&again=1'])
    expect((await browser.open('/sign-in/second-factor/enrol?with=app')).name).toBe('sign-in')
    await change(app, ['pwd'], -3600)
    expect((await browser.open('/sign-in/second-factor')).name).toBe('second-factor-setup')
  })
})

it('a password from before is not changed, or guessed at, where passwords are off', async () => {
  const { app, upstream } = await openStage({ settings: { PASSWORD_SIGN_IN: 'off' } })
  const browser = new Browser(app.issuer)
  const there = await passUpstream(signedInThere(upstream, 'ada'), await leaveFromOwnPage(browser))
  expect((await browser.open(there)).name).toBe('connections')
  const { accounts, passwords, clock, database } = app.app.rooms
  const { id = '' } = (await accounts.store.findByEmail('ada@acme.example')) ?? {}
  const hash = await passwords.hash('one from before, long enough')
  await accounts.store.setPassword(id, hash, clock.now(), [])
  await database.sql.run('UPDATE account SET password_changed_at = NULL')
  const fields = { current_password: 'one from before, long enough', password: 'an altogether new one' }
  const page = await browser.open('/account/connections')
  const answer = await browser.post('/account/security', { _csrf: csrfOf(page), ...fields })
  expect([answer.status, answer.error]).toEqual([403, 'passwords_off'])
  expect(await accounts.store.passwordHash(id)).toBe(hash)
})
