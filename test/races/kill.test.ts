import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../support/database.ts'
import { type KillPoint, type ServerProcess, startProcess } from './process.ts'
import {
  audited,
  openStage,
  type Params,
  redemption,
  refreshment,
  rowCount,
  type Stage,
  tally,
  tokenAt,
} from './stage.ts'

const refused = { '400 invalid_grant': 1 }

describe.each(databaseKinds)('kill -9, %s', (kind) => {
  let stage: Stage
  const processes: ServerProcess[] = []
  beforeAll(async () => {
    stage = await openStage(kind)
  })
  afterAll(async () => {
    for (const one of processes) await one.kill()
    await stage.close()
  })

  async function start(): Promise<ServerProcess> {
    const started = await startProcess(stage.first)
    processes.push(started)
    return started
  }
  test('K17 K18 C08 C10 what was answered stays true, what was not answered can be asked again', async () => {
    const codes = { before: await stage.code(), after: await stage.code(), done: await stage.code() }
    const tokens = {
      before: await stage.refreshToken(),
      after: await stage.refreshToken(),
      chain: await stage.refreshToken(),
    }
    const deaths: readonly (readonly [form: Params, point: KillPoint])[] = [
      [redemption(stage, codes.before), 'before commit'],
      [redemption(stage, codes.after), 'after commit'],
      [refreshment(stage, tokens.before), 'before commit'],
      [refreshment(stage, tokens.after), 'after commit'],
    ]
    // Answered by a process that dies right after.
    const first = await start()
    const redeemed = await first.token(redemption(stage, codes.done))
    const second = String((await first.token(refreshment(stage, tokens.chain))).body.refresh_token)
    const third = String((await first.token(refreshment(stage, second))).body.refresh_token)
    for (const [index, [form, point]] of deaths.entries()) {
      const process = index === 0 ? first : await start()
      expect(await process.dieDuring(form, point)).toBe(true)
    }

    const after = await start()
    const retried = await after.token(redemption(stage, codes.before))
    expect(retried.status).toBe(200)
    expect((await after.token(refreshment(stage, String(retried.body.refresh_token)))).status).toBe(200)
    expect(tally([await after.token(redemption(stage, codes.after))])).toEqual(refused)
    expect((await after.token(refreshment(stage, tokens.before))).status).toBe(200)

    const lost = await after.token(refreshment(stage, tokens.after))
    expect(lost.status).toBe(200)
    const successor = String(lost.body.refresh_token)
    expect((await after.token(refreshment(stage, tokens.after))).body.refresh_token).toBe(successor)
    expect((await after.token(refreshment(stage, successor))).status).toBe(200)
    expect(tally([await after.token(refreshment(stage, tokens.after))])).toEqual(refused)

    // C10: reuse is known to who was not there when the token was used.
    expect(tally([await after.token(refreshment(stage, tokens.chain))])).toEqual(refused)
    expect(tally([await after.token(refreshment(stage, third))])).toEqual(refused)
    // C01: so is the replay of a code.
    expect(tally([await after.token(redemption(stage, codes.done))])).toEqual(refused)
    expect(tally([await after.token(refreshment(stage, String(redeemed.body.refresh_token)))])).toEqual(refused)
    await after.kill()
    expect((await audited(stage, 'refresh.reused')).length).toBeGreaterThanOrEqual(1)
  })
})

// Reads and the one commit of a token request: clients, code or family, grant, account, commit.
const looks = [0, 1, 2, 3, 4]

test.each(looks)(
  'K17 K18 kill -9 before look %i at the database: the same request asked again is answered',
  async (point) => {
    const stage = await openStage('sqlite')
    const forms = [redemption(stage, await stage.code()), refreshment(stage, await stage.refreshToken())]
    for (const form of forms) {
      const process = await startProcess(stage.first)
      const died = await process.dieDuring(form, point)
      await process.kill()
      // The last look is there in one of the two only, or in neither when a cache answers.
      if (point < looks.length - 1) expect(died).toBe(true)
      if (died) expect((await tokenAt(stage.second, form)).status).toBe(200)
    }
    expect(await rowCount(stage.first, 'refresh_family')).toBe(2)
  },
)
