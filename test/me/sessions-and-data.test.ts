// Sessions one by one, one's data, the end of an account: on the whole server.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { type Browser, csrfOf, type Page } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import { connect, refresh } from '../support/flow.ts'
import { signInTo } from './sign-in.ts'

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

describe.each(databaseKinds)('on %s', (kind) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ database: kind })
  })
  afterAll(() => app.close())
  afterEach(() => void vi.useRealTimers())

  async function post(browser: Browser, path: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const page = await browser.open('/account/sessions')
    return browser.post(path, { _csrf: csrfOf(page), ...fields })
  }

  function later(seconds: number): void {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(Date.now() + seconds * 1000) })
  }

  describe('sessions (G27)', () => {
    it('are told by device and network, this one marked, with their limits', async () => {
      const person = await app.person()
      await signInTo(app, person, { 'user-agent': safari })
      const browser = await signInTo(app, person, { 'user-agent': firefox })
      const { body } = await browser.open('/account/sessions')
      expect(body).toContain('Firefox on Windows')
      expect(body).toContain('Safari on iPhone')
      expect(body).toContain('this computer')
      expect(body.match(/data-current/g)).toHaveLength(1)
      expect(body).toContain('after 30 minutes without use, and 12 hours after signing in')
    })

    it('a header of a stranger is neither stored nor shown (G21)', async () => {
      const person = await app.person()
      const browser = await signInTo(app, person, { 'user-agent': '<script>alert(1)</script> Firefox/1 =cmd()' })
      const { body } = await browser.open('/account/sessions')
      expect(body).not.toContain('<script')
      expect(body).not.toContain('cmd()')
      expect(body).toContain('Firefox')
    })

    it('one ends and the others go on; its next request is asked to sign in', async () => {
      const person = await app.person()
      const phone = await signInTo(app, person, { 'user-agent': safari })
      const browser = await signInTo(app, person, { 'user-agent': firefox })
      const { body } = await browser.open('/account/sessions')
      const session = /name="session" value="([^"]+)"/.exec(body)?.[1] ?? ''
      expect((await post(browser, '/account/sessions/end', { session })).body).toContain('That session has ended')
      expect((await phone.open('/account/connections')).name).toBe('sign-in')
      expect((await browser.open('/account/connections')).name).toBe('connections')
      expect(await post(browser, '/account/sessions/end', { session })).toMatchObject({ status: 404 })
    })

    it('nobody ends the session of somebody else (G21)', async () => {
      const [one, other] = [await app.person(), await app.person()]
      const [theirs, mine] = [await signInTo(app, one), await signInTo(app, other)]
      const rows = await app.app.rooms.database.sql.all<{ uid: string }>(
        'SELECT uid FROM browser_session WHERE account_id = ?',
        [one.id],
      )
      for (const { uid } of rows) {
        expect(await post(mine, '/account/sessions/end', { session: uid })).toMatchObject({ status: 404 })
      }
      expect((await theirs.open('/account/connections')).name).toBe('connections')
    })

    it('all end everywhere', async () => {
      const person = await app.person()
      const [phone, browser] = [await signInTo(app, person), await signInTo(app, person)]
      expect((await post(browser, '/account/sessions/end-all')).name).toBe('sign-in')
      for (const one of [phone, browser]) expect((await one.open('/account/connections')).name).toBe('sign-in')
    })

    it('end by themselves when idle, and in the end however busy', async () => {
      const person = await app.person()
      const browser = await signInTo(app, person)
      later(31 * 60)
      expect((await browser.open('/account/sessions')).name).toBe('sign-in')
      vi.useRealTimers()
      const busy = await signInTo(app, person)
      const start = Date.now()
      for (let minutes = 25; minutes < 12 * 60; minutes += 25) {
        vi.useFakeTimers({ toFake: ['Date'], now: new Date(start + minutes * 60_000) })
        expect((await busy.open('/account/sessions')).name).toBe('sessions')
        vi.useRealTimers()
      }
      vi.useFakeTimers({ toFake: ['Date'], now: new Date(start + 12 * 3_600_000 + 10_000) })
      expect((await busy.open('/account/sessions')).name).toBe('sign-in')
    })
  })

  describe('one’s data', () => {
    it('comes as one JSON document, of this person only, without a secret (G21)', async () => {
      const [person, other] = [await app.person(), await app.person('somebody')]
      await connect(app, other)
      const { refreshToken } = await connect(app, person)
      const browser = await signInTo(app, person)
      const answer = await post(browser, '/account/data/export')
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
      expect(answer.headers.get('content-disposition')).toMatch(
        /^attachment; filename="sallyport-\d{4}-\d\d-\d\d\.json"$/,
      )
      const data = JSON.parse(answer.body)
      expect(data).toMatchObject({
        server: app.issuer,
        account: { id: person.id, email: person.email },
        connections: [{ scopes: ['notes:read'], staysConnected: true }],
        consents: [{ scopes: ['notes:read'] }],
      })
      expect(data.sessions.length).toBeGreaterThan(0)
      expect(data.history.map(({ type }: { type: string }) => type)).toContain('account.exported')
      expect(answer.body).not.toContain(other.id)
      expect(answer.body).not.toContain(other.email)
      for (const secret of ['$argon2', refreshToken, ...browser.cookies.values()])
        expect(answer.body).not.toContain(secret)
    })

    it.each(['export', 'delete'])('%s wants a recent sign-in (G22)', async (act) => {
      const person = await app.person()
      const browser = await signInTo(app, person)
      later(11 * 60)
      const answer = await post(browser, `/account/data/${act}`, { email: person.email })
      expect(answer).toMatchObject({ name: 'sign-in' })
      expect(answer.url).toContain('return_to=data')
      expect(await app.app.rooms.accounts.store.find(person.id)).not.toBeNull()
    })
  })

  describe('deleting one’s account', () => {
    it('ends everything at once, and the audit book keeps its chain and the number alone (C14)', async () => {
      const { rooms } = app.app
      const person = await app.person('gone-for-good')
      const { client, refreshToken } = await connect(app, person)
      const [browser, phone] = [await signInTo(app, person), await signInTo(app, person)]
      const answer = await post(browser, '/account/data/delete', { email: ` ${person.email.toUpperCase()} ` })
      expect(answer).toMatchObject({ status: 200, name: 'account-deleted' })
      expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')
      for (const one of [browser, phone]) expect((await one.open('/account/connections')).name).toBe('sign-in')
      expect(await rooms.accounts.store.find(person.id)).toBeNull()
      for (const table of ['consent', 'protocol_grant', 'refresh_family', 'browser_session']) {
        const left = await rooms.database.sql.all(`SELECT 1 AS found FROM ${table} WHERE account_id = ?`, [person.id])
        expect({ table, left }).toEqual({ table, left: [] })
      }
      await rooms.audit.seal()
      expect(await rooms.audit.verify()).toMatchObject({ ok: true })
      const events = await rooms.audit.list({ accountId: person.id, limit: 100 })
      expect(events.map(({ type }) => type)).toContain('account.removed')
      expect(JSON.stringify(events)).not.toContain('gone-for-good')
    })

    it('wants the address typed; anything else changes nothing', async () => {
      const person = await app.person()
      const browser = await signInTo(app, person)
      for (const email of ['', 'delete', 'x@example.test']) {
        const answer = await post(browser, '/account/data/delete', { email })
        expect(answer).toMatchObject({ status: 400, name: 'data' })
        expect(answer.body).toContain('not the e-mail address of your account')
      }
      expect((await browser.open('/account/connections')).name).toBe('connections')
    })

    it('is not for the last administrator', async () => {
      const admin = await app.person('the-admin', 'admin')
      const browser = await signInTo(app, admin)
      const answer = await post(browser, '/account/data/delete', { email: admin.email })
      expect(answer).toMatchObject({ status: 409, name: 'data' })
      expect(answer.body).toContain('You are the last administrator')
      await app.person('another-admin', 'admin')
      expect((await post(browser, '/account/data/delete', { email: admin.email })).name).toBe('account-deleted')
    })

    it('no form of another site does any of it (G03)', async () => {
      const person = await app.person()
      const browser = await signInTo(app, person)
      for (const path of ['data/delete', 'data/export', 'sessions/end', 'connections/pause', 'connections/narrow']) {
        const answer = await browser.post(`/account/${path}`, { _csrf: 'forged', email: person.email })
        expect({ path, status: answer.status }).toEqual({ path, status: 403 })
      }
      expect((await browser.open('/account/connections')).name).toBe('connections')
    })
  })
})
