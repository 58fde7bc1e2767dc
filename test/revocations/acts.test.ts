// Each act that revokes, and what a server that follows the list makes of the tokens that are out.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { disableAccount } from '../../src/accounts/close.ts'
import { redeemLink } from '../../src/accounts/links/redeem.ts'
import { newLink } from '../../src/accounts/links/send.ts'
import { signOutEverywhere } from '../../src/accounts/sign-out.ts'
import { blockHost } from '../../src/clients/blocked-hosts/block.ts'
import { blockClient, removeClient } from '../../src/clients/change.ts'
import { makeOperatorClient } from '../../src/clients/operator-client.ts'
import { syncFileClients } from '../../src/clients/sync.ts'
import { connectionDesk, removePerson } from '../../src/connection-desk.ts'
import { narrowMine, pauseMine } from '../../src/me/change.ts'
import { revokeMine } from '../../src/me/revoke.ts'
import { createResource, removeResource, updateResource } from '../../src/resources/change.ts'
import { notes, type TestPerson } from '../support/app.ts'
import { type FarAway, openFarAway, sendJson } from '../support/far-away.ts'
import { authorizationRequest, type RegisteredClient, redeem, refresh, token } from '../support/flow.ts'
import { judge } from '../verifier/issuer.ts'
import { type Held, openStage, pass, redirect, type Stage } from './stage.ts'

const author = { actor: 'operator' } as const
const wide = { scope: 'notes:read notes:write' }

describe.each(['sqlite', 'postgresql'] as const)('on %s', (database) => {
  let stage: Stage
  let far: FarAway
  let person: TestPerson
  let client: RegisteredClient
  let held: Held
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    far = await openFarAway(['app.example', 'evil.example', 'below.evil.example'])
    stage = await openStage({ database, egressStage: far.stage, settings: { REFRESH_GRACE_SECONDS: '0' } })
  })
  afterAll(async () => {
    await stage.close()
    await far.close()
    vi.useRealTimers()
  })

  let documents = 0
  function document(host: string, over: Readonly<Record<string, unknown>> = {}): RegisteredClient {
    documents += 1
    const id = `https://${host}/client-${documents}.json`
    says(host, id, over)
    return { client_id: id, redirect_uris: [redirect], registration_access_token: '', registration_client_uri: '' }
  }
  function says(host: string, id: string, over: Readonly<Record<string, unknown>> = {}) {
    const words = { client_id: id, client_name: 'App', redirect_uris: [redirect], token_endpoint_auth_method: 'none' }
    far.hosts.set(host, sendJson({ ...words, ...over }, { 'cache-control': 'no-store' }))
  }
  const rooms = () => stage.first.app.rooms
  async function grantId() {
    const row = await rooms().database.sql.get<{ id: string }>(
      'SELECT id FROM protocol_grant WHERE account_id = ? AND client_id = ?',
      [person.id, client.client_id],
    )
    return row?.id ?? ''
  }
  async function consentId() {
    const [consent] = await rooms().consents.store.listForClient(person.id, client.client_id)
    return consent?.id ?? ''
  }
  const desk = () => connectionDesk(rooms())
  const manage = (method: string, body?: object) =>
    fetch(client.registration_client_uri, {
      method,
      headers: { authorization: `Bearer ${client.registration_access_token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })

  type Kind = 'person' | 'client' | 'connection'
  type Row = readonly [title: string, ends: Kind, act: () => Promise<unknown>, made?: () => RegisteredClient]
  const rows = (list: readonly Row[]): Act[] => list.map(([title, ends, act, made]) => ({ title, ends, act, made }))
  // What it ends: everything of the person, everything of the client, or what this person allowed this client.
  interface Act {
    readonly title: string
    readonly ends: Kind
    readonly act: () => Promise<unknown>
    readonly made: (() => RegisteredClient) | undefined
  }
  const acts = rows([
    [
      'G25 a consent is withdrawn',
      'connection',
      async () => revokeMine(desk(), person.id, { kind: 'consent', consentId: await consentId() }, author),
    ],
    [
      'G25 a connection is ended, another installation stays',
      'connection',
      async () => {
        const id = await grantId()
        await stage.connected(person, client)
        await revokeMine(desk(), person.id, { kind: 'connection', grantId: id }, author)
      },
    ],
    ['G25 a connection is paused', 'connection', async () => pauseMine(desk(), person.id, await grantId(), author)],
    [
      'G25 a connection is narrowed',
      'connection',
      async () => narrowMine(desk(), person.id, await grantId(), ['notes:read'], author),
    ],
    [
      'C06 a refresh token comes twice',
      'connection',
      async () => {
        await refresh(stage.first, client, held.refreshToken)
        pass(2)
        expect((await refresh(stage.first, client, held.refreshToken)).body.error).toBe('invalid_grant')
      },
    ],
    [
      'C01 a code comes twice',
      'connection',
      async () => {
        pass(2)
        expect((await redeem(stage.first, client, held)).body.error).toBe('invalid_grant')
      },
    ],
    [
      'RFC 7009 the client gives its refresh token back',
      'connection',
      async () => {
        const body = new URLSearchParams({ token: held.refreshToken, client_id: client.client_id })
        expect((await fetch(`${stage.first.issuer}/revoke`, { method: 'POST', body })).status).toBe(200)
      },
    ],
    ['C14 an account is disabled', 'person', () => disableAccount(rooms().accounts, person.id, author)],
    ['C14 an account is removed', 'person', () => removePerson(rooms(), person.id, author, 'left')],
    [
      'C14 another password',
      'person',
      async () => rooms().accounts.store.setPassword(person.id, 'x', rooms().clock.now(), []),
    ],
    [
      'C14 another password by a letter',
      'person',
      async () => {
        const { token: letter, link } = newLink('reset', person.id, rooms().clock.now())
        await rooms().accounts.links.replace(link, [])
        const source = { address: '127.0.0.1', requestId: 'test' }
        expect(await redeemLink(rooms().accounts, 'reset', letter, 'x', source)).not.toBeNull()
      },
    ],
    ['C14 signed out everywhere', 'person', () => signOutEverywhere(rooms().accounts, person.id, author)],
    ['a client is blocked', 'client', () => blockClient(rooms().clientDesk, client.client_id, author)],
    ['a client is removed', 'client', () => removeClient(rooms().clientDesk, client.client_id, author)],
    [
      'D13 a client says something else of itself',
      'client',
      async () => {
        const body = { client_id: client.client_id, client_name: 'Other', redirect_uris: [redirect] }
        expect((await manage('PUT', { ...body, token_endpoint_auth_method: 'none' })).status).toBe(200)
      },
    ],
    ['RFC 7592 a client goes', 'client', async () => expect((await manage('DELETE')).status).toBe(204)],
    [
      'F14 a document names another place for answers',
      'client',
      async () => {
        says('app.example', client.client_id, { redirect_uris: [redirect, 'https://evil.example/cb'] })
        await fetch(authorizationRequest(stage.first, client.client_id, { redirect_uri: redirect }).url)
      },
      () => document('app.example'),
    ],
    [
      'F15 a host is blocked',
      'client',
      () => blockHost(rooms().hostDesk, 'evil.example', author),
      () => document('below.evil.example'),
    ],
  ])

  test.each(acts)(
    'V43 $title: what was issued before is refused within two polls, others go on',
    async ({ ends, act, made }) => {
      person = await stage.first.person()
      client = made?.() ?? (await stage.client())
      const another = await stage.first.person()
      held = await stage.connected(person, client, wide)
      const bystanders = [
        ...(ends === 'person' ? [] : [await stage.connected(person, await stage.client())]),
        ...(ends === 'client' ? [] : [await stage.connected(another, client)]),
        await stage.connected(another, await stage.client()),
      ].map(({ accessToken }) => accessToken)
      const verifier = stage.verifier()
      for (const one of [held.accessToken, ...bystanders]) expect(await judge(verifier, one)).toBe('accepted')
      await act()
      pass(5)
      await judge(verifier, held.accessToken)
      pass(5)
      expect(await judge(verifier, held.accessToken)).toBe('401 revoked')
      for (const one of bystanders) expect(await judge(verifier, one)).toBe('accepted')
    },
  )

  test('V43 an MCP server that is removed: tokens of people and of machines for it, and for no other', async () => {
    const identifier = 'https://other.example/mcp'
    const resource = await createResource(rooms().resources, { ...notes, identifier }, author)
    const { client: machine } = makeOperatorClient(
      { clientId: 'nightly', clientSecret: 'a secret of this test', grantTypes: ['client_credentials'] },
      rooms().clock.now(),
    )
    await rooms().clients.save(machine)
    const own = (resource: string) =>
      token(
        stage.first,
        { grant_type: 'client_credentials', scope: 'notes:read', resource },
        { authorization: `Basic ${btoa('nightly:a secret of this test'.replaceAll(' ', '%20'))}` },
      )
    person = await stage.first.person()
    client = await stage.client()
    const theirs = await stage.connected(person, client, { resource: identifier })
    const robots = (await own(identifier)).body.access_token ?? ''
    const stays = [
      (await own(notes.identifier)).body.access_token ?? '',
      (await stage.connected(person, client)).accessToken,
    ]
    const there = stage.verifier({ resource: identifier })
    const here = stage.verifier()
    for (const one of [theirs.accessToken, robots]) expect(await judge(there, one)).toBe('accepted')
    for (const one of stays) expect(await judge(here, one)).toBe('accepted')
    await removeResource(rooms().resources, resource.id, author)
    pass(10)
    for (const one of [theirs.accessToken, robots]) expect(await judge(there, one)).toBe('401 revoked')
    for (const one of stays) expect(await judge(here, one)).toBe('accepted')
  })

  test('V43 an MCP server that is open to fewer people', async () => {
    person = await stage.first.person()
    const insider = await stage.first.person()
    client = await stage.client()
    const [out, stays] = [await stage.connected(person, client), await stage.connected(insider, client)]
    const verifier = stage.verifier()
    for (const one of [out, stays]) expect(await judge(verifier, one.accessToken)).toBe('accepted')
    const [resource] = (await rooms().registry.all()).filter(({ identifier }) => identifier === notes.identifier)
    await updateResource(rooms().resources, resource?.id ?? '', { access: 'listed', members: [insider.id] }, author)
    pass(10)
    expect(await judge(verifier, out.accessToken)).toBe('401 revoked')
    expect(await judge(verifier, stays.accessToken)).toBe('accepted')
    await updateResource(rooms().resources, resource?.id ?? '', { access: 'everyone' }, author)
  })

  test('V43 a client of the file that is changed there', async () => {
    const draft = (scopes: readonly string[]) => ({
      clientId: 'of-the-file',
      clientSecret: 'another secret of this test',
      grantTypes: ['client_credentials'],
      resources: new Map([[notes.identifier, scopes]]),
    })
    const sync = (scopes: readonly string[]) => syncFileClients(rooms().clients, [draft(scopes)], rooms().clock.now())
    await sync(['notes:read', 'notes:write'])
    const authorization = `Basic ${btoa('of-the-file:another%20secret%20of%20this%20test')}`
    const form = { grant_type: 'client_credentials', resource: notes.identifier }
    const { body } = await token(stage.first, form, { authorization })
    const verifier = stage.verifier()
    expect(await judge(verifier, body.access_token ?? '')).toBe('accepted')
    await sync(['notes:read', 'notes:write'])
    pass(10)
    expect(await judge(verifier, body.access_token ?? '')).toBe('accepted')
    await sync(['notes:read'])
    pass(10)
    expect(await judge(verifier, body.access_token ?? '')).toBe('401 revoked')
  })

  // The act itself is written, and what would end the connections afterwards cannot be: as if the process had been killed in between.
  const killed = acts.filter(({ title }) => /^(C14 (?!signed)|G25 a consent|a client|F1)/.test(title))
  test.each(database === 'sqlite' ? killed : [])('K26 $title, and nothing after it', async ({ title, act, made }) => {
    person = await stage.first.person()
    client = made?.() ?? (await stage.client())
    if (made !== undefined) await rooms().database.sql.run('DELETE FROM blocked_host')
    rooms().blockedHosts.forget()
    held = await stage.connected(person, client, wide)
    const verifier = stage.verifier()
    expect(await judge(verifier, held.accessToken)).toBe('accepted')
    const { sql } = rooms().database
    const later = [
      'DELETE ON protocol_grant',
      'DELETE ON browser_session',
      ...(title.startsWith('G25') ? [] : ['UPDATE OF revoked_at ON consent']),
    ]
    for (const [index, event] of later.entries()) {
      await sql.run(`CREATE TRIGGER killed_${index} BEFORE ${event} BEGIN SELECT RAISE(ABORT, 'killed'); END`)
    }
    try {
      await Promise.resolve(act()).catch(() => undefined)
    } finally {
      for (const index of later.keys()) await sql.run(`DROP TRIGGER killed_${index}`)
    }
    pass(10)
    expect(await judge(verifier, held.accessToken)).toBe('401 revoked')
  })
})
