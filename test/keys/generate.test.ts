import { calculateJwkThumbprint, importJWK, jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { generateKey, publicHalf, readPrivateJwk } from '../../src/keys/generate.ts'
import { type KeyAlg, keyAlgs } from '../../src/keys/key.ts'

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

describe.each(keyAlgs)('a key for %s', (alg: KeyAlg) => {
  it('signs what its public half verifies', async () => {
    const privateJwk = await generateKey(alg)
    const token = await new SignJWT({}).setProtectedHeader({ alg }).sign(await importJWK(privateJwk, alg))
    await jwtVerify(token, await importJWK(publicHalf(privateJwk), alg), { algorithms: [alg] })
  })

  it('is named by its RFC 7638 thumbprint', async () => {
    const privateJwk = await generateKey(alg)
    expect(privateJwk.kid).toBe(await calculateJwkThumbprint(publicHalf(privateJwk), 'sha256'))
    expect(privateJwk.kid).toHaveLength(43)
  })

  it('publishes no private member', async () => {
    const published = publicHalf(await generateKey(alg))
    for (const member of privateMembers) expect(published).not.toHaveProperty(member)
    expect(published).toMatchObject({ alg, use: 'sig' })
  })

  it('is read back from its box only under its own name', async () => {
    const privateJwk = await generateKey(alg)
    const text = JSON.stringify(privateJwk)
    expect(readPrivateJwk(text, privateJwk.kid)).toEqual(privateJwk)
    expect(readPrivateJwk(text, 'another')).toBeNull()
    expect(readPrivateJwk(JSON.stringify(publicHalf(privateJwk)), privateJwk.kid)).toBeNull()
  })
})

it('RSA keys have 2048 or 3072 bits', async () => {
  const bits = (n: unknown) => Buffer.from(String(n), 'base64url').length * 8
  expect(bits((await generateKey('RS256')).n)).toBe(2048)
  expect(bits((await generateKey('RS256', 3072)).n)).toBe(3072)
})
