// Who may register: one rule at registration, at its update and at authorization, in each mode (D10, D13, D14, D16, F20).
import { describe, expect, test } from 'vitest'
import { allowForEveryone } from '../../src/clients/approvals/decide.ts'
import { createExpiry } from '../../src/clients/expiry/expiry.ts'
import { createExpiryStore } from '../../src/clients/expiry/store.ts'
import { makeToken, revokeToken } from '../../src/clients/initial-access-tokens/initial-access-token.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { type DatabaseKind, databaseKinds } from '../support/database.ts'
import {
  authorizationRequest,
  connect,
  decide,
  loopbackRedirect,
  obtainCode,
  refresh,
  register,
} from '../support/flow.ts'
import {
  ask,
  audited,
  authorize,
  count,
  expectJsonError,
  expectPage,
  parsed,
  post,
  registerRaw,
  webRedirect,
} from './stage.ts'

const operator = { actor: 'operator' } as const
const named = { client_name: 'Visual Studio Code', redirect_uris: [webRedirect] }

/** The same server with other settings. */
async function restart(before: TestApp, settings: Readonly<Record<string, string>>): Promise<TestApp> {
  await before.app.close()
  return startApp({ settings: { ...settings, PORT: new URL(before.issuer).port }, beside: before })
}

/** A client of the time when everybody could register, with a live connection, on a server with a narrower rule. */
async function fromOpenTimes(settings: Readonly<Record<string, string>>) {
  const before = await startApp()
  const person = await before.person()
  const client = await register(before)
  const { refreshToken } = await connect(before, person, {}, client)
  const app = await restart(before, settings)
  return { app, person, client, refreshToken }
}

async function update(app: TestApp, client: { client_id: string; registration_access_token: string }, body: object) {
  return ask(`${app.issuer}/register/${client.client_id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${client.registration_access_token}` },
    body: JSON.stringify({ client_id: client.client_id, token_endpoint_auth_method: 'none', ...body }),
  })
}

async function invite(app: TestApp, uses: number | null = 1, days = 7) {
  const { initialAccessTokens: tokens, audit, clock } = app.app.rooms
  return makeToken({ tokens, auditStatement: audit.statement, clock }, { note: 'for a test', uses, days }, operator)
}

const tokenRow = async (app: TestApp) => {
  const [row] = await app.app.rooms.initialAccessTokens.list(1)
  return { used: row?.used, usesLeft: row?.usesLeft }
}

describe('hosts', () => {
  const settings = { REGISTRATION: 'hosts', REGISTRATION_HOSTS: 'app.example.com,*.tools.example,cursor:' }

  test('F20 only clients whose every answer goes to a listed host register', async () => {
    const app = await startApp({ settings })
    expect((await registerRaw(app, named)).status).toBe(201)
    expect((await registerRaw(app, { redirect_uris: ['https://a.tools.example/cb', 'cursor://name/cb'] })).status).toBe(
      201,
    )
    for (const uri of ['https://evil.example/cb', 'https://app.example.com.evil.example/cb', loopbackRedirect]) {
      const answer = await registerRaw(app, { redirect_uris: [webRedirect, uri] })
      expectJsonError(answer, 400, 'invalid_redirect_uri')
    }
    expect(await count(app, 'client')).toBe(2)
    const [refused] = await audited(app, 'client.registration_refused')
    expect(JSON.parse(String(refused?.detail))).toMatchObject({ reason: 'host_not_listed' })
  })

  test('D13 an update is judged by the same list, and changes nothing when it is refused', async () => {
    const app = await startApp({ settings })
    const client = await register(app, named)
    expectJsonError(
      await update(app, client, { redirect_uris: ['https://evil.example/cb'] }),
      400,
      'invalid_redirect_uri',
    )
    expect((await app.app.rooms.clients.find(client.client_id))?.redirectUris).toEqual([webRedirect])
    // The refused one has not used the token up.
    expect((await update(app, client, { redirect_uris: ['https://x.tools.example/cb'] })).status).toBe(200)
  })

  test('D10 who came in before is judged by today’s list: a page that leads nowhere, and no pushed request', async () => {
    const { app, client, refreshToken } = await fromOpenTimes(settings)
    const answer = await authorize(app, client.client_id, { redirect_uri: loopbackRedirect })
    expectPage(answer, 'unauthorized_client', app)
    expect(answer.body).toContain('loopback')
    // Refused for something else before the rule is asked: still nothing leads there.
    for (const changes of [
      { resource: 'https://unknown.example/mcp' },
      { code_challenge: undefined },
      { prompt: 'none' },
    ]) {
      const other = await authorize(app, client.client_id, { redirect_uri: loopbackRedirect, ...changes })
      expect(other.location).toBeNull()
      expect(other.body).not.toContain('data-continue')
    }
    const pushed = await post(`${app.issuer}/par`, {
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: loopbackRedirect,
      resource: 'http://localhost:9728/mcp',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    })
    expectJsonError(pushed, 400, 'unauthorized_client')
    const [refused] = await audited(app, 'authorization.refused')
    expect(JSON.parse(String(refused?.detail))).toMatchObject({ reason: 'host_not_listed' })
    // What was granted goes on.
    expect((await refresh(app, client, refreshToken)).status).toBe(200)
  })

  test('D10 of a client with several addresses those on the list go on working', async () => {
    const before = await startApp()
    const client = await register(before, { redirect_uris: [webRedirect, 'https://evil.example/cb'] })
    const app = await restart(before, settings)
    const good = await new Browser(app.issuer).open(
      authorizationRequest(app, client.client_id, { redirect_uri: webRedirect }).url,
    )
    expect(good.name).toBe('sign-in')
    const bad = await authorize(app, client.client_id, { redirect_uri: 'https://evil.example/cb' })
    expectPage(bad, 'unauthorized_client', app)
    expect(bad.body).toContain('evil.example')
  })

  test('whom an administrator lets in for everyone is in', async () => {
    const { app, client, person } = await fromOpenTimes(settings)
    await allowForEveryone(app.app.rooms.clientDesk, client.client_id, operator)
    expect((await connect(app, person, {}, client)).answer.status).toBe(200)
  })
})

describe('token', () => {
  const settings = { REGISTRATION: 'token' }
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  function expectChallenge(answer: Awaited<ReturnType<typeof registerRaw>>): void {
    expectJsonError(answer, 401, 'invalid_token')
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="http/)
  }

  test('D14 without a token, with a wrong, expired, revoked or used one nobody registers, and each is told the same', async () => {
    const app = await startApp({ settings })
    const { initialAccessTokens: tokens, audit, clock, database } = app.app.rooms
    expectChallenge(await registerRaw(app, named))
    expectChallenge(await registerRaw(app, named, { authorization: 'Basic eDp5' }))
    const foreign = await registerRaw(app, named, bearer(`sallyport_iat_${'x'.repeat(43)}`))
    expectChallenge(foreign)
    expect(foreign.headers.get('www-authenticate')).toContain('error="invalid_token"')

    const used = await invite(app)
    expect((await registerRaw(app, named, bearer(used.token))).status).toBe(201)
    expectChallenge(await registerRaw(app, named, bearer(used.token)))
    const revoked = await invite(app)
    await revokeToken({ tokens, auditStatement: audit.statement, clock }, revoked.row.id, operator)
    expectChallenge(await registerRaw(app, named, bearer(revoked.token)))
    const expired = await invite(app)
    await database.sql.run('UPDATE initial_access_token SET expires_at = 1 WHERE id = ?', [expired.row.id])
    const late = await registerRaw(app, named, bearer(expired.token))
    expectChallenge(late)
    expect(late.body).toBe(foreign.body)
    expect(await count(app, 'client')).toBe(1)
    expect(await audited(app, 'client.registration_refused')).toHaveLength(6)
  })

  test('D14 a token in the address or the body is none: those end up in logs', async () => {
    const app = await startApp({ settings })
    const { token } = await invite(app)
    const inQuery = await ask(`${app.issuer}/register?access_token=${token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(named),
    })
    expectChallenge(inQuery)
    expectChallenge(await registerRaw(app, { ...named, access_token: token }))
    expect(await tokenRow(app)).toEqual({ used: 0, usesLeft: 1 })
  })

  test('D14 the client remembers by which token it came; a refused registration uses nothing up', async () => {
    const app = await startApp({ settings })
    const { token, row } = await invite(app, 2)
    expectJsonError(
      await registerRaw(app, { redirect_uris: ['javascript:x'] }, bearer(token)),
      400,
      'invalid_redirect_uri',
    )
    expectJsonError(await registerRaw(app, 'nonsense', bearer(token)), 400, 'invalid_client_metadata')
    expect(await tokenRow(app)).toEqual({ used: 0, usesLeft: 2 })
    const client = parsed(await registerRaw(app, named, bearer(token)))
    expect(await tokenRow(app)).toEqual({ used: 1, usesLeft: 1 })
    expect(await app.app.rooms.clients.find(String(client.client_id))).toMatchObject({ invitedBy: row.id })
    const [told] = await audited(app, 'client.registered')
    expect(JSON.parse(String(told?.detail))).toMatchObject({ invitedBy: row.id })
    // The token itself is nowhere at rest, and in no log.
    expect(JSON.stringify(await app.app.rooms.database.sql.all('SELECT * FROM initial_access_token'))).not.toContain(
      token,
    )
    expect(app.log()).not.toContain(token)
    // An update keeps who invited it.
    const registered = {
      client_id: String(client.client_id),
      registration_access_token: String(client.registration_access_token),
    }
    expect(
      (
        await update(app, registered, {
          ...named,
          client_name: 'Other',
          token_endpoint_auth_method: 'client_secret_basic',
        })
      ).status,
    ).toBe(200)
    expect(await app.app.rooms.clients.find(registered.client_id)).toMatchObject({
      invitedBy: row.id,
      claimedName: 'Other',
    })
  })

  test('a token without a limit is good until it ends', async () => {
    const app = await startApp({ settings })
    const { token } = await invite(app, null)
    for (let one = 0; one < 3; one += 1) expect((await registerRaw(app, named, bearer(token))).status).toBe(201)
    expect(await tokenRow(app)).toEqual({ used: 3, usesLeft: null })
  })

  test.each(databaseKinds)(
    'D14 D16 of a hundred at once exactly as many register as the token has uses, on %s',
    async (database) => {
      const app = await startApp({ settings, database })
      const { token } = await invite(app, 10)
      const answers = await Promise.all(Array.from({ length: 100 }, () => registerRaw(app, named, bearer(token))))
      const statuses = Map.groupBy(answers, ({ status }) => status)
      expect([...statuses.keys()].sort()).toEqual([201, 401])
      expect(statuses.get(201)).toHaveLength(10)
      for (const answer of statuses.get(401) ?? []) expectChallenge(answer)
      expect(await count(app, 'client')).toBe(10)
      expect(await tokenRow(app)).toEqual({ used: 10, usesLeft: 0 })
    },
  )

  test('D10 who registered without an invitation goes no further; the invited one does', async () => {
    const { app, client, person, refreshToken } = await fromOpenTimes(settings)
    expectPage(await authorize(app, client.client_id, { redirect_uri: loopbackRedirect }), 'unauthorized_client', app)
    expectJsonError(await update(app, client, { redirect_uris: [loopbackRedirect] }), 403, 'access_denied')
    expect((await refresh(app, client, refreshToken)).status).toBe(200)
    const { token } = await invite(app)
    const invited = parsed(
      await registerRaw(app, { redirect_uris: [loopbackRedirect], token_endpoint_auth_method: 'none' }, bearer(token)),
    )
    const page = await decide(new Browser(app.issuer), authorizationRequest(app, String(invited.client_id)), person)
    expect(new URL(page.url).searchParams.get('code')).not.toBeNull()
  })
})

describe('closed', () => {
  test('D10 there is no endpoint, nobody is let in who was not added or vouched for, and connections go on', async () => {
    const { app, client, person, refreshToken } = await fromOpenTimes({ REGISTRATION: 'closed' })
    expectJsonError(await registerRaw(app, named), 403, 'access_denied')
    expect(await count(app, 'client')).toBe(1)
    const discovery = parsed(await ask(`${app.issuer}/.well-known/oauth-authorization-server`))
    expect(discovery).not.toHaveProperty('registration_endpoint')
    expectPage(await authorize(app, client.client_id, { redirect_uri: loopbackRedirect }), 'unauthorized_client', app)
    expect((await refresh(app, client, refreshToken)).status).toBe(200)
    await allowForEveryone(app.app.rooms.clientDesk, client.client_id, operator)
    expect((await connect(app, person, {}, client)).answer.status).toBe(200)
  })

  test('F20 a client by document that is not let in gets a page with the reason', async () => {
    const app = await startApp({
      settings: { CLIENT_METADATA_DOCUMENTS: 'listed', METADATA_DOCUMENT_HOSTS: 'good.example' },
    })
    const answer = await authorize(app, 'https://other.example/client.json')
    expectPage(answer, 'invalid_client', app)
    expect(answer.body).toContain('other.example is not among the hosts')
    expect(await count(app, 'client')).toBe(0)
    const [refused] = await audited(app, 'authorization.refused')
    expect(JSON.parse(String(refused?.detail))).toMatchObject({ error: 'invalid_client' })
  })
})

test.each<DatabaseKind>(databaseKinds)(
  'D16 the same registration a hundred times at once is a hundred clients and no fault, on %s',
  async (database) => {
    const app = await startApp({ database })
    const answers = await Promise.all(Array.from({ length: 100 }, () => registerRaw(app, named)))
    expect(answers.map(({ status }) => status).filter((status) => status !== 201)).toEqual([])
    expect(new Set(answers.map((answer) => parsed(answer).client_id)).size).toBe(100)
    expect(await count(app, 'client')).toBe(100)
    // One program in one place is one line of the list.
    const { groups } = await app.app.rooms.clientDirectory.groups({}, { limit: 50 })
    expect(groups).toMatchObject([{ count: 100 }])
  },
)

test('D13 whom an administrator vouched for is not vouched for under other words', async () => {
  const app = await startApp()
  const client = await register(app, named)
  await allowForEveryone(app.app.rooms.clientDesk, client.client_id, operator)
  const later = await update(app, client, { ...named, software_version: '2' })
  expect(later.status).toBe(200)
  expect((await app.app.rooms.clients.find(client.client_id))?.allowedAt).not.toBeNull()
  const again = { ...client, registration_access_token: String(parsed(later).registration_access_token) }
  expect((await update(app, again, { ...named, client_name: 'Sallyport' })).status).toBe(200)
  expect((await app.app.rooms.clients.find(client.client_id))?.allowedAt).toBeNull()
})

test('D01 a client that is given a code is in use from that commit on', async () => {
  const app = await startApp()
  const client = await register(app)
  expect((await app.app.rooms.clients.find(client.client_id))?.lastUsedAt).toBeNull()
  const begun = Date.now()
  await obtainCode(app, client, await app.person())
  app.app.rooms.clients.forget(client.client_id)
  const used = (await app.app.rooms.clients.find(client.client_id))?.lastUsedAt
  expect(used?.getTime()).toBeGreaterThanOrEqual(begun)
})

test('D01 a client that was taken away: 401 at the token endpoint, and a page with the steps of its program', async () => {
  const app = await startApp()
  const client = await register(app, { ...named, redirect_uris: ['https://vscode.dev/redirect'] })
  await app.app.rooms.database.sql.run('UPDATE client SET created_at = 1')
  const { audit, clients, clock, database } = app.app.rooms
  const expiry = createExpiryStore(database)
  const expire = createExpiry({ audit, clients, clock, expiry, unusedHours: 24, idleDays: 90 })
  expect(await expire()).toMatchObject({ removed: 1 })
  for (const grant of [
    { grant_type: 'refresh_token', refresh_token: 'x' },
    {
      grant_type: 'authorization_code',
      code: 'x',
      code_verifier: 'y'.repeat(43),
      redirect_uri: 'https://vscode.dev/redirect',
    },
  ]) {
    expectJsonError(await post(`${app.issuer}/token`, { client_id: client.client_id, ...grant }), 401, 'invalid_client')
  }
  const page = await authorize(app, client.client_id, { redirect_uri: 'https://vscode.dev/redirect' })
  expectPage(page, 'invalid_client', app)
  expect(page.body).toContain('Remove Dynamic Authentication Providers')
  expect(page.body).toContain('was removed')
})
