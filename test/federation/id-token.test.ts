import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { faultWithin, reasonsWithin, UpstreamFault } from '../../src/federation/fault.ts'
import { checkIdToken, type IdTokenContext } from '../../src/federation/id-token.ts'

const seconds = 1_772_366_400
const context: IdTokenContext = {
  ...{
    code: 'a-code',
    accessToken: 'a-token',
    now: new Date(seconds * 1000 + 999),
    startedAt: new Date(seconds * 1000),
  },
  ...{ isAnew: false, tellsAuthTime: true },
}
const tokenOf = (header: unknown) => `${Buffer.from(JSON.stringify(header)).toString('base64url')}.x.x`
const rs256 = tokenOf({ alg: 'RS256' })

describe('H08 an ID token is of this moment', () => {
  it.each<[unknown, string | null]>([
    [seconds - 600, null],
    [seconds - 601, 'id_token_old'],
    [seconds + 600, null],
    [seconds + 601, 'id_token_from_the_future'],
    [undefined, 'id_token_old'],
    [String(seconds), 'id_token_old'],
    [null, 'id_token_old'],
  ])('iat %j: %s', (iat, reason) => {
    const check = () => checkIdToken({ iat }, rs256, context)
    if (reason === null) expect(check()).toBeUndefined()
    else expect(check).toThrow(expect.objectContaining({ kind: 'refused', reason }))
  })
})

describe('H07 a hash is the left half by the algorithm of the signature', () => {
  it.each([
    ['RS256', 'sha256', 16],
    ['PS256', 'sha256', 16],
    ['ES384', 'sha384', 24],
    ['RS512', 'sha512', 32],
    ['EdDSA', 'sha512', 32],
    ['Ed25519', 'sha512', 32],
  ])('%s: %s', (alg, name, bytes) => {
    const half = (text: string) => createHash(name).update(text).digest().subarray(0, bytes).toString('base64url')
    const claims = { iat: seconds, at_hash: half('a-token'), c_hash: half('a-code') }
    expect(checkIdToken(claims, tokenOf({ alg }), context)).toBeUndefined()
    const whole = createHash(name).update('a-token').digest('base64url')
    expect(() => checkIdToken({ ...claims, at_hash: whole }, tokenOf({ alg }), context)).toThrow('id_token_at_hash')
    expect(() => checkIdToken({ ...claims, c_hash: half('b') }, tokenOf({ alg }), context)).toThrow('id_token_c_hash')
  })

  it.each([{ alg: '256RS' }, { alg: 'RS1' }, { alg: 7 }, {}, null, 'RS256'])(
    '%j is no algorithm to hash by',
    (header) => {
      expect(() => checkIdToken({ iat: seconds, at_hash: 'x' }, tokenOf(header), context)).toThrow('id_token_alg')
      // Where nothing is hashed nobody asks.
      expect(checkIdToken({ iat: seconds }, tokenOf(header), context)).toBeUndefined()
    },
  )
})

describe('G22 when somebody signed in there', () => {
  it('is told as it was said', () => {
    expect(checkIdToken({ iat: seconds, auth_time: seconds - 86_400 }, rs256, context)).toEqual(
      new Date((seconds - 86_400) * 1000),
    )
    expect(checkIdToken({ iat: seconds, auth_time: 'yesterday' }, rs256, context)).toBeUndefined()
  })

  it('anew: a minute before the hop is the badly set clock, more is a session of before', () => {
    const anew = { ...context, isAnew: true }
    expect(checkIdToken({ iat: seconds, auth_time: seconds - 60 }, rs256, anew)).toEqual(
      new Date((seconds - 60) * 1000),
    )
    expect(() => checkIdToken({ iat: seconds, auth_time: seconds - 61 }, rs256, anew)).toThrow('not_signed_in_anew')
  })
})

describe('faults within others', () => {
  const wrapped = (inner: unknown, times: number): unknown =>
    Array.from({ length: times }).reduce((cause: unknown, _none, index) => new Error(`e${index}`, { cause }), inner)

  it('ours is found where libraries have wrapped it, and nothing else is taken for it', () => {
    const ours = new UpstreamFault('down', 'busy')
    for (const times of [0, 1, 7]) expect(faultWithin(wrapped(ours, times))).toBe(ours)
    // Ours: nobody follows causes without end.
    expect(faultWithin(wrapped(ours, 8))).toBeUndefined()
    for (const other of [new Error('x'), wrapped({ kind: 'down' }, 2), 'text', undefined]) {
      expect(faultWithin(other)).toBeUndefined()
    }
    const circle = new Error('circle')
    circle.cause = circle
    expect(faultWithin(circle)).toBeUndefined()
  })

  it('H13 the log gets six messages at most', () => {
    expect(reasonsWithin(wrapped(undefined, 9))).toBe('e8: e7: e6: e5: e4: e3')
    expect(reasonsWithin(wrapped(undefined, 2))).toBe('e1: e0')
    expect(reasonsWithin('a token')).toBe('')
  })

  it('has a kind, a reason and its cause', () => {
    const cause = new Error('library')
    const fault = new UpstreamFault('refused', 'issuer', { cause })
    expect(fault).toMatchObject({
      name: 'UpstreamFault',
      message: 'upstream: issuer',
      kind: 'refused',
      reason: 'issuer',
      cause,
    })
  })
})
