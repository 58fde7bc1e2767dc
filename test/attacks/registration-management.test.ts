import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { authorizationRequest, connect, decide, type RegisteredClient, refresh, register } from '../support/flow.ts'
import {
  type Answer,
  ask,
  audited,
  authorize,
  count,
  expectJsonError,
  expectPage,
  parsed,
  post,
  webRedirect,
} from './stage.ts'

// RFC 7592: who holds the registration token speaks for the client, at its own address, once for each token.

let app: TestApp
let person: TestPerson

beforeAll(async () => {
  app = await startApp()
  person = await app.person()
})
afterAll(() => app.close())

type Held = Pick<RegisteredClient, 'client_id' | 'registration_access_token'>

function manage(method: string, { client_id, registration_access_token }: Held, body?: unknown): Promise<Answer> {
  return ask(`${app.issuer}/register/${client_id}`, {
    method,
    headers: {
      authorization: `Bearer ${registration_access_token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

function confidential(): Promise<RegisteredClient> {
  return register(app, { token_endpoint_auth_method: 'client_secret_post', redirect_uris: [webRedirect] })
}

function update(client: RegisteredClient, more: object = {}) {
  const { client_id, redirect_uris } = client
  return { client_id, redirect_uris, token_endpoint_auth_method: 'client_secret_post', client_name: 'Changed', ...more }
}

async function secretWorks(client: RegisteredClient): Promise<boolean> {
  const { client_id, client_secret } = client
  const answer = await post(`${app.issuer}/token`, {
    grant_type: 'refresh_token',
    client_id,
    client_secret,
    refresh_token: 'x',
  })
  return parsed(answer).error === 'invalid_grant'
}

test('D13 reading shows what was registered, never a secret', async () => {
  const client = await confidential()
  const answer = await manage('GET', client)
  expect(answer.status).toBe(200)
  expect(parsed(answer)).toMatchObject({ client_id: client.client_id, redirect_uris: [webRedirect] })
  expect(parsed(answer)).not.toHaveProperty('client_secret')
  expect(answer.body).not.toMatch(/sha256:/)
  expect(answer.body).not.toContain(client.client_secret ?? '-')
})

test('D13 an update rotates the token, keeps the secret and shows it never again', async () => {
  const client = await confidential()
  const answer = await manage('PUT', client, update(client))
  expect(answer.status).toBe(200)
  const body = parsed(answer)
  expect(body).not.toHaveProperty('client_secret')
  expect(body).toMatchObject({ client_name: 'Changed', client_id: client.client_id })
  const next = { ...client, registration_access_token: String(body.registration_access_token) }
  expect(next.registration_access_token).not.toBe(client.registration_access_token)
  expectJsonError(await manage('GET', client), 401, 'invalid_token')
  expect((await manage('GET', next)).status).toBe(200)
  expect(await secretWorks(client)).toBe(true)
  expect(await count(app, 'registration_token', `client_id = '${client.client_id}'`)).toBe(1)
})

test('D13 an update may carry the secret in the clear; a wrong one or the digest is refused and changes nothing', async () => {
  const client = await confidential()
  const { secretDigest } = (await app.app.rooms.clients.find(client.client_id)) ?? {}
  for (const client_secret of ['wrong', secretDigest, `${client.client_secret}x`, 1, null, '-']) {
    const refused = await manage('PUT', client, update(client, { client_secret }))
    expect(refused.status).toBe(400)
    expectJsonError(refused, 400, String(parsed(refused).error))
  }
  expect((await manage('GET', client)).status).toBe(200)
  expect(parsed(await manage('GET', client)).client_name).toBe('Test client')
  const right = await manage('PUT', client, update(client, { client_secret: client.client_secret }))
  expect(right.status).toBe(200)
  expect(await secretWorks(client)).toBe(true)
})

test.each([
  ['a dangerous redirect', { redirect_uris: ['javascript:x'] }, 'invalid_redirect_uri'],
  ['an http redirect elsewhere', { redirect_uris: ['http://evil.example/cb'] }, 'invalid_redirect_uri'],
  ['a dangerous address', { logo_uri: 'data:x' }, 'invalid_client_metadata'],
  ['another client_id', { client_id: 'other' }, 'invalid_request'],
  ['no client_id', { client_id: undefined }, 'invalid_request'],
  ['a token of its own', { registration_access_token: 'mine' }, 'invalid_request'],
  ['an address of its own', { registration_client_uri: 'https://evil.example' }, 'invalid_request'],
  ['grants it cannot have', { grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
])('D13 an update with %s is refused, and the token stays good', async (_title, more, error) => {
  const client = await confidential()
  expectJsonError(await manage('PUT', client, update(client, more)), 400, error)
  expect(parsed(await manage('GET', client))).toMatchObject({
    client_name: 'Test client',
    redirect_uris: [webRedirect],
  })
})

test('D13 a token of another client opens nothing and survives the attempt', async () => {
  const mine = await confidential()
  const other = await confidential()
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const mixed = { client_id: other.client_id, registration_access_token: mine.registration_access_token }
    const answer = await manage(method, mixed, method === 'PUT' ? update(other) : undefined)
    expectJsonError(answer, 401, 'invalid_token')
    expect(answer.headers.get('www-authenticate') ?? 'Bearer').toMatch(/^Bearer/)
  }
  expect((await manage('GET', mine)).status).toBe(200)
  expect((await manage('GET', other)).status).toBe(200)
})

test.each(['', 'x', '%00', '..%2f..', 'a b'])('D13 an address of no client is refused: %j', async (id) => {
  const { registration_access_token } = await confidential()
  const answer = await ask(`${app.issuer}/register/${id}`, {
    headers: { authorization: `Bearer ${registration_access_token}` },
  })
  expect([400, 401, 404, 405]).toContain(answer.status)
})

test('D13 a token in the address or the body is none', async () => {
  const { client_id, registration_access_token: token } = await confidential()
  expect([400, 401]).toContain((await ask(`${app.issuer}/register/${client_id}?access_token=${token}`)).status)
})

test('D13 what was allowed to the old words is void for the new ones: consent, connection, code', async () => {
  const client = await register(app)
  const { refreshToken } = await connect(app, person, {}, client)
  const put = await manage('PUT', client, {
    client_id: client.client_id,
    client_name: 'Something else',
    redirect_uris: client.redirect_uris,
    token_endpoint_auth_method: 'none',
  })
  expect(put.status).toBe(200)
  expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')
  expect(await count(app, 'consent', `client_id = '${client.client_id}' AND revoked_at IS NULL`)).toBe(0)
  expect(await count(app, 'protocol_grant', `client_id = '${client.client_id}'`)).toBe(0)
  expect((await audited(app, 'client.updated')).map((row) => row.client_id)).toContain(client.client_id)
})

test('D13 a client blocked meanwhile manages nothing', async () => {
  const client = await confidential()
  await app.app.rooms.clients.block(client.client_id)
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await manage(method, client, method === 'PUT' ? update(client) : undefined)
    expect(answer.status).toBe(401)
  }
  expect((await app.app.rooms.clients.find(client.client_id))?.state).toBe('blocked')
})

describe('a client that removed itself', () => {
  let gone: RegisteredClient
  let refreshToken: string

  beforeAll(async () => {
    gone = await register(app, { client_name: 'Left <b>behind</b>' })
    refreshToken = (await connect(app, person, {}, gone)).refreshToken
    const answer = await manage('DELETE', gone)
    expect([answer.status, answer.body]).toEqual([204, ''])
  })

  test('D13 is a tombstone with a name, no secret, no connection, no consent', async () => {
    expect(await app.app.rooms.clients.find(gone.client_id)).toMatchObject({ state: 'removed', secretDigest: null })
    expect(await count(app, 'refresh_family', `client_id = '${gone.client_id}'`)).toBe(0)
    expect(await count(app, 'consent', `client_id = '${gone.client_id}' AND revoked_at IS NULL`)).toBe(0)
    expect(await count(app, 'registration_token', `client_id = '${gone.client_id}'`)).toBe(0)
    expectJsonError(await manage('GET', gone), 401, 'invalid_token')
  })

  test('D13 gets 401 invalid_client at the token endpoint, on which clients register anew', async () => {
    const answer = await post(`${app.issuer}/token`, {
      grant_type: 'refresh_token',
      client_id: gone.client_id,
      refresh_token: refreshToken,
    })
    expectJsonError(answer, 401, 'invalid_client')
  })

  test('D13 gets a page at authorize that names it and says how to reset it', async () => {
    const answer = await authorize(app, gone.client_id, { redirect_uri: gone.redirect_uris[0] })
    expectPage(answer, 'invalid_client', app)
    expect(answer.body).toContain('Left &lt;b&gt;behind&lt;/b&gt;')
    expect(answer.body).toMatch(/remove or sign out of this connection there, and connect again/)
  })

  test('D13 cannot be brought back by its old token', async () => {
    const answer = await manage('PUT', gone, { client_id: gone.client_id, redirect_uris: gone.redirect_uris })
    expectJsonError(answer, 401, 'invalid_token')
    const page = await decide(new Browser(app.issuer), authorizationRequest(app, gone.client_id), person)
    expect(page.error).toBe('invalid_client')
  })
})

test('D13 an update that wants a secret from now on shows the new one, once', async () => {
  const client = await register(app, { redirect_uris: [webRedirect] })
  const answer = await manage('PUT', client, update(client))
  const changed = parsed(answer)
  expect(answer.status).toBe(200)
  expect(changed.client_secret).toMatch(/^[\w-]{43}$/)
  const held = { ...client, client_secret: String(changed.client_secret) }
  expect(await secretWorks(held)).toBe(true)
  const again = await manage('GET', { ...held, registration_access_token: String(changed.registration_access_token) })
  expect(parsed(again).client_secret).toBeUndefined()
})
