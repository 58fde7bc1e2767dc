import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDocumentSource } from '../../src/clients/metadata-document.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { clientFixtures, documentFixtures } from '../fixtures/clients.ts'

// The form that we bring metadata into is taken by the protocol library as it is: a real one, with its own checks.

let provider: Provider
let base: string
let close: () => void

const source = createDocumentSource({
  mode: 'pinned',
  hosts: [],
  pinned: documentFixtures,
  issuer: 'http://localhost:1',
  clock: { now: () => new Date() },
  guardedFetch: async () => {
    throw new Error('pinned documents need no network')
  },
})

beforeAll(async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  provider = new Provider('http://localhost:1', {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }] },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    responseTypes: ['code'],
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    extraClientMetadata: { properties: ['software_id', 'software_version'] },
    fetch: async (url) => source.document(String(url)),
    features: {
      registration: { enabled: true },
      registrationManagement: { enabled: true },
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      clientIdMetadataDocument: {
        enabled: true,
        ack: 'draft-02',
        allowFetch: async (_ctx: unknown, id: string) => source.allowDocument(id).ok,
      },
    },
  })
  const server = provider.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () => server.close()
})
afterAll(() => close())

describe.each(clientFixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, fixture) => {
  const port = 51234

  it('is known to the library under its method, with refresh, and may use its redirect URI', async () => {
    const client = await clientOf(fixture.registration)
    expect(client.tokenEndpointAuthMethod).toBe(fixture.tokenAuth)
    expect(client.grantTypes).toEqual(['authorization_code', 'refresh_token'])
    expect(client.redirectUriAllowed(fixture.redirectUri(port))).toBe(true)
    expect(client.scope).toBeUndefined()
  })
})

type Registration = (typeof clientFixtures)[number]['registration']

async function clientOf(registration: Registration) {
  const id = registration.kind === 'document' ? registration.url : await register(registration.body)
  const client = await provider.Client.find(id)
  if (client === undefined) throw new Error('the library does not know the client')
  return client
}

async function register(body: unknown): Promise<string> {
  const outcome = normaliseClientMetadata(body, { origin: 'registered' })
  if (!outcome.ok) throw new Error(outcome.description)
  const response = await fetch(`${base}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(outcome.metadata),
  })
  const answer: { client_id: string; redirect_uris: string[] } = await response.json()
  expect([response.status, answer]).toEqual([
    201,
    expect.objectContaining({ redirect_uris: outcome.metadata.redirect_uris }),
  ])
  return answer.client_id
}
