// What a person does on the page of connections, seen from the client: the whole server, the real library.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { notes, startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type Browser, csrfOf, type Page } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import {
  authorizationRequest,
  decide,
  obtainCode,
  type RegisteredClient,
  redeem,
  refresh,
  register,
} from '../support/flow.ts'
import { signInTo } from './sign-in.ts'

const all = 'notes:read notes:write notes:delete'

describe.each(databaseKinds)('connections on %s', (kind) => {
  let app: TestApp
  let client: RegisteredClient
  let person: TestPerson
  let browser: Browser
  beforeAll(async () => {
    app = await startApp({ database: kind, settings: { REFRESH_GRACE_SECONDS: '0' } })
    client = await register(app, { redirect_uris: ['https://app.example/cb'] })
  })
  afterAll(() => app.close())

  /** A new person with one connection. */
  async function connected(scope = all) {
    person = await app.person()
    browser = await signInTo(app, person)
    const obtained = await obtainCode(app, client, person, { scope, redirect_uri: 'https://app.example/cb' }, browser)
    const { body } = await redeem(app, client, obtained)
    const page = await browser.open('/account/connections')
    const grant = /data-grant="([^"]+)"/.exec(page.body)?.[1] ?? ''
    return { refreshToken: body.refresh_token ?? '', grant, page }
  }

  async function act(verb: string, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Page> {
    const page = await browser.open('/account/connections')
    return browser.post(`/account/connections/${verb}`, { _csrf: csrfOf(page), ...fields })
  }

  async function events(): Promise<readonly string[]> {
    await app.app.rooms.audit.flush()
    const found = await app.app.rooms.audit.list({ accountId: person.id, limit: 100 })
    return found.map(({ type }) => type)
  }

  it('a paused connection gets no token, loses nothing, and goes on when it is resumed (G25, C14)', async () => {
    const { refreshToken, grant } = await connected()
    const paused = await act('pause', { grant })
    expect(paused.body).toMatch(/data-paused="20/)
    for (let time = 0; time < 3; time += 1) {
      expect(await refresh(app, client, refreshToken)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    }
    const resumed = await act('resume', { grant })
    expect(resumed.body).toContain('data-resumed')
    const again = await refresh(app, client, refreshToken)
    expect(again).toMatchObject({ status: 200, body: { scope: all } })
    expect(await events()).toEqual(expect.arrayContaining(['connection.paused', 'connection.resumed', 'token.refused']))
    expect(await events()).not.toContain('refresh.reused')
  })

  it('a paused connection whose used-up token comes back ends all the same (C06)', async () => {
    const { refreshToken, grant } = await connected()
    const next = (await refresh(app, client, refreshToken)).body.refresh_token ?? ''
    await act('pause', { grant })
    // Ours: within a second a parallel loser cannot be told from a thief.
    await app.app.rooms.database.sql.run('UPDATE refresh_family SET rotated_at = rotated_at - 5000')
    expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')
    expect(await events()).toContain('refresh.reused')
    expect((await act('resume', { grant })).status).toBe(404)
    expect((await refresh(app, client, next)).body.error).toBe('invalid_grant')
    const page = await browser.open('/account/connections')
    expect(page.body).toContain('data-alarm')
    expect((await browser.open('/account/history')).body).toContain('data-event="refresh.reused"')
  })

  it('a code of a paused connection is refused and not used up (G25)', async () => {
    person = await app.person()
    browser = await signInTo(app, person)
    const obtained = await obtainCode(
      app,
      client,
      person,
      { scope: all, redirect_uri: 'https://app.example/cb' },
      browser,
    )
    const { body } = await browser.open('/account/connections')
    const grant = /data-grant="([^"]+)"/.exec(body)?.[1] ?? ''
    await act('pause', { grant })
    expect((await redeem(app, client, obtained)).body.error).toBe('invalid_grant')
    await act('resume', { grant })
    expect((await redeem(app, client, obtained)).status).toBe(200)
  })

  it('a paused client that asks to be let in again is asked about, not let past (G25)', async () => {
    const { grant } = await connected()
    const request = { scope: all, redirect_uri: 'https://app.example/cb' }
    // Before: the consent is remembered and no page comes.
    await obtainCode(app, client, person, request, browser)
    await act('pause', { grant })
    const page = await browser.open(authorizationRequest(app, client.client_id, request).url)
    expect(page.name).toBe('consent')
  })

  it('a narrowed connection holds less from the next refresh on, and never more again (G25)', async () => {
    const { refreshToken, grant } = await connected()
    const page = await act('narrow', { grant, scope: ['notes:read', 'notes:write'] })
    expect(page.body).toMatch(/data-narrowed="20/)
    const less = await refresh(app, client, refreshToken)
    expect(less.body.scope).toBe('notes:read notes:write')
    const token = less.body.refresh_token ?? ''
    // Neither the client nor a forged form brings anything back.
    expect((await refresh(app, client, token, { scope: all })).body.error).toBe('invalid_scope')
    await act('narrow', { grant, scope: ['notes:read', 'notes:delete', 'admin'] })
    const least = await refresh(app, client, token)
    expect(least.body.scope).toBe('notes:read')
    expect(await act('narrow', { grant })).toMatchObject({ status: 400, error: 'bad_request' })
    expect((await refresh(app, client, least.body.refresh_token ?? '')).body.scope).toBe('notes:read')
    expect((await events()).filter((type) => type === 'connection.narrowed')).toHaveLength(2)
  })

  it('what was taken away is asked for at the next authorization, not remembered (G25)', async () => {
    const { grant } = await connected()
    await act('narrow', { grant, scope: ['notes:read'] })
    const request = { scope: all, redirect_uri: 'https://app.example/cb' }
    const wide = await browser.open(authorizationRequest(app, client.client_id, request).url)
    expect(wide.name).toBe('consent')
    const narrow = await decide(
      browser,
      authorizationRequest(app, client.client_id, { ...request, scope: 'notes:read' }),
      person,
    )
    expect(new URL(narrow.url).searchParams.get('code')).not.toBeNull()
  })

  it('narrowing while the client refreshes all the time leaves nothing wide (G25)', async () => {
    const { refreshToken, grant } = await connected()
    let token = refreshToken
    const refreshing = (async () => {
      for (let time = 0; time < 8; time += 1) {
        const { body } = await refresh(app, client, token)
        token = body.refresh_token ?? token
      }
    })()
    expect((await act('narrow', { grant, scope: ['notes:read'] })).status).toBe(200)
    await refreshing
    expect((await refresh(app, client, token)).body.scope).toBe('notes:read')
  })

  it('shows from where it was last used, coarsely, and keeps nothing finer (G25)', async () => {
    const { page, refreshToken } = await connected()
    expect(page.body).toContain('this computer')
    await refresh(app, client, refreshToken)
    const rows = await app.app.rooms.database.sql.all<{ address: string | null }>(
      'SELECT address FROM refresh_family UNION ALL SELECT address FROM browser_session UNION ALL SELECT address FROM protocol_grant',
    )
    expect([...new Set(rows.map(({ address }) => address))].filter((one) => one !== null)).toEqual(['loopback'])
  })

  it.each(['pause', 'resume', 'narrow', 'revoke'])(
    'nobody can %s the connection of somebody else (G21)',
    async (verb) => {
      const { grant, refreshToken } = await connected()
      const other = await app.person()
      browser = await signInTo(app, other)
      const answer = await act(verb, { grant, scope: 'notes:read', account: person.id })
      expect(answer).toMatchObject({ status: 404, error: 'not_found' })
      expect((await refresh(app, client, refreshToken)).body.scope).toBe(all)
    },
  )

  it('the whole history is the person’s own, newest first, page by page (G21, G25)', async () => {
    const { refreshToken } = await connected('notes:read')
    const { audit } = app.app.rooms
    for (let index = 0; index < 60; index += 1) {
      await audit.record({
        type: 'session.signed_in',
        actor: `account:${person.id}`,
        accountId: person.id,
        address: '198.51.100.77',
      })
    }
    await audit.record({ type: 'account.created', actor: 'operator', accountId: 'somebody-else' })
    await refresh(app, client, refreshToken)
    const first = await browser.open('/account/history')
    expect(first.body).toContain('fetched a new token for')
    expect(first.body).toContain('network 198.51.100.0/24')
    expect(first.body).not.toContain('198.51.100.77')
    const older = /href="([^"]*before=[^"]+)"/.exec(first.body)?.[1] ?? ''
    const second = await browser.open(older)
    const shown = (page: Page) => [...page.body.matchAll(/data-event="([^"]+)"/g)].map(([, type]) => type)
    expect(shown(first)).toHaveLength(40)
    expect(shown(second)).toEqual(expect.arrayContaining(['session.signed_in', 'consent.granted', 'account.created']))
    expect(second.body).toContain(`<bdi class="strong">${notes.name}</bdi>`)
    expect(shown(first).filter((type) => type === 'session.signed_in').length).toBeLessThan(41)
    // The one account.created is this person's own.
    expect(shown(second).filter((type) => type === 'account.created')).toHaveLength(1)
  })
})
