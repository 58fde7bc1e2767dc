import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser, type Page } from '../support/browser.ts'
import { addUpstream, upstreamOf } from '../support/upstream.ts'
import { countOf, deliver, leaveFromOwnPage } from './journey.ts'
import { json, startWebServer, type WebServer } from './web-server.ts'

/** What GitHub says; a test changes a part of it. */
interface Words {
  token: unknown
  user: unknown
  emails: unknown
  orgs: unknown
}

const honest: Words = {
  token: { access_token: 'gho_secret', token_type: 'bearer', scope: 'read:user,user:email' },
  user: { id: 4242, login: 'ada', name: 'Ada', email: 'public@elsewhere.example' },
  emails: [
    { email: 'other@acme.example', primary: false, verified: true },
    { email: 'ada@acme.example', primary: true, verified: true },
  ],
  orgs: [{ login: 'acme' }],
}

async function openGithub(words: Partial<Words> = {}, changes: Parameters<typeof upstreamOf>[1] = {}) {
  const said = { ...honest, ...words }
  const server = await startWebServer(({ path }, response) => {
    if (path === '/login/oauth/access_token') return json(response, said.token)
    if (path === '/api/v3/user') return json(response, said.user)
    if (path === '/api/v3/user/emails') return json(response, said.emails)
    if (path.startsWith('/api/v3/user/orgs')) return json(response, said.orgs)
    json(response, { message: 'Not Found' }, 404)
  })
  const app = await startApp()
  const secret = { issuer: server.origin, clientSecret: 'gh-secret' }
  await addUpstream(
    app,
    upstreamOf(secret, { id: 'github', preset: 'github', scopes: ['read:user', 'user:email'], ...changes }),
  )
  return { app, server, said }
}

async function signIn(
  app: TestApp,
  params: Record<string, string> = { code: 'a-code' },
): Promise<{ page: Page; sent: URL }> {
  const here = new Browser(app.issuer)
  const sent = new URL(await leaveFromOwnPage(here, 'github'))
  const answer = new URL(`${app.issuer}/upstream/github/callback`)
  answer.search = new URLSearchParams({ state: sent.searchParams.get('state') ?? '', ...params }).toString()
  return { page: await deliver(here, answer.href), sent }
}

const asked = ({ arrived }: WebServer, path: string) => arrived.find((one) => one.path === path)

describe('GitHub', () => {
  it('signs in by the numeric id and the address that GitHub has seen confirmed', async () => {
    const { app, server } = await openGithub()
    const { page, sent } = await signIn(app)
    expect(page.name).toBe('connections')
    const { sql } = app.app.rooms.database
    expect(await sql.all('SELECT issuer, subject FROM upstream_identity')).toEqual([
      { issuer: server.origin, subject: '4242' },
    ])
    expect(await sql.all('SELECT email FROM account')).toEqual([{ email: 'ada@acme.example' }])
    expect(sent.pathname).toBe('/login/oauth/authorize')
    expect(sent.searchParams.get('code_challenge_method')).toBe('S256')
    const token = asked(server, '/login/oauth/access_token')
    expect(Object.fromEntries(token?.body ?? [])).toMatchObject({
      client_id: 'sallyport',
      client_secret: 'gh-secret',
      code: 'a-code',
      redirect_uri: `${app.issuer}/upstream/github/callback`,
    })
    // H07: the verifier of the challenge that went out.
    const challenge = createHash('sha256')
      .update(token?.body.get('code_verifier') ?? '')
      .digest('base64url')
    expect(challenge).toBe(sent.searchParams.get('code_challenge'))
    expect(asked(server, '/api/v3/user')?.headers.authorization).toBe('Bearer gho_secret')
  })

  it('knows somebody again who has another login and another address', async () => {
    const { app, said } = await openGithub()
    await signIn(app)
    said.user = { id: 4242, login: 'ada-lovelace', name: null }
    said.emails = [{ email: 'ada@new.example', primary: true, verified: true }]
    expect((await signIn(app)).page.name).toBe('connections')
    expect(await countOf(app, 'account')).toBe(1)
  })

  it('does not know the next owner of a login', async () => {
    const { app, said } = await openGithub()
    await signIn(app)
    said.user = { id: 4343, login: 'ada', name: 'Somebody' }
    said.emails = [{ email: 'somebody@new.example', primary: true, verified: true }]
    await signIn(app)
    expect(await countOf(app, 'account')).toBe(2)
  })

  it.each<[string, unknown, string]>([
    ['not verified', [{ email: 'ada@acme.example', primary: true, verified: false }], 'upstream_person_no_email'],
    [
      'not the primary one',
      [{ email: 'ada@acme.example', primary: false, verified: true }],
      'upstream_person_no_email',
    ],
    ['none', [], 'upstream_person_no_email'],
  ])('H09 an address that is %s makes no account', async (_title, emails, code) => {
    const { app } = await openGithub({ emails })
    expect((await signIn(app)).page.error).toBe(code)
    expect(await countOf(app, 'account')).toBe(0)
  })

  it('asks for organisations where a rule looks at them, and only there', async () => {
    const groups = { groups: ['acme'], adminGroups: ['acme-admins'] }
    const { rules } = upstreamOf({ issuer: '', clientSecret: '' })
    const { app, server, said } = await openGithub({}, { rules: { ...rules, ...groups } })
    expect((await signIn(app)).page.name).toBe('connections')
    expect(server.arrived.filter(({ path }) => path.includes('/orgs'))).toHaveLength(1)
    said.orgs = [{ login: 'evil' }]
    expect((await signIn(app)).page.error).toBe('upstream_person_group')
  })

  it.each<[string, Record<string, string>, string]>([
    ['a refusal', { error: 'access_denied', error_description: 'The user <b>denied</b>' }, 'upstream_denied'],
    ['another error', { error: 'application_suspended' }, 'upstream_refused'],
    ['no code', {}, 'upstream_refused'],
    ['H06 another issuer', { code: 'a-code', iss: 'https://evil.example' }, 'upstream_refused'],
  ])('an answer with %s is refused before anything is asked', async (_title, params, code) => {
    const { app, server } = await openGithub()
    const { page } = await signIn(app, params)
    expect(page.error).toBe(code)
    expect(page.body).not.toContain('denied</b>')
    expect(server.arrived).toEqual([])
  })

  it.each<[string, Partial<Words>, string]>([
    ['a code that it refuses with status 200', { token: { error: 'bad_verification_code' } }, 'upstream_refused'],
    ['a token that is no text', { token: { access_token: 1 } }, 'upstream_down'],
    ['a person without a number', { user: { login: 'ada' } }, 'upstream_down'],
    ['a person with a number in words', { user: { id: '4242', login: 'ada' } }, 'upstream_down'],
  ])('H05 %s signs nobody in', async (_title, words, code) => {
    const { app } = await openGithub(words)
    expect((await signIn(app)).page.error).toBe(code)
    expect(await countOf(app, 'browser_session')).toBe(0)
  })

  it.each([500, 503, 429])('H12 status %i is a failure of its own, and no word about the person', async (status) => {
    const { app, server } = await openGithub()
    const answer = server.answer
    server.answer = (request, response) =>
      request.path === '/api/v3/user' ? json(response, { message: 'later' }, status) : answer(request, response)
    expect((await signIn(app)).page.error).toBe('upstream_down')
  })
})
