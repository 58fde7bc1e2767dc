import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { databaseKinds } from '../support/database.ts'
import {
  ask,
  atOnce,
  audited,
  openStage,
  redemption,
  refreshment,
  rowCount,
  type Stage,
  tally,
  tokenAt,
} from './stage.ts'

const parallel = 50

// The clock stands still while many requests run, so that a slow machine is no reason to take a loser for a thief.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds)

describe.each(databaseKinds)('redeeming a code, %s', (kind) => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(kind)
  })
  afterAll(() => stage.close())

  const rounds = [1, 2, 3].flatMap((round) => [
    { round, servers: 1 },
    { round, servers: 2 },
  ])
  test.each(rounds)(
    'C02 K24 fifty at once on $servers server(s): one gets tokens, which go on working (round $round)',
    async ({ servers }) => {
      const { first, second } = stage
      const before = await rowCount(first, 'refresh_family')
      const obtained = await stage.code()
      const answers = await atOnce(parallel, [first, second].slice(0, servers), (server) =>
        tokenAt(server, redemption(stage, obtained)),
      )
      expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': parallel - 1 })
      expect(await rowCount(first, 'refresh_family')).toBe(before + 1)
      const winner = answers.find(({ status }) => status === 200)
      const next = await tokenAt(second, refreshment(stage, String(winner?.body.refresh_token)))
      expect(next.status).toBe(200)
    },
  )

  test('every loser is in the audit book, with nothing revoked', async () => {
    const before = (await audited(stage, 'code.replayed')).length
    const obtained = await stage.code()
    await atOnce(10, [stage.first, stage.second], (server) => tokenAt(server, redemption(stage, obtained)))
    const replayed = (await audited(stage, 'code.replayed')).slice(0, 9)
    expect((await audited(stage, 'code.replayed')).length).toBe(before + 9)
    expect(replayed.every(({ detail }) => detail.revoked === false)).toBe(true)
    expect(replayed.every(({ accountId }) => accountId === stage.person.id)).toBe(true)
  })

  test('C01 a code that comes back later is refused and takes back what it gave', async () => {
    const obtained = await stage.code()
    const winner = await tokenAt(stage.first, redemption(stage, obtained))
    pass(1100)
    const replay = await tokenAt(stage.second, redemption(stage, obtained))
    expect(tally([replay])).toEqual({ '400 invalid_grant': 1 })
    const next = await tokenAt(stage.first, refreshment(stage, String(winner.body.refresh_token)))
    expect(tally([next])).toEqual({ '400 invalid_grant': 1 })
    const [event] = await audited(stage, 'code.replayed')
    expect(event).toMatchObject({ accountId: stage.person.id, detail: { revoked: true } })
    expect((await audited(stage, 'grant.revoked'))[0]?.grantId).toBe(event?.grantId)
  })

  test('M10 a spent code without its verifier revokes nothing', async () => {
    const obtained = await stage.code()
    const winner = await tokenAt(stage.first, redemption(stage, obtained))
    pass(1100)
    const body = { ...redemption(stage, obtained), code_verifier: 'x'.repeat(43) }
    expect(tally(await atOnce(5, [stage.first], (server) => tokenAt(server, body)))).toEqual({ '400 invalid_grant': 5 })
    const next = await tokenAt(stage.first, refreshment(stage, String(winner.body.refresh_token)))
    expect(next.status).toBe(200)
  })

  test('M4 E04 refused redemptions beside good ones consume nothing', async () => {
    const obtained = await stage.code()
    const wrong = { ...redemption(stage, obtained), resource: 'https://elsewhere.example/mcp' }
    const refused = await atOnce(20, [stage.first, stage.second], (server) => tokenAt(server, wrong))
    expect(tally(refused)).toEqual({ '400 invalid_target': 20 })
    expect((await tokenAt(stage.first, redemption(stage, obtained))).status).toBe(200)
  })

  test('another spelling of the endpoint is no way around the one commit', async () => {
    const obtained = await stage.code()
    const answers = await atOnce(5, [stage.first], (server) => ask(server, '/token/', redemption(stage, obtained)))
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
    expect((await tokenAt(stage.first, redemption(stage, obtained))).status).toBe(200)
  })
})
