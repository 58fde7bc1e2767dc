import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { type FarAway, openFarAway, sendJson } from '../support/far-away.ts'
import { authorizationRequest, connect, obtainCode, type RegisteredClient, redeem, refresh } from '../support/flow.ts'
import { audited, authorize, count, errorOf, expectPage, webRedirect } from './stage.ts'

// A document that people have relied on says something else today, or its domain belongs to somebody else.

describe.each(['sqlite', 'postgresql'] as const)('on %s', (database) => {
  let far: FarAway
  let app: TestApp
  let person: TestPerson
  let path = 0

  beforeAll(async () => {
    far = await openFarAway(['app.example', 'evil.example', 'below.evil.example'])
    app = await startApp({ database, egressStage: far.stage })
    person = await app.person()
  })
  afterAll(async () => {
    await app.close()
    await far.close()
  })

  /** A client whose document is read anew each time, so that a change is seen at once. */
  function clientAt(host = 'app.example', over: Readonly<Record<string, unknown>> = {}) {
    path += 1
    const id = `https://${host}/client-${path}.json`
    const says = (more: Readonly<Record<string, unknown>>) =>
      far.hosts.set(
        host,
        sendJson(
          {
            client_id: id,
            client_name: 'Far App',
            redirect_uris: [webRedirect],
            token_endpoint_auth_method: 'none',
            ...over,
            ...more,
          },
          { 'cache-control': 'no-store' },
        ),
      )
    says({})
    const client: RegisteredClient = {
      client_id: id,
      redirect_uris: [webRedirect],
      registration_access_token: '',
      registration_client_uri: '',
    }
    return { id, client, says }
  }
  const connected = (client: RegisteredClient) => connect(app, person, { redirect_uri: webRedirect }, client)
  const addressOf = (client: RegisteredClient, redirect = webRedirect) =>
    authorizationRequest(app, client.client_id, { redirect_uri: redirect }).url

  describe('F14 what a document says now', () => {
    test('the same: the consent is remembered, and nothing ends', async () => {
      const { client } = clientAt()
      const { browser, refreshToken } = await connected(client)
      const again = await obtainCode(app, client, person, { redirect_uri: webRedirect }, browser)
      expect((await redeem(app, client, again)).status).toBe(200)
      expect((await refresh(app, client, refreshToken)).status).toBe(200)
    })

    test.each<[string, Readonly<Record<string, unknown>>]>([
      ['another name', { client_name: 'Your Bank' }],
      ['another logo', { logo_uri: 'https://app.example/other.png' }],
    ])('%s: consent is asked again, connections go on', async (_title, change) => {
      const { client, says } = clientAt()
      const { browser, refreshToken } = await connected(client)
      says(change)
      const page = await browser.open(addressOf(client))
      expect(page.name).toBe('consent')
      expect((await refresh(app, client, refreshToken)).status).toBe(200)
      const updated = (await audited(app, 'client.updated')).filter((row) => row.client_id === client.client_id)
      expect(updated).toHaveLength(1)
      expect(JSON.parse(String(updated[0]?.detail)).reason).toBeUndefined()
    })

    test.each<[string, Readonly<Record<string, unknown>>]>([
      ['another place for answers', { redirect_uris: [webRedirect, 'https://evil.example/cb'] }],
      ['other keys', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/keys' }],
    ])('%s: what people had allowed is withdrawn, and refresh tokens end', async (_title, change) => {
      const { client, says } = clientAt()
      const { browser, refreshToken } = await connected(client)
      says(change)
      const answer = await refresh(app, client, refreshToken)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.body.access_token).toBeUndefined()
      says({})
      // Back to what it was: what was withdrawn stays withdrawn.
      expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')
      expect(await count(app, 'consent', `client_id = '${client.client_id}' AND revoked_at IS NULL`)).toBe(0)
      const page = await browser.open(addressOf(client))
      expect(page.name).toBe('consent')
      const updated = (await audited(app, 'client.updated')).filter((row) => row.client_id === client.client_id)
      expect(updated.map(({ detail }) => JSON.parse(String(detail)).reason)).toContain('connections_ended')
    })

    test('that another process has seen the change already ends nothing that was allowed since', async () => {
      const { client, says } = clientAt()
      await connected(client)
      const beside = await startApp({ beside: app, egressStage: far.stage })
      // The other process remembers the client as it was.
      await authorize(beside, client.client_id, { redirect_uri: webRedirect })
      says({ redirect_uris: [webRedirect, 'https://other.example/cb'] })
      const { refreshToken } = await connected(client)
      await authorize(beside, client.client_id, { redirect_uri: webRedirect })
      expect((await refresh(app, client, refreshToken)).status).toBe(200)
    })
  })

  describe('F15 a domain that was sold', () => {
    test('connections of documents end after 90 days, whatever the settings say', async () => {
      const long = await startApp({
        database,
        egressStage: far.stage,
        settings: { REFRESH_ABSOLUTE_SECONDS: '31536000', REFRESH_IDLE_SECONDS: '31536000' },
      })
      const { client } = clientAt()
      const owner = await long.person()
      await connect(long, owner, { redirect_uri: webRedirect }, client)
      const rows = await long.app.rooms.database.sql.all<Record<string, number | string>>(
        'SELECT created_at, expires_at, ends_at FROM refresh_family',
      )
      const days = (name: string) => (Number(rows[0]?.[name]) - Number(rows[0]?.created_at)) / 86_400_000
      expect(Math.round(days('ends_at'))).toBe(90)
      expect(days('expires_at')).toBeLessThanOrEqual(90.001)
      const consents = await long.app.rooms.database.sql.all<{ granted_at: number; expires_at: number }>(
        'SELECT granted_at, expires_at FROM consent',
      )
      expect(consents.map((row) => (Number(row.expires_at) - Number(row.granted_at)) / 86_400_000)).toEqual([90])
    })

    test('a blocked host: its clients are refused, also below it, and everything they held has ended', async () => {
      const one = clientAt('evil.example')
      const first = await connected(one.client)
      const two = clientAt('below.evil.example')
      const second = await connected(two.client)
      const other = clientAt('app.example')
      const third = await connected(other.client)
      const out: string[] = []
      const terminal = {
        stdout: { write: (text: string) => out.push(text) },
        stderr: { write: (text: string) => out.push(text) },
      }
      const cli = (...args: string[]) => run(args, { rooms: app.app.rooms, terminal: terminal as never })

      expect(await cli('host', 'block', 'EVIL.example')).toBe(0)
      expect(out.join('')).toContain('blocked evil.example, 2 consents withdrawn')
      for (const [client, token] of [
        [one.client, first.refreshToken],
        [two.client, second.refreshToken],
      ] as const) {
        const answer = await refresh(app, client, token)
        expect([answer.status, answer.body.access_token]).toEqual([400, undefined])
        expect((await refresh(app, client, token)).body.error).toBe('invalid_client')
        const before = far.requests.length
        expectPage(await authorize(app, client.client_id), 'invalid_client', app)
        expect(far.requests.length).toBe(before)
      }
      expect((await refresh(app, other.client, third.refreshToken)).status).toBe(200)
      expect(await cli('host', 'block', 'evil.example')).toBe(1)
      expect(await cli('host', 'block', 'example')).toBe(1)
      out.length = 0
      expect(await cli('host', 'list', '--json')).toBe(0)
      expect(JSON.parse(out.join(''))).toMatchObject([{ host: 'evil.example' }])
      expect(await audited(app, 'host.blocked')).toMatchObject([{ actor: 'operator' }])

      // Another process sees it, too.
      const beside = await startApp({ beside: app, egressStage: far.stage })
      expectPage(await authorize(beside, one.client.client_id), 'invalid_client', beside)

      expect(await cli('host', 'unblock', 'evil.example')).toBe(0)
      expect(await cli('host', 'unblock', 'evil.example')).toBe(1)
      expect((await refresh(app, one.client, first.refreshToken)).body.error).toBe('invalid_grant')
      one.says({})
      expect((await authorize(app, one.client.client_id)).status).toBe(303)
    })

    test('in the console: blocked with a word, listed, unblocked; nonsense changes nothing', async () => {
      const admin = await app.person(undefined, 'admin')
      const browser = new Browser(app.issuer)
      const signIn = await browser.open('/sign-in')
      await browser.submit(signIn, { email: admin.email, password: admin.password })
      let page = await browser.open('/admin/clients/hosts')
      expect(page.name).toBe('clients')
      page = await browser.post('/admin/clients/hosts/block', { _csrf: csrfOf(page), host: 'not a host' })
      expect([page.status, page.body.includes('not a host')]).toEqual([400, true])
      page = await browser.post('/admin/clients/hosts/block', {
        _csrf: csrfOf(page),
        host: 'https://sold.example/client.json',
      })
      expect(page.body).toContain('data-host="sold.example"')
      const unblock = { _csrf: csrfOf(page), host: 'sold.example' }
      page = await browser.post('/admin/clients/hosts/unblock', unblock)
      expect(page.body).not.toContain('data-host="sold.example"')
      const member = new Browser(app.issuer)
      const start = await member.open('/sign-in')
      await member.submit(start, { email: person.email, password: person.password })
      expect((await member.open('/admin/clients/hosts')).status).toBe(404)
    })
  })

  test('F17 a famous document whose answers go to this computer is asked about each time, with the host and a warning', async () => {
    const redirect = 'http://127.0.0.1:4321/callback'
    const { client } = clientAt('app.example', { redirect_uris: [redirect] })
    const browser = new Browser(app.issuer)
    await obtainCode(app, client, person, { redirect_uri: redirect }, browser)
    const attackers = 'http://127.0.0.1:6666/callback'
    const page = await browser.open(addressOf(client, attackers))
    expect(page.name).toBe('consent')
    expect(page.body).toContain('app.example')
    expect(page.body).toMatch(/this computer/i)
  })

  test('F18 the logo of a client is never linked from its own address, and nothing else is loaded', async () => {
    const { client } = clientAt('app.example', { logo_uri: 'https://evil.example/track.svg' })
    const browser = new Browser(app.issuer)
    const signIn = await browser.open(addressOf(client))
    const page = await browser.submit(signIn, { email: person.email, password: person.password })
    const consent = page.name === 'continue' ? await browser.goOn(page) : page
    expect(consent.name).toBe('consent')
    for (const [, source = ''] of consent.body.matchAll(/<(?:img|link|script)[^>]*(?:src|href)="([^"]*)"/g)) {
      expect(new URL(source, app.issuer).origin).toBe(app.issuer)
    }
    expect(consent.headers.get('content-security-policy')).toMatch(/img-src 'self'(?: data:)?(?:;|$)/)
    expect(errorOf(consent.body)).toBeUndefined()
  })
})
