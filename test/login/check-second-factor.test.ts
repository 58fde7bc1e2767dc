// The check behind the page, without the guard that counts over all sign-ins: what one sign-in bears by itself.
import { describe, expect, it } from 'vitest'
import { createAccountStore } from '../../src/accounts/store.ts'
import { createAudit } from '../../src/audit/record.ts'
import { createFactors } from '../../src/credentials/factors/factors.ts'
import { newRecoveryCodes, recoveryDigest } from '../../src/credentials/recovery/code.ts'
import { codeAt, newSeed } from '../../src/credentials/totp/totp.ts'
import { createPendingStore, guessesOfASignIn } from '../../src/login/pending/store.ts'
import { checkSecondFactor } from '../../src/login/second-factor/check.ts'
import { databaseKinds, openTestDatabase } from '../support/database.ts'

const now = new Date('2026-03-01T12:00:00Z')
const source = { address: '192.0.2.7', requestId: 'request' }

async function openDesk(kind: 'sqlite' | 'postgresql') {
  const database = await openTestDatabase(kind)
  const clock = { now: () => now }
  const secrets = [new Uint8Array(32)]
  const accounts = createAccountStore(database)
  const audit = createAudit(database, clock, new Uint8Array(32))
  const factors = createFactors({ database, secrets, issuer: 'https://auth.example', product: 'Sallyport' })
  const pending = createPendingStore(database)
  const account = await accounts.create(
    { email: 'ada@example.test', name: 'Ada', role: 'member', passwordHash: 'x' },
    now,
    () => [],
  )
  const accountId = account?.id ?? ''
  const seed = newSeed()
  const codes = newRecoveryCodes()
  const digests = codes.flatMap((code) => recoveryDigest(accountId, code) ?? [])
  await database.commit({
    conditions: [factors.totp.enrolStatement(accountId, seed, 0, now, true)],
    effects: factors.recovery.replaceStatements(accountId, digests, now),
  })
  const desk = { accounts, factors, pending, commit: database.commit, audit, clock }
  const begin = async () => {
    const suspended = { accountId, place: 'own', amr: ['pwd'], since: now, returnTo: undefined }
    const found = await pending.find(await pending.begin(suspended, now), 'own', now)
    if (found === null) throw new Error('nothing begun')
    return found
  }
  return { accountId, audit, begin, codes, database, desk, pending, seed }
}

describe.each(databaseKinds)('a sign-in under way, %s', (kind) => {
  const guess = (code: string) => ({ kind: 'code', code }) as const

  it('G16 bears five guesses, however many come at one moment, and the right one after them is not looked at', async () => {
    const { accountId, begin, desk, seed } = await openDesk(kind)
    const sign = await begin()
    const wrong = codeAt(seed, now) === '000000' ? '111111' : '000000'
    const check = (code: string) => checkSecondFactor(desk, sign, ['totp', 'recovery'], guess(code), source)
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => check(wrong)))
    expect(outcomes.filter(({ state }) => state === 'wrong')).toHaveLength(guessesOfASignIn)
    expect(outcomes.filter(({ state }) => state === 'ended')).toHaveLength(40 - guessesOfASignIn)
    expect((await check(codeAt(seed, now))).state).toBe('ended')
    expect(await desk.factors.recovery.summary(accountId)).toMatchObject({ left: 10 })
  })

  it('a right guess that came too late uses nothing up', async () => {
    const { accountId, begin, codes, desk, pending } = await openDesk(kind)
    const sign = await begin()
    await pending.dropAll(accountId)
    expect((await checkSecondFactor(desk, sign, ['recovery'], guess(codes[0] ?? ''), source)).state).toBe('ended')
    expect(await desk.factors.recovery.summary(accountId)).toMatchObject({ left: 10 })
  })

  it('takes the ways that would do, and no others', async () => {
    const { begin, codes, desk, seed } = await openDesk(kind)
    const only = async (ways: readonly ('totp' | 'passkey' | 'recovery')[], code: string) =>
      (await checkSecondFactor(desk, await begin(), ways, guess(code), source)).state
    expect(await only(['passkey'], codeAt(seed, now))).toBe('wrong')
    expect(await only(['totp', 'passkey'], codes[0] ?? '')).toBe('wrong')
    expect(await only(['recovery'], codeAt(seed, now))).toBe('wrong')
    expect(await only(['totp'], codeAt(seed, now))).toBe('proved')
    expect(await only(['recovery'], codes[0] ?? '')).toBe('proved')
  })

  it('is known at its place, in its time, and not by what the row holds', async () => {
    const { accountId, database, pending } = await openDesk(kind)
    const suspended = { accountId, place: 'own', amr: ['pwd'], since: now, returnTo: 'console' }
    const secret = await pending.begin(suspended, now)
    expect(JSON.stringify(await database.sql.all('SELECT * FROM pending_sign_in'))).not.toContain(secret)
    expect(await pending.find(secret, 'own', now)).toMatchObject({ accountId, amr: ['pwd'], returnTo: 'console' })
    expect(await pending.find(secret, 'elsewhere', now)).toBeNull()
    expect(await pending.find(`${secret}x`, 'own', now)).toBeNull()
    expect(await pending.find(secret, 'own', new Date(now.getTime() + 600_000))).toBeNull()
  })
})
