// What a hostile look at the package found: each of these let something through, crashed, hung or lied before.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { judge, signText, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let orphans: unknown[]
const note = (reason: unknown) => orphans.push(reason)

beforeEach(async () => {
  issuer = await startIssuer()
  orphans = []
  // Where nobody listens, Node ends the process.
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  process.off('unhandledRejection', note)
  await issuer.close()
})

const now = () => Math.floor(issuer.clock.now.getTime() / 1000)
const pass = (seconds: number) => {
  issuer.clock.now = new Date(issuer.clock.now.getTime() + seconds * 1000)
}
/** Node tells of an orphaned rejection when a turn of its loop is over. */
const turnOver = () => new Promise((resolve) => setImmediate(resolve))

async function list(changes: Record<string, unknown> = {}): Promise<Response> {
  const claims = { iss: issuer.url, iat: now(), exp: now() + 60, cursor: 'c1', complete: true, revoked: {}, ...changes }
  const header = { alg: 'ES256', typ: 'revocations+jwt', kid: 'key-1' }
  return new Response(await signText(JSON.stringify(header), JSON.stringify(claims), issuer.key))
}

describe.each([
  ['throws', () => fail()],
  ['rejects', async () => fail()],
])('V44 a log that %s', (_how, log) => {
  test('while the list of revocations is fetched in the background does not end the process', async () => {
    let isAway = false
    const verifier = issuer.verifier({
      revocations: { onEvent: log },
      fetch: async (url, init) => {
        if (!url.includes('/revocations')) return fetch(url, init)
        if (isAway) throw new Error('away')
        return list()
      },
    })
    const token = await issuer.mint()
    expect(await judge(verifier, token)).toBe('accepted')
    isAway = true
    pass(6)
    expect(await judge(verifier, token)).toBe('accepted')
    await turnOver()
    await turnOver()
    expect(orphans).toEqual([])
  })

  test('while keys are fetched does not refuse what the known ones vouch for', async () => {
    const verifier = issuer.verifier({ onKeysEvent: log })
    const token = await issuer.mint({ exp: now() + 3600 })
    expect(await judge(verifier, token)).toBe('accepted')
    issuer.faults.set('/jwks', { status: 500 })
    pass(601)
    expect(await judge(verifier, token)).toBe('accepted')
    await turnOver()
    expect(orphans).toEqual([])
  })
})

test('V46 what a handler adds to the claims of a token is not there for the next request with it', async () => {
  const verifier = issuer.verifier({ acceptAudienceArrays: true })
  await verifier.ready()
  const token = await issuer.mint({ aud: [issuer.resource], roles: ['user'], realm: { roles: [{ name: 'user' }] } })
  for (const isRemembered of [false, true, true]) {
    const claims = await verifier.verify(token)
    expect(claims).toMatchObject({ roles: ['user'], realm: { roles: [{ name: 'user' }] }, aud: [issuer.resource] })
    expect(verifier.counts().remembered > 0).toBe(isRemembered)
    for (const shared of [claims.roles, claims.aud, claims.scopes, claims.realm]) {
      expect(() => Object.assign(Object(shared), { 9: 'admin', roles: [] })).toThrow(TypeError)
    }
  }
})

function fail(): never {
  throw new Error('the log is full')
}
