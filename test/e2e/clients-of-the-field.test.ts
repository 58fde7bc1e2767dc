// Every client of the field as it really registers, asks and proves itself: each is let in, first try.
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { type ClientFixture, clientFixtures } from '../fixtures/clients.ts'
import { freePort, notes, startApp, type TestApp } from '../support/app.ts'
import { authorizationRequest, refresh, register, token } from '../support/flow.ts'
import { Person } from '../support/person.ts'

interface Credentials {
  readonly clientId: string
  readonly secret: string | undefined
}

let keys: CryptoKeyPair
beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true })
})

const resources = {
  exact: notes.identifier,
  slash: `${notes.identifier}/`,
  none: undefined,
}

test.each(clientFixtures.map((fixture) => [fixture.name, fixture] as const))(
  '%s is let in: registered, answered where it listens, given tokens for the MCP server, refreshed',
  async (_name, fixture) => {
    const app = await startFor(fixture)
    const person = new Person(app.issuer, await app.person())
    const client = await introduce(app, fixture)
    const redirectUri = fixture.redirectUri(await freePort())
    const resource = resources[fixture.sendsResource]
    const request = authorizationRequest(app, client.clientId, {
      redirect_uri: redirectUri,
      scope: fixture.sendsScope ? 'notes:read notes:write' : undefined,
      resource,
    })

    const callback = await person.answer(request.url)

    expect(callback.href.split('?')[0]).toBe(redirectUri)
    expect(callback.searchParams.get('iss')).toBe(app.issuer)
    expect(callback.searchParams.get('state')).toBe(request.state)
    const proof = await proofOf(app, fixture, client)
    const answer = await token(
      app,
      {
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: request.verifier,
        resource,
        ...proof.form,
      },
      proof.headers,
    )
    const scope = fixture.sendsScope ? 'notes:read notes:write' : 'notes:read'
    expect(answer.body).toMatchObject({ token_type: 'Bearer', scope, refresh_token: expect.any(String) })
    expect(decodeJwt(answer.body.access_token ?? '')).toMatchObject({
      aud: notes.identifier,
      client_id: client.clientId,
      scope,
    })

    let { refresh_token: refreshToken = '' } = answer.body
    // With the resource as it is spelled at authorization, and then without any, as clients do both.
    for (const named of [resource, undefined]) {
      const again = await proofOf(app, fixture, client)
      const next = await token(
        app,
        { grant_type: 'refresh_token', refresh_token: refreshToken, resource: named, ...again.form },
        again.headers,
      )
      expect(next.body).toMatchObject({ token_type: 'Bearer', scope, refresh_token: expect.any(String) })
      expect(decodeJwt(next.body.access_token ?? '')).toMatchObject({ aud: notes.identifier, scope })
      refreshToken = next.body.refresh_token ?? ''
    }
  },
)

test.each([
  ['exact, then with a slash', notes.identifier, `${notes.identifier}/`],
  ['with a slash, then exact', `${notes.identifier}/`, notes.identifier],
  ['with a host in capitals, then exact', 'http://LOCALHOST:9728/mcp', notes.identifier],
  ['not at all, then exact', undefined, notes.identifier],
  ['exact, then not at all', notes.identifier, undefined],
])('a client may spell the MCP server %s', async (_how, first, second) => {
  const app = await startApp()
  const person = new Person(app.issuer, await app.person())
  const { client_id } = await register(app)
  const request = authorizationRequest(app, client_id, { resource: first })
  const callback = await person.answer(request.url)
  const answer = await token(app, {
    grant_type: 'authorization_code',
    client_id,
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
    resource: second,
  })
  expect(decodeJwt(answer.body.access_token ?? '')).toMatchObject({ aud: notes.identifier })
  const next = await refresh(app, { client_id }, answer.body.refresh_token ?? '', { resource: first })
  expect(decodeJwt(next.body.access_token ?? '')).toMatchObject({ aud: notes.identifier })
})

/** A server that has the client's document, where it publishes one. */
async function startFor({ registration, tokenAuth }: ClientFixture): Promise<TestApp> {
  if (registration.kind !== 'document') return startApp()
  // The network is off, so the keys stand in the pinned copy itself.
  const { jwks_uri: _elsewhere, ...rest } = registration.document
  const publicKey = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  const document = tokenAuth === 'private_key_jwt' ? { ...rest, jwks: { keys: [publicKey] } } : registration.document
  const metadataDocuments = new Map([[registration.url, document]])
  return startApp({
    adjust: (config) => ({ ...config, clientMetadataDocuments: 'pinned', file: { ...config.file, metadataDocuments } }),
  })
}

async function introduce(app: TestApp, { registration }: ClientFixture): Promise<Credentials> {
  if (registration.kind === 'document') return { clientId: registration.url, secret: undefined }
  const answer = await fetch(`${app.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(registration.body),
  })
  expect(answer.status).toBe(201)
  const registered = await answer.json()
  // The published clients insist on their redirect URIs in the answer.
  expect(registered.redirect_uris).toEqual(registration.body.redirect_uris)
  return { clientId: registered.client_id, secret: registered.client_secret }
}

/** What the client adds to a token request to prove itself. */
async function proofOf(
  app: TestApp,
  { tokenAuth }: ClientFixture,
  { clientId, secret = '' }: Credentials,
): Promise<{ form: Record<string, string>; headers: Record<string, string> }> {
  switch (tokenAuth) {
    case 'none':
      return { form: { client_id: clientId }, headers: {} }
    case 'client_secret_post':
      return { form: { client_id: clientId, client_secret: secret }, headers: {} }
    case 'client_secret_basic':
      return { form: {}, headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` } }
    case 'private_key_jwt':
      return { form: { client_id: clientId, ...(await assertion(app.issuer, clientId)) }, headers: {} }
  }
}

async function assertion(issuer: string, clientId: string) {
  const client_assertion = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(issuer)
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime('1 minute')
    .sign(keys.privateKey)
  return { client_assertion, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }
}
