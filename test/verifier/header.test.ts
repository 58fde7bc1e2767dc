import { createHmac } from 'node:crypto'
import { base64url, exportSPKI, importJWK } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Verifier } from '../../verifier/src/index.ts'
import { headerOf, judge, makeKey, startIssuer, type TestIssuer, type TestKey } from './issuer.ts'

let issuer: TestIssuer
let verifier: Verifier
let attacker: TestKey

beforeAll(async () => {
  issuer = await startIssuer()
  attacker = await makeKey('attacker')
})
beforeEach(() => {
  issuer.keys.splice(0, issuer.keys.length, issuer.key.publicJwk)
  verifier = issuer.verifier()
})
afterAll(() => issuer.close())

describe('algorithm', () => {
  test.each(['none', 'None', 'nOnE', '', undefined, null, 0, ['ES256'], 'es256', 'ES256 '])(
    'V08 alg %j is refused',
    async (alg) => expect(await judge(verifier, await issuer.mint({}, { alg }))).toBe('401 algorithm_not_allowed'),
  )

  test('V08 alg none without a signature is refused', async () => {
    const [, payload] = (await issuer.mint()).split('.')
    const header = base64url.encode(JSON.stringify({ alg: 'none', typ: 'at+jwt' }))
    expect(await judge(verifier, `${header}.${payload}.`)).toMatch(/^401 /)
    expect(await judge(verifier, `${header}.${payload}.AA`)).toBe('401 algorithm_not_allowed')
  })

  test('V09 a public key is never an HMAC secret, in whatever form', async () => {
    const publicKey = await importJWK(issuer.key.publicJwk, 'ES256')
    if (publicKey instanceof Uint8Array) throw new Error('not a key')
    const pem = await exportSPKI(publicKey)
    const secrets = [pem, ` ${pem}`, pem.trim(), JSON.stringify(issuer.key.publicJwk), issuer.key.publicJwk.x ?? '']
    issuer.keys.push({ kty: 'oct', k: base64url.encode(pem), kid: 'shared', alg: 'HS256' })
    for (const secret of secrets) {
      for (const kid of ['key-1', 'shared']) {
        const input = [headerOf(issuer.key, { alg: 'HS256', kid }), issuer.claims()]
          .map((part) => base64url.encode(JSON.stringify(part)))
          .join('.')
        const mac = createHmac('sha256', secret).update(input).digest('base64url')
        expect(await judge(verifier, `${input}.${mac}`)).toBe('401 algorithm_not_allowed')
      }
    }
  })

  test('V09 symmetric algorithms cannot even be configured', () => {
    for (const algorithms of [['HS256'], ['none'], ['ES256', 'HS512'], []])
      expect(() => issuer.verifier(JSON.parse(JSON.stringify({ algorithms })))).toThrow(TypeError)
  })

  test('V10 a token under another algorithm than the key is for is refused', async () => {
    const rsa = await makeKey('rsa', 'RS256')
    const pss = await makeKey('pss', 'PS256')
    issuer.keys.push(rsa.publicJwk, pss.publicJwk)
    expect(await judge(verifier, await issuer.mint({}, { alg: 'RS256' }, rsa))).toBe('accepted')
    expect(await judge(verifier, await issuer.mint({}, { alg: 'RS256', kid: 'key-1' }, rsa))).toBe('401 key_unknown')
    expect(await judge(verifier, await issuer.mint({}, { alg: 'ES256' }, rsa))).toBe('401 key_unknown')
    expect(await judge(verifier, await issuer.mint({}, { alg: 'PS256' }, pss))).toBe('401 algorithm_not_allowed')
    const es256Only = issuer.verifier({ algorithms: ['ES256'] })
    expect(await judge(es256Only, await issuer.mint({}, { alg: 'RS256' }, rsa))).toBe('401 algorithm_not_allowed')
  })

  test('V10 RS256 and PS256 cannot be swapped over one key', async () => {
    const rsa = await makeKey('rsa', 'RS256')
    const asPss: TestKey = {
      ...rsa,
      sign: async (bytes) => {
        const pkcs8 = await crypto.subtle.exportKey('pkcs8', rsa.privateKey)
        const algorithm = { name: 'RSA-PSS', hash: 'SHA-256' }
        const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign'])
        return new Uint8Array(await crypto.subtle.sign({ name: 'RSA-PSS', saltLength: 32 }, key, bytes))
      },
    }
    const both = issuer.verifier({ algorithms: ['RS256', 'PS256'] })
    issuer.keys.splice(0, 1, rsa.publicJwk)
    expect(await judge(both, await issuer.mint({}, { alg: 'PS256' }, asPss))).toBe('401 key_unknown')
    // A key that names no algorithm could serve both: it serves none.
    const { alg: _, ...unnamed } = rsa.publicJwk
    issuer.keys.splice(0, 1, unnamed, issuer.key.publicJwk)
    const fresh = issuer.verifier({ algorithms: ['ES256', 'RS256', 'PS256'] })
    expect(await judge(fresh, await issuer.mint({}, { alg: 'PS256' }, asPss))).toBe('401 key_unknown')
    expect(await judge(fresh, await issuer.mint({}, { alg: 'RS256' }, rsa))).toBe('401 key_unknown')
  })

  test('V10 a key for encryption, or for other operations, verifies nothing', async () => {
    const other = await makeKey('other')
    for (const change of [{ use: 'enc' }, { key_ops: ['deriveKey'] }, { alg: 'ECDH-ES' }]) {
      issuer.keys.splice(1, 1, { ...other.publicJwk, ...change })
      issuer.clock.now = new Date(issuer.clock.now.getTime() + 3_600_000)
      expect(await judge(issuer.verifier(), await issuer.mint({}, {}, other))).toBe('401 key_unknown')
    }
  })

  test('EdDSA is accepted', async () => {
    const ed = await makeKey('ed', 'EdDSA')
    issuer.keys.push(ed.publicJwk)
    expect(await judge(verifier, await issuer.mint({}, { alg: 'EdDSA' }, ed))).toBe('accepted')
  })
})

describe('keys that a token brings along', () => {
  test('V11 an embedded jwk or x5c is not looked at', async () => {
    for (const more of [{ jwk: attacker.publicJwk }, { x5c: ['MIIB'] }]) {
      expect(await judge(verifier, await issuer.mint({}, { ...more, kid: 'key-1' }, attacker))).toBe('401 signature')
      expect(await judge(verifier, await issuer.mint({}, { ...more, kid: undefined }, attacker))).toBe('401 signature')
    }
  })

  test('V12 jku and x5u are not fetched', async () => {
    await verifier.ready()
    const before = issuer.requests.length
    for (const name of ['jku', 'x5u']) {
      const header = { [name]: `${issuer.url}/evil`, kid: 'key-1' }
      expect(await judge(verifier, await issuer.mint({}, header, attacker))).toBe('401 signature')
    }
    expect(issuer.requests.slice(before)).toEqual([])
  })

  test.each([
    '../../jwks',
    "' OR 1=1 --",
    'x'.repeat(5000),
    '__proto__',
    'constructor',
    '',
    ['key-1'],
    { kid: 'key-1' },
    7,
    null,
    true,
  ])('V13 kid %j is refused', async (kid) =>
    expect(await judge(verifier, await issuer.mint({}, { kid }))).toBe('401 key_unknown'),
  )

  test('V13 a kid of 100 kB is refused', async () => {
    expect(await judge(verifier, await issuer.mint({}, { kid: 'x'.repeat(100_000) }))).toBe('401 token_too_large')
  })

  test('a token without kid is taken when one key alone can be meant', async () => {
    expect(await judge(verifier, await issuer.mint({}, { kid: undefined }))).toBe('accepted')
    issuer.keys.push(attacker.publicJwk)
    verifier.forgetKeys()
    expect(await judge(verifier, await issuer.mint({}, { kid: undefined }))).toBe('401 key_unknown')
  })
})

describe('extensions and type', () => {
  test.each([
    { crit: ['exp'], exp: 1 },
    { crit: [] },
    { crit: 'b64' },
    { crit: null },
    { crit: ['b64'], b64: true },
    { b64: false },
    { crit: ['b64'], b64: false },
  ])('V14 %j is refused', async (header) =>
    expect(await judge(verifier, await issuer.mint({}, header))).toBe('401 critical_header'),
  )

  test.each([undefined, 'JWT', 'jwt', 'dpop+jwt', 'logout+jwt', 'at+jwt;x', 'at+jwt ', 'xat+jwt', '', 1, ['at+jwt']])(
    'V15 typ %j is refused',
    async (typ) => expect(await judge(verifier, await issuer.mint({}, { typ }))).toBe('401 wrong_type'),
  )

  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+jwt'])('V15 typ %j is accepted', async (typ) =>
    expect(await judge(verifier, await issuer.mint({}, { typ }))).toBe('accepted'),
  )
})
