import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Letter, Mailer } from '../../src/mail/mail.ts'
import type { Answer } from '../web/page-server.ts'
import { type Browser, type LoginServer, password, startLoginServer } from './login-server.ts'

let login: LoginServer
let browser: Browser
let letters: Letter[]
const mailer: Mailer = {
  send: async (letter) => {
    letters.push(letter)
    return null
  },
}

beforeEach(async () => {
  letters = []
  login = await startLoginServer(undefined, mailer)
  browser = login.browser()
})
afterEach(() => login.server.close())

const mainOf = (answer: Answer): string => /<main [^>]*>/.exec(answer.body)?.[0] ?? ''
const lookOf = (answer: Answer): unknown => ({
  status: answer.status,
  headers: { ...answer.headers, date: '', 'x-request-id': '', 'set-cookie': '' },
  body: answer.body.replace(/name="_csrf" value="[^"]+"/g, ''),
})
const another = 'quite another long password'

describe('an invitation', () => {
  async function invited(role: 'member' | 'admin' = 'member'): Promise<{ id: string; path: string }> {
    const id = await login.account({ email: 'bob@acme.example', name: 'Bob <b>', passwordHash: undefined, role })
    return { id, path: await login.link(id) }
  }

  it('is accepted with a password of one’s own, signs in, and is dead afterwards', async () => {
    const { id, path } = await invited()
    expect(path).toMatch(/^\/invitation\/[\w-]{43}$/)
    const page = await browser.get(path)
    expect(mainOf(page)).toContain('data-page="invitation"')
    expect(page.body).toContain('Bob &lt;b&gt;')
    expect(page.headers['referrer-policy']).toBe('no-referrer')
    expect(page.headers['cache-control']).toBe('no-store')
    const accepted = await browser.post(path, { password: another })
    expect([accepted.status, accepted.headers.location]).toEqual([303, '/account/connections'])
    expect((await browser.get('/account/security')).status).toBe(200)
    expect(await login.accounts.passwordHash(id)).toMatch(/^\$argon2id/)
    for (const answer of [await browser.get(path), await browser.post(path, { password })]) {
      expect(answer.status).toBe(404)
      expect(mainOf(answer)).toContain('data-error="link_closed"')
      expect(answer.body).toContain('This invitation does not work')
    }
  })

  it('looking at it, also ten times, uses nothing up', async () => {
    const { path } = await invited()
    for (let look = 0; look < 10; look += 1) expect((await browser.get(path)).status).toBe(200)
  })

  it.each(['short', 'password', 'bob@acme.example', ''])('a refused password (%j) leaves it alive', async (given) => {
    const { path } = await invited()
    await browser.get(path)
    const refused = await browser.post(path, { password: given })
    expect(refused.status).toBe(400)
    expect(refused.body).toContain('role="alert"')
    if (given !== '') expect(refused.body).not.toContain(`value="${given}" autocomplete="new-password"`)
    expect((await browser.post(path, { password: another })).status).toBe(303)
  })

  it('G21 a form that brings more than a password brings nothing more', async () => {
    const { id, path } = await invited()
    await browser.get(path)
    const fields = { password: another, role: 'admin', email: 'eve@acme.example', state: 'active', id: 'other' }
    await browser.post(path, fields)
    expect(await login.accounts.find(id)).toMatchObject({ role: 'member', email: 'bob@acme.example' })
  })

  it('G20 of five answers at once one is taken', async () => {
    const { path } = await invited()
    await browser.get(path)
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => browser.post(path, { password: `${another} ${n}` })))
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404, 404, 404, 404])
  })

  it('the way of an invitation is not the way of a reset', async () => {
    const { path } = await invited()
    expect((await browser.get(path.replace('invitation', 'reset'))).status).toBe(404)
  })

  it('its secret is in no line of the log', async () => {
    const { path } = await invited()
    await browser.get(path)
    await browser.post(path, { password: another })
    await browser.get(path)
    expect(login.server.logLines.join('')).not.toContain(path.split('/')[2])
  })
})

describe('a link for a new password', () => {
  async function person(): Promise<{ id: string; path: string }> {
    const id = await login.account()
    return { id, path: await login.link(id) }
  }

  it('C14 changes it, ends every session and connection, and does not sign in', async () => {
    const { id, path } = await person()
    const elsewhere = login.browser()
    await elsewhere.get('/sign-in')
    await elsewhere.post('/sign-in', { email: 'ann@acme.example', password })
    expect((await elsewhere.get('/account/security')).status).toBe(200)
    await browser.get(path)
    const done = await browser.post(path, { password: another })
    expect([done.status, done.headers.location]).toEqual([303, '/sign-in?done=reset'])
    expect((await browser.get('/sign-in?done=reset')).body).toContain('Your password is changed')
    expect((await browser.get('/account/security')).status).toBe(303)
    expect((await elsewhere.get('/account/security')).status).toBe(303)
    expect(login.revoked).toEqual([id])
    await browser.get('/sign-in')
    expect((await browser.post('/sign-in', { email: 'ann@acme.example', password })).status).toBe(401)
    expect((await browser.post('/sign-in', { email: 'ann@acme.example', password: another })).status).toBe(303)
    expect((await browser.get(path)).status).toBe(404)
  })

  it('a refused password changes nothing and ends nothing', async () => {
    const { id, path } = await person()
    const before = await login.accounts.passwordHash(id)
    await browser.get(path)
    expect((await browser.post(path, { password: 'short' })).status).toBe(400)
    expect(await login.accounts.passwordHash(id)).toBe(before)
    expect(login.revoked).toEqual([])
  })

  it('G03 a form of another site is refused, and the link is alive', async () => {
    const { path } = await person()
    await browser.get(path)
    const forged = await browser.post(
      path,
      { password: another },
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    )
    expect(forged.status).toBe(403)
    expect((await browser.get(path)).status).toBe(200)
  })

  it.each(['/reset/x', '/reset/%00', `/reset/${'a'.repeat(43)}`, '/RESET/x'])('%s is nothing', async (path) => {
    expect((await browser.get(path)).status).toBe(404)
  })
})

describe('“forgot your password?”', () => {
  async function ask(email: string): Promise<Answer> {
    const own = login.browser()
    await own.get('/forgot-password')
    return own.post('/forgot-password', { email })
  }

  it('G14 one answer for known, unknown, disabled and invited addresses; only the known ones get a letter', async () => {
    await login.account()
    await login.account({ email: 'bob@acme.example', passwordHash: undefined })
    const disabled = await login.account({ email: 'dan@acme.example' })
    await login.accounts.setState(disabled, 'disabled', [])
    const looks = []
    for (const name of ['ann', 'Ann', 'bob', 'dan', 'nobody']) looks.push(lookOf(await ask(`${name}@acme.example`)))
    for (const look of looks) expect(look).toEqual(looks[0])
    expect(looks[0]).toMatchObject({ status: 200 })
    await vi.waitFor(() => expect(letters).toHaveLength(2))
    expect(letters.map(({ to }) => to.address).sort()).toEqual(['ann@acme.example', 'bob@acme.example'])
  })

  it('G14 the answer waits for no letter', async () => {
    await login.account()
    const server = await startLoginServer(undefined, { send: () => new Promise(() => {}) })
    const own = server.browser()
    await server.account()
    await own.get('/forgot-password')
    expect((await own.post('/forgot-password', { email: 'ann@acme.example' })).status).toBe(200)
    await server.server.close()
  })

  it('the link of the letter works', async () => {
    await login.account()
    await ask('ann@acme.example')
    await vi.waitFor(() => expect(letters).toHaveLength(1))
    const path = new URL(/https:\S+/.exec(letters[0]?.text ?? '')?.[0] ?? '').pathname
    expect(mainOf(await browser.get(path))).toContain('data-page="reset"')
  })

  it('what is no address is said to be none', async () => {
    const answer = await ask('ann')
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('aria-invalid="true"')
  })

  it('without a mail server the page sends to the administrator, and takes no form', async () => {
    const silent = await startLoginServer()
    const own = silent.browser()
    const page = await own.get('/forgot-password')
    expect(page.body).toContain('This server sends no mail')
    await own.get('/sign-in')
    expect((await own.post('/forgot-password', { email: 'ann@acme.example' })).status).toBe(404)
    await silent.server.close()
  })

  it('is where the sign-in page leads', async () => {
    expect((await browser.get('/sign-in')).body).toContain('href="/forgot-password"')
  })
})

describe('G22 signing in again', () => {
  async function signedIn(): Promise<void> {
    await login.account({ role: 'admin' })
    await browser.get('/sign-in')
    await browser.post('/sign-in', { email: 'ann@acme.example', password })
  }

  it('shows the page to somebody who is signed in, with why and where to', async () => {
    await signedIn()
    const page = await browser.get('/sign-in?return_to=people/abc&again=posted')
    expect(page.status).toBe(200)
    expect(page.body).toContain('Is it still you?')
    expect(page.body).toContain('Nothing was changed yet')
    expect(page.body).toContain('value="ann@acme.example"')
    expect(page.body).toContain('name="return_to" value="people/abc"')
    const wrong = await browser.post('/sign-in', {
      email: 'ann@acme.example',
      password: 'x',
      return_to: 'people/abc',
      again: 'posted',
    })
    expect(wrong.status).toBe(401)
    expect(wrong.body).toContain('name="again" value="posted"')
    const before = browser.cookie
    const done = await browser.post('/sign-in', {
      email: 'ann@acme.example',
      password,
      return_to: 'people/abc',
      again: 'posted',
    })
    expect([done.status, done.headers.location]).toEqual([303, '/admin/people/abc'])
    expect(browser.cookie).not.toBe(before)
  })

  it('G26 says nothing of its own accord, and leads nowhere else', async () => {
    expect((await browser.get('/sign-in?again=posted')).body).not.toContain('Is it still you?')
    await signedIn()
    const page = await browser.get('/sign-in?again=<b>&return_to=people//evil.example')
    expect(page.headers.location).toBe('/admin')
    expect((await browser.get('/sign-in?again=1&return_to=people//evil.example')).body).not.toContain('evil')
  })
})
