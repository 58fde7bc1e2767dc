import type { AdapterPayload } from 'oidc-provider'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { randomId, randomSecret } from '../../src/crypto/random.ts'
import { sweepExpired } from '../../src/provider/adapter/sweep.ts'
import { Unit, type UnitKind } from '../../src/provider/unit.ts'
import { databaseKinds } from '../support/database.ts'
import { base, openRows, type RowStage, seconds } from './row-stage.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

describe.each(databaseKinds)('rows of the protocol, %s', (kind) => {
  let stage: RowStage
  beforeAll(async () => {
    stage = await openRows(kind)
  })
  afterAll(() => stage.close())
  beforeEach(() => stage.empty())

  const plain: readonly (readonly [name: string, payload: () => AdapterPayload, kind: UnitKind])[] = [
    ['AuthorizationCode', () => ({ ...base(), kind: 'AuthorizationCode', scope: 'x' }), 'authorize'],
    ['PushedAuthorizationRequest', () => ({ ...base(), kind: 'PushedAuthorizationRequest', request: 'r' }), 'direct'],
    ['Interaction', () => ({ ...base(), kind: 'Interaction', params: { scope: 'x' } }) as AdapterPayload, 'authorize'],
    ['Session', () => ({ ...base(), kind: 'Session', uid: randomId() }), 'authorize'],
    ['Grant', () => ({ ...base(), kind: 'Grant' }), 'authorize'],
  ]

  test.each(plain)(
    '%s: nothing before the commit, then the same payload under its identifier',
    async (name, make, unitKind) => {
      const adapter = stage.model(name)
      const id = randomSecret()
      const payload = { ...make(), jti: id }
      await stage.inUnit(async () => {
        await adapter.upsert(id, payload, 60)
        expect(await adapter.find(id)).toBeUndefined()
      }, unitKind)
      const read = await stage.found(adapter, id, new Unit(unitKind))
      expect(read).toMatchObject(payload)
      expect(await stage.found(adapter, `${id.slice(0, -1)}_`)).toBeUndefined()
    },
  )

  test('identifiers that open something are at rest as digests only', async () => {
    const secrets: string[] = []
    for (const [name, make, unitKind] of plain.filter(([name]) => name !== 'Grant')) {
      const id = randomSecret()
      secrets.push(id)
      await stage.inUnit(() => stage.model(name).upsert(id, { ...make(), jti: id }, 60), unitKind)
    }
    for (const name of ['RefreshToken', 'RegistrationAccessToken', 'ReplayDetection']) {
      const id = randomSecret()
      secrets.push(id)
      await stage.inUnit(async (unit) => {
        await stage.model(name).upsert(id, { ...base(), kind: name, jti: id }, 60)
        if (unit.refreshToken !== undefined) secrets.push(unit.refreshToken, unit.refreshToken.slice(0, 22))
      })
    }
    const text = await stage.atRest()
    expect(secrets.length).toBe(9)
    for (const secret of secrets) expect(text).not.toContain(secret)
  })

  test.each(['AuthorizationCode', 'PushedAuthorizationRequest'])('%s is consumed once', async (name) => {
    const adapter = stage.model(name)
    const id = randomSecret()
    await stage.inUnit(() => adapter.upsert(id, { ...base(), kind: name }, 60))
    const consume = () => stage.inUnit(() => adapter.consume(id))
    const outcomes = await Promise.all(Array.from({ length: 10 }, consume))
    expect(outcomes.filter((done) => done).length).toBe(1)
    expect((await stage.found(adapter, id))?.consumed).toBe(seconds())
    // Nobody would look at the outcome.
    await expect(adapter.consume(id)).rejects.toThrow(TypeError)
  })

  test('a refused request drops what it collected, but not revocations and replay marks', async () => {
    const id = randomSecret()
    await stage.inUnit(async () => {
      await stage.model('AuthorizationCode').upsert(id, { ...base(), kind: 'AuthorizationCode' }, 60)
      await stage.model('Grant').upsert('g', { ...base(), kind: 'Grant' }, 60)
    })
    await stage.inUnit(async (unit) => {
      await stage.model('AuthorizationCode').consume(id)
      await stage.model('RefreshToken').upsert(randomSecret(), { ...base(), kind: 'RefreshToken' }, 60)
      await stage.model('ReplayDetection').upsert('mark', { exp: seconds() + 60 }, 60)
      await stage.model('Grant').destroy('g')
      unit.failed = true
    })
    expect((await stage.found(stage.model('AuthorizationCode'), id))?.consumed).toBeUndefined()
    expect(await Promise.all(['refresh_family', 'protocol_grant', 'replay_mark'].map(stage.count))).toEqual([0, 0, 1])
  })

  test('a replay mark is good once, and a unit with a used one writes nothing', async () => {
    const mark = () => stage.model('ReplayDetection').upsert('jti', { exp: seconds() + 60 }, 60)
    expect(await stage.inUnit(mark)).toBe(true)
    const both = await stage.inUnit(async () => {
      await stage.model('AuthorizationCode').upsert('other', { ...base(), kind: 'AuthorizationCode' }, 60)
      await mark()
    })
    expect(both).toBe(false)
    expect(await stage.count('authorization_code')).toBe(0)
    expect(await stage.found(stage.model('ReplayDetection'), 'jti')).toMatchObject({ exp: seconds() + 60 })
  })

  test('a registration token is known at its own client’s address alone, and is used up once', async () => {
    let addressed: string | undefined
    const adapter = stage.model('RegistrationAccessToken', stage.rows({ addressedClient: () => addressed }))
    await stage.inUnit(
      () => adapter.upsert('token', { ...base(), clientId: 'mine', kind: 'RegistrationAccessToken' }, 60),
      'registration',
    )
    addressed = 'another'
    expect(await stage.found(adapter, 'token')).toBeUndefined()
    addressed = 'mine'
    expect(await stage.found(adapter, 'token')).toMatchObject({ clientId: 'mine' })
    const use = () => stage.inUnit(() => adapter.destroy('token'), 'registration')
    expect((await Promise.all([use(), use()])).filter((done) => done).length).toBe(1)
  })

  test('what is not stored here finds nothing and says so when written', async () => {
    const adapter = stage.model('AccessToken')
    expect(await adapter.find('x')).toBeUndefined()
    await expect(adapter.upsert('x', base() as AdapterPayload, 60)).rejects.toThrow(TypeError)
    await adapter.revokeByGrantId('g')
  })

  test('the sweep takes what has ended, in small batches, and nothing else', async () => {
    const live = randomSecret()
    await stage.inUnit(async () => {
      for (let index = 0; index < 1100; index += 1) {
        const exp = seconds() - 1 - index
        await stage.model('ReplayDetection').upsert(`old ${index}`, { exp }, 60)
      }
      for (const [name, make] of plain) await stage.model(name).upsert(live, make(), 60)
    }, 'authorize')
    await stage.inUnit(async () => {
      for (const [name, make] of plain)
        await stage.model(name).upsert(randomSecret(), { ...make(), exp: seconds() - 1 }, 60)
    }, 'authorize')
    const run = vi.spyOn(stage.database.sql, 'run')
    expect(await sweepExpired(stage.database, new Date())).toBe(1100 + plain.length)
    const batches = run.mock.calls.filter(([text]) => text.includes('replay_mark'))
    run.mockRestore()
    expect(batches.length).toBe(3)
    expect(batches.every(([text]) => text.includes('LIMIT 500'))).toBe(true)
    expect(await sweepExpired(stage.database, new Date())).toBe(0)
    for (const [name] of plain) expect(await stage.found(stage.model(name), live)).toBeDefined()
  })

  test('keep their origin, and end with what stands on them', async () => {
    const rows = stage.rows()
    rows.grants.noteOrigin('g', { consentId: 'consent', resource: 'https://mcp.example', stayConnected: true })
    await stage.inUnit(() => stage.model('Grant', rows).upsert('g', { ...base(), kind: 'Grant' }, 60))
    const unit = new Unit('token')
    expect((await stage.found(stage.model('Grant', rows), 'g', unit))?.exp).toBe(seconds() + 60)
    expect(unit.grantFacts).toMatchObject({ grantId: 'g', consentId: 'consent', stayConnected: true, isPaused: false })
    const id = randomSecret()
    await stage.inUnit(() => stage.model('RefreshToken').upsert(id, { ...base(), kind: 'RefreshToken' }, 60))
    expect((await stage.found(stage.model('Grant', rows), 'g'))?.exp).toBe(seconds() + 90 * 86_400)
  })

  test('C14 made from a consent that is withdrawn, they are nothing, even if nobody deleted them', async () => {
    const rows = stage.rows()
    rows.grants.noteOrigin('g', { consentId: 'withdrawn', resource: 'https://mcp.example', stayConnected: true })
    await stage.inUnit(() => stage.model('Grant', rows).upsert('g', { ...base(), kind: 'Grant' }, 60))
    await stage.database.sql.run(
      `INSERT INTO consent (id, account_id, client_id, redirect_host, resource_id, scopes, metadata_digest, stay_connected, granted_at)
       VALUES ('withdrawn', 'a', 'c', 'loopback', 'r', 'x', 'd', true, ?)`,
      [Date.now()],
    )
    expect(await stage.found(stage.model('Grant', rows), 'g')).toBeDefined()
    await stage.database.sql.run('UPDATE consent SET revoked_at = ? WHERE id = ?', [Date.now(), 'withdrawn'])
    expect(await stage.found(stage.model('Grant', rows), 'g')).toBeUndefined()
  })
})
