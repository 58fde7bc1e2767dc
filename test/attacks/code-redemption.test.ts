import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { notes, startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { obtainCode, type RegisteredClient, redeem, refresh, register } from '../support/flow.ts'
import { ask, audited, authorize, challenge, count, expectJsonError, post } from './stage.ts'

// A code is worth tokens once, to the client it was made for, with everything right; anything else changes nothing.

let app: TestApp
let person: TestPerson
let client: RegisteredClient
let other: RegisteredClient

beforeAll(async () => {
  app = await startApp()
  person = await app.person()
  client = await register(app, { redirect_uris: ['http://127.0.0.1/callback', 'https://app.example.com/cb'] })
  other = await register(app)
})
afterEach(() => void vi.useRealTimers())
afterAll(() => app.close())

type Changes = Readonly<Record<string, string | readonly string[] | undefined>>

async function fresh() {
  return obtainCode(app, client, person)
}

/** Refused in the registered form, no row written, and the code still works. */
async function expectHarmless(changes: Changes, error = 'invalid_grant'): Promise<void> {
  const obtained = await fresh()
  const before = await rows()
  const { request, code } = obtained
  const params = {
    grant_type: 'authorization_code',
    client_id: client.client_id,
    code,
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
    ...changes,
  }
  for (let attempt = 0; attempt < 3; attempt += 1) {
    expectJsonError(await post(`${app.issuer}/token`, params), 400, error)
  }
  expect(await rows()).toEqual(before)
  expect((await redeem(app, client, obtained)).status).toBe(200)
}

async function rows(): Promise<readonly number[]> {
  return Promise.all([
    count(app, 'refresh_family'),
    count(app, 'protocol_grant'),
    count(app, 'authorization_code', 'consumed_at IS NULL'),
  ])
}

test.each([
  'https://app.example.com/cb',
  'http://127.0.0.1:4321/callback/',
  'http://127.0.0.1:1/callback',
  'x',
  undefined,
])('A17 another redirect_uri than the one asked with redeems nothing: %s', (redirect_uri) =>
  expectHarmless({ redirect_uri }, redirect_uri === undefined ? 'invalid_request' : 'invalid_grant'),
)

describe('the verifier', () => {
  test('B04 no verifier redeems nothing', () => expectHarmless({ code_verifier: undefined }))

  test('B05 there is no code without a challenge that a verifier could be left out or made up for', async () => {
    const answer = await authorize(app, client.client_id, {
      code_challenge: undefined,
      code_challenge_method: undefined,
    })
    expect(answer.location).toBeNull()
    const codes = await app.app.rooms.database.sql.all<{ payload: string }>('SELECT payload FROM authorization_code')
    for (const { payload } of codes) expect(JSON.parse(payload)).toMatchObject({ codeChallengeMethod: 'S256' })
  })

  test.each([
    ['wrong', randomBytes(32).toString('base64url'), 'invalid_grant'],
    ['empty', '', 'invalid_grant'],
    ['the challenge of another request', challenge, 'invalid_grant'],
    // RFC 7636 §4.1: what cannot be a verifier is a malformed request.
    ['too short', 'a'.repeat(42), 'invalid_request'],
    ['too long', 'a'.repeat(129), 'invalid_request'],
    ['not ASCII', `${'a'.repeat(43)}é`, 'invalid_request'],
  ])('B06 a verifier that is %s redeems nothing, however often', (_title, code_verifier, error) =>
    expectHarmless({ code_verifier }, error),
  )

  test('B06 the challenge itself is no verifier', async () => {
    const obtained = await fresh()
    const own = new URL(obtained.request.url).searchParams.get('code_challenge') ?? ''
    const answer = await redeem(app, client, obtained, { code_verifier: own })
    expect(answer.body.error).toBe('invalid_grant')
    expect((await redeem(app, client, obtained)).status).toBe(200)
  })
})

test('C01 a code that comes back is refused, and what it gave is taken back', async () => {
  const obtained = await fresh()
  const first = await redeem(app, client, obtained)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2000 })
  const again = await redeem(app, client, obtained)
  expect(again.status).toBe(400)
  expect(again.body.error).toBe('invalid_grant')
  const refreshed = await refresh(app, client, first.body.refresh_token ?? '')
  expect(refreshed.body.error).toBe('invalid_grant')
  const [event] = (await audited(app, 'code.replayed')).slice(-1)
  expect(event).toMatchObject({ client_id: client.client_id, account_id: person.id })
  expect(await count(app, 'protocol_grant', `id = '${String(event?.grant_id)}'`)).toBe(0)
  expect(JSON.parse(String(event?.detail))).toEqual({ revoked: true })
})

test('C01 within a second a parallel loser cannot be told from a thief: refused, audited, nothing revoked', async () => {
  const obtained = await fresh()
  const first = await redeem(app, client, obtained)
  expect((await redeem(app, client, obtained)).body.error).toBe('invalid_grant')
  expect((await refresh(app, client, first.body.refresh_token ?? '')).status).toBe(200)
  const [event] = (await audited(app, 'code.replayed')).slice(-1)
  expect(JSON.parse(String(event?.detail))).toEqual({ revoked: false })
})

test('C01 M10 who has a spent code but not its verifier cannot sign anybody out', async () => {
  const obtained = await fresh()
  const first = await redeem(app, client, obtained)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2000 })
  const stolen = await redeem(app, client, obtained, { code_verifier: randomBytes(32).toString('base64url') })
  expect(stolen.body.error).toBe('invalid_grant')
  expect((await refresh(app, client, first.body.refresh_token ?? '')).status).toBe(200)
})

test('C03 a code of one client is nothing to another, and stays good', () =>
  expectHarmless({ client_id: other.client_id }))

test('C04 an expired code is refused, to its own client and to another', async () => {
  const obtained = await fresh()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
  for (const who of [client, other]) {
    const answer = await redeem(app, who, obtained)
    expect(answer.status).toBe(400)
    expect(answer.body.error).toBe('invalid_grant')
  }
})

test('C05 a code with the beginning of a real one touches nothing', async () => {
  const { code } = await fresh()
  await expectHarmless({ code: `${code.slice(0, 30)}${randomBytes(32).toString('base64url').slice(0, 13)}` })
})

test.each([(code: string) => code.slice(0, -1), (code: string) => `${code}A`, (code: string) => `${code}=`])(
  'C26 a cut or lengthened code is none: %s',
  async (mangle) => {
    const { code } = await fresh()
    await expectHarmless({ code: mangle(code) })
  },
)

test('C26 a code in other letters or with spaces is none', async () => {
  const { code } = await fresh()
  await expectHarmless({ code: code.toUpperCase() === code ? code.toLowerCase() : code.toUpperCase() })
  await expectHarmless({ code: ` ${code}` })
})

test('M4 E04 another resource than the one allowed redeems nothing, and the code stays good', async () => {
  await expectHarmless({ resource: 'https://elsewhere.example/mcp' }, 'invalid_target')
})

test('M5 E05 two resources redeem nothing, openid or not', async () => {
  await expectHarmless({ resource: [notes.identifier, 'https://elsewhere.example/mcp'] }, 'invalid_target')
  const obtained = await obtainCode(app, client, person, { scope: 'openid notes:read' })
  const answer = await redeem(app, client, obtained, { resource: [notes.identifier, 'https://elsewhere.example/mcp'] })
  expect(answer.body).toEqual(expect.objectContaining({ error: 'invalid_target' }))
  expect((await redeem(app, client, obtained)).status).toBe(200)
})

test('the code in the address is worth nothing to who only saw the answer', async () => {
  const { callback } = await fresh()
  expect((await ask(`${app.issuer}/token?${callback.searchParams}`)).status).toBe(404)
})
