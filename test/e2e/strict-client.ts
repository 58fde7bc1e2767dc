// openid-client against our server: the operator's clients that it plays, and the code flow with every check it has.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import * as oidc from 'openid-client'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { notes, startApp, type TestApp } from '../support/app.ts'
import { Person } from '../support/person.ts'

/** Where every client gets its answers. */
export const redirectUri = 'https://client.example/cb'
const secret = 'mVZk3Xw0q9Tn2cLr8BfJ5hYs7PdGaKuE1oRiNtQv4xA'
const keys = await generateKeyPair('ES256', { extractable: true })

/** A server and a person. */
export interface Setting {
  readonly app: TestApp
  readonly person: Person
}

/** The server with an operator's clients, and a person. */
export async function start(): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'test-openid-client-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'secret'), `${secret}\n`)
  const interactive = { redirect_uris: [redirectUri] }
  const machine = {
    grant_types: ['client_credentials'],
    resources: { [notes.identifier]: ['notes:read', 'notes:write'] },
  }
  const clients = [
    { client_id: 'basic', ...interactive, client_secret_file: 'secret' },
    {
      client_id: 'post',
      ...interactive,
      token_endpoint_auth_method: 'client_secret_post',
      client_secret_file: 'secret',
    },
    { client_id: 'other', ...interactive, client_secret_file: 'secret' },
    {
      client_id: 'keyed',
      ...interactive,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' }] },
    },
    { client_id: 'public', ...interactive, token_endpoint_auth_method: 'none' },
    { client_id: 'nightly', ...machine, client_secret_file: 'secret' },
    {
      client_id: 'nightly-keyed',
      ...machine,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' }] },
    },
  ].map((client) => ({ client_name: `Client ${client.client_id}`, ...client }))
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(file, stringify({ clients }))
  const app = await startApp({ settings: { CONFIG: file } })
  return { app, person: new Person(app.issuer, await app.person()) }
}

/** How each client proves itself. */
const proofs: Readonly<Record<string, () => oidc.ClientAuth>> = {
  basic: () => oidc.ClientSecretBasic(secret),
  post: () => oidc.ClientSecretPost(secret),
  other: () => oidc.ClientSecretBasic(secret),
  keyed: () => oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' }),
  public: () => oidc.None(),
  nightly: () => oidc.ClientSecretBasic(secret),
  'nightly-keyed': () => oidc.PrivateKeyJwt({ key: keys.privateKey, kid: 'k1' }),
}

/** Discovers the server for one of the clients, which proves itself as it is set. */
export async function discover({ app }: Setting, clientId: string, algorithm: 'oidc' | 'oauth2' = 'oauth2') {
  const proof = (proofs[clientId] ?? oidc.None)()
  return oidc.discovery(new URL(app.issuer), clientId, undefined, proof, {
    algorithm,
    execute: [oidc.allowInsecureRequests],
  })
}

/** What may differ in a flow. */
export interface FlowOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly pushed?: boolean
  readonly dpop?: oidc.DPoPHandle
}

/** The code flow as openid-client does it, with every check it has. */
export async function authorize(
  { person }: Setting,
  config: oidc.Configuration,
  { params, pushed, dpop }: FlowOptions = {},
) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
  const expectedState = oidc.randomState()
  const request = {
    redirect_uri: redirectUri,
    scope: 'notes:read notes:write',
    resource: notes.identifier,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    ...params,
  }
  const url = pushed
    ? await oidc.buildAuthorizationUrlWithPAR(config, request, { DPoP: dpop })
    : oidc.buildAuthorizationUrl(config, request)
  const callback = await person.answer(url)
  const redeem = (at: URL) =>
    oidc.authorizationCodeGrant(
      config,
      at,
      { pkceCodeVerifier, expectedState, ...(params?.nonce === undefined ? {} : { expectedNonce: params.nonce }) },
      { resource: notes.identifier },
      { DPoP: dpop },
    )
  return { url, callback, redeem }
}
