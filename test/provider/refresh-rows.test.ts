import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { randomSecret } from '../../src/crypto/random.ts'
import { runUnit, Unit } from '../../src/provider/unit.ts'
import { databaseKinds } from '../support/database.ts'
import { base, checkKey, openRows, type RowStage, seconds } from './row-stage.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())
const pass = (howManySeconds: number) => vi.setSystemTime(Date.now() + howManySeconds * 1000)

describe.each(databaseKinds)('refresh families, %s', (kind) => {
  let stage: RowStage
  beforeAll(async () => {
    stage = await openRows(kind)
  })
  afterAll(() => stage.close())
  beforeEach(() => stage.empty())

  const payload = () => ({ ...base(), exp: seconds() + 86_400, kind: 'RefreshToken', scope: 'x' })
  async function issue(rows = stage.rows()): Promise<string> {
    let token = ''
    await stage.inUnit(async (unit) => {
      const id = randomSecret()
      await stage.model('RefreshToken', rows).upsert(id, { ...payload(), jti: id }, 60)
      token = unit.refreshToken ?? ''
    })
    return token
  }
  async function rotate(token: string, rows = stage.rows()): Promise<string | null> {
    let next = ''
    const done = await stage.inUnit(async (unit) => {
      const id = randomSecret()
      await stage.model('RefreshToken', rows).consume(token)
      await stage.model('RefreshToken', rows).upsert(id, { ...payload(), jti: id }, 60)
      next = unit.refreshToken ?? ''
    })
    return done ? next : null
  }

  test('one row through all rotations; the end moves, the absolute end never', async () => {
    const first = await issue()
    const [before] = await stage.database.sql.all<{ ends_at: number; expires_at: number }>(
      'SELECT * FROM refresh_family',
    )
    pass(60)
    const second = await rotate(first)
    pass(60)
    expect(await rotate(second ?? '')).not.toBeNull()
    const rows = await stage.database.sql.all<{ ends_at: number; expires_at: number }>('SELECT * FROM refresh_family')
    expect(rows.length).toBe(1)
    expect(rows[0]?.ends_at).toBe(before?.ends_at)
    expect(rows[0]?.expires_at).toBe((before?.expires_at ?? 0) + 120_000)
  })

  test('current is good, previous is answered with its successor while the window is open, older is reuse', async () => {
    const rows = stage.rows()
    const first = await issue(rows)
    expect((await stage.found(rows.refresh, first))?.consumed).toBeUndefined()
    const second = (await rotate(first, rows)) ?? ''
    const unit = new Unit('token')
    expect(await stage.found(rows.refresh, first, unit)).toMatchObject({ jti: second })
    expect(unit).toMatchObject({ refreshToken: second, grace: { digest: expect.any(String) } })
    // Elsewhere (revocation, introspection) it is what it is: consumed.
    const elsewhere = new Unit('direct')
    expect(await stage.found(rows.refresh, first, elsewhere)).toMatchObject({ jti: first, consumed: seconds() })
    expect(elsewhere.grace).toBeUndefined()
    await rotate(second, rows)
    const late = new Unit('token')
    expect((await stage.found(rows.refresh, first, late))?.consumed).toBe(seconds())
    expect(late.tolerated).toBe(false)
  })

  test('the window ends, and with it the sealed successor is no answer', async () => {
    const rows = stage.rows()
    const first = await issue(rows)
    await rotate(first, rows)
    pass(30)
    expect((await stage.found(rows.refresh, first))?.consumed).toBeDefined()
    expect(await rows.refresh.adopt(first)).toBeNull()
  })

  test('the loser of a rotation adopts the successor, and grace holds until that is used', async () => {
    const rows = stage.rows()
    const first = await issue(rows)
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => rotate(first, rows)))
    const [winner, ...others] = outcomes.filter((token) => token !== null)
    expect(others).toEqual([])
    expect(await rows.refresh.adopt(first)).toBe(winner)
    const unit = new Unit('token')
    await stage.found(rows.refresh, first, unit)
    const grace = unit.grace ?? { digest: '', previousDigest: '' }
    expect(await rows.refresh.graceHolds(grace)).toBe(true)
    await rotate(winner ?? '', rows)
    expect(await rows.refresh.graceHolds(grace)).toBe(false)
    expect(await rows.refresh.adopt(first)).toBeNull()
  })

  test('without a window nothing is sealed, and a twin within a second is only refused', async () => {
    const rows = stage.rows({ graceSeconds: 0 })
    const first = await issue(rows)
    await rotate(first, rows)
    const [row] = await stage.database.sql.all<{ sealed_successor: string | null }>('SELECT * FROM refresh_family')
    expect(row?.sealed_successor).toBeNull()
    const twin = new Unit('token')
    expect((await stage.found(rows.refresh, first, twin))?.consumed).toBeDefined()
    expect(twin.tolerated).toBe(true)
    pass(1)
    const late = new Unit('token')
    await stage.found(rows.refresh, first, late)
    expect(late.tolerated).toBe(false)
  })

  test('a token made under an earlier secret goes on working, and rotates to the new one', async () => {
    const old = await issue()
    const newKey = Buffer.alloc(32, 2)
    expect(await stage.found(stage.model('RefreshToken', stage.rows({ checkKey: newKey })), old)).toBeUndefined()
    const rows = stage.rows({ checkKey: newKey, olderCheckKeys: [checkKey] })
    expect(await stage.found(rows.refresh, old)).toMatchObject({ jti: old })
    const next = await rotate(old, rows)
    expect(await stage.found(stage.model('RefreshToken', stage.rows({ checkKey: newKey })), next ?? '')).toBeDefined()
  })

  test('revoked by its grant or by itself, it is gone, whichever generation was shown', async () => {
    const [one, other] = [await issue(), await issue()]
    await rotate(one)
    await stage.inUnit(() => stage.model('RefreshToken').destroy(one))
    expect(await stage.count('refresh_family')).toBe(1)
    await stage.inUnit(() => stage.model('RefreshToken').revokeByGrantId('g'))
    expect(await stage.found(stage.model('RefreshToken'), other)).toBeUndefined()
    expect(await rotate(other)).toBeNull()
  })

  test('rotation is the only way to consume one', async () => {
    const token = await issue()
    await expect(stage.model('RefreshToken').consume(token)).rejects.toThrow(TypeError)
    await expect(
      runUnit(new Unit('token'), async () => stage.model('RefreshToken').consume('made up')),
    ).rejects.toThrow(TypeError)
  })
})
