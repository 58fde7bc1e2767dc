import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeOperatorClient } from '../../src/clients/operator-client.ts'
import type { UnitOfWork } from '../../src/db/database.ts'
import { planUnit } from '../../src/db/unit-statement.ts'
import { notes } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import { authorizationRequest, obtainCode, type RegisteredClient, redeem, register } from '../support/flow.ts'
import { ask, openStage, type Params, redemption, refreshment, type Stage, tally, tokenAt } from './stage.ts'

const redirect = 'https://app.example/cb'

describe.each(databaseKinds)('commits of an operation, %s', (kind) => {
  let stage: Stage
  let web: RegisteredClient
  beforeAll(async () => {
    stage = await openStage(kind)
    web = await register(stage.first, { redirect_uris: [redirect] })
    await allow()
  })
  afterAll(() => stage.close())

  /** A code for a client whose consent is remembered after the first time: no page. */
  function allow() {
    return obtainCode(stage.first, web, stage.person, { redirect_uri: redirect }, stage.browser)
  }

  /**
   * Commits of `work`, and the units that were committed: the fewest of three times, since what others write a little
   * later (refusals for the audit book, its sealing, the sweep) may fall into one of them.
   */
  async function counted<P, T>(prepare: () => Promise<P>, work: (prepared: P) => Promise<T>) {
    const { database, audit } = stage.first.app.rooms
    const runs: { commits: number; units: UnitOfWork[]; result: T }[] = []
    for (let run = 0; run < 3; run += 1) {
      const prepared = await prepare()
      await audit.flush()
      const units: UnitOfWork[] = []
      const commit = database.commit
      const spy = vi.spyOn(database, 'commit').mockImplementation((unit) => {
        units.push(unit)
        return commit(unit)
      })
      const before = database.commits
      const result = await work(prepared)
      const commits = database.commits - before
      spy.mockRestore()
      runs.push({ commits, units, result })
    }
    const [fewest] = runs.sort((one, other) => one.commits - other.commits)
    if (fewest === undefined) throw new Error('nothing ran')
    return fewest
  }
  const nothing = async (): Promise<void> => {}

  /** PostgreSQL carries each of these out as one statement, in one round trip. */
  function expectSingleStatements(units: readonly UnitOfWork[]): void {
    for (const unit of units) expect(planUnit(unit).kind, JSON.stringify(unit, null, 1)).toBe('single')
  }

  test('the whole code flow with a remembered consent: 2', async () => {
    const { commits, units } = await counted(nothing, async () => redeem(stage.first, web, await allow()))
    expect(commits).toBe(2)
    expectSingleStatements(units)
    // Grant, code, audit event; the session is written only when its end has moved enough.
    expect([...(units[0]?.conditions ?? []), ...(units[0]?.effects ?? [])].length).toBe(3)
  })

  test('a first authorization: 1 for the page', async () => {
    const { commits, units } = await counted(nothing, () =>
      new Browser(stage.first.issuer).open(authorizationRequest(stage.first, stage.client.client_id).url),
    )
    expect(commits).toBe(1)
    expectSingleStatements(units)
  })

  test('a refresh: 1', async () => {
    const { commits, units, result } = await counted(stage.refreshToken, (old) =>
      tokenAt(stage.first, refreshment(stage, old)),
    )
    expect({ commits, status: result.status }).toEqual({ commits: 1, status: 200 })
    expectSingleStatements(units)
  })

  test('a grace answer: 0 in the request itself', async () => {
    const old = await stage.refreshToken()
    await tokenAt(stage.first, refreshment(stage, old))
    const { commits, result } = await counted(nothing, () => tokenAt(stage.first, refreshment(stage, old)))
    expect({ commits, status: result.status }).toEqual({ commits: 0, status: 200 })
  })

  test('a registration: 1', async () => {
    const { commits, units } = await counted(nothing, () => register(stage.first))
    expect(commits).toBe(1)
    expectSingleStatements(units)
  })

  test('a refused token request: 0 in the request itself', async () => {
    const obtained = await stage.code()
    const old = await stage.refreshToken()
    const refused: readonly (readonly [body: Params, status: number])[] = [
      [{ ...redemption(stage, obtained), resource: 'https://elsewhere.example/mcp' }, 400],
      [{ ...redemption(stage, obtained), code_verifier: 'x'.repeat(43) }, 400],
      [{ ...refreshment(stage, old), scope: 'notes:read notes:write' }, 400],
      [refreshment(stage, `${old.slice(0, -1)}!`), 400],
      [{ grant_type: 'refresh_token', client_id: 'nobody', refresh_token: old }, 401],
    ]
    for (const [body, status] of refused) {
      const { commits, result } = await counted(nothing, () => tokenAt(stage.first, body))
      expect({ commits, status: result.status }).toEqual({ commits: 0, status })
    }
  })

  test('client_credentials: 0 in the request itself', async () => {
    const { client, madeSecret } = makeOperatorClient(
      {
        clientId: 'machine',
        grantTypes: ['client_credentials'],
        resources: new Map([[notes.identifier, ['notes:read']]]),
      },
      new Date(),
    )
    await stage.first.app.rooms.clients.save(client)
    const authorization = `Basic ${Buffer.from(`${client.id}:${madeSecret}`).toString('base64')}`
    const body = { grant_type: 'client_credentials', resource: notes.identifier }
    const { commits, result } = await counted(nothing, () => tokenAt(stage.first, body, { authorization }))
    expect({ commits, status: result.status }).toEqual({ commits: 0, status: 200 })
  })

  test('a request that cannot be written is answered 503, with nothing in it, and nothing of it has happened', async () => {
    const obtained = await stage.code()
    const old = await stage.refreshToken()
    const { database } = stage.first.app.rooms
    const broken = vi.spyOn(database, 'commit').mockRejectedValue(new Error('disk is full'))
    const answers = [
      await tokenAt(stage.first, redemption(stage, obtained)),
      await tokenAt(stage.first, refreshment(stage, old)),
    ]
    const { search } = new URL(authorizationRequest(stage.first, web.client_id, { redirect_uri: redirect }).url)
    const cookie = [...stage.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const page = await ask(stage.first, `/authorize${search}`, undefined, { accept: 'text/html', cookie })
    broken.mockRestore()
    expect(tally(answers)).toEqual({ '503 temporarily_unavailable': 2 })
    expect(page).toMatchObject({ status: 503, text: expect.stringContaining('data-error="temporarily_unavailable"') })
    expect(page.headers.location).toBeUndefined()
    expect(page.headers['set-cookie']).toBeUndefined()
    expect((await tokenAt(stage.first, redemption(stage, obtained))).status).toBe(200)
    expect((await tokenAt(stage.first, refreshment(stage, old))).status).toBe(200)
  })

  test('a request that waits for something holds up no other', async () => {
    const old = await stage.refreshToken()
    const others = await stage.refreshToken()
    const { store } = stage.first.app.rooms.accounts
    const findState = store.findState
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    let waiting = 0
    const spy = vi.spyOn(store, 'findState').mockImplementationOnce(async (id) => {
      waiting += 1
      await held
      return findState(id)
    })
    const slow = tokenAt(stage.first, refreshment(stage, old))
    await vi.waitFor(() => expect(waiting).toBe(1))
    // All of it while the slow one stands in the middle of its request: reads, commits, a page.
    expect((await tokenAt(stage.first, refreshment(stage, others))).status).toBe(200)
    await register(stage.first)
    expect((await ask(stage.first, '/readyz')).status).toBe(200)
    release()
    expect((await slow).status).toBe(200)
    spy.mockRestore()
  })
})
