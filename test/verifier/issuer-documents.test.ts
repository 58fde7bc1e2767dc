// What an issuer's documents may look like, and the sentence that an operator reads when they do not.
import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { importKeySet, importVerificationKey } from '../../verifier/src/key-set.ts'
import { type Fault, judge, makeKey, startIssuer, type TestIssuer } from './issuer.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await startIssuer()
})
afterEach(() => issuer.close())

const metadataPath = '/.well-known/oauth-authorization-server'

/** What keeps the keys from being had. */
async function faultOf(verifier = issuer.verifier()): Promise<string> {
  try {
    await verifier.ready()
  } catch (error) {
    if (error instanceof Error && error.cause instanceof Error) return error.cause.message
    throw error
  }
  return 'none'
}

describe('metadata', () => {
  const named = (more: object) => ({ body: JSON.stringify({ issuer: issuer.url, ...more }) })

  test.each<[string, () => Fault, string]>([
    ['a server error', () => ({ status: 500 }), 'METADATA answered 500'],
    ['a redirect', () => ({ status: 302, headers: { location: '/jwks' } }), 'METADATA answered 302'],
    ['nothing in it', () => ({ status: 204 }), 'METADATA answered 204'],
    ['a list', () => ({ body: '[]' }), 'METADATA is not an object'],
    ['another name', () => ({ body: '{"issuer":"https://other.example"}' }), 'METADATA names another issuer'],
    ['no jwks_uri', () => named({}), 'METADATA has no usable jwks_uri'],
    ['a list of jwks_uri', () => named({ jwks_uri: [`${issuer.url}/jwks`] }), 'METADATA has no usable jwks_uri'],
    ['a relative jwks_uri', () => named({ jwks_uri: '/jwks' }), 'METADATA has no usable jwks_uri'],
    [
      'a jwks_uri elsewhere',
      () => named({ jwks_uri: 'https://other.example/jwks' }),
      'METADATA has its jwks_uri on another origin',
    ],
  ])('V36 V39 with %s is refused in a sentence', async (_what, fault, sentence) => {
    issuer.faults.set(metadataPath, fault())
    expect(await faultOf()).toBe(sentence.replace('METADATA', `${issuer.url}${metadataPath}`))
    expect(issuer.requests).toEqual([metadataPath])
  })

  test.each([400, 401, 404, 410, 499])('answered with %i are looked for at the next place', async (status) => {
    const openid = '/.well-known/openid-configuration'
    issuer.faults.set(metadataPath, { status })
    expect(await faultOf()).toBe(`${issuer.url} publishes no metadata`)
    expect(issuer.requests).toEqual([metadataPath, openid])
    issuer.faults.set(openid, { status: 200, ...named({ jwks_uri: `${issuer.url}/jwks` }) })
    expect(await faultOf()).toBe('none')
  })

  test('is asked for as JSON', async () => {
    const asked: (string | null)[] = []
    const verifier = issuer.verifier({
      fetch: (url, init) => {
        asked.push(new Headers(init?.headers).get('accept'))
        return fetch(url, init)
      },
    })
    expect(await faultOf(verifier)).toBe('none')
    expect(asked).toEqual(['application/json', 'application/json'])
  })
})

describe('a key set', () => {
  test.each<[string, () => Promise<Fault>, string]>([
    ['an error', async () => ({ status: 404 }), 'JWKS answered 404'],
    ['no content', async () => ({ status: 204 }), 'JWKS answered 204'],
    [
      'too much',
      async () => ({ body: `{"keys":[]}${' '.repeat(65_536)}` }),
      'JWKS answered with more than 65536 bytes',
    ],
    ['a list', async () => ({ body: '[{}]' }), 'the document is not a JWK set'],
    ['null', async () => ({ body: 'null' }), 'the document is not a JWK set'],
    ['keys that are no list', async () => ({ body: '{"keys":{}}' }), 'the document is not a JWK set'],
    ['no keys', async () => ({ body: '{"keys":[]}' }), 'the JWK set holds no usable key'],
    ['what are no keys', async () => ({ body: '{"keys":[null,1,"x",[]]}' }), 'the JWK set holds no usable key'],
    [
      'a private key',
      async () => ({ body: JSON.stringify({ keys: [{ kty: 'EC', d: 'x' }] }) }),
      'the JWK set holds a private key',
    ],
    [
      'one kid twice',
      async () => ({
        body: JSON.stringify({ keys: [issuer.key.publicJwk, (await makeKey(issuer.key.kid)).publicJwk] }),
      }),
      'the JWK set uses one kid twice',
    ],
  ])('V36 with %s is refused in a sentence', async (_what, fault, sentence) => {
    issuer.faults.set('/jwks', await fault())
    expect(await faultOf()).toBe(sentence.replace('JWKS', `${issuer.url}/jwks`))
  })

  test('V09 a symmetric key in it is passed over, with its secret, and the others serve', async () => {
    const keys = await importKeySet(
      { keys: [{ kty: 'oct', k: 'c2VjcmV0', d: 'x', kid: issuer.key.kid }, null, issuer.key.publicJwk] },
      ['ES256'],
    )
    expect(keys.map(({ kid }) => kid)).toEqual([issuer.key.kid])
  })

  test('keys without a name do not count as one name', async () => {
    const jwks = await Promise.all(['a', 'b'].map((kid) => makeKey(kid)))
    const keys = await importKeySet({ keys: jwks.map(({ publicJwk: { kid: _, ...jwk } }) => jwk) }, ['ES256'])
    expect(keys.map(({ kid }) => kid)).toEqual([undefined, undefined])
  })
})

describe('a key', () => {
  const use = async (changes: object, allowed: Parameters<typeof importVerificationKey>[1] = ['ES256']) =>
    (await importVerificationKey({ ...issuer.key.publicJwk, ...changes }, allowed))?.algorithm

  test.each<[string, object, string | undefined]>([
    ['for signatures', { use: 'sig' }, 'ES256'],
    ['for encryption', { use: 'enc' }, undefined],
    ['for no stated use', { use: undefined }, 'ES256'],
    ['for verification', { key_ops: ['verify'] }, 'ES256'],
    ['for signing alone', { key_ops: ['sign'] }, undefined],
    ['for nothing', { key_ops: [] }, undefined],
    ['for a word that contains it', { key_ops: 'verify' }, undefined],
    ['for something that is no list', { key_ops: { includes: true } }, undefined],
    ['with a number for a name', { kid: 5 }, undefined],
    ['without a name', { kid: undefined }, 'ES256'],
    ['for another algorithm', { alg: 'ES384' }, undefined],
    ['of another curve', { crv: 'P-384' }, undefined],
    ['of another type', { kty: 'RSA' }, undefined],
    ['of which a part is missing', { y: undefined }, undefined],
  ])('V10 %s', async (_what, changes, algorithm) => expect(await use(changes)).toBe(algorithm))

  test('V10 without an algorithm serves where one alone can be meant', async () => {
    expect(await use({ alg: undefined })).toBe('ES256')
    expect(await use({ alg: undefined }, ['ES384', 'EdDSA', 'RS256'])).toBeUndefined()
    const { publicKey } = await generateKeyPair('RS256', { extractable: true })
    const rsa = { ...(await exportJWK(publicKey)), crv: undefined }
    expect((await importVerificationKey(rsa, ['RS256', 'ES256']))?.algorithm).toBe('RS256')
    expect(await importVerificationKey(rsa, ['RS256', 'PS256'])).toBeUndefined()
    expect(await importVerificationKey(rsa, ['ES256', 'EdDSA'])).toBeUndefined()
  })

  test.each([null, undefined, 1, 'key', []])('%j is none', async (jwk) => {
    expect(await importVerificationKey(jwk, ['ES256'])).toBeUndefined()
  })
})

describe('a refusal', () => {
  test('says in a sentence that may be shown what is wrong, and keeps the cause for the log', async () => {
    const verifier = issuer.verifier()
    const refusal = (act: Promise<unknown>) =>
      act.then(
        () => undefined,
        (error: unknown) => error,
      )
    const none = { authorization: [], tokenElsewhere: false }
    expect(await refusal(verifier.authenticate(none))).toMatchObject({
      message: 'an access token is needed',
      name: 'VerifierError',
      scopes: [],
    })
    const twice = await refusal(verifier.authenticate({ ...none, authorization: ['Bearer a', 'Bearer b'] }))
    expect(twice).toMatchObject({
      message: 'the credentials are malformed or sent more than once',
      challenge: expect.stringContaining(
        'error="invalid_request", error_description="the credentials are malformed or sent more than once"',
      ),
    })
    issuer.faults.set('/jwks', { status: 500 })
    const unavailable = await refusal(verifier.verify(await issuer.mint()))
    expect(unavailable).toMatchObject({
      message: 'access tokens cannot be checked at the moment',
      cause: new Error(`${issuer.url}/jwks answered 500`),
      challenge: undefined,
    })
    expect(await judge(issuer.verifier({ jwksUri: `${issuer.url}/nowhere` }), await issuer.mint())).toBe(
      '503 keys_unavailable',
    )
  })
})
