// REGISTRATION=approval on the whole server: what clients and people meet before and after an administrator has decided.
import { describe, expect, it } from 'vitest'
import { allowForEveryone, allowForPerson, rejectClient } from '../../src/clients/approvals/decide.ts'
import { blockClient, unblockClient } from '../../src/clients/change.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import { authorizationRequest, connect, decide, obtainCode, redeem, refresh, register, token } from '../support/flow.ts'

const operator = { actor: 'operator' } as const
const settings = { REGISTRATION: 'approval' }

async function waitingPage(app: TestApp, browser = new Browser(app.issuer)) {
  const person = await app.person()
  const client = await register(app)
  const page = await decide(browser, authorizationRequest(app, client.client_id), person)
  return { person, client, page, browser }
}

/** The same server with other settings. */
async function restart(before: TestApp, changed: Readonly<Record<string, string>>): Promise<TestApp> {
  await before.app.close()
  return startApp({ settings: { ...changed, PORT: new URL(before.issuer).port }, beside: before })
}

const queue = (app: TestApp) => app.app.rooms.approvals.list({ limit: 10 })

async function eventsOf(app: TestApp, clientId: string): Promise<string[]> {
  const events = await app.app.rooms.audit.list({ clientId, limit: 50 })
  return events.map(({ type }) => type).reverse()
}

describe.each(databaseKinds)('registration by approval on %s', (database) => {
  it('a first request parks the client: a page, no code, nothing for the client (D01, D10)', async () => {
    const app = await startApp({ settings, database })
    const { person, client, page, browser } = await waitingPage(app)
    expect(page).toMatchObject({ status: 200, name: 'approval-pending', continueTo: undefined })
    expect(page.body).toContain('Test client')
    expect(await queue(app)).toMatchObject([{ clientId: client.client_id, people: 1 }])
    // Once for each person, however often they try.
    await decide(browser, authorizationRequest(app, client.client_id), person)
    await decide(new Browser(app.issuer), authorizationRequest(app, client.client_id), await app.person())
    expect(await queue(app)).toMatchObject([{ clientId: client.client_id, people: 2 }])
    const asked = (await eventsOf(app, client.client_id)).filter((type) => type === 'client.approval_asked')
    expect(asked).toHaveLength(2)
    expect(await app.app.rooms.database.sql.all('SELECT id FROM protocol_grant')).toEqual([])
  })

  it('let in for everyone, the next attempt goes on, and so does the page that waits', async () => {
    const app = await startApp({ settings, database })
    const { person, client, page, browser } = await waitingPage(app)
    await allowForEveryone(app.app.rooms.clientDesk, client.client_id, operator)
    const resumed = await browser.goOn(await browser.open(page.url))
    expect(resumed.name).toBe('consent')
    const { answer } = await connect(app, person, {}, client)
    expect(answer.status).toBe(200)
    await connect(app, await app.person(), {}, client)
    expect(await queue(app)).toEqual([])
    expect(await app.app.rooms.clients.find(client.client_id)).toMatchObject({ state: 'active' })
  })

  it('let in for one person, it waits on for all others, at the token endpoint, too', async () => {
    const app = await startApp({ settings, database })
    const { person, client } = await waitingPage(app)
    await allowForPerson(app.app.rooms.clientDesk, client.client_id, person.id, operator)
    const { refreshToken } = await connect(app, person, {}, client)
    const renewed = await refresh(app, client, refreshToken)
    expect(renewed.status).toBe(200)
    const other = await decide(new Browser(app.issuer), authorizationRequest(app, client.client_id), await app.person())
    expect(other.name).toBe('approval-pending')

    // The decision is looked at before each token, not only when the person was asked.
    const obtained = await obtainCode(app, client, person)
    await app.app.rooms.database.sql.run('DELETE FROM client_approval')
    const late = await redeem(app, client, obtained)
    expect(late).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } })
    const again = await refresh(app, client, renewed.body.refresh_token ?? '')
    expect(again).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } })
  })

  it('refused, it is blocked for everybody, and what it held for one ends', async () => {
    const app = await startApp({ settings, database })
    const { person, client } = await waitingPage(app)
    await allowForPerson(app.app.rooms.clientDesk, client.client_id, person.id, operator)
    const { refreshToken } = await connect(app, person, {}, client)
    await rejectClient(app.app.rooms.clientDesk, client.client_id, operator)
    expect(await refresh(app, client, refreshToken)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    const page = await decide(new Browser(app.issuer), authorizationRequest(app, client.client_id), person)
    expect(page).toMatchObject({ name: 'error', error: 'invalid_client' })
    expect(await app.app.rooms.database.sql.all('SELECT id FROM protocol_grant')).toEqual([])
    expect(await queue(app)).toEqual([])

    // Unblocked, it is where it was: nobody had let it in for everyone.
    expect(await unblockClient(app.app.rooms.clientDesk, client.client_id, operator)).toBe('pending')
    expect((await decide(new Browser(app.issuer), authorizationRequest(app, client.client_id), person)).name).toBe(
      'approval-pending',
    )
  })

  it('an update that says something else makes it wait again, also for whom it was let in (D13)', async () => {
    const app = await startApp({ settings, database })
    const { person, client } = await waitingPage(app)
    await allowForEveryone(app.app.rooms.clientDesk, client.client_id, operator)
    const { refreshToken } = await connect(app, person, {}, client)
    const answer = await fetch(client.registration_client_uri, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${client.registration_access_token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        client_id: client.client_id,
        client_name: 'Another name',
        redirect_uris: ['https://elsewhere.example/cb'],
        token_endpoint_auth_method: 'none',
      }),
    })
    expect(answer.status).toBe(200)
    expect(await app.app.rooms.clients.find(client.client_id)).toMatchObject({ state: 'pending', allowedAt: null })
    expect((await refresh(app, client, refreshToken)).status).toBe(400)
  })
})

describe('registration by approval', () => {
  const documentId = 'https://client.example/mcp.json'
  const document = { client_id: documentId, client_name: 'Example', redirect_uris: ['http://127.0.0.1/callback'] }

  it('a waiting client gets no token, whatever it tries, and keeps its registration', async () => {
    const app = await startApp({ settings })
    const client = await register(app)
    for (const params of [
      {
        grant_type: 'authorization_code',
        code: 'x',
        redirect_uri: 'http://127.0.0.1:4321/callback',
        code_verifier: 'y'.repeat(43),
      },
      { grant_type: 'refresh_token', refresh_token: 'x' },
      { grant_type: 'client_credentials', resource: 'http://localhost:9728/mcp' },
    ]) {
      const answer = await token(app, { client_id: client.client_id, ...params })
      expect(answer.status).toBe(400)
      expect(answer.body.access_token).toBeUndefined()
      expect(answer.body.error).not.toBe('invalid_client')
    }
  })

  it('a request without pages is told that a person is needed, and nobody is sent away', async () => {
    const app = await startApp({ settings })
    const { client, browser } = await waitingPage(app)
    const silent = await browser.open(authorizationRequest(app, client.client_id, { prompt: 'none' }).url)
    expect(silent).toMatchObject({ name: 'error', error: 'interaction_required' })
  })

  it('the consent page of a waiting client cannot be posted past the queue', async () => {
    const app = await startApp({ settings })
    const { page, browser } = await waitingPage(app)
    const consent = page.url.replace(/approval$/, 'consent')
    const answer = await browser.submit(
      {
        ...page,
        url: consent,
        body: page.body.replace(/action="[^"]*switch"/, `action="${new URL(consent).pathname}"`),
      },
      { decision: 'allow', scope: 'notes:read' },
    )
    expect(answer).toMatchObject({ status: 403, name: 'error', error: 'client_pending' })
  })

  it('a pinned document is let in by the file; one that is first seen waits by the same rule (F14)', async () => {
    const app = await startApp({
      settings,
      adjust: (config) => ({
        ...config,
        file: { ...config.file, metadataDocuments: new Map([[documentId, document]]) },
      }),
    })
    const client = {
      client_id: documentId,
      redirect_uris: [],
      registration_access_token: '',
      registration_client_uri: '',
    }
    const params = { redirect_uri: 'http://127.0.0.1:51777/callback' }
    const { answer } = await connect(app, await app.person(), params, client)
    expect(answer.status).toBe(200)
    // Seen before it was pinned: today's rule lets it in.
    await app.app.rooms.database.sql.run("UPDATE client SET state = 'pending'")
    app.app.rooms.clients.forget(documentId)
    expect((await connect(app, await app.person(), params, client)).answer.status).toBe(200)
    const { admissions } = app.app.rooms
    expect(await admissions.verdictOf('https://other.example/mcp.json')).toMatchObject({ state: 'pending' })
  })

  it('a client of the time before waits like any other (D10); what it was granted goes on', async () => {
    const before = await startApp()
    const client = await register(before)
    const person = await before.person()
    const { refreshToken } = await connect(before, person, {}, client)
    const third = await before.person()
    const after = await restart(before, settings)
    expect((await decide(new Browser(after.issuer), authorizationRequest(after, client.client_id), person)).name).toBe(
      'approval-pending',
    )
    expect(await queue(after)).toMatchObject([{ clientId: client.client_id, people: 1 }])
    const renewed = await refresh(after, client, refreshToken)
    expect(renewed.status).toBe(200)

    // Let in for the one who asked; and an open server again holds nobody up.
    await allowForPerson(after.app.rooms.clientDesk, client.client_id, person.id, operator)
    expect((await connect(after, person, {}, client)).answer.status).toBe(200)
    expect((await decide(new Browser(after.issuer), authorizationRequest(after, client.client_id), third)).name).toBe(
      'approval-pending',
    )
    const open = await restart(after, { REGISTRATION: 'open' })
    expect((await connect(open, third, {}, client)).answer.status).toBe(200)
    expect(await queue(open)).toEqual([])
  })

  it('a client of the time before can be turned away from the queue', async () => {
    const before = await startApp()
    const client = await register(before)
    const person = await before.person()
    const after = await restart(before, settings)
    await decide(new Browser(after.issuer), authorizationRequest(after, client.client_id), person)
    await rejectClient(after.app.rooms.clientDesk, client.client_id, operator)
    expect(await after.app.rooms.clients.find(client.client_id)).toMatchObject({ state: 'blocked' })
    expect(await queue(after)).toEqual([])
  })

  it('one that is blocked and unblocked waits', async () => {
    const before = await startApp()
    const client = await register(before)
    const after = await restart(before, settings)
    await blockClient(after.app.rooms.clientDesk, client.client_id, operator)
    expect(await unblockClient(after.app.rooms.clientDesk, client.client_id, operator)).toBe('pending')
  })

  it('an administrator who is stopped is shown the way to the queue, a member is not', async () => {
    const app = await startApp({ settings })
    const client = await register(app)
    const admin = await app.person('root', 'admin')
    const page = await decide(new Browser(app.issuer), authorizationRequest(app, client.client_id), admin)
    expect(page.body).toContain('/admin/approvals')
    expect((await waitingPage(app)).page.body).not.toContain('/admin/approvals')
  })
})
