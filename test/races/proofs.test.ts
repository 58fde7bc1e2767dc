import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { databaseKinds } from '../support/database.ts'
import { obtainCode, register } from '../support/flow.ts'
import { atOnce, openStage, redemption, refreshment, rowCount, type Stage, tally, tokenAt } from './stage.ts'

const parallel = 20

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>

const keyPair = () => generateKeyPair('ES256', { extractable: true })

async function proof({ first }: Stage, { privateKey, publicKey }: KeyPair): Promise<{ dpop: string }> {
  const { kty, crv, x, y } = await exportJWK(publicKey)
  const dpop = await new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${first.issuer}/token` })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } })
    .setIssuedAt()
    .sign(privateKey)
  return { dpop }
}

async function assertion({ first }: Stage, clientId: string, { privateKey }: KeyPair) {
  const text = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(first.issuer)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime('1m')
    .sign(privateKey)
  return {
    client_assertion: text,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

describe.each(databaseKinds)('proofs of possession at once, %s', (kind) => {
  let stage: Stage
  let keys: KeyPair
  let others: KeyPair
  beforeAll(async () => {
    stage = await openStage(kind)
    keys = await keyPair()
    others = await keyPair()
  })
  afterAll(() => stage.close())

  async function boundToken(): Promise<string> {
    const { status, body } = await tokenAt(stage.first, redemption(stage, await stage.code()), await proof(stage, keys))
    expect({ status, type: body.token_type }).toEqual({ status: 200, type: 'DPoP' })
    return String(body.refresh_token)
  }
  const use = async (token: unknown, headers: Readonly<Record<string, string>>, server = stage.first) =>
    tokenAt(server, refreshment(stage, String(token)), headers)

  test('one proof is good for one of many refreshes', async () => {
    const old = await boundToken()
    const one = await proof(stage, keys)
    const answers = await atOnce(parallel, [stage.first, stage.second], (server) => use(old, one, server))
    expect(tally(answers)).toEqual({ '200': 1, '400 invalid_grant': parallel - 1 })
    const winner = answers.find(({ status }) => status === 200)
    // In the window the old token is answered again, but not for a proof that was seen.
    expect(tally([await use(old, one)])).toEqual({ '400 invalid_grant': 1 })
    expect((await use(old, await proof(stage, keys))).body.refresh_token).toBe(winner?.body.refresh_token)
    expect((await use(winner?.body.refresh_token, await proof(stage, keys))).status).toBe(200)
  })

  test('a proof shown in the window is not good a second time', async () => {
    const old = await boundToken()
    const successor = (await use(old, await proof(stage, keys))).body.refresh_token
    const shown = await proof(stage, keys)
    expect((await use(old, shown)).body.refresh_token).toBe(successor)
    expect(tally([await use(successor, shown)])).toEqual({ '400 invalid_grant': 1 })
  })

  test('fresh proofs of the right key get one successor', async () => {
    const old = await boundToken()
    const proofs = await Promise.all(Array.from({ length: parallel }, () => proof(stage, keys)))
    const answers = await atOnce(parallel, [stage.first, stage.second], (server, index) =>
      use(old, proofs[index] ?? {}, server),
    )
    expect(tally(answers)).toEqual({ '200': parallel })
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
  })

  test('another key, or none, is refused in the window, and the family lives', async () => {
    const old = await boundToken()
    const successor = (await use(old, await proof(stage, keys))).body.refresh_token
    expect(tally([await use(old, await proof(stage, others)), await use(old, {})])).toEqual({ '400 invalid_grant': 2 })
    expect((await use(successor, await proof(stage, keys))).status).toBe(200)
  })

  test('C11 another client is refused in the window, and the family lives', async () => {
    const old = await stage.refreshToken()
    const stranger = await register(stage.first)
    const theirs = refreshment({ client: stranger }, old)
    expect(tally([await tokenAt(stage.first, theirs)])).toEqual({ '400 invalid_grant': 1 })
    const { body } = await use(old, {})
    expect(tally([await tokenAt(stage.second, theirs)])).toEqual({ '400 invalid_grant': 1 })
    expect((await use(body.refresh_token, {})).status).toBe(200)
  })

  test('C19 one assertion of a client is good for one of many requests', async () => {
    const jwk = { ...(await exportJWK(keys.publicKey)), use: 'sig', alg: 'ES256', kid: 'one' }
    const client = await register(stage.first, {
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [jwk] },
    })
    const obtained = await obtainCode(stage.first, client, stage.person, {}, stage.browser)
    const redeemed = await tokenAt(stage.first, {
      ...redemption({ client }, obtained),
      ...(await assertion(stage, client.client_id, keys)),
    })
    expect(redeemed.status).toBe(200)
    const one = await assertion(stage, client.client_id, keys)
    const body = { ...refreshment({ client }, String(redeemed.body.refresh_token)), ...one }
    const marks = await rowCount(stage.first, 'replay_mark')
    const answers = await atOnce(parallel, [stage.first, stage.second], (server) => tokenAt(server, body))
    expect(tally(answers)).toEqual({ '200': 1, '401 invalid_client': parallel - 1 })
    expect(await rowCount(stage.first, 'replay_mark')).toBe(marks + 1)
    expect(tally([await tokenAt(stage.first, body)])).toEqual({ '401 invalid_client': 1 })
  })

  test('a proof shown with a refused request is not good a second time', async () => {
    const old = await boundToken()
    const shown = await proof(stage, keys)
    const wider = { ...refreshment(stage, old), resource: 'https://elsewhere.example/mcp' }
    expect(tally([await tokenAt(stage.first, wider, shown)])).toEqual({ '400 invalid_target': 1 })
    expect(tally([await use(old, shown)])).toEqual({ '400 invalid_grant': 1 })
    expect((await use(old, await proof(stage, keys))).status).toBe(200)
  })
})
