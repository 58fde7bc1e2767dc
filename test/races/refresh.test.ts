import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { disableAccount, removeAccount } from '../../src/accounts/close.ts'
import { databaseKinds } from '../support/database.ts'
import { connect, type TokenAnswer } from '../support/flow.ts'
import { atOnce, audited, openStage, redemption, refreshment, rowCount, type Stage, tally, tokenAt } from './stage.ts'

const parallel = 50

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())
const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

const refused = { '400 invalid_grant': 1 }
const successors = (answers: readonly Pick<TokenAnswer, 'body'>[]) =>
  new Set(answers.map(({ body }) => body.refresh_token))

describe.each(databaseKinds)('refreshing with a grace window, %s', (kind) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(kind)
  })
  afterAll(() => stage.close())
  const use = (token: unknown, server = stage.first) => tokenAt(server, refreshment(stage, String(token)))

  const rounds = [1, 2, 3].flatMap((round) => [
    { round, servers: 1 },
    { round, servers: 2 },
  ])
  test.each(rounds)(
    'C07 K24 fifty at once on $servers server(s): all are answered with one successor (round $round)',
    async ({ servers }) => {
      const old = await stage.refreshToken()
      const answers = await atOnce(parallel, [stage.first, stage.second].slice(0, servers), (server) =>
        use(old, server),
      )
      expect(tally(answers)).toEqual({ '200': parallel })
      expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(parallel)
      const [successor, ...others] = successors(answers)
      expect(others).toEqual([])
      expect(successor).not.toBe(old)

      const next = await use(successor)
      expect(next.status).toBe(200)
      // C06: the window closed when the successor was used.
      expect(tally([await use(old, stage.second)])).toEqual(refused)
      expect(tally([await use(next.body.refresh_token)])).toEqual(refused)
    },
  )

  test('C06 the reuse that ends a family is in the audit book, and the losers of a race are told as grace', async () => {
    const old = await stage.refreshToken()
    const graceBefore = (await audited(stage, 'token.refresh_grace')).length
    const rotatedBefore = (await audited(stage, 'token.refreshed')).length
    const [successor] = successors(await atOnce(10, [stage.first, stage.second], (server) => use(old, server)))
    expect((await audited(stage, 'token.refreshed')).length).toBe(rotatedBefore + 1)
    expect((await audited(stage, 'token.refresh_grace')).length).toBe(graceBefore + 9)
    await use(successor)
    await use(old)
    const [event] = await audited(stage, 'refresh.reused')
    expect(event).toMatchObject({ accountId: stage.person.id, detail: { revoked: true } })
    expect((await audited(stage, 'grant.revoked'))[0]?.grantId).toBe(event?.grantId)
  })

  test('C08 a client that lost the answer gets the same successor until the window closes', async () => {
    const old = await stage.refreshToken()
    const lost = await use(old)
    pass(29)
    const again = await use(old, stage.second)
    expect(again.body.refresh_token).toBe(lost.body.refresh_token)
    pass(2)
    expect(tally([await use(old)])).toEqual(refused)
    expect(tally([await use(lost.body.refresh_token)])).toEqual(refused)
  })

  test('C09 old and new token at once never make two chains', async () => {
    const old = await stage.refreshToken()
    const { body } = await use(old)
    const families = await rowCount(stage.first, 'refresh_family')
    const answers = await atOnce(20, [stage.first, stage.second], (server, index) =>
      use(index % 4 < 2 ? body.refresh_token : old, server),
    )
    const fresh = [...successors(answers.filter(({ status }) => status === 200))]
    const generations = fresh.filter((token) => token !== body.refresh_token)
    expect(generations.length).toBe(1)
    // An old one that came after the new one was used is reuse, and ends the family; otherwise it lives in one row.
    expect(await rowCount(stage.first, 'refresh_family')).toBeLessThanOrEqual(families)
  })

  test('revoking with the token just replaced ends the connection, in the window too', async () => {
    const old = await stage.refreshToken()
    const { body } = await use(old)
    const answer = await fetch(`${stage.first.issuer}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: stage.client.client_id, token: old }),
    })
    expect(answer.status).toBe(200)
    expect(tally([await use(body.refresh_token)])).toEqual(refused)
  })

  test('revoking while many refresh: afterwards nothing is left that works', async () => {
    const old = await stage.refreshToken()
    const { revokeConnections } = stage.first.app.rooms
    const [answers] = await Promise.all([
      atOnce(20, [stage.first, stage.second], (server) => use(old, server)),
      revokeConnections(stage.person.id),
    ])
    for (const token of successors(answers.filter(({ status }) => status === 200))) {
      expect(tally([await use(token)])).toEqual(refused)
    }
    expect(await rowCount(stage.first, 'refresh_family', `account_id = '${stage.person.id}'`)).toBe(0)
  })

  test('revoking while many redeem one code: afterwards nothing is left that works', async () => {
    const obtained = await stage.code()
    const [answers] = await Promise.all([
      atOnce(20, [stage.first, stage.second], (server) => tokenAt(server, redemption(stage, obtained))),
      stage.second.app.rooms.revokeConnections(stage.person.id),
    ])
    for (const { body } of answers.filter(({ status }) => status === 200)) {
      expect(tally([await use(body.refresh_token)])).toEqual(refused)
    }
    expect(await rowCount(stage.first, 'protocol_grant', `account_id = '${stage.person.id}'`)).toBe(0)
  })

  const ends: readonly (readonly [what: string, end: (accountId: string) => Promise<unknown>])[] = [
    ['the account is disabled', (id) => disableAccount(stage.second.app.rooms.accounts, id, { actor: 'operator' })],
    ['the account is removed', (id) => removeAccount(stage.second.app.rooms.accounts, id, { actor: 'operator' })],
    ['all connections are ended, as by a new password', (id) => stage.second.app.rooms.revokeConnections(id)],
    [
      'the consent is withdrawn, its grants not yet deleted',
      async (id) => {
        const { consents, clock } = stage.second.app.rooms
        for (const one of await consents.store.list({ accountId: id, limit: 10 })) {
          await consents.store.revoke(one.id, clock.now(), [])
        }
      },
    ],
  ]
  test.each(ends)('C14 refused at once on every server: %s', async (_what, end) => {
    const person = await stage.first.person()
    const { client, refreshToken } = await connect(stage.first, person)
    const old = refreshToken
    const current = await tokenAt(stage.first, refreshment({ client }, old))
    expect(current.status).toBe(200)
    await end(person.id)
    for (const token of [String(current.body.refresh_token), old]) {
      expect(tally([await tokenAt(stage.first, refreshment({ client }, token))])).toEqual(refused)
    }
  })

  test('C12 M3 refused refreshes beside good ones consume nothing', async () => {
    const old = await stage.refreshToken()
    const wider = { ...refreshment(stage, old), scope: 'notes:read notes:write' }
    const elsewhere = { ...refreshment(stage, old), resource: 'https://elsewhere.example/mcp' }
    const answers = await atOnce(20, [stage.first, stage.second], (server, index) =>
      tokenAt(server, index % 4 < 2 ? wider : elsewhere),
    )
    expect(tally(answers)).toEqual({ '400 invalid_scope': 10, '400 invalid_target': 10 })
    expect((await use(old)).status).toBe(200)
  })

  test('C13 thirty days idle and ninety in all end a connection, however often it is used', async () => {
    const day = 86_400
    let token: unknown = await stage.refreshToken()
    for (let index = 0; index < 3; index += 1) {
      pass(29 * day)
      const answer = await use(token)
      expect(answer.status).toBe(200)
      token = answer.body.refresh_token
    }
    pass(3 * day + 1)
    expect(tally([await use(token)])).toEqual(refused)
    vi.useRealTimers()
    vi.useFakeTimers({ toFake: ['Date'] })
    const idle = await stage.refreshToken()
    pass(30 * day + 1)
    expect(tally([await use(idle)])).toEqual(refused)
  })
})

describe.each(databaseKinds)('refreshing without a grace window, %s', (kind) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(kind, { REFRESH_GRACE_SECONDS: '0' })
  })
  afterAll(() => stage.close())
  const use = (token: unknown, server = stage.first) => tokenAt(server, refreshment(stage, String(token)))

  test.each([1, 2])('C07 fifty at once: one is answered, and goes on working (%i server(s))', async (servers) => {
    const old = await stage.refreshToken()
    const answers = await atOnce(parallel, [stage.first, stage.second].slice(0, servers), (server) => use(old, server))
    expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': parallel - 1 })
    const next = await use(answers.find(({ status }) => status === 200)?.body.refresh_token)
    expect(next.status).toBe(200)
  })

  test('C06 reuse later than a parallel twin ends the family', async () => {
    const old = await stage.refreshToken()
    const { body } = await use(old)
    expect(tally([await use(old)])).toEqual(refused)
    const [tolerated] = await audited(stage, 'refresh.reused')
    expect(tolerated?.detail).toMatchObject({ revoked: false })
    pass(1.1)
    expect(tally([await use(old)])).toEqual(refused)
    expect(tally([await use(body.refresh_token)])).toEqual(refused)
  })
})
