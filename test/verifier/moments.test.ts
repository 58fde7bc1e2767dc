// The very second at which a proof, a nonce or a list begins and ends to count.
import { calculateJwkThumbprint } from 'jose'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { judgeProof, type ProofPolicy } from '../../verifier/src/dpop.ts'
import { createDpopCheck } from '../../verifier/src/dpop-check.ts'
import { createDpopNonces } from '../../verifier/src/dpop-nonces.ts'
import { createRefusals } from '../../verifier/src/refusals.ts'
import { readRevocationDocument } from '../../verifier/src/revocation-document.ts'
import { sha256 } from '../../verifier/src/sha256.ts'
import { makeKey, signText, type TestKey } from './issuer.ts'

afterEach(() => vi.restoreAllMocks())

describe('a document of revocations', () => {
  const now = 1_000_000
  const expected = { issuer: 'https://auth.example', since: undefined, nowSeconds: now, clockSkewSeconds: 5 }
  const mark = 'A'.repeat(43)
  const good = { iss: 'https://auth.example', iat: now, exp: now + 60, cursor: 'c1', complete: true, revoked: {} }
  const read = (changes: object, since?: string) => {
    try {
      return readRevocationDocument({ ...good, ...changes }, { ...expected, since })
    } catch (error) {
      return error instanceof Error ? error.message : error
    }
  }
  const isRead = expect.objectContaining({ cursor: 'c1', hasMore: false })

  test.each<[string, object, unknown]>([
    ['as far ahead as clocks may be', { iat: now + 5 }, isRead],
    ['a second further', { iat: now + 6 }, 'the revocations are from the future'],
    ['over for less than clocks may be behind', { iat: now - 60, exp: now - 4 }, isRead],
    ['over', { iat: now - 60, exp: now - 5 }, 'the revocations are over'],
    ['good for a day', { exp: now + 86_400 }, isRead],
    ['good for a second more', { exp: now + 86_401 }, 'the revocations are good for too long'],
    ['good for a second', { iat: now - 1, exp: now }, isRead],
    ['good for none', { exp: now }, 'the revocations are good for too long'],
    ['without a beginning', { iat: undefined }, 'the revocations have no time'],
    ['without an end', { exp: undefined }, 'the revocations have no time'],
    ['begun at nought', { iat: 0, exp: 60 }, 'the revocations have no time'],
    ['for tokens of this second and its tolerance', { revoked: { [mark]: now + 6 } }, isRead],
    ['for tokens to come', { revoked: { [mark]: now + 7 } }, 'the revocations are from the future'],
    ['with a mark of nought', { revoked: { [mark]: 0 } }, 'the revocations are malformed'],
    ['with a cursor of 256 characters', { cursor: 'c'.repeat(256) }, expect.objectContaining({ hasMore: false })],
    ['with an empty cursor', { cursor: '' }, 'the revocations have no cursor'],
  ])('%s', (_what, changes, outcome) => expect(read(changes)).toEqual(outcome))

  test('that goes on must go on from where we are', () => {
    const goesOn = { complete: undefined, since: 'c0' }
    expect(read(goesOn, 'c0')).toEqual(isRead)
    expect(read(goesOn, 'c1')).toBe('the revocations begin somewhere else')
    expect(read({ complete: undefined }, undefined)).toBe('the revocations begin somewhere else')
    expect(read({ complete: true, since: 'c9' }, 'c1')).toEqual(isRead)
    expect(read({ more: true })).toMatchObject({ hasMore: true })
    expect(read({ more: 'true' })).toMatchObject({ hasMore: false })
  })
})

describe('a nonce', () => {
  const secret = 'a secret of thirty-two characters'

  test('is accepted in its minute, in the next, and where a clock is a minute behind', async () => {
    const nonces = createDpopNonces(secret)
    const nonce = await nonces.current(600)
    const at = (seconds: number) => createDpopNonces(secret).accepts(nonce, seconds)
    expect(await Promise.all([539, 540, 599, 600, 659, 660, 719, 720].map(at))).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
      true,
      false,
    ])
    expect(await nonces.current(659)).toBe(nonce)
    expect(await nonces.current(660)).not.toBe(nonce)
  })

  test('is made once in its minute, of a key that is read once and cannot be taken out', async () => {
    const sign = vi.spyOn(crypto.subtle, 'sign')
    const importKey = vi.spyOn(crypto.subtle, 'importKey')
    const nonces = createDpopNonces(secret)
    for (let second = 600; second < 660; second++) await nonces.current(second)
    expect([sign.mock.calls.length, importKey.mock.calls.length]).toEqual([1, 1])
    expect(await importKey.mock.results[0]?.value).toMatchObject({ extractable: false, usages: ['sign'] })
    // Each minute needs its neighbours too. Five are kept; the sixth, of minute 14, lets go of those before it.
    for (let minute = 10; minute < 14; minute++) await nonces.accepts('none', minute * 60)
    expect(sign).toHaveBeenCalledTimes(6)
    await nonces.accepts('none', 14 * 60)
    expect(sign).toHaveBeenCalledTimes(8)
    expect(importKey).toHaveBeenCalledTimes(1)
  })
})

describe('a proof', () => {
  const now = 1_000_000
  const policy: ProofPolicy = {
    algorithms: ['ES256'],
    maxTokenBytes: 8192,
    maxAgeSeconds: 60,
    clockSkewSeconds: 5,
    publicUrl: (path) => `https://mcp.example${path}`,
  }

  async function proveBy(key: TestKey, changes: object = {}, header: object = {}) {
    const { kty, crv, x, y } = key.publicJwk
    const claims = {
      jti: 'one',
      htm: 'POST',
      htu: 'https://mcp.example/mcp',
      iat: now,
      ath: await sha256('token'),
      ...changes,
    }
    return signText(
      JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y }, ...header }),
      JSON.stringify(claims),
      key,
    )
  }

  async function verdictOf(changes: object, header: object = {}, by: Partial<ProofPolicy> = {}) {
    const key = await makeKey('client')
    const boundKeyThumbprint = await calculateJwkThumbprint(key.publicJwk)
    const request = { method: 'POST', path: '/mcp', token: 'token', boundKeyThumbprint }
    const verdict = await judgeProof(await proveBy(key, changes, header), request, { ...policy, ...by }, now)
    return verdict.ok ? 'good' : verdict.reason
  }

  test.each<[string, object, string]>([
    ['made now', {}, 'good'],
    ['with a jti of 256 characters', { jti: 'j'.repeat(256) }, 'good'],
    ['with a jti of 257', { jti: 'j'.repeat(257) }, 'proof_malformed'],
    ['a minute old', { iat: now - 60 }, 'good'],
    ['a second older', { iat: now - 61 }, 'proof_time'],
    ['as far ahead as clocks may be', { iat: now + 5 }, 'good'],
    ['a second further', { iat: now + 6 }, 'proof_time'],
    ['for an address with a user', { htu: 'https://user@mcp.example/mcp' }, 'proof_request'],
    ['for an address with a password', { htu: 'https://:pass@mcp.example/mcp' }, 'proof_request'],
  ])('V41 %s', async (_what, changes, outcome) => expect(await verdictOf(changes)).toBe(outcome))

  test('V41 under an algorithm that is a good one, but not allowed here', async () => {
    expect(await verdictOf({}, {}, { algorithms: ['EdDSA'] })).toBe('proof_key')
    expect(await verdictOf({}, { alg: 'HS256' })).toBe('proof_key')
  })

  test('V41 is kept until a second after it would be too old by the slowest clock', async () => {
    const kept: number[] = []
    const remember = async (_id: string, untilSeconds: number) => kept.push(untilSeconds) > 0
    const key = await makeKey('client')
    const dpop = { algorithms: ['ES256' as const], maxAgeSeconds: 60, publicUrl: policy.publicUrl, required: false }
    const check = createDpopCheck(
      { ...dpop, nonces: false, nonceSecret: undefined, replays: { remember } },
      { maxTokenBytes: 8192, clockSkewSeconds: 5, now: () => new Date(now * 1000) },
    )
    const refusals = createRefusals({ resourceMetadataUrl: 'https://mcp.example/x', basicScopes: [], dpop }).DPoP
    const presented = { authorization: [], tokenElsewhere: false, method: 'POST', path: '/mcp' }
    const thumbprint = await calculateJwkThumbprint(key.publicJwk)
    await check.require({ ...presented, dpop: [await proveBy(key)] }, 'token', thumbprint, refusals)
    expect(kept).toEqual([now + 66])
    await expect(check.require(presented, 'token', thumbprint, refusals)).rejects.toMatchObject({
      reason: 'proof_missing',
    })
    expect(await check.nonce()).toBeUndefined()
  })
})
