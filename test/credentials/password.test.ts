import { argon2i, argon2id, hash } from 'argon2'
import { describe, expect, it } from 'vitest'
import { commonPasswords } from '../../src/credentials/common-passwords.ts'
import { createHashQueue } from '../../src/credentials/hash-queue.ts'
import { createPasswords, passwordFault } from '../../src/credentials/password.ts'

const passwords = createPasswords()
// The cheapest that argon2 takes: for what is not about cost.
const cheap = createPasswords({ memoryKibibytes: 8, iterations: 1, parallelism: 1 })

describe('rules for a new password', () => {
  it.each([
    ['correct horse battery staple', null],
    ['        8 spaces around        ', null],
    ['пароль-надёжный', null],
    ['🐴🔋📎🔐🐴🔋📎🔐', null],
    [`${'a'.repeat(127)}b`, null],
    ['s3v3n77', 'too_short'],
    ['🐴🔋📎🔐🐴🔋📎', 'too_short'],
    [`${'a'.repeat(128)}b`, 'too_long'],
    ['b'.repeat(5_000_000), 'too_long'],
    ['password1', 'common'],
    ['PassWord1', 'common'],
    ['zzzzzzzzzzz', 'common'],
    ['ann.smith@acme.example', 'about_you'],
    ['Ann.Smith', 'about_you'],
    ['smith-ann-2026!', 'about_you'],
    ['AnnSmith12345', 'about_you'],
    ['acmeSallyport1', 'about_you'],
    ['acme 2026 acme', 'about_you'],
    ['ann and her three horses', null],
    ['sallyport is what I call it', null],
    ['12345678', 'common'],
    ['trustno1', 'common'],
    ['IloveYou', 'common'],
    ['abcdefgh ', null],
    ['no-digits-no-capitals', null],
    ['\u{1F40E} \u0000 ok then', null],
  ] as const)('G17 %.30s → %s', (password, fault) => {
    expect(passwordFault(password, ['ann.smith@acme.example', 'Ann Smith'])).toBe(fault)
  })

  it('G17 no kind of character is asked for, none is refused, and nothing is cut off before it is looked at', () => {
    expect(passwordFault('a'.repeat(64) + 'b'.repeat(64))).toBeNull()
    expect(passwordFault(`${'a'.repeat(64)}${'b'.repeat(65)}`)).toBe('too_long')
    // 128 characters of four bytes each are below the bound on bytes.
    expect(passwordFault('\u{1F40E}\u{1F50B}'.repeat(64))).toBeNull()
  })

  it('G17 the server’s own names are known to everybody, too', () => {
    const branded = createPasswords(undefined, ['Acme Door', 'auth.acme.example'])
    expect(branded.fault('acme-door-2026')).toBe('about_you')
    expect(branded.fault('ann-smith-2026', ['Ann Smith'])).toBe('about_you')
    expect(branded.fault('the door of acme is green')).toBeNull()
  })

  it('G17 counts characters after NFC: a letter with a mark is one', () => {
    expect(passwordFault('e\u0301'.repeat(7))).toBe('too_short')
    expect(passwordFault('e\u0301a'.repeat(4))).toBeNull()
  })

  it('G17 every listed password would pass the length rule and is lower case', () => {
    const list = commonPasswords()
    const odd = [...list].filter((one) => [...one].length < 8 || [...one].length > 128 || one !== one.toLowerCase())
    expect(odd).toEqual([])
    // ASVS 6.2.4: three thousand of those that the rule on length lets through.
    expect(list.size).toBeGreaterThan(3000)
  })
})

describe('hashes', () => {
  it('G18 are argon2id with m ≥ 19456, t ≥ 2, p ≥ 1, and only the right password fits', async () => {
    const stored = await passwords.hash('correct horse battery staple')
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await passwords.verify(stored, 'correct horse battery staple')).toBe(true)
    expect(await passwords.verify(stored, 'correct horse battery stapl')).toBe(false)
    expect(passwords.needsRehash(stored)).toBe(false)
  })

  it('G17 nothing is cut off, and both spellings of a letter are the same', async () => {
    const long = 'x'.repeat(127)
    const stored = await cheap.hash(`${long}é`)
    expect(await cheap.verify(stored, `${long}e\u0301`)).toBe(true)
    expect(await cheap.verify(stored, `${long}f`)).toBe(false)
  })

  it('G17 more than 1 kB is refused before hashing', async () => {
    const dear = createPasswords({ memoryKibibytes: 1_000_000, iterations: 50, parallelism: 1 })
    await expect(dear.hash('a'.repeat(1025))).rejects.toMatchObject({ code: 'password_too_long', status: 400 })
    expect(await dear.verify(undefined, 'a'.repeat(1025))).toBe(false)
  })

  it('G18 weaker hashes still fit and ask to be made again', async () => {
    const stored = await cheap.hash('a password of old')
    expect(await passwords.verify(stored, 'a password of old')).toBe(true)
    expect(passwords.needsRehash(stored)).toBe(true)
  })

  it.each([
    ['another kind', () => hash('the password', { type: argon2i, memoryCost: 1024, timeCost: 2, parallelism: 1 })],
    ['too many passes', () => hash('the password', { type: argon2id, memoryCost: 8, timeCost: 11, parallelism: 1 })],
    ['text', async () => 'the password'],
    ['nothing', async () => ''],
  ])('G18 a poisoned row (%s) fits nothing and costs no more than any other', async (_name, make) => {
    expect(await passwords.verify(await make(), 'the password')).toBe(false)
  })

  it('G18 a row that asks for 4 GB is not computed', async () => {
    const stored = `$argon2id$v=19$m=4194304,t=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
    const before = process.memoryUsage().rss
    expect(await passwords.verify(stored, 'x')).toBe(false)
    expect(process.memoryUsage().rss - before).toBeLessThan(500_000_000)
  })

  it('G14 without a stored hash the same work is done', async () => {
    expect(await passwords.verify(undefined, 'anything at all')).toBe(false)
    expect(await passwords.verify(undefined, '')).toBe(false)
  })
})

describe('the line', () => {
  it('M14 runs eight at a time, lets 64 wait and tells the next that it is busy', async () => {
    const inTurn = createHashQueue({ running: 8, waiting: 64 })
    const finish: (() => void)[] = []
    let running = 0
    let most = 0
    const work = async (): Promise<void> => {
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => finish.push(resolve))
      running -= 1
    }
    const all = Array.from({ length: 72 }, () => inTurn(work))
    await expect(inTurn(work)).rejects.toMatchObject({ code: 'busy', status: 503 })
    let ended = 0
    for (const one of all) void one.then(() => (ended += 1))
    while (ended < 72) {
      finish.shift()?.()
      await Promise.resolve()
    }
    expect(most).toBe(8)
    await expect(inTurn(async () => 'free again')).resolves.toBe('free again')
  })

  it('M14 work that fails gives its place back', async () => {
    const inTurn = createHashQueue({ running: 1, waiting: 0 })
    await expect(inTurn(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(inTurn(async () => 1)).resolves.toBe(1)
  })
})
