import type { AdapterPayload } from 'oidc-provider'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { randomSecret } from '../../src/crypto/random.ts'
import { deleteSessions, listSessions } from '../../src/provider/adapter/session-rows.ts'
import { runUnit, Unit } from '../../src/provider/unit.ts'
import { databaseKinds } from '../support/database.ts'
import { base, openRows, type RowStage, seconds } from './row-stage.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())
const pass = (howManySeconds: number) => vi.setSystemTime(Date.now() + howManySeconds * 1000)

describe.each(databaseKinds)('browser sessions and interactions, %s', (kind) => {
  let stage: RowStage
  beforeAll(async () => {
    stage = await openRows(kind)
  })
  afterAll(() => stage.close())
  beforeEach(() => stage.empty())

  const session = (uid: string, extra: Partial<AdapterPayload> = {}) => ({
    iat: seconds(),
    exp: seconds() + 1800,
    uid,
    accountId: 'a',
    kind: 'Session',
    ...extra,
  })

  test('an identifier is replaced in one row, and the old one opens nothing', async () => {
    const adapter = stage.model('Session')
    await stage.inUnit(() => adapter.upsert('old', session('u'), 1800), 'authorize')
    await stage.inUnit(async () => {
      await adapter.find('old')
      await adapter.destroy('old')
      await adapter.upsert('new', session('u'), 1800)
    }, 'authorize')
    expect(await stage.found(adapter, 'old')).toBeUndefined()
    expect(await stage.found(adapter, 'new')).toMatchObject({ uid: 'u', accountId: 'a' })
    expect(await stage.count('browser_session')).toBe(1)
  })

  test('one that moved on in another tab is not set back, one that was ended does not come back', async () => {
    const adapter = stage.model('Session')
    await stage.inUnit(() => adapter.upsert('old', session('u'), 1800), 'authorize')
    const move = (to: string) =>
      stage.inUnit(async () => {
        await adapter.find('old')
        await stage.database.sql.run('UPDATE browser_session SET digest = ? WHERE uid = ?', ['elsewhere', 'u'])
        await adapter.upsert(to, session('u'), 1800)
      }, 'authorize')
    expect(await move('new')).toBe(false)
    expect(await stage.database.sql.all('SELECT digest FROM browser_session')).toEqual([{ digest: 'elsewhere' }])
    const handle = (await adapter.findByUid('u'))?.jti ?? ''
    expect(await deleteSessions(stage.database, 'a', new Date())).toBe(1)
    await adapter.upsert(handle, session('u'), 1800)
    pass(10)
    // Renewed by a page that had read it.
    await adapter.upsert('old', session('u', { iat: seconds() - 10 }), 1800)
    expect(await stage.count('browser_session')).toBe(0)
  })

  test('unchanged, it is written again only when a twentieth of its life is gone', async () => {
    const adapter = stage.model('Session')
    await stage.inUnit(() => adapter.upsert('id', session('u'), 1800), 'authorize')
    const writes = async (extra: Partial<AdapterPayload>): Promise<boolean> => {
      const unit = new Unit('authorize')
      await runUnit(unit, async () => {
        const read = await adapter.find('id')
        await adapter.upsert('id', { ...read, exp: seconds() + 1800, ...extra } as AdapterPayload, 1800)
      })
      return unit.writesSession
    }
    expect(await writes({})).toBe(false)
    // The grant of each authorization is not the session's business.
    expect(await writes({ authorizations: {} })).toBe(true)
    pass(80)
    expect(await writes({})).toBe(false)
    pass(20)
    expect(await writes({})).toBe(true)
  })

  test('an empty one is not written', async () => {
    const unit = new Unit('authorize')
    await runUnit(unit, async () => stage.model('Session').upsert('id', session('u', { accountId: undefined }), 1800))
    expect(unit.writesSession).toBe(false)
  })

  test('without a unit: begun by a sign-in, renewed by a page, listed, ended all but one', async () => {
    const adapter = stage.model('Session')
    await adapter.upsert('one', session('u1'), 1800)
    await adapter.upsert('two', session('u2'), 1800)
    pass(10)
    await adapter.upsert('one', session('u1', { iat: seconds() - 10 }), 1800)
    expect((await listSessions(stage.database, 'a', new Date())).map(({ uid }) => uid)).toEqual(['u1', 'u2'])
    expect(await deleteSessions(stage.database, 'a', new Date(), 'u1')).toBe(1)
    expect((await adapter.findByUid('u1'))?.uid).toBe('u1')
    await adapter.destroy('one')
    expect(await stage.count('browser_session')).toBe(0)
  })

  test('an interaction ends once, and an answer that comes too late does not bring it back', async () => {
    const adapter = stage.model('Interaction')
    const payload = { ...base(), kind: 'Interaction' } as AdapterPayload
    await stage.inUnit(() => adapter.upsert('uid', payload, 60), 'authorize')
    await adapter.upsert('uid', { ...payload, result: { consent: { grantId: 'g' } } } as AdapterPayload, 60)
    expect(await stage.found(adapter, 'uid')).toMatchObject({ result: { consent: { grantId: 'g' } } })
    const end = () => stage.inUnit(() => adapter.destroy('uid'), 'authorize')
    expect((await Promise.all([end(), end(), end()])).filter((done) => done).length).toBe(1)
    await adapter.upsert('uid', payload, 60)
    expect(await stage.count('interaction')).toBe(0)
  })

  test('an interaction holds neither the session identifier, nor its own in the way back, nor a pushed request', async () => {
    const adapter = stage.model('Interaction')
    const [id, cookie, pushed] = [randomSecret(), randomSecret(), randomSecret()]
    const payload = {
      ...base(),
      jti: id,
      kind: 'Interaction',
      returnTo: `https://auth.example/authorize/${id}`,
      session: { uid: 'u', cookie, accountId: 'a' },
      parJti: pushed,
    } as AdapterPayload
    await stage.inUnit(() => adapter.upsert(id, payload, 60), 'authorize')
    const text = await stage.atRest()
    for (const secret of [id, cookie, pushed]) expect(text).not.toContain(secret)
    const read = await stage.found(adapter, id)
    expect(read).toMatchObject({ returnTo: payload.returnTo, session: { uid: 'u', accountId: 'a' }, parJti: pushed })
    expect(read?.session?.cookie).toBeUndefined()
  })
})
