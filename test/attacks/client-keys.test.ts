import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { type FarAway, openFarAway, sendJson } from '../support/far-away.ts'
import { obtainCode, type RegisteredClient, redeem } from '../support/flow.ts'
import { registerRaw, webRedirect } from './stage.ts'

// Keys of a client are fetched from an address that the client names: by the same way out, with the same rules (D04, F01–F08).

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
let far: FarAway
let app: TestApp
let person: TestPerson
let path = 0

beforeAll(async () => {
  far = await openFarAway(['app.example', 'keys.example'])
  app = await startApp({ egressStage: far.stage })
  person = await app.person()
})
beforeEach(() => {
  far.addresses.clear()
  far.hosts.clear()
})
afterAll(async () => {
  await app.close()
  await far.close()
})

async function newKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }, kid }
}
type Key = Awaited<ReturnType<typeof newKey>>

/** A client that is known by its document and proves itself with keys that are fetched. */
function clientWithKeys(uri = `https://app.example/keys/${path}`): RegisteredClient {
  path += 1
  const id = `https://app.example/client-${path}.json`
  const document = {
    client_id: id,
    client_name: 'Far App',
    redirect_uris: [webRedirect],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    jwks_uri: uri,
  }
  far.hosts.set('app.example', (request, response) =>
    request.url?.startsWith('/keys')
      ? keys(request, response)
      : sendJson(document, { 'cache-control': 'max-age=86400' })(request, response),
  )
  return { client_id: id, redirect_uris: [webRedirect], registration_access_token: '', registration_client_uri: '' }
}
let keys = sendJson({ keys: [] })

async function redeemWith(client: RegisteredClient, { privateKey, kid }: Key) {
  const obtained = await obtainCode(app, client, person, { redirect_uri: webRedirect })
  const assertion = await new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(client.client_id)
    .setSubject(client.client_id)
    .setAudience(app.issuer)
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(privateKey)
  return redeem(app, client, obtained, { client_assertion: assertion, client_assertion_type: jwtBearer })
}

test('a client proves itself with keys that are fetched, once for several requests', async () => {
  const key = await newKey('one')
  keys = sendJson({ keys: [key.publicJwk] })
  const own = 'https://app.example/keys/once'
  const client = clientWithKeys(own)
  expect((await redeemWith(client, key)).status).toBe(200)
  expect((await redeemWith(client, key)).status).toBe(200)
  expect(far.requests.filter((one) => one === 'app.example /keys/once')).toHaveLength(1)
  const stranger = await newKey('one')
  const answer = await redeemWith(client, stranger)
  expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
})

describe('D04 F01 F04 keys inside', () => {
  test.each([
    'https://169.254.169.254/keys',
    'https://127.0.0.1/keys',
    'https://intranet/keys',
    'https://[::ffff:a00:7]/k',
  ])('an address like %s is refused at the registration and in a document', async (uri) => {
    const body = { redirect_uris: [webRedirect], token_endpoint_auth_method: 'private_key_jwt', jwks_uri: uri }
    const answer = await registerRaw(app, body)
    expect([answer.status, answer.body.includes('invalid_client_metadata')]).toEqual([400, true])
    const client = clientWithKeys(uri)
    await expect(obtainCode(app, client, person, { redirect_uri: webRedirect })).rejects.toThrow('no code')
  })

  test('a name that leads inside is refused when the keys are fetched, without a connection', async () => {
    far.addresses.set('keys.example', [['127.0.0.1']])
    const client = clientWithKeys(`https://keys.example:${far.trapPort}/keys`)
    const answer = await redeemWith(client, await newKey('one'))
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.body.access_token).toBeUndefined()
    expect(JSON.stringify(answer.body)).not.toContain('127.0.0.1')
    expect([far.arrivals(), far.dialled.includes('127.0.0.1')]).toEqual([0, false])
  })
})

describe('F05 F06 F08 F10 answers that are no keys', () => {
  test.each<[string, Parameters<typeof far.hosts.set>[1]]>([
    ['a redirect', (_request, response) => void response.writeHead(302, { location: '/other' }).end()],
    [
      'an error with a long life',
      (_request, response) => void response.writeHead(500, { 'cache-control': 'max-age=9999' }).end(),
    ],
    ['HTML', (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('{"keys":[]}')],
    ['too much', sendJson({ keys: [], x: 'x'.repeat(100_000) })],
    ['no key at all', sendJson({ keys: [] })],
    ['an array', sendJson([])],
    ['a symmetric key', sendJson({ keys: [{ kty: 'oct', k: 'AAAA' }] })],
  ])('%s: refused with one answer, and good keys a moment later count', async (_title, handler) => {
    const key = await newKey('one')
    keys = handler
    const client = clientWithKeys()
    const answer = await redeemWith(client, key)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.body.access_token).toBeUndefined()
    keys = sendJson({ keys: [key.publicJwk] })
    expect((await redeemWith(client, key)).status).toBe(200)
  })

  test('a private key among them is refused: it is known to everybody now', async () => {
    const key = await newKey('one')
    keys = sendJson({ keys: [await exportJWK(key.privateKey)] })
    expect((await redeemWith(clientWithKeys(), key)).body.access_token).toBeUndefined()
  })
})
