import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { disableAccount } from '../../src/accounts/close.ts'
import { notes } from '../support/app.ts'
import { Browser, type Page } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import { answerConsent, authorizationRequest, decide, loopbackRedirect, obtainCode, register } from '../support/flow.ts'
import { ask, atOnce, audited, openStage, type RawAnswer, redemption, rowCount, type Stage, tokenAt } from './stage.ts'

const parallel = 20
const webRedirect = 'https://app.example/cb'
const html = { accept: 'text/html', 'sec-fetch-site': 'same-origin' }

const cookieHeader = (browser: Browser) => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')

function codeIn({ headers }: RawAnswer): string | null {
  const { location } = headers
  return location === undefined ? null : new URL(location).searchParams.get('code')
}

/** Takes over the cookies of an answer, as the browser would when it arrives. */
function receive(browser: Browser, { headers }: RawAnswer): void {
  for (const line of headers['set-cookie'] ?? []) {
    const [pair = ''] = line.split(';', 1)
    const at = pair.indexOf('=')
    if (/expires=Thu, 01 Jan 1970/i.test(line)) browser.cookies.delete(pair.slice(0, at))
    else browser.cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
}

describe.each(databaseKinds)('one browser, many requests, %s', (kind) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(kind)
  })
  afterAll(() => stage.close())

  /** Up to the page after Allow: the next request brings the code. */
  async function allowed(
    browser: Browser,
  ): Promise<{ path: string; request: ReturnType<typeof authorizationRequest> }> {
    const request = authorizationRequest(stage.first, stage.client.client_id)
    let page = await browser.open(request.url)
    if (page.name === 'sign-in') {
      page = await browser.submit(page, { email: stage.person.email, password: stage.person.password })
      page = await browser.goOn(page)
    }
    expect(page.name).toBe('consent')
    const offered = [...page.body.matchAll(/name="scope" value="([^"]+)"/g)].map(([, scope = '']) => scope)
    const next = await browser.submit(page, { decision: 'allow', scope: offered, stay_connected: 'yes' })
    const { pathname } = new URL(next.continueTo ?? '', next.url)
    return { path: pathname, request }
  }

  function copyOf(browser: Browser): Browser {
    const copy = new Browser(stage.first.issuer)
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value)
    return copy
  }

  const isSignedIn = async (browser: Browser): Promise<boolean> =>
    (await browser.open(`${stage.first.issuer}/account/connections`)).name === 'connections'

  test.each([1, 2, 3])('G12 going on twenty times with one answer gives one code (round %i)', async () => {
    const browser = new Browser(stage.first.issuer)
    const { path, request } = await allowed(browser)
    const codes = await rowCount(stage.first, 'authorization_code')
    const sent = { ...html, cookie: cookieHeader(browser) }
    const answers = await atOnce(parallel, [stage.first, stage.second], (server) => ask(server, path, undefined, sent))
    const won = answers.filter((answer) => codeIn(answer) !== null)
    expect(won.length).toBe(1)
    expect(await rowCount(stage.first, 'authorization_code')).toBe(codes + 1)
    const friendly = answers.filter(({ text }) => /data-error="(already_answered|session_not_found)"/.test(text))
    expect(friendly.length).toBe(parallel - 1)
    expect(friendly.every(({ status, headers }) => status === 400 && headers.location === undefined)).toBe(true)
    const [winner] = won
    if (winner === undefined) throw new Error('no winner')
    const code = codeIn(winner) ?? ''
    expect((await tokenAt(stage.first, redemption(stage, { code, request }))).status).toBe(200)

    // Whatever the order in which the answers arrive, the person stays signed in.
    const losers = answers.filter((answer) => answer !== winner)
    for (const answer of [winner, ...losers]) receive(browser, answer)
    expect(await isSignedIn(browser)).toBe(true)
    expect(await rowCount(stage.first, 'browser_session', 'account_id IS NULL')).toBe(0)
  })

  test('G12 a double click on «continue» keeps the person signed in', async () => {
    const browser = new Browser(stage.first.issuer)
    const { path } = await allowed(browser)
    const before = cookieHeader(browser)
    const first = await ask(stage.first, path, undefined, { ...html, cookie: before })
    const second = await ask(stage.first, path, undefined, { ...html, cookie: before })
    receive(browser, first)
    receive(browser, second)
    expect(second.text).toContain('data-error="session_not_found"')
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('G12 two tabs that finish two requests at once both get a code', async () => {
    await stage.code()
    const tabs = [copyOf(stage.browser), copyOf(stage.browser)]
    const paths = [await allowed(tabs[0] ?? stage.browser), await allowed(tabs[1] ?? stage.browser)]
    const answers = await Promise.all(
      tabs.map((tab, index) =>
        ask(stage.first, paths[index]?.path ?? '', undefined, { ...html, cookie: cookieHeader(tab) }),
      ),
    )
    expect(answers.filter((answer) => codeIn(answer) !== null).length).toBe(2)
    // One of them has moved the session on; whichever arrives last, the person stays signed in.
    for (const order of [answers, answers.toReversed()]) {
      const browser = copyOf(stage.browser)
      for (const answer of order) receive(browser, answer)
      expect(await isSignedIn(browser)).toBe(true)
    }
    for (const answer of answers) receive(stage.browser, answer)
  })

  test('G12 Allow pressed twenty times at once gives one code', async () => {
    const browser = new Browser(stage.first.issuer)
    const request = authorizationRequest(stage.first, stage.client.client_id)
    let page = await browser.open(request.url)
    page = await browser.submit(page, { email: stage.person.email, password: stage.person.password })
    page = await browser.goOn(page)
    const codes = await rowCount(stage.first, 'authorization_code')
    const pages = await Promise.all(
      Array.from({ length: parallel }, async (): Promise<Page | null> => {
        const tab = copyOf(browser)
        const end = await answerConsent(tab, page)
        return end.url.startsWith(loopbackRedirect) ? end : null
      }),
    )
    expect(pages.filter((one) => one !== null).length).toBe(1)
    expect(await rowCount(stage.first, 'authorization_code')).toBe(codes + 1)
  })

  /** Pushes a request of the web client. @returns the address to go to */
  async function push(clientId: string): Promise<string> {
    const pushed = await ask(stage.first, '/par', {
      client_id: clientId,
      response_type: 'code',
      redirect_uri: webRedirect,
      scope: 'notes:read',
      resource: notes.identifier,
      code_challenge: createHash('sha256').update(randomBytes(32).toString('base64url')).digest('base64url'),
      code_challenge_method: 'S256',
    })
    expect(pushed.status).toBe(201)
    const requestUri = String(JSON.parse(pushed.text).request_uri)
    return `/authorize?${new URLSearchParams({ client_id: clientId, request_uri: requestUri })}`
  }

  test('one pushed request gives one code, however often it is used', async () => {
    const path = await push(await trustedClient())
    const sent = { ...html, 'sec-fetch-site': 'none', cookie: cookieHeader(stage.browser) }
    const answers = await atOnce(parallel, [stage.first, stage.second], (server) => ask(server, path, undefined, sent))
    expect(answers.filter((answer) => answer.headers.location?.includes('code=')).length).toBe(1)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
  })

  test('a pushed request is used up by the answer on the page, and then good for nothing', async () => {
    const client = await register(stage.first, { redirect_uris: [webRedirect] })
    const path = await push(client.client_id)
    const page = await decide(stage.browser, { url: `${stage.first.issuer}${path}` }, stage.person)
    expect(new URL(page.url).searchParams.get('code')).not.toBeNull()
    const again = await ask(stage.first, path, undefined, { ...html, cookie: cookieHeader(stage.browser) })
    expect(again).toMatchObject({ status: 400, text: expect.stringContaining('data-error="invalid_request_uri"') })
  })

  /** A web client that the person has allowed before, so that no page is asked for. */
  async function trustedClient(): Promise<string> {
    const client = await register(stage.first, { redirect_uris: [webRedirect] })
    await obtainCode(stage.first, client, stage.person, { redirect_uri: webRedirect }, stage.browser)
    return client.client_id
  }

  test('C14 a remembered consent gives nothing to a session that is ended while the request runs', async () => {
    const person = await stage.first.person()
    const browser = new Browser(stage.first.issuer)
    const client = await register(stage.first, { redirect_uris: [webRedirect] })
    await obtainCode(stage.first, client, person, { redirect_uri: webRedirect }, browser)
    const { search } = new URL(authorizationRequest(stage.first, client.client_id, { redirect_uri: webRedirect }).url)
    const sent = { ...html, cookie: cookieHeader(browser) }
    const remembered = await ask(stage.first, `/authorize${search}`, undefined, sent)
    expect(codeIn(remembered)).not.toBeNull()

    const { database, sessions, revokeConnections } = stage.first.app.rooms
    const { commit } = database
    const spy = vi.spyOn(database, 'commit').mockImplementation(async (unit) => {
      if (unit.effects.some(({ text }) => text.includes('authorization_code'))) {
        await sessions.endAll(person.id)
        await revokeConnections(person.id)
      }
      return commit(unit)
    })
    const answer = await ask(stage.first, `/authorize${search}`, undefined, sent)
    spy.mockRestore()
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('data-error="session_not_found"') })
    expect(await rowCount(stage.first, 'protocol_grant', `account_id = '${person.id}'`)).toBe(0)
  })

  test('C14 sessions that were ended while a request ran do not come back to life, and give no code', async () => {
    const person = await stage.first.person()
    const browser = new Browser(stage.first.issuer)
    await obtainCode(stage.first, stage.client, person, {}, browser)
    const request = authorizationRequest(stage.first, stage.client.client_id)
    const page = await browser.open(request.url)
    expect(page.name).toBe('consent')
    const offered = [...page.body.matchAll(/name="scope" value="([^"]+)"/g)].map(([, scope = '']) => scope)
    const next = await browser.submit(page, { decision: 'allow', scope: offered, stay_connected: 'yes' })
    const { pathname } = new URL(next.continueTo ?? '', next.url)

    // The request has read session, account and interaction, and is about to write when the sessions are ended.
    const { database, sessions } = stage.first.app.rooms
    const commit = database.commit
    let ended = 0
    database.commit = async (unit) => {
      if (ended === 0 && unit.effects.some(({ text }) => text.includes('authorization_code'))) {
        ended = await sessions.endAll(person.id)
      }
      return commit(unit)
    }
    const answer = await ask(stage.first, pathname, undefined, { ...html, cookie: cookieHeader(browser) })
    database.commit = commit
    expect(ended).toBe(1)
    expect(codeIn({ ...answer, headers: { location: answer.headers.location } })).toBeNull()
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(await rowCount(stage.first, 'browser_session', `account_id = '${person.id}'`)).toBe(0)
    expect(
      await rowCount(stage.first, 'authorization_code', `account_id = '${person.id}' AND consumed_at IS NULL`),
    ).toBe(1)
    expect((await audited(stage, 'authorization.refused'))[0]?.detail).toMatchObject({ reason: 'session' })
    await disableAccount(stage.first.app.rooms.accounts, person.id, { actor: 'operator' })
    expect((await decide(browser, authorizationRequest(stage.first, stage.client.client_id), person)).name).toBe(
      'sign-in',
    )
  })
})
