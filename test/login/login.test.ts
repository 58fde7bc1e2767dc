import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPasswords } from '../../src/credentials/password.ts'
import type { Answer } from '../web/page-server.ts'
import { authorization, type Browser, type LoginServer, password, startLoginServer } from './login-server.ts'

let login: LoginServer
let browser: Browser

beforeEach(async () => {
  login = await startLoginServer()
  browser = login.browser()
})
afterEach(() => login.server.close())

const mainOf = (answer: Answer): string => /<main [^>]*>/.exec(answer.body)?.[0] ?? ''
/** What tells one answer from another, without what is random in each. */
const lookOf = (answer: Answer): unknown => ({
  status: answer.status,
  headers: { ...answer.headers, date: '', 'x-request-id': '', 'set-cookie': '', 'content-length': '' },
  body: answer.body.replace(/name="_csrf" value="[^"]+"/g, '').replace(/data-options="[^"]+"/g, ''),
})
const eventTypes = async (): Promise<string[]> => {
  await login.audit.flush()
  return (await login.audit.list({ limit: 50 })).map((event) => event.type).sort()
}

describe('sign-in inside an authorization', () => {
  const path = '/interaction/uid-1/sign-in'

  it('names the client as it calls itself and the MCP server, and both buttons', async () => {
    const page = await browser.get(path)
    expect(page.status).toBe(200)
    expect(mainOf(page)).toContain('data-page="sign-in"')
    expect(page.body).toContain('“<bdi>Claude &lt;b&gt;Code&lt;/b&gt;</bdi>” asks to use <b>Acme Notes</b>')
    expect(page.body).toContain('notes.acme.example/mcp')
    for (const field of ['name="email"', 'name="password"', 'name="_csrf"']) expect(page.body).toContain(field)
  })

  it('a right password is told to the protocol, and the answer goes on by itself', async () => {
    const id = await login.account()
    await browser.get(path)
    const answer = await browser.post(path, { email: ' Ann@ACME.example', password })
    expect(answer.status).toBe(200)
    expect(mainOf(answer)).toContain('data-page="continue"')
    expect(answer.body).toContain('data-continue href="/authorize/uid-1"')
    expect(login.told).toEqual([`signed in ${id} pwd`])
    expect(await eventTypes()).toEqual(['account.created', 'session.signed_in'])
    expect((await login.accounts.find(id))?.lastSignInAt).toBeInstanceOf(Date)
  })

  it('G18 a hash below today’s parameters is made again, and fits', async () => {
    const older = createPasswords({ memoryKibibytes: 8, iterations: 1, parallelism: 1 })
    const passwordHash = await older.hash(password)
    const id = await login.account({ passwordHash })
    for (const _ of [1, 2]) {
      await browser.get(path)
      expect((await browser.post(path, { email: 'ann@acme.example', password })).status).toBe(200)
    }
    expect(await login.accounts.passwordHash(id)).toContain('m=16,t=1,p=1')
  })

  it('G14 unknown, wrong, disabled and without a password have one answer; only the audit book knows', async () => {
    const id = await login.account({ email: 'disabled@acme.example' })
    await login.accounts.setState(id, 'disabled', [])
    await login.account({ email: 'wrong@acme.example' })
    await login.account({ email: 'elsewhere@acme.example', passwordHash: undefined })
    const looks: unknown[] = []
    for (const email of ['disabled', 'unknown', 'wrong', 'elsewhere', 'not an address']) {
      await browser.get(path)
      const given = email === 'wrong' ? `${password}!` : password
      const answer = await browser.post(path, { email: `${email}@acme.example`, password: given })
      expect(answer.status).toBe(401)
      expect(answer.body).toContain('role="alert"')
      expect(answer.body).not.toContain(password)
      looks.push(JSON.stringify(lookOf(answer)).replaceAll(`${email}@`, 'who@'))
    }
    for (const look of looks) expect(look).toEqual(looks[0])
    expect(login.told).toEqual([])
    await login.audit.flush()
    const refusals = await login.audit.list({ type: 'session.sign_in_refused', limit: 10 })
    expect(refusals.map((event) => event.detail.reason).sort()).toEqual([
      'disabled',
      'unknown',
      'unknown',
      'wrong_password',
      'wrong_password',
    ])
    expect(JSON.stringify(refusals)).not.toContain(password)
  })

  it('a form without a password is shown again with what was typed', async () => {
    await browser.get(path)
    const answer = await browser.post(path, { email: 'ann@"acme".example', password: '' })
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('value="ann@&quot;acme&quot;.example"')
  })

  it('cancelling denies: a program on this computer gets its browser back at once', async () => {
    await browser.get(path)
    const answer = await browser.post(path, { decision: 'cancel' })
    expect(mainOf(answer)).toContain('data-page="continue"')
    expect(login.told).toEqual(['denied'])
    expect(await eventTypes()).toEqual(['consent.denied'])
  })

  it('A16 cancelling for a website leaves the way back to the person', async () => {
    login.authorization = { ...authorization, redirectUri: 'https://app.example/cb' }
    await browser.get(path)
    const answer = await browser.post(path, { decision: 'cancel' })
    expect(mainOf(answer)).toContain('data-page="error" data-error="access_denied"')
    expect(answer.body).toContain('data-continue href="/authorize/uid-1"')
    expect(answer.body).not.toContain('http-equiv="refresh"')
  })

  it('the Enter key signs in: cancel is a form of its own', async () => {
    const { body } = await browser.get(path)
    const form = /<form method="post"[\s\S]*?<\/form>/.exec(body)?.[0] ?? ''
    expect(form.match(/<button[^>]*>/g)).toEqual([
      '<button type="submit" form="cancel">',
      '<button class="primary" type="submit">',
    ])
  })

  it.each(['/interaction/uid-2/sign-in', path])(
    'G05 G13 nothing is shown for another’s or an expired one: %s',
    async (at) => {
      if (at === path) login.authorization = null
      const page = await browser.get(at)
      expect(page.status).toBe(400)
      expect(mainOf(page)).toContain('data-error="interaction_expired"')
      expect(page.body).not.toContain('Acme Notes')
    },
  )

  it('G03 a forged sign-in is refused before anything is looked at', async () => {
    await login.account()
    await browser.get(path)
    const form = { email: 'ann@acme.example', password }
    expect((await browser.post(path, form, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await login.browser().post(path, form)).status).toBe(403)
    expect(login.told).toEqual([])
  })
})

describe('sign-in for the own pages', () => {
  async function signIn(returnTo: string, role: 'member' | 'admin' = 'member'): Promise<Answer> {
    await login.account({ role })
    await browser.get(`/sign-in?return_to=${encodeURIComponent(returnTo)}`)
    return browser.post('/sign-in', { email: 'ann@acme.example', password, return_to: returnTo })
  }

  it('G06 makes a new session and goes to the page that was wanted', async () => {
    const answer = await signIn('clients', 'admin')
    expect([answer.status, answer.headers.location]).toEqual([303, '/admin/clients'])
    const first = browser.cookie
    await browser.post('/sign-in', { email: 'ann@acme.example', password })
    expect(browser.cookie).not.toBe(first)
    expect((await login.server.ask('/account/security', { headers: { cookie: first } })).status).toBe(303)
  })

  it.each(['//evil.example', '/\\evil', 'https:evil', '%09//evil', 'javascript:alert(1)', '/admin', ''])(
    'G26 return_to %j leads to our own first page',
    async (returnTo) => {
      expect((await signIn(returnTo)).headers.location).toBe('/account/connections')
    },
  )

  it('G26 a name of ours is kept in the form, anything else is not repeated', async () => {
    expect((await browser.get('/sign-in?return_to=security')).body).toContain('name="return_to" value="security"')
    expect((await browser.get('/sign-in?return_to=//evil.example')).body).not.toContain('evil')
    expect((await browser.get('/sign-in?return_to=security&return_to=x')).status).toBe(200)
  })

  it('somebody who is signed in goes on at once', async () => {
    await signIn('', 'admin')
    expect((await browser.get('/sign-in')).headers.location).toBe('/admin')
  })

  it('G03 signing out takes a form of ours and ends the session', async () => {
    await signIn('')
    expect((await browser.get('/logout')).body).toContain('data-page="sign-out"')
    expect((await browser.post('/logout', {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await browser.get('/account/security')).status).toBe(200)
    expect((await browser.post('/logout', {})).headers.location).toBe('/sign-in')
    expect((await browser.get('/account/security')).headers.location).toBe('/sign-in?return_to=security')
    expect(await eventTypes()).toContain('session.signed_out')
  })
})

describe('setup', () => {
  const root = { name: 'Root', email: 'root@acme.example', password }

  it('G20 makes the first administrator, signs them in and dies', async () => {
    const path = `/setup/${await login.setupToken()}`
    const page = await browser.get(path)
    expect(mainOf(page)).toContain('data-page="setup"')
    const answer = await browser.post(path, root)
    expect([answer.status, answer.headers.location]).toEqual([303, '/admin'])
    expect((await browser.get('/account/security')).status).toBe(200)
    expect(await login.accounts.findByEmail(root.email)).toMatchObject({ role: 'admin', name: 'Root' })
    for (const again of [await browser.get(path), await browser.post(path, { ...root, email: 'b@acme.example' })]) {
      expect(again.status).toBe(404)
      expect(mainOf(again)).toContain('data-error="setup_closed"')
    }
    expect(await login.accounts.countAdmins()).toBe(1)
  })

  it('G20 a refused form keeps what was typed, never the password, and the link', async () => {
    const path = `/setup/${await login.setupToken()}`
    await browser.get(path)
    const answer = await browser.post(path, { name: 'Root', email: 'nowhere', password: 'password1' })
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('value="Root"')
    expect(answer.body).toContain('value="nowhere"')
    expect(answer.body).not.toContain('password1')
    expect(answer.body.match(/aria-invalid="true"/g)).toHaveLength(2)
    expect((await browser.post(path, root)).status).toBe(303)
  })

  it('G20 a wrong token opens nothing, with or without a living link', async () => {
    await login.setupToken()
    const wrong = await browser.get(`/setup/${'A'.repeat(43)}`)
    expect([wrong.status, mainOf(wrong)]).toEqual([404, expect.stringContaining('setup_closed')])
    expect((await browser.get('/setup/')).status).toBe(404)
  })

  it('G20 K12 of two setups at once one wins, and no log line holds the token', async () => {
    const token = await login.setupToken()
    const path = `/setup/${token}`
    const others = await Promise.all([1, 2, 3, 4].map(async () => login.browser()))
    const answers = await Promise.all(
      others.map(async (one, index) => {
        await one.get(path)
        return one.post(path, { ...root, email: `root${index}@acme.example` })
      }),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([303, 404, 404, 404])
    expect(await login.accounts.countAdmins()).toBe(1)
    expect(login.server.logLines.join('')).not.toContain(token)
    expect(login.server.logLines.join('')).not.toContain(password)
  })
})

describe('change of password', () => {
  const path = '/account/security'
  let id: string
  beforeEach(async () => {
    id = await login.account()
    await browser.get('/sign-in')
    await browser.post('/sign-in', { email: 'ann@acme.example', password })
  })

  it('C14 ends the other sessions and every connection, not this session', async () => {
    const other = login.browser()
    await other.get('/sign-in')
    await other.post('/sign-in', { email: 'ann@acme.example', password })
    expect((await other.get(path)).status).toBe(200)

    await browser.get(path)
    const answer = await browser.post(path, { current_password: password, password: 'another fine password' })
    expect(answer.headers.location).toBe('/account/security?done=password')
    expect((await browser.get('/account/security?done=password')).body).toContain('Your password is changed')
    expect((await other.get(path)).status).toBe(303)
    expect(login.revoked).toEqual([id])
    expect(await eventTypes()).toContain('account.password_changed')

    await other.get('/sign-in')
    expect((await other.post('/sign-in', { email: 'ann@acme.example', password })).status).toBe(401)
    const again = await other.post('/sign-in', { email: 'ann@acme.example', password: 'another fine password' })
    expect(again.status).toBe(303)
  })

  it.each([
    [{ current_password: 'wrong', password: 'another fine password' }, 401],
    [{ current_password: password, password: 'short' }, 400],
    [{ current_password: password, password: 'ann@acme.example' }, 400],
    [{ password: 'another fine password' }, 401],
  ])('%j changes nothing', async (form, status) => {
    const before = await login.accounts.passwordHash(id)
    await browser.get(path)
    const answer = await browser.post(path, form)
    expect(answer.status).toBe(status)
    expect(answer.body).toContain('aria-invalid="true"')
    expect(await login.accounts.passwordHash(id)).toBe(before)
    expect(login.revoked).toEqual([])
  })

  it('a disabled account is signed out at its next request', async () => {
    await login.accounts.setState(id, 'disabled', [])
    expect((await browser.get(path)).status).toBe(303)
  })
})
