import { describe, expect, it } from 'vitest'
import { equalSecrets } from '../../src/crypto/compare.ts'
import { hmacBase64url, sha256Base64url } from '../../src/crypto/digest.ts'
import { randomId, randomSecret } from '../../src/crypto/random.ts'
import { createSealer, deriveKey } from '../../src/crypto/seal.ts'

const first = new Uint8Array(32).fill(1)
const second = new Uint8Array(32).fill(2)

describe('random values', () => {
  it('an id has 128 bits, a secret 256, both base64url', () => {
    expect(randomId()).toMatch(/^[\w-]{22}$/)
    expect(randomSecret()).toMatch(/^[\w-]{43}$/)
  })

  it('do not repeat', () => {
    expect(new Set(Array.from({ length: 1000 }, randomId)).size).toBe(1000)
  })
})

describe('digests', () => {
  it('SHA-256 is the one of RFC 7636 appendix B', () => {
    expect(sha256Base64url('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    )
  })

  it('HMAC-SHA-256 is the one of RFC 4231 case 2', () => {
    expect(hmacBase64url(Buffer.from('Jefe'), 'what do ya want for nothing?')).toBe(
      Buffer.from('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hex').toString('base64url'),
    )
  })

  it('HKDF-SHA-256 gives unrelated keys for different purposes and secrets', () => {
    const keys = [deriveKey(first, 'a', 32), deriveKey(first, 'b', 32), deriveKey(second, 'a', 32)]
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(3)
    expect(deriveKey(first, 'a', 32)).toEqual(keys[0])
  })
})

describe('comparison', () => {
  it.each([
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'abcd', false],
    ['', '', true],
    ['é', 'e', false],
  ])('%j and %j: %s', (a, b, equal) => {
    expect(equalSecrets(a, b)).toBe(equal)
  })
})

describe('sealed boxes', () => {
  it('open to what was put in, and differ each time', () => {
    const sealer = createSealer([first], 'keys')
    const boxes = [sealer.seal('ключ'), sealer.seal('ключ')]
    expect(boxes[0]).not.toBe(boxes[1])
    expect(boxes.map((box) => sealer.open(box))).toEqual(['ключ', 'ключ'])
    expect(sealer.open(sealer.seal(''))).toBe('')
  })

  it('stay closed to another purpose and another secret', () => {
    const box = createSealer([first], 'keys').seal('x')
    expect(createSealer([first], 'successors').open(box)).toBeNull()
    expect(createSealer([second], 'keys').open(box)).toBeNull()
  })

  it('open under an older secret as long as it is listed', () => {
    const box = createSealer([first], 'keys').seal('x')
    const rotated = createSealer([second, first], 'keys')
    expect(rotated.open(box)).toBe('x')
    expect(createSealer([first], 'keys').open(rotated.seal('y'))).toBeNull()
  })

  it('stay closed when any character was changed', () => {
    const sealer = createSealer([first], 'keys')
    const box = sealer.seal('private key')
    for (let index = 0; index < box.length; index += 1) {
      // The last character of an unpadded group carries spare bits, so a change must reach the bits that count.
      const other = box[index] === 'A' ? 'Z' : 'A'
      const changed = `${box.slice(0, index)}${other}${box.slice(index + 1)}`
      if (
        Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(Buffer.from(box.split('.')[2] ?? '', 'base64url'))
      ) {
        if (changed.split('.').slice(0, 2).join() === box.split('.').slice(0, 2).join()) continue
      }
      expect(sealer.open(changed)).toBeNull()
    }
  })

  it.each(['', 'v1', 'v1.a', 'v1.a.b.c', 'v2.a.b', 'v1..'])('%j is no box', (box) => {
    expect(createSealer([first], 'keys').open(box)).toBeNull()
  })

  it('cannot be made without a secret', () => {
    expect(() => createSealer([], 'keys')).toThrow(RangeError)
  })
})
