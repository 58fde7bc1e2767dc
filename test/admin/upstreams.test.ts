import { afterEach, describe, expect, it, vi } from 'vitest'
import { linkPerson, signInPerson } from '../../src/federation/people.ts'
import { madePerson, madeUpstream } from '../federation/made.ts'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, type Page } from '../support/browser.ts'

afterEach(() => {
  vi.useRealTimers()
})

const csrfOf = ({ body }: Page) => /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? ''

async function signedIn(app: TestApp, { email, password }: TestPerson): Promise<Browser> {
  const browser = new Browser(app.issuer)
  await browser.post('/sign-in', { _csrf: csrfOf(await browser.open('/sign-in')), email, password })
  return browser
}

/** A server, an administrator and a member, each at a browser. */
async function openConsole(settings: Readonly<Record<string, string>> = {}) {
  const app = await startApp({ settings })
  const [root, ada] = [await app.person('root', 'admin'), await app.person('ada')]
  const [browser, member] = [await signedIn(app, root), await signedIn(app, ada)]
  const { federation, database } = app.app.rooms
  const act = async (who: Browser, path: string, fields: Readonly<Record<string, string>> = {}) =>
    who.post(path, { _csrf: csrfOf(await who.open('/account/sessions')), ...fields })
  return {
    app,
    root,
    ada,
    browser,
    member,
    federation,
    database,
    /** Posts below `/admin/upstreams` with a good token. */
    act: (path: string, fields: Readonly<Record<string, string>> = {}) =>
      act(browser, `/admin/upstreams${path}`, fields),
    mine: (path: string, fields: Readonly<Record<string, string>> = {}) =>
      act(member, `/account/security/${path}`, fields),
    types: async () => (await app.app.rooms.audit.list({ limit: 20 })).map(({ type }) => type),
  }
}

const keycloak = {
  preset: 'keycloak',
  id: 'firm',
  name: '<b>Firm</b>',
  issuer: 'https://login.acme.example',
  client_id: 'sallyport',
  client_secret: 'canary-secret',
  domains: ' Acme.example \r\n',
  admin_groups: 'Admins\r\nOwners',
}

describe('providers in the console', () => {
  it('are added, listed, changed and removed; the secret is never shown, and kept when none is typed', async () => {
    const { act, browser, federation, types, app } = await openConsole()
    const form = await browser.open('/admin/upstreams/new?preset=keycloak')
    expect([form.name, form.body.includes(`${app.issuer}/upstream/keycloak/callback`)]).toEqual(['upstream', true])
    const added = await act('', { ...keycloak, enabled: 'no', set_by_file: '1', setByFile: '1' })
    expect([added.status, added.name, added.url.endsWith('/admin/upstreams/firm?done=added')]).toEqual([
      200,
      'upstream',
      true,
    ])
    expect(await federation.upstreams.store.find('firm')).toMatchObject({
      enabled: true,
      setByFile: false,
      clientSecret: 'canary-secret',
      rules: { create: false, domains: ['acme.example'], adminGroups: ['Admins', 'Owners'], trustsEmail: false },
    })
    expect(added.body).toContain(`${app.issuer}/upstream/firm/callback`)
    const list = await browser.open('/admin/upstreams')
    expect(list.body).toContain('&lt;b&gt;Firm&lt;/b&gt;')
    for (const page of [added, list]) expect(page.body).not.toContain('canary')

    const { client_secret: _, ...unchanged } = { ...keycloak, name: 'Firm', create: 'yes', id: 'other' }
    expect((await act('/firm', unchanged)).url).toMatch(/done=saved$/)
    expect(await federation.upstreams.store.list()).toMatchObject([
      { id: 'firm', name: 'Firm', clientSecret: 'canary-secret', rules: { create: true } },
    ])
    expect((await act('/firm/remove', { confirm: 'firmx' })).error).toBe('not_confirmed')
    expect((await act('/firm/remove', { confirm: 'Firm' })).url).toMatch(/\/admin\/upstreams\?done=removed$/)
    expect(await federation.upstreams.store.list()).toEqual([])
    expect((await types()).slice(0, 3)).toEqual(['upstream.removed', 'upstream.updated', 'upstream.created'])
    expect(app.log()).not.toContain('canary')
  })

  it('what is wrong is said beside what was typed, and nothing is saved (H10, H11)', async () => {
    const { act, federation } = await openConsole()
    const refused = async (fields: Readonly<Record<string, string>>) => {
      const page = await act('', { ...keycloak, ...fields })
      expect([page.status, page.name]).toEqual([400, 'upstream'])
      expect(page.body).not.toContain('canary')
      return /role="alert"[\s\S]*?<\/div>/.exec(page.body)?.[0]
    }
    expect(await refused({ issuer: 'http://login.acme.example' })).toMatch(/no https address/)
    expect(await refused({ preset: 'entra', issuer: 'https://login.microsoftonline.com/common/v2.0' })).toMatch(
      /everybody can make/,
    )
    expect(await refused({ preset: 'google', issuer: '', client_secret: '' })).toMatch(/client secret/)
    expect(await refused({ id: '../x', name: '' })).toMatch(/identifier has[\s\S]*name has/)
    expect((await act('', { preset: 'nonsense' })).name).toBe('upstream-choose')
    await act('', keycloak)
    expect(await refused({})).toMatch(/identifier firm already/)
    expect(await federation.upstreams.store.list()).toHaveLength(1)
  })

  it('are switched off and on, and tested from there', async () => {
    const { act, federation } = await openConsole()
    await act('', { ...keycloak, issuer: 'http://127.0.0.1:1' })
    const off = await act('/firm/state', { enabled: 'no' })
    expect([off.status, await federation.upstreams.store.enabled()]).toEqual([200, []])
    await act('/firm/state', { enabled: 'yes' })
    expect(await federation.upstreams.store.enabled()).toHaveLength(1)
    const tested = await act('/firm/test')
    expect(tested.body).toMatch(/data-light="red"/)
    expect(tested.body).toContain('No connection to 127.0.0.1:1 was possible')
  })

  it('those of the file are shown and not changed', async () => {
    const { act, browser, federation } = await openConsole()
    await federation.upstreams.store.add(madeUpstream({ setByFile: true }))
    const page = await browser.open('/admin/upstreams/acme')
    expect(page.body).toContain('set by file')
    expect(page.body).not.toMatch(/name="client_secret"|\/remove"|\/state"/)
    for (const path of ['/acme', '/acme/state', '/acme/remove']) {
      expect((await act(path, { ...keycloak, confirm: 'Acme' })).error, path).toBe('set_by_file')
    }
    expect(await federation.upstreams.store.list()).toHaveLength(1)
  })

  it('G21: a member finds none of it; G22: an old sign-in changes nothing', async () => {
    const { act, browser, member, federation } = await openConsole()
    for (const path of ['', '/new', '/firm']) expect((await member.open(`/admin/upstreams${path}`)).status).toBe(404)
    const csrf = csrfOf(await member.open('/account/sessions'))
    for (const path of ['', '/firm', '/firm/state', '/firm/test', '/firm/remove']) {
      expect((await member.post(`/admin/upstreams${path}`, { _csrf: csrf, ...keycloak })).status, path).toBe(404)
    }
    await act('', keycloak)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 })
    for (const path of ['', '/firm', '/firm/state', '/firm/remove']) {
      const page = await act(path, { ...keycloak, id: 'b', name: 'B', confirm: keycloak.name })
      expect([path, page.name, page.url.includes('again=posted')]).toEqual([path, 'sign-in', true])
    }
    expect((await browser.open('/admin/upstreams/new')).name).toBe('sign-in')
    expect(await federation.upstreams.store.list()).toMatchObject([{ id: 'firm', enabled: true, name: keycloak.name }])
  })
})

describe('who is linked', () => {
  it('a person’s page shows identities and unlinks them, the last way in excepted', async () => {
    const { act: _, app, ada, browser, database, federation } = await openConsole()
    const upstream = madeUpstream()
    await federation.upstreams.store.add(upstream)
    await linkPerson(federation.people, ada.id, upstream, madePerson(upstream, { email: '<i>ada</i>@x.example' }))
    const page = await browser.open(`/admin/people/${ada.id}`)
    expect(page.body).toContain('&lt;i&gt;ada&lt;/i&gt;@x.example')
    const [identity] = await federation.identities.ofAccount(ada.id)
    const unlink = () =>
      browser.post(`/admin/people/${ada.id}/unlink`, { _csrf: csrfOf(page), identity: identity?.id ?? '' })
    await database.sql.run('UPDATE account SET password_hash = NULL WHERE id = ?', [ada.id])
    const refused = await unlink()
    expect([refused.status, refused.body.includes('last way in')]).toEqual([409, true])
    const other = await app.person()
    const elsewhere = await browser.post(`/admin/people/${other.id}/unlink`, {
      _csrf: csrfOf(page),
      identity: identity?.id ?? '',
    })
    expect(elsewhere.status).toBe(200)
    expect(await federation.identities.ofAccount(ada.id)).toHaveLength(1)
    await database.sql.run("UPDATE account SET password_hash = 'x' WHERE id = ?", [ada.id])
    expect((await unlink()).url).toMatch(/done=unlinked$/)
    expect(await federation.identities.ofAccount(ada.id)).toEqual([])
  })

  it('one’s own page lists, offers to link, and unlinks one’s own alone (G21, G22)', async () => {
    const { ada, root, member, mine, federation, database } = await openConsole()
    const [upstream, other] = [
      madeUpstream(),
      madeUpstream({ id: 'other', name: 'Other', issuer: 'https://other.example' }),
    ]
    await federation.upstreams.store.add(upstream)
    await federation.upstreams.store.add(other)
    await linkPerson(federation.people, ada.id, upstream, madePerson(upstream))
    await linkPerson(federation.people, root.id, other, madePerson(other))
    const page = await member.open('/account/security/upstreams')
    expect(page.name).toBe('linked-accounts')
    expect([...page.body.matchAll(/data-upstream="(\w+)"/g)].map(([, id]) => id)).toEqual(['other'])
    const [own] = await federation.identities.ofAccount(ada.id)
    const [foreign] = await federation.identities.ofAccount(root.id)
    expect((await mine(`identities/${foreign?.id}/unlink`)).status).toBe(404)
    expect(await federation.identities.ofAccount(root.id)).toHaveLength(1)
    await database.sql.run('UPDATE account SET password_hash = NULL WHERE id = ?', [ada.id])
    const refused = await mine(`identities/${own?.id}/unlink`)
    expect([refused.status, refused.body.includes('last way to sign in')]).toEqual([409, true])
    await database.sql.run("UPDATE account SET password_hash = 'x' WHERE id = ?", [ada.id])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 })
    expect((await mine(`identities/${own?.id}/unlink`)).name).toBe('sign-in')
    vi.useRealTimers()
    expect((await mine(`identities/${own?.id}/unlink`)).url).toMatch(/done=unlinked$/)
  })

  it('an export holds the identities and no token (H13); an account that goes takes them along', async () => {
    const { ada, member, mine, federation, database, app } = await openConsole()
    const upstream = madeUpstream()
    await federation.upstreams.store.add(upstream)
    await linkPerson(federation.people, ada.id, upstream, madePerson(upstream))
    const row = [ada.id, 'acme', 'r', 'canary-token']
    await database.sql.run('INSERT INTO upstream_token VALUES (?, ?, ?, ?, NULL, 1)', row)
    const csrf = csrfOf(await member.open('/account/data'))
    const exported = await member.post('/account/data/export', { _csrf: csrf })
    const { identities } = JSON.parse(exported.body)
    expect(identities).toMatchObject([
      { issuer: upstream.issuer, subject: 'sub-1', upstream: 'acme', label: 'ada@acme.example' },
    ])
    expect(exported.body).not.toContain('canary')
    await member.post('/account/data/delete', { _csrf: csrf, email: ada.email })
    expect(await federation.identities.find(upstream.issuer, 'sub-1')).toBeNull()
    expect(await database.sql.all('SELECT 1 FROM upstream_token')).toEqual([])
    expect(await app.app.rooms.accounts.store.find(ada.id)).toBeNull()
    void mine
  })
})

describe('PASSWORD_SIGN_IN=off', () => {
  it('no password signs in, no link leads to a new one; providers do', async () => {
    const app = await startApp({
      settings: { PASSWORD_SIGN_IN: 'off', SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'id@example.test' },
    })
    const { federation } = app.app.rooms
    await federation.upstreams.store.add(madeUpstream())
    const browser = new Browser(app.issuer)
    const page = await browser.open('/sign-in')
    expect(page.body).not.toContain('name="password"')
    const ada = await app.person('ada')
    const posted = await browser.post('/sign-in', { _csrf: csrfOf(page), email: ada.email, password: ada.password })
    expect([posted.status, posted.error]).toEqual([403, 'passwords_off'])
    for (const path of ['/forgot-password', `/reset/${'a'.repeat(43)}`, `/invitation/${'a'.repeat(43)}`]) {
      expect((await browser.open(path)).error, path).toBe('passwords_off')
      expect((await browser.post(path, { _csrf: csrfOf(page), email: ada.email, password: 'x' })).error, path).toBe(
        'passwords_off',
      )
    }
    const upstream = madeUpstream()
    expect(await signInPerson(federation.people, upstream, madePerson(upstream), {})).toMatchObject({ ok: true })
  })

  it('the setup link still lets the first administrator in, and leads to the other ways', async () => {
    const app = await startApp({ settings: { PASSWORD_SIGN_IN: 'off' } })
    const browser = new Browser(app.issuer)
    const page = await browser.open((await app.app.setupLink()) ?? '')
    expect(page.body).toContain('passwords is switched off')
    const fields = { name: 'Root', email: 'root@example.test', password: 'correct horse battery staple' }
    const done = await browser.submit(page, fields)
    expect([done.status, new URL(done.url).pathname]).toEqual([200, '/account/security'])
    expect((await browser.open('/admin/people')).body).not.toContain('/admin/people/invite')
    expect((await browser.open('/admin/people/invite')).error).toBe('passwords_off')
    const me = await app.app.rooms.accounts.store.findByEmail(fields.email)
    const made = await browser.post(`/admin/people/${me?.id}/link`, {
      _csrf: csrfOf(await browser.open('/admin/people')),
    })
    expect(made.error).toBe('passwords_off')
  })

  it('a start that would shut every administrator out is refused, with the cure', async () => {
    const app = await startApp()
    const root = await app.person('root', 'admin')
    const beside = () => startApp({ beside: app, settings: { PASSWORD_SIGN_IN: 'off' } })
    await expect(beside()).rejects.toThrow(
      /PASSWORD_SIGN_IN: is off, and no administrator could sign in[\s\S]*hint: write on/,
    )
    const { federation } = app.app.rooms
    const upstream = madeUpstream()
    await federation.upstreams.store.add(upstream)
    await expect(beside()).rejects.toThrow(/no administrator/)
    await linkPerson(federation.people, root.id, upstream, madePerson(upstream))
    await beside()
    await federation.upstreams.store.setEnabled('acme', false)
    await expect(beside()).rejects.toThrow(/no administrator/)
    const granting = madeUpstream({ id: 'b', rules: { adminGroups: ['admins'] } })
    await federation.upstreams.store.add(granting)
    await beside()
  })
})
