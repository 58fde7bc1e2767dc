// The verifier's introspection against our own server, with credentials of the MCP server's own.
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { disableAccount } from '../../src/accounts/close.ts'
import { blockClient } from '../../src/clients/change.ts'
import { setIntrospects } from '../../src/clients/introspects/set.ts'
import { makeOperatorClient, type OperatorClientDraft } from '../../src/clients/operator-client.ts'
import { connectionDesk } from '../../src/connection-desk.ts'
import { pauseMine, resumeMine } from '../../src/me/change.ts'
import { createResource, removeResource, updateResource } from '../../src/resources/change.ts'
import { createVerifier, type Verifier } from '../../verifier/src/index.ts'
import { notes, startApp, type TestApp } from '../support/app.ts'
import { databaseKinds } from '../support/database.ts'
import { connect, loopbackRedirect, type RegisteredClient, refresh, register, token } from '../support/flow.ts'
import { judge, makeKey, signText } from './issuer.ts'

const author = { actor: 'operator' } as const
const secret = 'a secret of the resource server'
const odd = '100%25 of +this: a secret & more'
const elsewhere = 'https://other.example/mcp'
const basicOf = (id: string, password = secret) => `Basic ${btoa(`${id}:${encodeURIComponent(password)}`)}`

describe.each(databaseKinds)('V43 introspection on %s', (database) => {
  let app: TestApp
  let resourceId: string
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    app = await startApp({ database })
    resourceId = (await createResource(app.app.rooms.resources, { ...notes, identifier: elsewhere }, author)).id
    await operator({ clientId: 'notes-server', introspects: [`${notes.identifier}/`] })
    await operator({ clientId: 'other-server', introspects: [elsewhere] })
    await operator({ clientId: 'machine' })
  })
  afterAll(async () => {
    await app.close()
    vi.useRealTimers()
  })

  async function operator(draft: OperatorClientDraft) {
    const given = { clientSecret: secret, grantTypes: ['client_credentials'], ...draft }
    await app.app.rooms.clients.save(makeOperatorClient(given, app.app.rooms.clock.now()).client)
  }
  async function ask(text: string, asker = basicOf('notes-server')) {
    const body = new URLSearchParams({ token: text })
    const answer = await fetch(`${app.issuer}/introspect`, { method: 'POST', body, headers: { authorization: asker } })
    return { status: answer.status, cache: answer.headers.get('cache-control'), body: await answer.json() }
  }
  const verifier = (): Verifier =>
    createVerifier({
      issuer: app.issuer,
      resource: notes.identifier,
      scopes: [],
      introspection: { url: `${app.issuer}/introspect`, authorization: basicOf('notes-server'), cacheSeconds: 10 },
    })
  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)
  const machines = async (resource = notes.identifier) => {
    const form = { grant_type: 'client_credentials', resource, scope: 'notes:read' }
    return (await token(app, form, { authorization: basicOf('machine') })).body.access_token ?? ''
  }

  test('V43 a token is good, then its account is disabled, and within the cache it is refused', async () => {
    const person = await app.person()
    const { accessToken } = await connect(app, person)
    const stays = await connect(app, await app.person())
    const server = verifier()
    for (const one of [accessToken, stays.accessToken]) expect(await judge(server, one)).toBe('accepted')
    await disableAccount(app.app.rooms.accounts, person.id, author)
    pass(10)
    expect(await judge(server, accessToken)).toBe('401 inactive')
    expect(await judge(server, stays.accessToken)).toBe('accepted')
  })

  test('V43 when it cannot be asked: 503', async () => {
    const { accessToken } = await connect(app, await app.person())
    const server = createVerifier({
      issuer: app.issuer,
      resource: notes.identifier,
      scopes: [],
      introspection: {
        url: `${app.issuer}/introspect`,
        authorization: basicOf('notes-server', 'wrong'),
        cacheSeconds: 10,
      },
    })
    expect(await judge(server, accessToken)).toMatch(/^503/)
  })

  test('the answer repeats what the token says', async () => {
    const person = await app.person()
    const { accessToken, client } = await connect(app, person)
    const { status, body, cache } = await ask(accessToken)
    expect([status, cache]).toEqual([200, 'no-store'])
    expect(body).toMatchObject({
      ...{ active: true, iss: app.issuer, sub: person.id, aud: notes.identifier, client_id: client.client_id },
      ...{ scope: 'notes:read', token_type: 'Bearer', jti: expect.any(String), iat: expect.any(Number) },
    })
    expect(app.log()).not.toContain('Structured JWT')
  })

  test('C16 who may ask: its own client, the server that it is for; nobody else', async () => {
    const { accessToken, client } = await connect(app, await app.person())
    expect((await ask(accessToken)).body.active).toBe(true)
    expect(await ask(accessToken, basicOf('other-server'))).toMatchObject({ status: 200, body: { active: false } })
    expect(await ask(accessToken, basicOf('machine'))).toMatchObject({ status: 200, body: { active: false } })
    expect((await ask(accessToken, basicOf('notes-server', 'wrong'))).status).toBe(401)
    const body = new URLSearchParams({ token: accessToken, client_id: client.client_id })
    const open = await fetch(`${app.issuer}/introspect`, { method: 'POST', body })
    expect(await open.json()).toEqual({ active: false })
    const own = await machines()
    expect((await ask(own, basicOf('machine'))).body).toMatchObject({ active: true, sub: 'client:machine' })
    expect((await ask(own)).body.active).toBe(true)
    expect((await ask(own, basicOf('other-server'))).body).toEqual({ active: false })
  })

  test('the right is given and taken away while the server runs, and an alias means its server', async () => {
    const { accessToken } = await connect(app, await app.person())
    const { rooms } = app.app
    const alias = 'https://www.notes.example/mcp'
    const asked = async () => (await ask(accessToken, basicOf('other-server'))).body.active
    await updateResource(
      rooms.resources,
      (await rooms.registry.find(notes.identifier))?.id ?? '',
      { aliases: [alias] },
      author,
    )
    const steps: readonly [string[], boolean][] = [
      [[elsewhere], false],
      [[elsewhere, notes.identifier], true],
      [['https://www.notes.example/other'], false],
      [[alias], true],
      [[], false],
      [[elsewhere], false],
    ]
    for (const [servers, isTold] of steps) {
      await setIntrospects(rooms.clientDesk, 'other-server', servers, author)
      expect([servers, await asked()]).toEqual([servers, isTold])
    }
  })

  test('wrong credentials, and those of a client that is blocked, are no answer about the token: 503', async () => {
    const { accessToken } = await connect(app, await app.person())
    const judged = (authorization: string) =>
      judge(
        createVerifier({
          issuer: app.issuer,
          resource: notes.identifier,
          scopes: [],
          introspection: { url: `${app.issuer}/introspect`, authorization },
        }),
        accessToken,
      )
    await operator({ clientId: 'odd-server', introspects: [notes.identifier], clientSecret: odd })
    // RFC 6749 §2.3.1: encoded, then joined; any secret of a file can be said.
    expect(await judged(basicOf('odd-server', odd))).toBe('accepted')
    for (const wrong of [basicOf('odd-server', 'wrong'), basicOf('nobody'), `Basic ${btoa(`odd-server:${odd}`)}`]) {
      expect((await ask(accessToken, wrong)).status).toBe(401)
      expect(await judged(wrong)).toBe('503 introspection_unavailable')
    }
    await blockClient(app.app.rooms.clientDesk, 'odd-server', author)
    expect(await judged(basicOf('odd-server', odd))).toBe('503 introspection_unavailable')
    expect(await judged(basicOf('machine'))).toBe('401 inactive')
  })

  test('a client cannot give itself the right by saying so', async () => {
    const stranger = (await register(app, {
      token_endpoint_auth_method: 'client_secret_basic',
      introspects: [notes.identifier],
    })) as RegisteredClient & { client_secret: string }
    const { accessToken } = await connect(app, await app.person())
    const { status, body } = await ask(accessToken, basicOf(stranger.client_id, stranger.client_secret))
    expect([status, body]).toEqual([200, { active: false }])
    // And should its words ever be kept as they were said:
    const said = JSON.stringify({ redirect_uris: [loopbackRedirect], introspects: [notes.identifier] })
    const { clients, database: rows } = app.app.rooms
    await rows.sql.run('UPDATE client SET payload = ? WHERE id = ?', [said, stranger.client_id])
    clients.forget(stranger.client_id)
    expect((await clients.find(stranger.client_id))?.introspects).toEqual([])
  })

  test('the server itself gets no tokens, and one that proves nothing is not made', async () => {
    const form = { grant_type: 'client_credentials', resource: notes.identifier }
    const { body } = await token(app, form, { authorization: basicOf('notes-server') })
    expect(body).toMatchObject({ error: 'invalid_target' })
    const draft = { clientId: 'x', tokenEndpointAuthMethod: 'none', redirectUris: ['https://a.example/cb'] }
    expect(() => makeOperatorClient({ ...draft, introspects: [elsewhere] }, new Date())).toThrow('can prove itself')
    expect(() => makeOperatorClient({ ...draft, introspects: ['nonsense'] }, new Date())).toThrow('identifier')
  })

  test('what is no token of ours is not active', async () => {
    const { accessToken } = await connect(app, await app.person())
    const [header = '', payload = '', signature = ''] = accessToken.split('.')
    const key = await makeKey('key-1')
    const claims = Buffer.from(payload, 'base64url').toString()
    const idToken = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), typ: 'JWT' }
    const texts = [
      `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      await signText(Buffer.from(header, 'base64url').toString(), claims, key),
      `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`,
      `${Buffer.from(JSON.stringify(idToken)).toString('base64url')}.${payload}.${signature}`,
      'opaque',
      await (await fetch(`${app.issuer}/revocations`)).text(),
    ]
    const [ours] = app.app.rooms.keys.keyset().jwks.keys
    if (ours === undefined) throw new Error('no key')
    const signed = (typ: string, iss = app.issuer) =>
      new SignJWT({ ...JSON.parse(claims), iss }).setProtectedHeader({ alg: 'ES256', typ, kid: ours.kid }).sign(ours)
    expect((await ask(await signed('at+jwt'))).body.active).toBe(true)
    texts.push(await signed('JWT'), await signed('at+jwt', 'https://other.example'))
    for (const text of texts) expect(await ask(text)).toMatchObject({ status: 200, body: { active: false } })
    pass(300)
    expect((await ask(accessToken)).body).toEqual({ active: false })
  })

  test('G25 a connection that is paused, ended, or whose consent is withdrawn', async () => {
    const person = await app.person()
    const { accessToken, client, refreshToken } = await connect(app, person)
    const { database: rows, consents } = app.app.rooms
    const row = await rows.sql.get<{ id: string }>('SELECT id FROM protocol_grant WHERE account_id = ?', [person.id])
    const desk = connectionDesk(app.app.rooms)
    await pauseMine(desk, person.id, row?.id ?? '', author)
    // By the connection alone, as if nobody had written a list.
    await rows.sql.run('DELETE FROM revocation')
    expect((await ask(accessToken)).body.active).toBe(false)
    await resumeMine(desk, person.id, row?.id ?? '', author)
    expect((await ask(accessToken)).body.active).toBe(true)
    pass(1)
    const next = (await refresh(app, client, refreshToken)).body.access_token ?? ''
    const [consent] = await consents.store.listForClient(person.id, client.client_id)
    await consents.store.revoke(consent?.id ?? '', app.app.rooms.clock.now())
    await rows.sql.run('DELETE FROM revocation')
    expect((await ask(next)).body.active).toBe(false)
  })

  test('what is on the list is not active, though the connection stands', async () => {
    const { accessToken, client, refreshToken } = await connect(app, await app.person())
    const { database: rows } = app.app.rooms
    const moment = Math.floor(Date.now() / 1000) + 1
    await rows.sql.run('INSERT INTO revocation (mark, moment, created_at, expires_at) VALUES (?, ?, ?, ?)', [
      `client\n${client.client_id}`,
      moment,
      Date.now(),
      Date.now() + 1000,
    ])
    expect((await ask(accessToken)).body.active).toBe(false)
    pass(1)
    const next = (await refresh(app, client, refreshToken)).body.access_token ?? ''
    expect((await ask(next)).body.active).toBe(true)
  })

  test('a machine that is blocked, a server that is removed', async () => {
    const own = await machines()
    const { clients, resources } = app.app.rooms
    await clients.block('machine')
    await app.app.rooms.database.sql.run('DELETE FROM revocation')
    expect((await ask(own)).body.active).toBe(false)
    await clients.unblock('machine')
    expect((await ask(own)).body.active).toBe(true)
    const there = await connect(app, await app.person(), { resource: elsewhere })
    expect((await ask(there.accessToken, basicOf('other-server'))).body.active).toBe(true)
    const itsOwn = await machines(elsewhere)
    expect((await ask(itsOwn, basicOf('other-server'))).body.active).toBe(true)
    await removeResource(resources, resourceId, author)
    await app.app.rooms.database.sql.run('DELETE FROM revocation')
    expect((await ask(itsOwn, basicOf('other-server'))).body.active).toBe(false)
    expect((await ask(there.accessToken, basicOf('other-server'))).body.active).toBe(false)
  })
})
