import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { disableAccount, removeAccount } from '../../src/accounts/close.ts'
import { createResource } from '../../src/resources/change.ts'
import { notes, startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import {
  authorizationRequest,
  connect,
  decide,
  obtainCode,
  type RegisteredClient,
  redeem,
  refresh,
  register,
} from '../support/flow.ts'
import { audited, count, expectJsonError, post } from './stage.ts'

// A refresh token rotates with one successor, is bound to its client, its resource and its person, and has an end.

const day = 86_400_000
const operator = { actor: 'operator' } as const
let app: TestApp
let person: TestPerson

beforeAll(async () => {
  app = await startApp()
  person = await app.person()
  await createResource(app.app.rooms.resources, { ...notes, identifier: 'https://second.example/mcp' }, operator)
})
afterEach(() => void vi.useRealTimers())
afterAll(() => app.close())

function later(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds })
}

async function expectDead(client: RegisteredClient, refreshToken: unknown): Promise<void> {
  const answer = await refresh(app, client, String(refreshToken))
  expect({ status: answer.status, error: answer.body.error }).toEqual({ status: 400, error: 'invalid_grant' })
}

async function good(client: RegisteredClient, refreshToken: unknown): Promise<string> {
  const answer = await refresh(app, client, String(refreshToken))
  expect(answer.body).not.toHaveProperty('error')
  return answer.body.refresh_token ?? ''
}

describe('reuse', () => {
  test('C06 after its successor was used, an old token is refused and ends the family', async () => {
    const { client, refreshToken } = await connect(app, person)
    const second = await good(client, refreshToken)
    const third = await good(client, second)
    await expectDead(client, refreshToken)
    await expectDead(client, third)
    const [event] = (await audited(app, 'refresh.reused')).slice(-1)
    expect(event).toMatchObject({ client_id: client.client_id, account_id: person.id })
    expect(JSON.parse(String(event?.detail))).toEqual({ revoked: true })
    expect(await count(app, 'refresh_family', `client_id = '${client.client_id}'`)).toBe(0)
    expect(await count(app, 'protocol_grant', `client_id = '${client.client_id}'`)).toBe(0)
  })

  test('C06 after the window, an old token is refused and ends the family', async () => {
    const { client, refreshToken } = await connect(app, person)
    const second = await good(client, refreshToken)
    later(31_000)
    await expectDead(client, refreshToken)
    await expectDead(client, second)
  })

  test('C06 the person sees that the connection has ended', async () => {
    const { client, refreshToken, browser } = await connect(app, person)
    await good(client, await good(client, refreshToken))
    await expectDead(client, refreshToken)
    const page = await browser.open(`${app.issuer}/account/connections`)
    expect(page.name).toBe('connections')
    expect(page.body).not.toContain('name="grant"')
  })

  test('C08 a client that lost the answer gets the same successor again', async () => {
    const { client, refreshToken } = await connect(app, person)
    const first = await good(client, refreshToken)
    expect(await good(client, refreshToken)).toBe(first)
    await good(client, first)
  })

  test('C09 a thief in the window gets no chain of his own', async () => {
    const { client, refreshToken } = await connect(app, person)
    const honest = await good(client, refreshToken)
    const thief = await good(client, refreshToken)
    expect(thief).toBe(honest)
    await good(client, honest)
    await expectDead(client, refreshToken)
    expect(await count(app, 'refresh_family', `client_id = '${client.client_id}'`)).toBe(0)
  })
})

test('C11 a token of one client is nothing to another, and stays good', async () => {
  const { client, refreshToken } = await connect(app, person)
  await expectDead(await register(app), refreshToken)
  await good(client, refreshToken)
})

describe('C12 a refused refresh', () => {
  test.each([
    ['C12 more scope than was allowed', { scope: 'notes:read notes:write' }, 'invalid_scope'],
    ['C12 M3 an unknown resource', { resource: 'https://elsewhere.example/mcp' }, 'invalid_target'],
    ['C12 M3 another resource that exists here', { resource: 'https://second.example/mcp' }, 'invalid_target'],
    ['C12 M5 two resources', { resource: [notes.identifier, 'https://second.example/mcp'] }, 'invalid_target'],
  ] as const)('%s rotates nothing, however often', async (_title, params, error) => {
    const { client, refreshToken } = await connect(app, person)
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answer = await post(`${app.issuer}/token`, {
        grant_type: 'refresh_token',
        client_id: client.client_id,
        refresh_token: refreshToken,
        ...params,
      })
      expectJsonError(answer, 400, error)
    }
    const second = await good(client, refreshToken)
    await good(client, second)
  })

  test('C12 in the grace window changes nothing either', async () => {
    const { client, refreshToken } = await connect(app, person)
    const second = await good(client, refreshToken)
    const wide = await refresh(app, client, refreshToken, { resource: 'https://elsewhere.example/mcp' })
    expect(wide.body.error).toBe('invalid_target')
    await good(client, second)
  })

  test('C12 less scope narrows this access token and not the connection', async () => {
    const { client, refreshToken } = await connect(app, person, { scope: 'notes:read notes:write' })
    const narrow = await refresh(app, client, refreshToken, { scope: 'notes:write' })
    expect(narrow.body.scope).toBe('notes:write')
    const wide = await refresh(app, client, narrow.body.refresh_token ?? '')
    expect(wide.body.scope).toBe('notes:read notes:write')
  })
})

describe('ends', () => {
  test('C13 thirty days without use', async () => {
    const { client, refreshToken } = await connect(app, person)
    later(30 * day + 1000)
    await expectDead(client, refreshToken)
  })

  test('C13 ninety days in all, which rotation never moves', async () => {
    const { client, refreshToken } = await connect(app, person)
    const begun = Date.now()
    let token = refreshToken
    for (const days of [29, 58, 87]) {
      vi.useFakeTimers({ toFake: ['Date'], now: begun + days * day })
      token = await good(client, token)
    }
    const [row] = await app.app.rooms.database.sql.all<{ expires_at: number; ends_at: number }>(
      'SELECT expires_at, ends_at FROM refresh_family WHERE client_id = ?',
      [client.client_id],
    )
    expect(Number(row?.expires_at)).toBeLessThanOrEqual(Number(row?.ends_at))
    vi.useFakeTimers({ toFake: ['Date'], now: begun + 90 * day + 2000 })
    await expectDead(client, token)
  })

  test.each(['disabled', 'removed'] as const)('C14 an account that was %s ends at once, sessions too', async (how) => {
    const someone = await app.person()
    const { client, refreshToken, browser } = await connect(app, someone)
    const end = how === 'disabled' ? disableAccount : removeAccount
    expect(await end(app.app.rooms.accounts, someone.id, operator)).toBe(true)
    await expectDead(client, refreshToken)
    expect((await browser.open(`${app.issuer}/account/connections`)).name).toBe('sign-in')
    expect(await count(app, 'browser_session', `account_id = '${someone.id}'`)).toBe(0)
  })

  test('C14 an account that is only marked as disabled gets nothing, whatever was left behind', async () => {
    const someone = await app.person()
    const { client, refreshToken, browser } = await connect(app, someone)
    const next = await obtainCode(app, client, someone, {}, browser)
    // As after a crash between the two steps, or by a change in the rows: no clean-up has run.
    await app.app.rooms.database.sql.run("UPDATE account SET state = 'disabled' WHERE id = ?", [someone.id])
    await expectDead(client, refreshToken)
    expect((await redeem(app, client, next)).body.error).toBe('invalid_grant')
    expect((await browser.open(`${app.issuer}/account/connections`)).name).toBe('sign-in')
    // Who signs in now is somebody else, and the answer is hers.
    const page = await decide(browser, authorizationRequest(app, client.client_id), person)
    const code = new URL(page.url).searchParams.get('code')
    const rows = await app.app.rooms.database.sql.all(
      'SELECT account_id FROM authorization_code WHERE consumed_at IS NULL',
    )
    expect(code).not.toBeNull()
    expect(JSON.stringify(rows)).toContain(person.id)
    expect((await browser.open(`${app.issuer}/account/connections`)).body).not.toContain(someone.email)
  })

  test('C14 G25 what is withdrawn between the click and the code gives no code', async () => {
    const someone = await app.person()
    const client = await register(app)
    const browser = new Browser(app.issuer)
    let page = await browser.open(authorizationRequest(app, client.client_id).url)
    page = await browser.goOn(await browser.submit(page, { email: someone.email, password: someone.password }))
    const allowed = await browser.submit(page, { decision: 'allow', stay_connected: 'yes' })
    const connections = await browser.open(`${app.issuer}/account/connections`)
    await browser.post('/account/connections/revoke', { _csrf: csrf(connections.body), everything: 'yes' })
    expect(await count(app, 'consent', `account_id = '${someone.id}' AND revoked_at IS NULL`)).toBe(0)
    const next = await browser.goOn(allowed)
    expect(next.name).toBe('consent')
    expect(await count(app, 'authorization_code', `account_id = '${someone.id}'`)).toBe(0)
  })

  test('C14 a changed password ends connections and the other sessions', async () => {
    const someone = await app.person()
    const { client, refreshToken, browser } = await connect(app, someone)
    const elsewhere = new Browser(app.issuer)
    let page = await elsewhere.open(`${app.issuer}/sign-in`)
    await elsewhere.submit(page, { email: someone.email, password: someone.password })
    page = await browser.open(`${app.issuer}/account/security`)
    const password = 'a quite different passphrase'
    const fields = { _csrf: csrf(page.body), current_password: someone.password, password }
    page = await browser.post('/account/security', fields)
    expect(page.status).toBe(200)
    await expectDead(client, refreshToken)
    expect((await elsewhere.open(`${app.issuer}/account/connections`)).name).toBe('sign-in')
    expect((await browser.open(`${app.issuer}/account/connections`)).name).toBe('connections')
  })

  test('C14 a withdrawn consent ends its connection at once', async () => {
    const someone = await app.person()
    const { client, refreshToken, browser } = await connect(app, someone)
    const page = await browser.open(`${app.issuer}/account/connections`)
    const grant = /name="grant" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const after = await browser.post('/account/connections/revoke', { _csrf: csrf(page.body), grant })
    expect(after.status).toBe(200)
    await expectDead(client, refreshToken)
    const again = await browser.open(authorizationRequest(app, client.client_id).url)
    expect(again.name).toBe('consent')
  })

  test('C14 a disabled person gets no code either, with a consent page open', async () => {
    const someone = await app.person()
    const client = await register(app)
    const browser = new Browser(app.issuer)
    let page = await browser.open(authorizationRequest(app, client.client_id).url)
    page = await browser.goOn(await browser.submit(page, { email: someone.email, password: someone.password }))
    expect(page.name).toBe('consent')
    await disableAccount(app.app.rooms.accounts, someone.id, operator)
    page = await browser.submit(page, { decision: 'allow' })
    if (page.continueTo !== undefined) page = await browser.goOn(page)
    expect(page.url).not.toContain('code=')
    expect(await count(app, 'consent', `account_id = '${someone.id}'`)).toBe(0)
  })
})

describe('C26 a mangled token', () => {
  const mangled: readonly (readonly [string, (token: string) => string])[] = [
    ['one character short', (token) => token.slice(0, -1)],
    ['half', (token) => token.slice(0, token.length / 2)],
    ['longer', (token) => `${token}A`],
    ['padded', (token) => `${token}==`],
    ['re-cased', (token) => token.replace(/[a-z]/, (letter) => letter.toUpperCase())],
    ['another check', (token) => token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['another middle', (token) => `${token.slice(0, 30)}${token[30] === 'A' ? 'B' : 'A'}${token.slice(31)}`],
    ['in quotes', (token) => `"${token}"`],
  ]

  test.each(mangled)('C26 %s is invalid and never counts as reuse', async (_title, mangle) => {
    const { client, refreshToken } = await connect(app, person)
    await expectDead(client, mangle(refreshToken))
    await good(client, refreshToken)
  })
})

function csrf(body: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? ''
}
