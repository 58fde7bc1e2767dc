import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest'
import { makeLink } from '../../src/accounts/links/send.ts'
import { lockoutPolicies } from '../../src/credentials/throttle/lockout.ts'
import { createCli } from '../cli/run-cli.ts'
import { ask } from '../races/stage.ts'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser, csrfOf, type Page } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import { authorizationRequest, register } from '../support/flow.ts'

// Guessing at sign-ins, from one address and from everywhere. The proxy in front is this test: it says whose request it is.

const { pair, account, address, browser: known } = lockoutPolicies
const behindProxy = { TRUSTED_PROXIES: '127.0.0.1,::1' }

let app: TestApp
let ann: TestPerson
let hashes: MockInstance

async function start(options: Parameters<typeof startApp>[0] = {}): Promise<void> {
  app = await startApp({ ...options, settings: { ...behindProxy, ...options.settings } })
  ann = await app.person('ann')
  hashes = vi.spyOn(app.app.rooms.passwords, 'verify')
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-03T10:00:00Z') }))
afterEach(() => void vi.useRealTimers())
const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

interface Guess {
  readonly email?: string
  readonly password?: string
  readonly from?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly at?: TestApp
  readonly browser?: Browser
}

/** Sends the form of the sign-in page once. */
async function guess({ email, password, from, headers, at = app, browser = new Browser(at.issuer) }: Guess = {}) {
  const page = await browser.open(`${at.issuer}/sign-in`)
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const fields = { _csrf: csrfOf(page), email: email ?? ann.email, password: password ?? 'wrong guess' }
  const answer = await ask(at, '/sign-in', fields, {
    cookie,
    origin: new URL(at.issuer).origin,
    'sec-fetch-site': 'same-origin',
    'x-forwarded-for': from ?? '203.0.113.5',
    ...headers,
  })
  return { status: answer.status, headers: answer.headers, body: answer.text }
}

/** Guesses so often; hashes are not computed, they are counted. @returns how many there were */
async function hashesOf(times: number, of: (index: number) => Guess): Promise<number> {
  hashes.mockClear()
  hashes.mockResolvedValue(false)
  for (let index = 0; index < times; index += 1) await guess(of(index))
  const { length } = hashes.mock.calls
  hashes.mockRestore()
  hashes = vi.spyOn(app.app.rooms.passwords, 'verify')
  return length
}

const many = (index: number) => `198.18.${index >> 8}.${index & 255}`

/** What of an answer could tell one account from another. */
function told({ status, headers, body }: Awaited<ReturnType<typeof guess>>) {
  const own = new Set(['x-request-id', 'date', 'set-cookie', 'content-security-policy', 'content-length'])
  return {
    status,
    headers: Object.entries(headers).filter(([name]) => !own.has(name)),
    body: body
      .replaceAll(/name="_csrf" value="[^"]*"/g, '')
      .replaceAll(/nonce="[^"]*"/g, '')
      // The challenge of a passkey is a new one each time.
      .replaceAll(/data-options="[^"]*"/g, '')
      .replaceAll(/value="[^"]*@example\.test"/g, ''),
  }
}

describe.each(databaseKinds)('on %s', (database) => {
  beforeEach(() => start({ database }))

  test('G16 of a hundred guesses at once, one before the limit, one is hashed', async () => {
    await hashesOf(pair.free - 1, () => ({}))
    hashes.mockResolvedValue(false)
    const answers = await Promise.all(Array.from({ length: 100 }, () => guess()))
    expect(hashes).toHaveBeenCalledTimes(1)
    expect(answers.map(({ status }) => status).toSorted()).toEqual([401, ...Array.from({ length: 99 }, () => 429)])
  })

  test('G15 K24 two processes and a restart: the count is one', async () => {
    const second = await startApp({ beside: app, settings: behindProxy })
    const more = vi.spyOn(second.app.rooms.passwords, 'verify').mockResolvedValue(false)
    hashes.mockResolvedValue(false)
    for (let index = 0; index < 20; index += 1) await guess({ at: index % 2 ? app : second })
    expect([hashes.mock.calls.length, more.mock.calls.length]).toEqual([2, 3])
    await second.close()
    const third = await startApp({ beside: app, settings: behindProxy })
    expect((await guess({ at: third, password: ann.password })).status).toBe(429)
  })
})

describe('guessing', () => {
  beforeEach(() => start())

  test('G15 one address at one account: the free ones are tried, then waits, said in Retry-After and in words', async () => {
    expect(await hashesOf(30, () => ({}))).toBe(pair.free)
    const answer = await guess({ password: ann.password })
    expect(answer.status).toBe(429)
    expect(answer.headers['retry-after']).toBe('15')
    expect(answer.body).toContain('data-page="sign-in"')
    expect(answer.body).toContain('15 seconds')
    expect(hashes).not.toHaveBeenCalled()
    pass(15)
    expect((await guess({ password: ann.password })).status).toBe(303)
  })

  test('G15 many addresses at one account', async () => {
    expect(await hashesOf(60, (index) => ({ from: many(index) }))).toBe(account.free)
    expect((await guess({ from: '192.0.2.77', password: ann.password })).status).toBe(429)
  })

  test('G15 one address at many accounts, whether they exist or not', async () => {
    expect(await hashesOf(60, (index) => ({ email: `user${index}@example.test` }))).toBe(address.free)
  })

  test('G15 a /64 of addresses is one address', async () => {
    const from = (index: number) => `2001:db8:0:1::${(index + 1).toString(16)}`
    expect(await hashesOf(60, (index) => ({ email: `user${index}@example.test`, from: from(index) }))).toBe(
      address.free,
    )
  })

  test('G15 K02 no header of a stranger makes a new address of him', async () => {
    const bare = await startApp()
    const spied = vi.spyOn(bare.app.rooms.passwords, 'verify').mockResolvedValue(false)
    for (let index = 0; index < 30; index += 1) {
      const stranger = many(index)
      const headers = {
        'x-forwarded-for': stranger,
        forwarded: `for=${stranger}`,
        'x-real-ip': stranger,
        'true-client-ip': stranger,
        'cf-connecting-ip': stranger,
        'x-client-ip': stranger,
      }
      await guess({ at: bare, email: 'ann@example.test', headers })
    }
    expect(spied).toHaveBeenCalledTimes(pair.free)
  })

  test('G15 K02 behind a proxy what the stranger wrote himself stands further left and counts for nothing', async () => {
    const written = [
      (index: number) => `${many(index)}, 203.0.113.5`,
      (index: number) => `${many(index)},::ffff:203.0.113.5`,
    ]
    const from = (index: number) => written[index % 2]?.(index)
    const extra = (index: number) => ({ 'x-real-ip': many(index), forwarded: `for=${many(index)}` })
    expect(await hashesOf(30, (index) => ({ from: from(index), headers: extra(index) }))).toBe(pair.free)
  })

  test('G15 never a lock for ever: the victim gets in between, from a known browser, and from elsewhere', async () => {
    const own = new Browser(app.issuer)
    expect((await own.submit(await own.open('/sign-in'), { email: ann.email, password: ann.password })).name).toBe(
      'connections',
    )
    expect(await hashesOf(60, (index) => ({ from: many(index) }))).toBe(account.free)
    expect((await guess({ password: ann.password })).status).toBe(429)
    // Somebody else's browser has such a cookie, too, and it is good for nothing here.
    const bob = await app.person('bob')
    const others = new Browser(app.issuer)
    await others.submit(await others.open('/sign-in'), { email: bob.email, password: bob.password })
    const stolen = new Browser(app.issuer)
    stolen.cookies.set('sallyport_known', others.cookies.get('sallyport_known') ?? '')
    expect((await guess({ browser: stolen, password: ann.password })).status).toBe(429)
    const mine = new Browser(app.issuer)
    mine.cookies.set('sallyport_known', own.cookies.get('sallyport_known') ?? '')
    expect((await guess({ browser: mine, password: ann.password })).status).toBe(303)
  })

  test('G15 a known browser is no way around: it has a count of its own', async () => {
    const own = new Browser(app.issuer)
    await own.submit(await own.open('/sign-in'), { email: ann.email, password: ann.password })
    const cookie = own.cookies.get('sallyport_known') ?? ''
    const browser = () => {
      const one = new Browser(app.issuer)
      one.cookies.set('sallyport_known', cookie)
      return one
    }
    expect(await hashesOf(40, (index) => ({ browser: browser(), from: many(index) }))).toBe(known.free)
  })

  test('G15 waits are minutes, whoever goes on guessing: the victim has a turn', async () => {
    for (let round = 0; round < 12; round += 1) {
      await hashesOf(4, (index) => ({ from: many(round * 4 + index) }))
      pass(900)
    }
    expect((await guess({ from: '192.0.2.1', password: ann.password })).status).toBe(303)
  })

  test('G14 wrong, unknown, disabled and waiting accounts are answered alike', async () => {
    const disabled = await app.person('dora')
    await app.app.rooms.accounts.store.setState(disabled.id, 'disabled', [])
    const emails = [ann.email, 'nobody@example.test', disabled.email]
    const first = []
    for (const [index, email] of emails.entries()) first.push(told(await guess({ email, from: `192.0.2.${index}` })))
    expect(first[0]?.status).toBe(401)
    expect(first[1]).toEqual(first[0])
    expect(first[2]).toEqual(first[0])
    const waiting = []
    for (const [index, email] of emails.entries()) {
      await hashesOf(20, () => ({ email, from: `192.0.2.${index}` }))
      waiting.push(told(await guess({ email, from: `192.0.2.${index}` })))
    }
    expect(waiting[0]?.status).toBe(429)
    expect(waiting[1]).toEqual(waiting[0])
    expect(waiting[2]).toEqual(waiting[0])
    // The right password of a disabled account, too.
    expect(told(await guess({ email: disabled.email, password: disabled.password, from: '192.0.2.99' }))).toEqual(
      first[0],
    )
  })

  test('a right password clears the count', async () => {
    await hashesOf(pair.free - 1, () => ({}))
    expect((await guess({ password: ann.password })).status).toBe(303)
    expect(await hashesOf(20, () => ({}))).toBe(pair.free)
  })

  test('G15 inside an authorization it is the same guard, and the page keeps its other button', async () => {
    await hashesOf(pair.free, () => ({ from: '127.0.0.1' }))
    const client = await register(app)
    const browser = new Browser(app.issuer)
    const page = await browser.open(authorizationRequest(app, client.client_id).url)
    const refused = await browser.submit(page, { email: ann.email, password: ann.password })
    expect([refused.status, refused.name]).toEqual([429, 'sign-in'])
    expect(refused.body).toContain('value="cancel"')
  })

  test('G15 the own password at an open browser is no better to guess', async () => {
    const browser = new Browser(app.issuer)
    await browser.submit(await browser.open('/sign-in'), { email: ann.email, password: ann.password })
    const page = await browser.open('/account/security')
    const change = (): Promise<Page> =>
      browser.post('/account/security', {
        _csrf: csrfOf(page),
        current_password: 'wrong',
        password: 'another fine one',
      })
    hashes.mockClear()
    hashes.mockResolvedValue(false)
    const statuses = []
    for (let index = 0; index < pair.free + 2; index += 1) statuses.push((await change()).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect(hashes).toHaveBeenCalledTimes(pair.free)
  })

  test('the audit book tells of the wait, once for each try that began one, and of whom', async () => {
    await hashesOf(30, () => ({}))
    await app.app.rooms.audit.flush()
    // Noted beside the answer.
    await vi.waitFor(async () => {
      await app.app.rooms.audit.flush()
      const events = await app.app.rooms.audit.list({ type: 'session.sign_in_slowed', limit: 10 })
      expect(events.map(({ accountId, detail }) => [accountId, detail])).toEqual([
        [ann.id, { purpose: 'sign_in', reason: 'pair' }],
      ])
    })
  })

  test('an administrator sees the wait on the page of the person, and lifts it', async () => {
    const admin = await app.person('root', 'admin')
    await hashesOf(60, (index) => ({ from: many(index) }))
    const browser = new Browser(app.issuer)
    await browser.submit(await browser.open('/sign-in'), { email: admin.email, password: admin.password })
    const page = await browser.open(`/admin/people/${ann.id}`)
    expect(page.body).toContain('data-lockout="waits"')
    expect(page.body).toContain(`${account.free} failed attempts are counted`)
    const done = await browser.post(`/admin/people/${ann.id}/unlock`, { _csrf: csrfOf(page) })
    expect(done.body).toContain('data-lockout="open"')
    expect((await guess({ from: '192.0.2.77', password: ann.password })).status).toBe(303)
    const [event] = await app.app.rooms.audit.list({ type: 'account.unlocked', limit: 2 })
    expect(event).toMatchObject({ actor: `account:${admin.id}`, accountId: ann.id, detail: { method: 'console' } })
  })

  test('the operator lifts it from the command line', async () => {
    const secret = randomBytes(32)
    await start({ secrets: [secret] })
    await hashesOf(60, (index) => ({ from: many(index) }))
    const { address: where } = app
    const cli = createCli({
      SALLYPORT_DATA_DIR: app.dataDir,
      SALLYPORT_DATABASE_URL: where.kind === 'sqlite' ? `file:${where.file}` : where.url,
      // The counts stand under digests with its key.
      SALLYPORT_SECRET: secret.toString('base64url'),
    })
    expect(await cli(['user', 'unlock', ann.email])).toEqual({ code: 0, err: '', out: `unlocked ${ann.email}\n` })
    expect((await cli(['user', 'unlock', ann.email])).out).toBe(`${ann.email}: no failed sign-ins are counted\n`)
    expect((await cli(['user', 'unlock', 'nobody@example.test'])).code).toBe(1)
    expect((await guess({ from: '192.0.2.77', password: ann.password })).status).toBe(303)
  })

  test('G15 a letter for a new password is a way in while strangers guess', async () => {
    await hashesOf(60, (index) => ({ from: many(index) }))
    const made = await makeLink(app.app.rooms.accounts, ann.id, { actor: 'operator' }, { locale: 'en', method: 'test' })
    const browser = new Browser(app.issuer)
    const page = await browser.open(made?.url ?? '')
    await browser.submit(page, { password: 'an altogether new one' })
    // Whoever could read the letter is the person: the account is clear for every browser.
    expect(await app.app.rooms.guard.standing(ann.email)).toEqual({ failures: 0, blockedUntil: undefined })
    await hashesOf(60, (index) => ({ from: many(index) }))
    expect((await guess({ browser, from: many(7), password: 'an altogether new one' })).status).toBe(303)
    expect((await guess({ from: '192.0.2.77', password: 'an altogether new one' })).status).toBe(303)
  })
})
