import { describe, expect, it, test } from 'vitest'
import type { Account } from '../../src/accounts/account.ts'
import { createCompletion } from '../../src/login/complete.ts'
import { type NextStep, nextStep, type Way } from '../../src/login/next-step.ts'
import { strengthAsked, strengthOf, supportedAcrs } from '../../src/oauth/acr.ts'
import type { PageContext } from '../../src/web/context.ts'

const none = { totp: false, passkeys: false, recoveryCodes: false }
const app = { totp: true, passkeys: false, recoveryCodes: true }
const key = { totp: false, passkeys: true, recoveryCodes: true }
const both = { totp: true, passkeys: true, recoveryCodes: false }
const pwd = ['pwd']
const otp = ['pwd', 'otp', 'mfa']
const passkey = ['swk', 'mfa']

const done: NextStep = { kind: 'done' }
const prove = (...ways: Way[]): NextStep => ({ kind: 'prove', ways })
const enrol = (...ways: ('totp' | 'passkey')[]): NextStep => ({ kind: 'enrol', ways })

type Row = readonly [string, readonly string[], typeof none, Parameters<typeof nextStep>[2], boolean, NextStep]

test.each<Row>([
  ['a password is enough where nothing more is asked and nothing is there', pwd, none, 'one', true, done],
  ['G19 who has an app is asked for it, demanded or not', pwd, app, 'one', true, prove('totp', 'recovery')],
  ['G19 who has a passkey is asked for it', pwd, key, 'one', true, prove('passkey', 'recovery')],
  ['both are offered, and no codes where none are left', pwd, both, 'two', true, prove('totp', 'passkey')],
  ['two are demanded of who has none', pwd, none, 'two', true, enrol('passkey', 'totp')],
  ['an address that is a number offers the app alone', pwd, none, 'two', false, enrol('totp')],
  ['an app is two', otp, app, 'two', true, done],
  ['a passkey alone is two', passkey, key, 'two', true, done],
  ['a passkey cannot be phished', passkey, key, 'phishing_resistant', true, done],
  ['where that is demanded, a code does not do', pwd, both, 'phishing_resistant', true, prove('passkey')],
  ['nor does a code from paper', pwd, key, 'phishing_resistant', true, prove('passkey')],
  ['after the code of an app comes the passkey', otp, both, 'phishing_resistant', true, prove('passkey')],
  ['who has none proves what they have, first', pwd, app, 'phishing_resistant', true, prove('totp', 'recovery')],
  ['and sets a passkey up then', otp, app, 'phishing_resistant', true, enrol('passkey')],
  [
    'what an upstream calls two factors is one',
    ['fed', 'mfa'].slice(0, 1),
    app,
    'two',
    true,
    prove('totp', 'recovery'),
  ],
])('%s', (_title, amr, enrolled, demand, withPasskeys, next) => {
  expect(nextStep(amr, enrolled, demand, withPasskeys)).toEqual(next)
})

it('G19 what a provider upstream says of further factors of its own is one factor here', async () => {
  const suspended: (readonly string[])[] = []
  const account = { id: 'ada', email: 'ada@example.test', role: 'member' } as Account
  const { complete } = createCompletion({
    accounts: { find: async () => account },
    interactions: { finishSignIn: () => Promise.reject(new Error('not yet')) },
    sessions: { signIn: () => Promise.reject(new Error('not yet')) },
    browsers: { remember: () => undefined },
    factors: { enrolled: async () => app, ceremonies: null },
    pending: { begin: async ({ amr }) => String(suspended.push(amr)) },
    cookies: { get: () => undefined, set: () => undefined, drop: () => undefined },
    audit: { recordSoon: () => undefined },
    secondFactor: 'optional',
    clock: { now: () => new Date(0) },
  })
  const ctx = { state: { render: { basePath: '' } }, set: () => undefined } as unknown as PageContext
  await complete(ctx, { kind: 'own' }, { accountId: 'ada', amr: ['fed', 'mfa', 'hwk', 'otp'] })
  expect(suspended).toEqual([['fed']])
})

describe('acr', () => {
  it('follows from the methods', () => {
    const strengths = [[], pwd, ['otp'], ['hwk'], otp, ['pwd', 'hwk', 'mfa'], passkey].map(strengthOf)
    expect(strengths).toEqual(['one', 'one', 'one', 'one', 'two', 'phishing_resistant', 'phishing_resistant'])
  })

  it('is asked for by the least of the values that are known here; others ask for nothing', () => {
    const all = supportedAcrs(true)
    const asked = (values: string | undefined) => strengthAsked(values, all)
    expect(asked(undefined)).toBe('one')
    expect(asked('urn:mace:incommon:iap:silver 0')).toBe('one')
    expect(asked('phr')).toBe('phishing_resistant')
    expect(asked('phr urn:sallyport:acr:two-factors')).toBe('two')
    expect(asked('urn:sallyport:acr:one-factor phr')).toBe('one')
    expect(strengthAsked('phr', supportedAcrs(false))).toBe('one')
  })
})
