import { afterEach, describe, expect, it, vi } from 'vitest'
import { startMailServer } from '../mail/smtp-server.ts'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, type Page } from '../support/browser.ts'
import { connect, refresh } from '../support/flow.ts'

afterEach(() => {
  vi.useRealTimers()
})

async function signedIn(app: TestApp, person: TestPerson): Promise<Browser> {
  const browser = new Browser(app.issuer)
  await browser.submit(await browser.open('/sign-in'), { email: person.email, password: person.password })
  return browser
}

/** A server with an administrator at a browser, and a member. */
async function openConsole(settings: Readonly<Record<string, string>> = {}) {
  const app = await startApp({ settings })
  const root = await app.person('root', 'admin')
  const ada = await app.person('ada')
  const browser = await signedIn(app, root)
  const csrf = async () => /name="_csrf" value="([^"]+)"/.exec((await browser.open('/admin/people')).body)?.[1] ?? ''
  return {
    app,
    root,
    ada,
    browser,
    /** Posts below /admin/people with a good token. */
    act: async (path: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> =>
      browser.post(`/admin/people/${path}`, { _csrf: await csrf(), ...fields }),
    account: (id: string) => app.app.rooms.accounts.store.find(id),
    types: async () => (await app.app.rooms.audit.list({ limit: 20 })).map((event) => event.type),
  }
}

const linkOf = ({ body }: Page): string => /data-link[^>]*>([^<]+)</.exec(body)?.[1] ?? ''
const bob = { email: 'Bob@Example.test', name: 'Bob', role: 'member' }

describe('the list of people', () => {
  it('shows, searches and narrows on the server; names are text', async () => {
    const { act, browser } = await openConsole()
    await act('invite', { ...bob, name: '<script>alert(1)</script>' })
    const all = await browser.open('/admin/people')
    expect([all.status, all.name]).toEqual([200, 'people'])
    expect(all.body).toContain('&lt;script&gt;alert(1)')
    expect(all.body).not.toContain('<script>alert')
    const rows = async (query: string) =>
      [...(await browser.open(`/admin/people${query}`)).body.matchAll(/<bdi>(\w+)@example\.test/g)].map(
        ([, who]) => who,
      )
    expect(await rows('')).toEqual(['ada', 'bob', 'root'])
    expect(await rows('?q=AD')).toEqual(['ada'])
    expect(await rows('?kind=admins')).toEqual(['root'])
    expect(await rows('?kind=invited')).toEqual(['bob'])
    expect(await rows('?q=nobody')).toEqual([])
    expect(await rows('?kind=%3Cb%3E&after=ada@example.test')).toEqual(['bob', 'root'])
  })

  it('goes on page by page', async () => {
    const { app, browser } = await openConsole()
    for (let index = 0; index < 60; index += 1) await app.person(`p${String(index).padStart(2, '0')}`)
    const first = await browser.open('/admin/people')
    const next = /rel="next" href="([^"]+)"/.exec(first.body)?.[1] ?? ''
    const second = await browser.open(next.replaceAll('&amp;', '&'))
    const rows = (page: Page) => [...page.body.matchAll(/data-person="([^"]+)"/g)].map(([, id]) => id)
    expect([rows(first).length, rows(second).length]).toEqual([50, 12])
    expect(new Set([...rows(first), ...rows(second)]).size).toBe(62)
    expect(second.body).not.toContain('rel="next"')
  })
})

describe('inviting', () => {
  it('gives a link once, with which the person comes in; without mail it is copied', async () => {
    const { app, act, browser, types } = await openConsole()
    const made = await act('invite', bob)
    expect([made.status, made.name]).toEqual([200, 'person-link'])
    const link = linkOf(made)
    expect(link).toMatch(/\/invitation\/[\w-]{43}$/)
    expect((await types()).slice(0, 2).sort()).toEqual(['account.created', 'account.invited'])
    const own = new Browser(app.issuer)
    const page = await own.open(link)
    expect((await own.submit(page, { password: 'quite another long password' })).name).toBe('connections')
    for (const path of ['/admin/people', '/admin/audit']) {
      expect((await browser.open(path)).body).not.toContain(link.split('/').at(-1))
    }
    expect(app.log()).not.toContain(link.split('/').at(-1))
  })

  it('by mail: the letter has the link, and the page does not', async () => {
    const mail = await startMailServer()
    const settings = { SMTP_URL: `smtp://127.0.0.1:${mail.port}`, MAIL_FROM: 'id@example.test' }
    const { app, act, root } = await openConsole(settings)
    const sent = await act('invite', { ...bob, locale: 'de' })
    expect(sent.name).toBe('person-link')
    expect(linkOf(sent)).toBe('')
    const letter = await mail.letter()
    expect(letter.headers.get('subject')).toBe('Ihre Einladung zu Sallyport')
    const link = /http:\S+/.exec(letter.parts.get('text/plain') ?? '')?.[0] ?? ''
    expect(sent.body).not.toContain(link.split('/').at(-1))
    expect((await new Browser(app.issuer).open(link)).name).toBe('invitation')
    const asking = new Browser(app.issuer)
    const asked = await asking.submit(await asking.open('/forgot-password'), { email: root.email })
    expect(asked.name).toBe('forgot-password')
    expect((await mail.letter(1)).to).toEqual([root.email])
    expect(app.log()).not.toContain(link.split('/').at(-1))
  })

  it('a letter that fails is told, and the link is there to copy', async () => {
    const mail = await startMailServer({ mode: 'refuses_recipient' })
    const settings = { SMTP_URL: `smtp://127.0.0.1:${mail.port}`, MAIL_FROM: 'id@example.test' }
    const { act } = await openConsole(settings)
    const failed = await act('invite', bob)
    expect(failed.body).toContain('The letter could not be sent: the mail server did not take the letter.')
    expect(linkOf(failed)).toMatch(/\/invitation\/[\w-]{43}$/)
  })

  it.each([
    [{ email: 'no address' }, 'Please enter an e-mail address.'],
    [{ email: 'ADA@example.test' }, 'There is an account with this e-mail address already.'],
    [{ name: ' ' }, 'Please enter a name'],
    [{ role: 'owner' }, 'Please choose a role.'],
  ])('%j is refused beside its field', async (over, words) => {
    const { act } = await openConsole()
    const refused = await act('invite', { ...bob, ...over })
    expect([refused.status, refused.name]).toEqual([400, 'person-invite'])
    expect(refused.body).toContain(words)
  })

  it('G21 takes four fields and nothing else', async () => {
    const { act, app } = await openConsole()
    const more = { id: 'mine', state: 'disabled', password_hash: 'x', passwordHash: 'x', created_at: '0' }
    await act('invite', { ...bob, ...more })
    const made = await app.app.rooms.accounts.store.findForSignIn('bob@example.test')
    expect(made).toMatchObject({ account: { role: 'member', state: 'active' }, passwordHash: undefined })
    expect(made?.account.id).not.toBe('mine')
  })
})

describe('acts on a person', () => {
  it('role: counts at once, and for nothing but the two roles', async () => {
    const { act, account, ada, app } = await openConsole()
    const hers = await signedIn(app, ada)
    expect((await hers.open('/admin')).status).toBe(404)
    expect((await act(`${ada.id}/role`, { role: 'admin' })).name).toBe('person')
    expect((await hers.open('/admin')).status).toBe(200)
    for (const role of ['owner', 'ADMIN', '', 'admin,member']) {
      expect((await act(`${ada.id}/role`, { role })).status).toBe(400)
    }
    await act(`${ada.id}/role`, { role: 'member', state: 'disabled', email: 'x@example.test' })
    expect(await account(ada.id)).toMatchObject({ role: 'member', state: 'active', email: ada.email })
    expect((await hers.open('/admin')).status).toBe(404)
  })

  it('disable ends sessions and connections at once; enable lets in again (C14)', async () => {
    const { act, ada, app, browser } = await openConsole()
    const hers = await signedIn(app, ada)
    const { client, refreshToken } = await connect(app, ada)
    expect((await browser.open(`/admin/people/${ada.id}`)).body).toContain('Test client')
    expect((await act(`${ada.id}/disable`)).body).toContain('This account is disabled.')
    expect((await hers.open('/account/connections')).name).toBe('sign-in')
    expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')
    expect((await act(`${ada.id}/link`)).status).toBe(409)
    await act(`${ada.id}/enable`)
    expect((await (await signedIn(app, ada)).open('/account/connections')).name).toBe('connections')
  })

  it('sign-out everywhere ends sessions and leaves connections', async () => {
    const { act, ada, app, types } = await openConsole()
    const hers = await signedIn(app, ada)
    const { client, refreshToken } = await connect(app, ada)
    await act(`${ada.id}/sign-out`)
    expect((await hers.open('/account/connections')).name).toBe('sign-in')
    expect((await refresh(app, client, refreshToken)).status).toBe(200)
    expect(await types()).toContain('session.ended_all')
  })

  it('a connection is revoked; G21 one of somebody else is not found', async () => {
    const { act, ada, app, browser, root } = await openConsole()
    const { client, refreshToken } = await connect(app, ada)
    const page = await browser.open(`/admin/people/${ada.id}`)
    const connection = /name="connection" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    expect((await act(`${root.id}/disconnect`, { connection })).status).toBe(404)
    expect((await act(`${ada.id}/disconnect`, { connection: 'other' })).status).toBe(404)
    expect((await act(`${ada.id}/disconnect`, { connection })).body).toContain('The connection has ended.')
    expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')
  })

  it('a link for a new password ends what was there when it is used, not before (C14)', async () => {
    const { act, ada, app } = await openConsole()
    const hers = await signedIn(app, ada)
    const { client, refreshToken } = await connect(app, ada)
    const link = linkOf(await act(`${ada.id}/link`))
    expect(link).toMatch(/\/reset\/[\w-]{43}$/)
    expect((await hers.open('/account/connections')).name).toBe('connections')
    const own = new Browser(app.issuer)
    expect((await own.submit(await own.open(link), { password: 'quite another long password' })).name).toBe('sign-in')
    expect((await hers.open('/account/connections')).name).toBe('sign-in')
    expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')
    expect((await own.open(link)).error).toBe('link_closed')
  })

  it('remove wants the typed e-mail address', async () => {
    const { act, account, ada, types } = await openConsole()
    for (const confirm of ['', 'remove', 'root@example.test']) {
      expect((await act(`${ada.id}/remove`, { confirm })).status).toBe(400)
    }
    expect(await account(ada.id)).not.toBeNull()
    expect((await act(`${ada.id}/remove`, { confirm: ' ADA@example.test ' })).name).toBe('people')
    expect(await account(ada.id)).toBeNull()
    expect(await types()).toContain('account.removed')
    expect((await act(`${ada.id}/role`, { role: 'admin' })).status).toBe(404)
  })

  it('the last administrator stays, whatever is tried', async () => {
    const { act, account, root } = await openConsole()
    const tries = [
      await act(`${root.id}/role`, { role: 'member' }),
      await act(`${root.id}/disable`),
      await act(`${root.id}/remove`, { confirm: root.email }),
    ]
    for (const page of tries) {
      expect([page.status, page.name]).toEqual([409, 'person'])
      expect(page.body).toContain('the last administrator who can sign in')
    }
    expect(await account(root.id)).toMatchObject({ role: 'admin', state: 'active' })
  })
})

const posts = ['role', 'disable', 'enable', 'sign-out', 'link', 'disconnect', 'remove']

describe('G21 for administrators alone', () => {
  it('a member finds none of the pages, and changes nothing, not even for themselves', async () => {
    const { app, ada, root, account } = await openConsole()
    const hers = await signedIn(app, ada)
    const token = /name="_csrf" value="([^"]+)"/.exec((await hers.open('/account/connections')).body)?.[1] ?? ''
    for (const path of ['', '/invite', `/${root.id}`, `/${ada.id}`]) {
      expect((await hers.open(`/admin/people${path}`)).error).toBe('not_found')
    }
    const fields = { _csrf: token, ...bob, role: 'admin', confirm: root.email }
    for (const act of posts) {
      for (const { id } of [ada, root]) {
        expect((await hers.post(`/admin/people/${id}/${act}`, fields)).error).toBe('not_found')
      }
    }
    expect((await hers.post('/admin/people/invite', fields)).error).toBe('not_found')
    expect(await account(ada.id)).toMatchObject({ role: 'member' })
    expect(await app.app.rooms.accounts.store.count()).toBe(2)
  })

  it('a form without its token is refused (G03)', async () => {
    const { browser, ada, account } = await openConsole()
    for (const act of posts) expect((await browser.post(`/admin/people/${ada.id}/${act}`, {})).status).toBe(403)
    expect(await account(ada.id)).not.toBeNull()
  })
})

describe('G22 a recent sign-in', () => {
  it('each act wants one; afterwards the person is back at the form, and nothing was done meanwhile', async () => {
    const { act, account, ada, browser, root } = await openConsole()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 })
    expect((await browser.open(`/admin/people/${ada.id}`)).name).toBe('person')
    for (const one of posts) {
      const asked = await act(`${ada.id}/${one}`, { role: 'admin', confirm: ada.email })
      expect(asked.name).toBe('sign-in')
      expect(asked.body).toContain('Nothing was changed yet')
      expect(asked.url).toContain(`return_to=people/${ada.id}&again=posted`)
    }
    expect(await account(ada.id)).toMatchObject({ role: 'member', state: 'active' })
    const asked = await act('invite', bob)
    expect(asked.url).toContain('return_to=people/invite&again=posted')
    const back = await browser.submit(asked, {
      email: root.email,
      password: root.password,
      return_to: 'people/invite',
      again: 'posted',
    })
    expect(back.name).toBe('person-invite')
    expect((await act(`${ada.id}/role`, { role: 'admin' })).name).toBe('person')
    expect(await account(ada.id)).toMatchObject({ role: 'admin' })
  })

  it('the form of an invitation is asked for before it is filled in', async () => {
    const { browser } = await openConsole()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 })
    const asked = await browser.open('/admin/people/invite')
    expect([asked.name, new URL(asked.url).search]).toEqual(['sign-in', '?return_to=people/invite&again=1'])
  })
})
