// GET /revocations as it stands on the wire, and what a verifier makes of keys that change and a server that is away.
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { disableAccount } from '../../src/accounts/close.ts'
import { sweepExpired } from '../../src/provider/adapter/sweep.ts'
import { updateResource } from '../../src/resources/change.ts'
import { keptSeconds } from '../../src/revocations/revocation.ts'
import { notes } from '../support/app.ts'
import { databaseKinds } from '../support/database.ts'
import { judge } from '../verifier/issuer.ts'
import { askSecond, openStage, pass, type Stage } from './stage.ts'

const author = { actor: 'operator' } as const

describe.each(databaseKinds)('the list on %s', (database) => {
  let stage: Stage
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    stage = await openStage({ database })
  })
  afterAll(async () => {
    await stage.close()
    vi.useRealTimers()
  })

  const url = (since?: string) => `${stage.first.issuer}/revocations${since === undefined ? '' : `?since=${since}`}`
  async function read(since?: string) {
    const answer = await fetch(url(since))
    return {
      answer,
      body: decodeJwt<{ cursor: string; complete?: true; since?: string; revoked: object }>(await answer.text()),
    }
  }
  async function disabled() {
    const person = await stage.first.person()
    const held = await stage.connected(person, await stage.client())
    return { ...held, person, act: () => disableAccount(stage.first.app.rooms.accounts, person.id, author) }
  }

  test('a compact JWS of its own type by a published key, for pages of any origin', async () => {
    const answer = await fetch(url())
    const text = await answer.text()
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/jwt',
      'cache-control': 'public, max-age=1',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
    })
    const { keys } = (await (await fetch(`${stage.first.issuer}/jwks`)).json()) as { keys: { kid: string }[] }
    const header = decodeProtectedHeader(text)
    expect(header).toEqual({ alg: 'ES256', typ: 'revocations+jwt', kid: expect.any(String) })
    expect(keys.map(({ kid }) => kid)).toContain(header.kid)
    const now = Math.floor(Date.now() / 1000)
    expect(decodeJwt(text)).toEqual({
      iss: stage.first.issuer,
      iat: now,
      exp: now + 60,
      cursor: expect.stringMatching(/^[\x21-\x7e]{1,256}$/),
      complete: true,
      revoked: expect.any(Object),
    })
  })

  test('304 while it says the same, and a new document before the old one is over', async () => {
    const first = await fetch(url())
    const etag = first.headers.get('etag') ?? ''
    const again = (seconds: number) => {
      pass(seconds)
      return fetch(url(), { headers: { 'if-none-match': etag } })
    }
    const same = await again(20)
    expect([same.status, same.headers.get('etag'), await same.text()]).toEqual([304, etag, ''])
    const renewed = await again(10)
    expect([renewed.status, renewed.headers.get('etag') === etag]).toEqual([200, false])
    expect(decodeJwt(await renewed.text()).exp).toBe(Math.floor(Date.now() / 1000) + 60)
  })

  test('other methods, a preflight, no body for HEAD', async () => {
    expect((await fetch(url(), { method: 'POST' })).status).toBe(405)
    const preflight = await fetch(url(), { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*'])
    const head = await fetch(url(), { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await fetch(`${stage.first.issuer}/revocations/`)).status).toBe(404)
  })

  test('goes on from a cursor at any process, and begins anew where it cannot', async () => {
    pass(120)
    const { body: before } = await read()
    const { act } = await disabled()
    await act()
    pass(1)
    const { body: after } = await read(before.cursor)
    expect(after).toMatchObject({ since: before.cursor })
    expect(after.complete).toBeUndefined()
    expect(Object.keys(after.revoked).length).toBeGreaterThan(0)
    const there = await askSecond(stage.second, url(before.cursor), {})
    expect(decodeJwt(await there.text())).toMatchObject({ revoked: after.revoked, cursor: after.cursor })
    for (const nonsense of ['x', `${before.cursor}&since=${before.cursor}`, '1']) {
      expect((await read(nonsense)).body).toMatchObject({
        complete: true,
        revoked: expect.objectContaining(after.revoked),
      })
    }
  })

  test('V43 it names nobody', async () => {
    const { person, client, act } = await disabled()
    await act()
    pass(1)
    const { body } = await read()
    const marks = Object.keys(body.revoked)
    expect(marks.every((mark) => /^[A-Za-z0-9_-]{43}$/.test(mark))).toBe(true)
    expect(JSON.stringify(body)).not.toContain(person.id)
    expect(JSON.stringify(body)).not.toContain(client.client_id)
  })

  test('V43 a key that changes costs nobody a 401, and the list goes on', async () => {
    const stays = await disabled()
    const goes = await disabled()
    const verifier = stage.verifier({ revocations: { pollSeconds: 5, whenStale: 'refuse' } })
    expect(await judge(verifier, stays.accessToken)).toBe('accepted')
    const before = decodeProtectedHeader(await (await fetch(url())).text()).kid
    await stage.first.app.rooms.keys.rotate({ now: true })
    // At once, also where a document lay ready.
    const after = decodeProtectedHeader(await (await fetch(url())).text()).kid
    expect(after).not.toBe(before)
    expect(stage.first.app.rooms.keys.keyset().published.keys[0]?.kid).toBe(after)
    await stage.second.app.rooms.keys.refresh()
    await goes.act()
    pass(10)
    // Tokens of the withdrawn key went with it; whoever comes with one of the new key is let in.
    const fresh = await disabled()
    pass(31)
    expect(await judge(verifier, fresh.accessToken)).toBe('accepted')
    await fresh.act()
    pass(10)
    expect(await judge(verifier, fresh.accessToken)).toBe('401 revoked')
  })

  test('V43 while the server is away the last known list counts', async () => {
    const goes = await disabled()
    const stays = await disabled()
    let isAway = false
    const verifier = stage.verifier({
      fetch: async (asked, init) => {
        if (isAway) throw new TypeError('connection refused')
        return askSecond(stage.second, asked, init)
      },
    })
    await goes.act()
    pass(10)
    expect(await judge(verifier, goes.accessToken)).toBe('401 revoked')
    isAway = true
    pass(100)
    expect(await judge(verifier, goes.accessToken)).toBe('401 revoked')
    expect(await judge(verifier, stays.accessToken)).toBe('accepted')
  })

  test('rows that cannot be read are a 503, not a list that may be old', async () => {
    const { database: rows } = stage.second.app.rooms
    const spy = vi.spyOn(rows.sql, 'all').mockRejectedValue(new Error('no database'))
    pass(5)
    const answer = await askSecond(stage.second, url(), {})
    spy.mockRestore()
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect((await askSecond(stage.second, url(), {})).status).toBe(200)
  })

  test('D01 whoever registers and goes without a token leaves nothing on it', async () => {
    const count = async () =>
      Number((await stage.first.app.rooms.database.sql.get<{ n: number }>('SELECT count(*) AS n FROM revocation'))?.n)
    const before = await count()
    const client = await stage.client()
    const headers = { authorization: `Bearer ${client.registration_access_token}` }
    expect((await fetch(client.registration_client_uri, { method: 'DELETE', headers })).status).toBe(204)
    expect(await count()).toBe(before)
  })

  test('V43 it is signed with ES256 whatever the tokens are signed with; a verifier that takes no ES256 says why', async () => {
    const { keys, registry, resources } = stage.first.app.rooms
    const id = (await registry.find(notes.identifier))?.id ?? ''
    await updateResource(resources, id, { signingAlg: 'EdDSA' }, author)
    await keys.ensure(['ES256', 'EdDSA'])
    await stage.second.app.rooms.keys.refresh()
    const { accessToken, act } = await disabled()
    expect(decodeProtectedHeader(accessToken).alg).toBe('EdDSA')
    pass(31)
    const causes: string[] = []
    const onEvent = ({ cause }: { cause: unknown }) => void causes.push(String(cause))
    const revocations = { pollSeconds: 5, whenStale: 'refuse', onEvent } as const
    const usual = stage.verifier({ revocations })
    expect(await judge(usual, accessToken)).toBe('accepted')
    expect(causes).toEqual([])
    expect(await judge(stage.verifier({ revocations, algorithms: ['EdDSA'] }), accessToken)).toMatch(/^503 /)
    expect(causes).toEqual([expect.stringContaining('the revocations are not acceptable')])
    await act()
    pass(10)
    expect(await judge(usual, accessToken)).toBe('401 revoked')
    await updateResource(resources, id, { signingAlg: 'ES256' }, author)
  })

  test('lines go when every such token has expired, each for itself', async () => {
    const { sql } = stage.first.app.rooms.database
    const { act } = await disabled()
    await act()
    const times = 'SELECT mark, moment FROM revocation ORDER BY created_at, mark'
    const lines = await sql.all<{ mark: string; moment: number }>(times)
    const last = lines.at(-1)
    // The same mark once more, later.
    const later = Date.now() + 60_000
    await sql.run('INSERT INTO revocation (mark, moment, created_at, expires_at) VALUES (?, ?, ?, ?)', [
      last?.mark ?? '',
      Number(last?.moment) + 60,
      later,
      later + keptSeconds * 1000,
    ])
    pass(keptSeconds + 1)
    expect((await read()).body.revoked).not.toEqual({})
    await sweepExpired(stage.first.app.rooms.database, new Date())
    expect(await sql.all(times)).toHaveLength(1)
  })
})
