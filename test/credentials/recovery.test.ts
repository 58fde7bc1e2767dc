import { describe, expect, it } from 'vitest'
import { newRecoveryCodes, recoveryDigest } from '../../src/credentials/recovery/code.ts'
import { createRecoveryStore } from '../../src/credentials/recovery/store.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const now = new Date('2026-03-01T12:00:00Z')

describe('recovery codes', () => {
  it('are ten, of 80 bits each, without letters that look alike', () => {
    const codes = newRecoveryCodes()
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/)
  })

  it('are read as people type them', () => {
    const digest = recoveryDigest('ada', '01ab-cdef-gh23-4567')
    expect(digest).toMatch(/^[\w-]{43}$/)
    for (const typed of ['OIAB CDEF GH23 4567', 'olabcdefgh234567', ' 01ab-cdef-gh23-4567 ']) {
      expect(recoveryDigest('ada', typed)).toBe(digest)
    }
    expect(recoveryDigest('bob', '01ab-cdef-gh23-4567')).not.toBe(digest)
  })

  it('are nothing else', () => {
    for (const text of ['', '123456', '01ab-cdef-gh23-456', '01ab-cdef-gh23-45678', 'u1ab-cdef-gh23-4567']) {
      expect(recoveryDigest('ada', text)).toBeNull()
    }
  })
})

describe.each(databaseKinds)('their rows, %s', (kind) => {
  it('G16 each counts once, at one moment and later; new ones end the old ones', async () => {
    const database = await openTestDatabase(kind)
    const store = createRecoveryStore(database)
    const make = async () => {
      const digests = newRecoveryCodes().flatMap((code) => recoveryDigest('ada', code) ?? [])
      await database.commit({ conditions: [], effects: store.replaceStatements('ada', digests, now) })
      return digests
    }
    const use = (digest: string, who = 'ada') =>
      database.commit({ conditions: [store.useStatement(who, digest, now)], effects: [] })
    const [first = '', second = ''] = await make()
    expect((await Promise.all(Array.from({ length: 20 }, () => use(first)))).filter((isIn) => isIn)).toHaveLength(1)
    expect(await use(first)).toBe(false)
    expect(await use(second, 'bob')).toBe(false)
    expect(await store.summary('ada')).toEqual({ left: 9, madeAt: now })
    await make()
    expect(await use(second)).toBe(false)
    expect((await store.summary('ada'))?.left).toBe(10)
    expect(await store.summary('bob')).toBeNull()
  })
})
