import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createSealer } from '../../src/crypto/seal.ts'
import { unlinkIdentity } from '../../src/federation/people.ts'
import { createTokenStore, type TokenStore } from '../../src/federation/tokens/store.ts'
import { notes, type TestApp, testSecret } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'
import { answerConsent, authorizationRequest, redeem, refresh } from '../support/flow.ts'
import { passUpstream, signedInThere, upstreamOf } from '../support/upstream.ts'
import { answerOf, countOf, deliver, leave, leaveFromOwnPage, openStage, reachCard, type Stage } from './journey.ts'

const keeping = { keepTokensFor: [notes.identifier] }

function storeOf({ app }: TestApp): TokenStore {
  return createTokenStore(app.rooms.database, createSealer([testSecret], 'upstream tokens'))
}

async function accountOf({ app }: TestApp): Promise<string> {
  const row = await app.rooms.database.sql.get<{ id: string }>('SELECT id FROM account')
  return row?.id ?? ''
}

/** Everything that the database holds, as text. */
async function everything({ app }: TestApp): Promise<string> {
  const { sql } = app.rooms.database
  const tables = await sql.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
  const rows = await Promise.all(tables.map(({ name }) => sql.all(`SELECT * FROM "${name}"`)))
  return JSON.stringify(rows)
}

/** The whole way to tokens of ours. */
async function connect(stage: Stage, here: Browser) {
  const request = authorizationRequest(stage.app, stage.client.client_id)
  const address = await leave(here, await reachCard(here, request.url))
  const answer = await passUpstream(signedInThere(stage.upstream, 'ada'), address)
  const consent = await deliver(here, answer)
  const code = new URL((await answerConsent(here, consent)).url).searchParams.get('code') ?? ''
  return { answer, consent, tokens: await redeem(stage.app, stage.client, { code, request }) }
}

describe('H13 tokens of an upstream', () => {
  it('are not kept where no MCP server needs them', async () => {
    const stage = await openStage()
    await connect(stage, new Browser(stage.app.issuer))
    expect(await countOf(stage.app, 'upstream_token')).toBe(0)
  })

  it('are kept for the MCP server that needs them, sealed, and for no other', async () => {
    const stage = await openStage({}, keeping)
    await connect(stage, new Browser(stage.app.issuer))
    const key = { accountId: await accountOf(stage.app), upstreamId: 'acme', resource: notes.identifier }
    const found = await storeOf(stage.app).find(key)
    expect(stage.upstream.secrets).toContain(found?.accessToken)
    expect(await storeOf(stage.app).find({ ...key, resource: 'http://localhost:9729/mcp' })).toBeNull()
    // A sign-in for the own pages is for no MCP server.
    const here = new Browser(stage.app.issuer)
    await deliver(here, await passUpstream(signedInThere(stage.upstream, 'bob'), await leaveFromOwnPage(here)))
    expect(await countOf(stage.app, 'upstream_token')).toBe(1)
  })

  it('and codes, secrets, states and verifiers are in no log, row, claim, page or export', async () => {
    const stage = await openStage({}, keeping)
    const here = new Browser(stage.app.issuer)
    const { answer, consent, tokens } = await connect(stage, here)
    const params = new URL(answer).searchParams
    const exported = await here.post('/account/data/export', { _csrf: csrfOf(await here.open('/account/data')) })
    expect(exported.body).toContain('ada@acme.example')
    await stage.app.app.rooms.audit.flush()
    const secrets = [...stage.upstream.secrets, stage.upstream.clientSecret, params.get('state'), params.get('code')]
    const cookies = [...here.cookies].filter(([name]) => name.includes('hop_')).map(([, value]) => value)
    const places = {
      log: stage.app.log(),
      rows: await everything(stage.app),
      answer: JSON.stringify(tokens.body),
      claims: Buffer.from(String(tokens.body.access_token).split('.')[1] ?? '', 'base64url').toString(),
      page: consent.body,
      export: exported.body,
    }
    expect(secrets.length).toBeGreaterThanOrEqual(5)
    for (const secret of [...secrets, ...cookies]) {
      expect(String(secret).length).toBeGreaterThan(20)
      for (const [place, text] of Object.entries(places))
        expect([place, text.includes(String(secret))]).toEqual([place, false])
    }
  })

  it('nor after a refusal: the log has the reason and nothing of the answer', async () => {
    const stage = await openStage()
    const here = new Browser(stage.app.issuer)
    const answer = new URL(await answerOf(stage, here))
    answer.searchParams.set('code', 'a-code-that-somebody-made-up')
    const page = await deliver(here, answer.href)
    expect(page.error).toBe('upstream_refused')
    expect(stage.app.log()).toContain('"reason":"code_refused"')
    for (const text of [page.body, stage.app.log()]) {
      expect(text).not.toContain('a-code-that-somebody-made-up')
      expect(text).not.toContain(answer.searchParams.get('state'))
      expect(text).not.toContain(stage.upstream.clientSecret)
    }
  })

  it('go with the account', async () => {
    const stage = await openStage({}, keeping)
    const here = new Browser(stage.app.issuer)
    await connect(stage, here)
    expect(await countOf(stage.app, 'upstream_token')).toBe(1)
    const page = await here.open('/account/data')
    const gone = await here.post('/account/data/delete', { _csrf: csrfOf(page), email: 'ada@acme.example' })
    expect(gone.name).toBe('account-deleted')
    expect(await countOf(stage.app, 'upstream_token')).toBe(0)
  })

  it('go with the link', async () => {
    const stage = await openStage({}, keeping)
    await connect(stage, new Browser(stage.app.issuer))
    const accountId = await accountOf(stage.app)
    const { federation } = stage.app.app.rooms
    const [identity] = await federation.identities.ofAccount(accountId)
    const by = { actor: 'operator', method: 'cli' } as const
    expect(await unlinkIdentity(federation.people, accountId, identity?.id ?? '', by, true)).toBe('unlinked')
    expect(await countOf(stage.app, 'upstream_token')).toBe(0)
  })

  it('a refresh token stays when the next sign-in brings none', async () => {
    const stage = await openStage({}, keeping)
    const store = storeOf(stage.app)
    const key = { accountId: 'a', upstreamId: 'acme', resource: notes.identifier }
    const expiresAt = new Date(Date.now() + 60_000)
    await store.put(key, { accessToken: 'one', refreshToken: 'kept', expiresAt, scope: 'x' }, new Date())
    await store.put(key, { accessToken: 'two', refreshToken: undefined, expiresAt: undefined, scope: 'x' }, new Date())
    expect(await store.find(key)).toEqual({
      accessToken: 'two',
      refreshToken: 'kept',
      expiresAt: undefined,
      scope: 'x',
    })
  })
})

describe('H14 somebody who is removed upstream', () => {
  it('does not come in again', async () => {
    const stage = await openStage()
    await connect(stage, new Browser(stage.app.issuer))
    stage.upstream.people.delete('ada')
    const here = new Browser(stage.app.issuer)
    const address = await leaveFromOwnPage(here)
    await expect(passUpstream(signedInThere(stage.upstream, 'ada'), address)).rejects.toThrow('still upstream')
  })

  it('does not come in when the group that lets people in is gone', async () => {
    const { rules } = upstreamOf({ issuer: '', clientSecret: '' })
    const stage = await openStage({}, { rules: { ...rules, groups: ['staff'] } })
    stage.upstream.people.set('ada', { email: 'ada@acme.example', email_verified: true, groups: ['staff'] })
    await connect(stage, new Browser(stage.app.issuer))
    stage.upstream.people.set('ada', { email: 'ada@acme.example', email_verified: true, groups: [] })
    const here = new Browser(stage.app.issuer)
    expect((await deliver(here, await answerOf(stage, here))).error).toBe('upstream_person_group')
  })

  it('holds what they have at most until the absolute end of a connection', async () => {
    const stage = await openStage()
    const { tokens } = await connect(stage, new Browser(stage.app.issuer))
    stage.upstream.people.delete('ada')
    const refreshToken = String(tokens.body.refresh_token)
    const later = Date.now() + (stage.app.config.refreshAbsoluteSeconds + 60) * 1000
    vi.useFakeTimers({ toFake: ['Date'], now: later })
    onTestFinished(() => void vi.useRealTimers())
    expect((await refresh(stage.app, stage.client, refreshToken)).body.error).toBe('invalid_grant')
  })
})
