import { Agent, request as rawRequest } from 'node:http'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { connect, obtainCode, type RegisteredClient, refresh, register } from '../support/flow.ts'
import { type Answer, ask, count, expectJsonError, operatorClient, type Params, pairs, parsed, post } from './stage.ts'

// Who speaks at the token endpoint, and in which form: everything else is refused, consumes nothing, tells nothing.

let app: TestApp
let person: TestPerson
let basic: RegisteredClient
let inBody: RegisteredClient
let open: RegisteredClient

beforeAll(async () => {
  app = await startApp()
  person = await app.person()
  basic = await register(app, { token_endpoint_auth_method: 'client_secret_basic' })
  inBody = await register(app, { token_endpoint_auth_method: 'client_secret_post' })
  open = await register(app)
})
afterEach(() => void vi.useRealTimers())
afterAll(() => app.close())

function basicAuth(id: string, secret = ''): Record<string, string> {
  return {
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
  }
}

function tokenPost(params: Params, headers: Record<string, string> = {}): Promise<Answer> {
  return post(`${app.issuer}/token`, params, headers)
}

async function codeParams(client: RegisteredClient): Promise<Params> {
  const { code, request } = await obtainCode(app, client, person)
  return {
    grant_type: 'authorization_code',
    code,
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
  }
}

describe('other people’s tokens', () => {
  test('C15 a client cannot revoke the token of another, and cannot tell that it exists', async () => {
    const { client, refreshToken } = await connect(app, person)
    const foreign = await post(`${app.issuer}/revoke`, { client_id: open.client_id, token: refreshToken })
    const invented = await post(`${app.issuer}/revoke`, { client_id: open.client_id, token: 'invented' })
    expect([foreign.status, foreign.body]).toEqual([invented.status, invented.body])
    expect(foreign.status).toBe(200)
    expect((await refresh(app, client, refreshToken)).status).toBe(200)
  })

  test('C15 a client revokes its own token, and the other installations stay', async () => {
    const first = await connect(app, person, {}, open)
    const second = await connect(app, person, {}, open)
    const revoked = await post(`${app.issuer}/revoke`, { client_id: open.client_id, token: first.refreshToken })
    expect(revoked.status).toBe(200)
    expect((await refresh(app, open, first.refreshToken)).body.error).toBe('invalid_grant')
    expect((await refresh(app, open, second.refreshToken)).status).toBe(200)
  })

  test('C16 a public client, another client and nobody learn nothing by introspection', async () => {
    const { client, refreshToken } = await connect(app, person)
    const own = await post(`${app.issuer}/introspect`, { client_id: client.client_id, token: refreshToken })
    expect(parsed(own)).toEqual({ active: false })
    const headers = basicAuth(basic.client_id, basic.client_secret)
    const other = await post(`${app.issuer}/introspect`, { token: refreshToken }, headers)
    expect(parsed(other)).toEqual({ active: false })
    expect((await post(`${app.issuer}/introspect`, { token: refreshToken })).status).toBe(400)
  })
})

describe('C17 the secret', () => {
  const cases: readonly (readonly [string, () => [Params, Record<string, string>], number, string])[] = [
    ['wrong, as Basic', () => [{}, basicAuth(basic.client_id, 'wrong')], 401, 'invalid_client'],
    ['empty, as Basic', () => [{}, basicAuth(basic.client_id, '')], 400, 'invalid_request'],
    ['wrong, in the body', () => [{ client_id: basic.client_id, client_secret: 'wrong' }, {}], 401, 'invalid_client'],
    ['none for a confidential client', () => [{ client_id: basic.client_id }, {}], 401, 'invalid_client'],
    [
      'twice at once',
      () => [
        { client_id: basic.client_id, client_secret: basic.client_secret },
        basicAuth(basic.client_id, basic.client_secret),
      ],
      400,
      'invalid_request',
    ],
    ['the stored digest', () => [{}, basicAuth(basic.client_id, digest)], 401, 'invalid_client'],
    ['of another client', () => [{}, basicAuth(basic.client_id, inBody.client_secret)], 401, 'invalid_client'],
    [
      'with another client_id in the body',
      () => [{ client_id: open.client_id }, basicAuth(basic.client_id, basic.client_secret)],
      400,
      'invalid_request',
    ],
  ]
  let digest = ''
  beforeAll(async () => {
    digest = (await app.app.rooms.clients.find(basic.client_id))?.secretDigest ?? ''
    expect(digest).toMatch(/^sha256:/)
  })

  test.each(cases)('C17 %s: refused, and the code is not consumed', async (_title, make, status, error) => {
    const params = await codeParams(basic)
    const [more, headers] = make()
    const answer = await tokenPost({ ...params, ...more }, headers)
    expectJsonError(answer, status, error)
    if (status === 401)
      expect(answer.headers.get('www-authenticate') ?? '').toMatch(headers.authorization ? /^Basic / : /^$/)
    const right = await tokenPost(params, basicAuth(basic.client_id, basic.client_secret))
    expect(right.status).toBe(200)
  })

  // Ours, as the library has it: the two ways of sending a secret prove the same, and real clients mix them up.
  test('C17 post where basic was registered works, and the other way round', async () => {
    const { client_id, client_secret } = basic
    expect((await tokenPost({ ...(await codeParams(basic)), client_id, client_secret })).status).toBe(200)
    const headers = basicAuth(inBody.client_id, inBody.client_secret)
    expect((await tokenPost(await codeParams(inBody), headers)).status).toBe(200)
  })

  test('C17 a secret for a client that has none is refused', async () => {
    const answer = await tokenPost({ ...(await codeParams(open)), client_id: open.client_id, client_secret: 'x' })
    expectJsonError(answer, 401, 'invalid_client')
  })

  test('C17 an unknown and a removed client get the same answer', async () => {
    const gone = await register(app)
    await app.app.rooms.clients.remove(gone.client_id)
    const answers = await Promise.all(
      ['never-seen', gone.client_id].map((client_id) =>
        tokenPost({ grant_type: 'refresh_token', client_id, refresh_token: 'x' }),
      ),
    )
    for (const answer of answers) expectJsonError(answer, 401, 'invalid_client')
    expect(answers[0]?.body).toBe(answers[1]?.body)
  })
})

describe('C18 a malformed header', () => {
  const basics = [
    'Basic',
    'Basic ',
    'Basic !!!',
    `Basic ${Buffer.from('nocolon').toString('base64')}`,
    `Basic ${Buffer.from('%:%').toString('base64')}`,
    `Basic ${Buffer.from('a%00:b').toString('base64')}`,
    `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString('base64')}`,
    'Basic YQ=',
    'Bearer x',
    'Digest x',
    'Basic a b',
  ]
  test.each(basics)('C18 at the token endpoint is a refusal and no fault of ours: %s', async (authorization) => {
    for (const path of ['token', 'revoke', 'introspect', 'par']) {
      const answer = await post(
        `${app.issuer}/${path}`,
        { grant_type: 'authorization_code', token: 'x' },
        { authorization },
      )
      expect([400, 401]).toContain(answer.status)
      expectJsonError(answer, answer.status, String(parsed(answer).error))
    }
  })

  test.each([
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'bearer \u00ff',
    'Basic eDp5',
    'Bearer %00',
    `Bearer ${'x'.repeat(100)}`,
  ])('C18 at the registration is a refusal and no fault of ours: %s', async (authorization) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await ask(`${app.issuer}/register/${basic.client_id}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(method === 'PUT' ? { body: '{"redirect_uris":["https://a.example/cb"]}' } : {}),
      })
      expect([400, 401]).toContain(answer.status)
      expectJsonError(answer, answer.status, String(parsed(answer).error))
    }
  })
})

describe('C19 private_key_jwt', () => {
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  let client: RegisteredClient
  let keys: Awaited<ReturnType<typeof generateKeyPair>>

  beforeAll(async () => {
    keys = await generateKeyPair('ES256', { extractable: true })
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', use: 'sig', alg: 'ES256' }
    client = await register(app, { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } })
  })

  function claims(changes: JWTPayload = {}): JWTPayload {
    const now = Math.floor(Date.now() / 1000)
    const { client_id: id } = client
    return { iss: id, sub: id, aud: app.issuer, iat: now, exp: now + 60, jti: crypto.randomUUID(), ...changes }
  }

  function signed(changes: JWTPayload = {}): Promise<string> {
    return new SignJWT(claims(changes)).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(keys.privateKey)
  }

  function send(params: Params, client_assertion: string): Promise<Answer> {
    return tokenPost({ ...params, client_assertion_type: type, client_assertion })
  }

  test('C19 a good assertion is taken once', async () => {
    const assertion = await signed()
    const first = await codeParams(client)
    expect((await send(first, assertion)).status).toBe(200)
    const second = await codeParams(client)
    expectJsonError(await send(second, assertion), 401, 'invalid_client')
    expect((await send(second, await signed())).status).toBe(200)
    expect(await count(app, 'replay_mark')).toBeGreaterThan(0)
  })

  const minute = () => Math.floor(Date.now() / 1000)
  const cases: readonly (readonly [string, () => JWTPayload])[] = [
    ['for another server', () => ({ aud: 'https://other.example' })],
    ['for this server among others', () => ({ aud: [app.issuer, 'https://other.example'] })],
    ['without an audience', () => ({ aud: undefined })],
    ['good for a year', () => ({ exp: minute() + 31_536_000 })],
    ['without an end', () => ({ exp: undefined })],
    ['that has ended', () => ({ exp: minute() - 60, iat: minute() - 120 })],
    ['without an id', () => ({ jti: undefined })],
    ['about another client', () => ({ sub: open.client_id })],
    ['by another client', () => ({ iss: open.client_id })],
    ['not yet valid', () => ({ nbf: minute() + 300 })],
  ]
  test.each(cases)('C19 an assertion %s is refused, and the code stays good', async (_title, changes) => {
    const params = await codeParams(client)
    expectJsonError(await send(params, await signed(changes())), 401, 'invalid_client')
    expect((await send(params, await signed())).status).toBe(200)
  })

  test('C19 no algorithm, a public key as a shared secret, and another key are refused', async () => {
    const params = await codeParams(client)
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const unsigned = `${part({ alg: 'none' })}.${part(claims())}.`
    const pem = new TextEncoder().encode(await exportSPKI(keys.publicKey))
    const confused = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(pem)
    const stranger = await generateKeyPair('ES256')
    const foreign = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(stranger.privateKey)
    const embedded = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'ES256', jwk: await exportJWK(stranger.publicKey) })
      .sign(stranger.privateKey)
    for (const assertion of [unsigned, confused, foreign, embedded, 'x', 'a.b.c', '']) {
      const answer = await send(params, assertion)
      expect([400, 401]).toContain(answer.status)
      expectJsonError(answer, answer.status, String(parsed(answer).error))
    }
    expect((await send(params, await signed())).status).toBe(200)
  })

  test('C19 a refused request does not make its assertion good again', async () => {
    const assertion = await signed()
    expectJsonError(
      await send({ grant_type: 'authorization_code', code: 'x', redirect_uri: 'x' }, assertion),
      400,
      'invalid_grant',
    )
    expectJsonError(await send(await codeParams(client), assertion), 401, 'invalid_client')
  })
})

describe('C21 the body', () => {
  const form = 'application/x-www-form-urlencoded'
  async function raw(body: BodyInit, type: string, more: Record<string, string> = {}): Promise<void> {
    const answer = await ask(`${app.issuer}/token`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, ...more },
    })
    expect([400, 413, 415]).toContain(answer.status)
    expectJsonError(answer, answer.status, 'invalid_request')
  }

  test('C21 only a form is read: JSON, multipart, text, other encodings, compression and excess are refused', async () => {
    const params = { ...(await codeParams(open)), client_id: open.client_id }
    const text = pairs(params).toString()
    await raw(JSON.stringify(params), 'application/json')
    await raw(
      `--x\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nx\r\n--x--`,
      'multipart/form-data; boundary=x',
    )
    await raw(text, 'text/plain')
    // A form is UTF-8 whatever it says of itself: one reading, nothing to smuggle past a gateway.
    await raw(Buffer.from(text, 'utf16le'), `${form}; charset=utf-16le`)
    await raw(text.replaceAll('&', '+ACY-'), `${form}; charset=utf-7`)
    await raw(gzipSync(text), form, { 'content-encoding': 'gzip' })
    await raw(gzipSync('a'.repeat(50_000_000)), form, { 'content-encoding': 'gzip' })
    await raw(`${text}&x=${'y'.repeat(60_000)}`, form)
    expect((await tokenPost(params)).status).toBe(200)
  })
})

/** A form in chunks, so that its size is not said beforehand. */
function sendInChunks(agent: Agent, path: string, size: number): Promise<number | undefined> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'transfer-encoding': 'chunked' }
  return new Promise((resolve, reject) => {
    const sending = rawRequest(`${app.issuer}${path}`, { agent, method: 'POST', headers }, (res) => {
      res.resume().on('end', () => resolve(res.statusCode))
    })
    sending.on('error', reject)
    Readable.from(Array.from({ length: size / 1000 }, () => 'x'.repeat(1000))).pipe(sending)
  })
}

test.each(['/token', '/revoke', '/introspect', '/par'])(
  'C21 excess in chunks is refused at %s, and the next request on the connection is answered',
  async (path) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (const size of [1_000_000, 1000, 1000]) expect(await sendInChunks(agent, path, size)).toBe(400)
    agent.destroy()
  },
)

describe('C22 each parameter once', () => {
  test.each(['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id'])(
    'C22 a doubled %s is refused, and the code stays good',
    async (name) => {
      const params: Params = { ...(await codeParams(open)), client_id: open.client_id }
      const twice = [String(params[name] ?? 'notes:read'), String(params[name] ?? 'notes:read')]
      expectJsonError(await tokenPost({ ...params, [name]: twice }), 400, 'invalid_request')
      expect((await tokenPost(params)).status).toBe(200)
    },
  )

  test('C22 a doubled parameter of a refresh rotates nothing', async () => {
    const { client, refreshToken } = await connect(app, person)
    const params = { grant_type: 'refresh_token', client_id: client.client_id, refresh_token: refreshToken }
    for (const name of ['scope', 'refresh_token']) {
      const twice = name === 'scope' ? ['notes:read', 'notes:read'] : [refreshToken, refreshToken]
      expectJsonError(await tokenPost({ ...params, [name]: twice }), 400, 'invalid_request')
    }
    expect((await tokenPost(params)).status).toBe(200)
  })

  test('C22 a query of the token endpoint counts for nothing', async () => {
    const params: Params = { ...(await codeParams(open)), client_id: open.client_id }
    const inQuery = await ask(`${app.issuer}/token?${pairs(params)}`, { method: 'POST', body: pairs({}) })
    expectJsonError(inQuery, 400, 'invalid_request')
    const mixed = await ask(`${app.issuer}/token?code=other&code_verifier=x`, { method: 'POST', body: pairs(params) })
    expect(mixed.status).toBe(200)
  })
})

test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'TRACE'])(
  'C23 %s on the token endpoint makes no token',
  async (method) => {
    const params: Params = { ...(await codeParams(open)), client_id: open.client_id }
    const body = pairs(params).toString()
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
      rawRequest(`${app.issuer}/token?${body}`, { method, headers }, (res) => resolve(res.resume().statusCode))
        .on('error', reject)
        .end(body)
    })
    expect([404, 405]).toContain(status)
    expect((await tokenPost(params)).status).toBe(200)
  },
)

describe('C24 grants that are not there', () => {
  test.each([
    ['password', { username: 'a', password: 'b' }],
    ['urn:ietf:params:oauth:grant-type:token-exchange', { subject_token: 'x', subject_token_type: 'x' }],
    ['urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion: 'x' }],
    ['urn:ietf:params:oauth:grant-type:device_code', { device_code: 'x' }],
    ['implicit', {}],
    ['__proto__', {}],
    ['constructor', {}],
  ])('C24 %s', async (grant_type, params) => {
    const answer = await tokenPost({ grant_type, client_id: open.client_id, ...params })
    expectJsonError(answer, 400, 'unsupported_grant_type')
  })

  test('C24 client_credentials of a client that registered itself', async () => {
    const headers = basicAuth(basic.client_id, basic.client_secret)
    const answer = await tokenPost({ grant_type: 'client_credentials', resource: 'http://localhost:9728/mcp' }, headers)
    expectJsonError(answer, 400, 'unauthorized_client')
    expectJsonError(
      await tokenPost({ grant_type: 'client_credentials', client_id: open.client_id }),
      400,
      'unauthorized_client',
    )
  })

  test('C24 an operator’s machine client gets what its ceiling holds, and no refresh token', async () => {
    const resources = new Map([['http://localhost:9728/mcp', ['notes:read']]])
    const grantTypes = ['client_credentials']
    const { id, secret } = await operatorClient(app, {
      clientId: 'nightly',
      grantTypes,
      redirectUris: undefined,
      resources,
    })
    const good = await tokenPost({ grant_type: 'client_credentials' }, basicAuth(id, secret))
    expect(parsed(good)).toMatchObject({ scope: 'notes:read', token_type: 'Bearer' })
    expect(parsed(good)).not.toHaveProperty('refresh_token')
    const above = await tokenPost({ grant_type: 'client_credentials', scope: 'notes:write' }, basicAuth(id, secret))
    expectJsonError(above, 400, 'invalid_scope')
    expectJsonError(
      await tokenPost({ grant_type: 'refresh_token', refresh_token: 'x' }, basicAuth(id, secret)),
      400,
      'unauthorized_client',
    )
  })
})

test('C25 no answer of the protocol endpoints may be stored or sniffed, good or bad', async () => {
  const { client, answer, refreshToken } = await connect(app, person)
  const management = { authorization: `Bearer ${client.registration_access_token}` }
  const answers: Pick<Answer, 'headers' | 'status'>[] = [
    answer,
    await refresh(app, client, refreshToken),
    await tokenPost({ grant_type: 'x' }),
    await tokenPost({}, { accept: 'text/html' }),
    await post(`${app.issuer}/introspect`, { client_id: client.client_id, token: 'x' }),
    await post(`${app.issuer}/revoke`, {}),
    await post(`${app.issuer}/par`, {}),
    await ask(`${app.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    }),
    await ask(`${app.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['https://a.example/cb'] }),
    }),
    await ask(`${app.issuer}/register/${client.client_id}`, { headers: management }),
    await ask(`${app.issuer}/register/${client.client_id}`, { headers: { ...management, accept: 'text/html' } }),
    await ask(`${app.issuer}/register/${client.client_id}`),
  ]
  for (const { headers, status } of answers) {
    expect([status, headers.get('cache-control')]).toEqual([status, expect.stringContaining('no-store')])
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
})

// The device grant is not there: nothing of it is mounted or advertised.
test('C27 there is no device flow to attack', async () => {
  for (const path of ['device', 'device/authorize', 'device/auth']) {
    expect((await ask(`${app.issuer}/${path}`)).status).toBe(404)
    const posted = await post(`${app.issuer}/${path}`, { client_id: open.client_id })
    expect([403, 404]).toContain(posted.status)
  }
  const metadata = parsed(await ask(`${app.issuer}/.well-known/oauth-authorization-server`))
  expect(metadata).not.toHaveProperty('device_authorization_endpoint')
  expect(metadata.grant_types_supported).toEqual(['authorization_code', 'refresh_token', 'client_credentials'])
})
