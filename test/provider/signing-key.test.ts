import { sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { generateKey } from '../../src/keys/generate.ts'
import { rawFromDer, SynchronousKey, signingKeys } from '../../src/provider/signing-key.ts'

test('signatures made in this thread verify, short numbers and all', async () => {
  const key = new SynchronousKey(await generateKey('ES256'))
  // One in 256 has a number with a leading zero byte; among 3,000 there are some of either number.
  for (let index = 0; index < 3000; index += 1) {
    const data = Buffer.from(`message ${index}`)
    const signature = key.sign(data)
    expect(signature).toHaveLength(64)
    expect(verify('sha256', data, { key: key.keyObject(), dsaEncoding: 'ieee-p1363' }, signature)).toBe(true)
  }
})

test('EdDSA signs in this thread too', async () => {
  const key = new SynchronousKey(await generateKey('EdDSA'))
  const data = Buffer.from('message')
  expect(verify(null, data, key.keyObject(), key.sign(data))).toBe(true)
})

test('a number of a few bytes is put at the end of its half', () => {
  const der = Buffer.from([0x30, 8, 0x02, 1, 7, 0x02, 3, 0, 0x80, 9])
  const raw = rawFromDer(der)
  expect(raw.subarray(0, 32).toString('hex')).toBe(`${'00'.repeat(31)}07`)
  expect(raw.subarray(32).toString('hex')).toBe(`${'00'.repeat(30)}8009`)
})

test('RSA stays in the thread pool', async () => {
  const rsa = await generateKey('RS256')
  expect(() => new SynchronousKey(rsa)).toThrow(TypeError)
  const { keys } = signingKeys({ keys: [await generateKey('ES256'), rsa] })
  expect(keys.map((key) => key instanceof SynchronousKey)).toEqual([true, false])
})

test('the public half that is handed out cannot sign', async () => {
  const key = new SynchronousKey(await generateKey('ES256'))
  expect(() => sign('sha256', Buffer.from('message'), key.keyObject())).toThrow()
})
