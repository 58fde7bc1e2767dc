import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Verifier } from '../../verifier/src/index.ts'
import { headerOf, judge, signBytes, signText, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
let verifier: Verifier

beforeAll(async () => {
  issuer = await startIssuer()
  verifier = issuer.verifier()
})
afterAll(() => issuer.close())

const withPayload = (payload: string) => signText(JSON.stringify(headerOf(issuer.key)), payload, issuer.key)
const withHeader = (header: string) => signText(header, JSON.stringify(issuer.claims()), issuer.key)

describe('a good token', () => {
  test('is accepted, and its claims come back under their names', async () => {
    const claims = await verifier.verify(await issuer.mint({ scope: 'notes:read notes:write', auth_time: 1 }))
    expect(claims).toMatchObject({
      iss: issuer.url,
      sub: 'account-1',
      aud: issuer.resource,
      client_id: 'client-1',
      scopes: ['notes:read', 'notes:write'],
      auth_time: 1,
    })
    expect(Object.isFrozen(claims)).toBe(true)
  })

  test('may have been printed with spaces and escapes', async () => {
    expect(
      await judge(verifier, await withPayload(JSON.stringify(issuer.claims({ note: '\u00e9"\\' }), null, 2))),
    ).toBe('accepted')
  })
})

describe('size', () => {
  test('V05 a token over 8 kB is refused before it is decoded', async () => {
    const token = await issuer.mint({ filler: 'x'.repeat(8192) })
    expect(await judge(verifier, token)).toBe('401 token_too_large')
    expect(await judge(verifier, 'a.'.repeat(500_000))).toBe('401 token_too_large')
    expect(await judge(issuer.verifier({ maxTokenBytes: 20_000 }), token)).toBe('accepted')
  })
})

describe('segments', () => {
  test.each(['', '.', '..', 'a', 'a.b', 'a.b.c.d', 'a.b.c.d.e', '...', ' ', 'é.é.é', '\0.\0.\0', '"."."'])(
    'V03 V06 V07 %j is refused and nothing is thrown but the refusal',
    async (token) => expect(await judge(verifier, token)).toBe('401 token_malformed'),
  )

  test('V06 padding, white space and trailing bytes are refused', async () => {
    const token = await issuer.mint()
    for (const spoilt of [`${token}=`, `${token}==`, `${token} `, ` ${token}`, `${token}\n`, `${token}.`, `${token}A`])
      expect(await judge(verifier, spoilt)).toMatch(/^401 /)
  })

  test('V06 a signature has one spelling: spare bits of base64url must be zero', async () => {
    const token = await issuer.mint() // 64 bytes are 86 characters: the last one has four bits to spare
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(token.slice(-1))
    for (let spare = 1; spare < 16; spare++)
      expect(await judge(verifier, token.slice(0, -1) + alphabet[last + spare])).toBe('401 token_malformed')
  })

  test('V07 an encrypted token is not even decoded', async () => {
    const token = await issuer.mint()
    expect(await judge(verifier, `${token}.AAAA.AAAA`)).toBe('401 token_malformed')
  })
})

describe('JSON', () => {
  test('V25 a member that appears twice is refused, in whichever order', async () => {
    const claims = JSON.stringify(issuer.claims())
    const evil = '"aud":"https://evil.example"'
    expect(await judge(verifier, await withPayload(claims.replace('{', `{${evil},`)))).toBe('401 duplicate_member')
    expect(await judge(verifier, await withPayload(claims.replace(/}$/, `,"aud":"${issuer.resource}"}`)))).toBe(
      '401 duplicate_member',
    )
  })

  test('V25 the same name in another spelling is the same name', async () => {
    const claims = JSON.stringify(issuer.claims())
    expect(await judge(verifier, await withPayload(claims.replace('{', '{"\\u0061ud":"https://evil.example",')))).toBe(
      '401 duplicate_member',
    )
  })

  test('V25 deeper members count too, equal names in different objects do not', async () => {
    const claims = JSON.stringify(issuer.claims())
    const add = (more: string) => withPayload(claims.replace(/}$/, `,"x":${more}}`))
    expect(await judge(verifier, await add('[{"a":{"b":1, "b":1}}]'))).toBe('401 duplicate_member')
    expect(await judge(verifier, await add('[{"a":"a", "b":{"a":"}\\"a"}}, {"a":["a","a"]}]'))).toBe('accepted')
  })

  test('V25 in the header too', async () => {
    const header = JSON.stringify(headerOf(issuer.key))
    expect(await judge(verifier, await withHeader(header.replace('{', '{"alg":"none",')))).toBe('401 duplicate_member')
    expect(await judge(verifier, await withHeader(header.replace('{', '{"typ":"JWT",')))).toBe('401 duplicate_member')
  })

  test.each(['null', '[]', '"x"', '1', 'true', '', '{', '{"a":1}x', '{"iss":NaN}'])(
    'V26 a payload of %j is refused',
    async (payload) => expect(await judge(verifier, await withPayload(payload))).toMatch(/^401 token_malformed/),
  )

  test('V26 deep nesting and __proto__ are refused', async () => {
    const claims = JSON.stringify(issuer.claims())
    const add = (more: string) => withPayload(claims.replace(/}$/, `,${more}}`))
    expect(await judge(verifier, await add(`"x":${'['.repeat(40)}${']'.repeat(40)}`))).toBe('401 token_malformed')
    expect(await judge(verifier, await add(`"x":${'['.repeat(2500)}${']'.repeat(2500)}`))).toBe('401 token_malformed')
    expect(await judge(verifier, await add('"__proto__":{"scope":"admin"}'))).toBe('401 token_malformed')
  })

  test('V26 a byte order mark and invalid UTF-8 are refused', async () => {
    const encoder = new TextEncoder()
    const header = encoder.encode(JSON.stringify(headerOf(issuer.key)))
    const payload = encoder.encode(JSON.stringify(issuer.claims({ note: 'x' })))
    const bom = new Uint8Array([0xef, 0xbb, 0xbf, ...payload])
    expect(await judge(verifier, await signBytes(header, bom, issuer.key))).toBe('401 token_malformed')
    const broken = payload.slice()
    broken[broken.lastIndexOf('x'.charCodeAt(0))] = 0xff
    expect(await judge(verifier, await signBytes(header, broken, issuer.key))).toBe('401 token_malformed')
  })
})

describe('tampering', () => {
  test('V30 no character of a token can be changed', async () => {
    const token = await issuer.mint()
    for (let at = 0; at < token.length; at++) {
      for (const replacement of new Set([flip(token, at, 1), flip(token, at, 2), 'A', '_', '.', '=', 'é'])) {
        if (replacement === token[at]) continue
        const verdict = await judge(verifier, token.slice(0, at) + replacement + token.slice(at + 1))
        expect(verdict, `position ${at}, ${replacement}`).toMatch(/^401 /)
      }
    }
    expect(await judge(verifier, token)).toBe('accepted')
  })

  test('V30 a payload under the signature of another token is refused', async () => {
    const [header, , signature] = (await issuer.mint()).split('.')
    const [, payload] = (await issuer.mint({ sub: 'somebody-else' })).split('.')
    expect(await judge(verifier, `${header}.${payload}.${signature}`)).toBe('401 signature')
  })
})

function flip(token: string, at: number, bit: number): string {
  return String.fromCharCode(token.charCodeAt(at) ^ bit)
}
