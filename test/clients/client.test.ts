import { describe, expect, it } from 'vitest'
import { isLoopbackOnly, makeClient, redirectHosts, trustOf } from '../../src/clients/client.ts'
import { type ClientMetadata, canonicalJson, metadataDigest } from '../../src/clients/metadata.ts'
import { makeOperatorClient } from '../../src/clients/operator-client.ts'
import { secretMatches } from '../../src/clients/secret.ts'

const now = new Date(0)
const base: ClientMetadata = {
  redirect_uris: ['https://app.example.com/cb', 'http://localhost/cb'],
  application_type: 'native',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  client_name: 'App',
}

describe('what a consent was given to', () => {
  it.each<[string, Partial<ClientMetadata>]>([
    ['name', { client_name: 'Other' }],
    ['redirect', { redirect_uris: ['https://evil.example/cb'] }],
    ['one redirect more', { redirect_uris: [...base.redirect_uris, 'https://evil.example/cb'] }],
    ['method', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['keys', { jwks: { keys: [{ kty: 'EC' }] } }],
    ['place of the keys', { jwks_uri: 'https://evil.example/jwks' }],
    ['logo', { logo_uri: 'https://evil.example/logo.png' }],
    ['home page', { client_uri: 'https://evil.example' }],
    ['set of terms', { tos_uri: 'https://evil.example/terms' }],
    ['privacy policy', { policy_uri: 'https://evil.example/privacy' }],
  ])('F14: another %s is something else', (_name, change) => {
    expect(metadataDigest({ ...base, ...change })).not.toBe(metadataDigest(base))
  })

  it('order, software version and contacts change nothing', () => {
    const same = {
      ...base,
      redirect_uris: [...base.redirect_uris].reverse(),
      software_version: '2',
      contacts: ['a@b.example'],
    }
    expect(metadataDigest(same)).toBe(metadataDigest(base))
    expect(metadataDigest(base)).toMatch(/^[\w-]{43}$/)
  })
})

it.each([
  [{ b: 1, a: { d: [2, 'x'], c: null } }, '{"a":{"c":null,"d":[2,"x"]},"b":1}'],
  [{ a: undefined, b: [undefined] }, '{"b":[null]}'],
  [['b', 'a'], '["b","a"]'],
  [{ x10: 1, x9: 2 }, '{"x10":1,"x9":2}'],
  ['x', '"x"'],
  [null, 'null'],
])('equal values have equal text: %j', (value, text) => {
  expect(canonicalJson(value)).toBe(text)
})

describe('a client', () => {
  it('is called by what it says, else by what we know', () => {
    const { client_name: _name, ...nameless } = base
    const name = (origin: 'document' | 'registered', metadata: ClientMetadata, id = 'a') =>
      makeClient({ id, origin, metadata, now }).claimedName
    expect(name('registered', base)).toBe('App')
    expect(name('registered', { ...nameless, software_id: 'tool' })).toBe('tool')
    expect(name('document', nameless, 'https://xn--bcher-kva.example:8443/c')).toBe('xn--bcher-kva.example:8443')
    expect(name('registered', nameless)).toBe('Unnamed client')
  })

  it('goes to known places', () => {
    expect(redirectHosts(base)).toEqual(['app.example.com', 'loopback'])
    expect(isLoopbackOnly(base)).toBe(false)
    expect(isLoopbackOnly({ redirect_uris: ['http://127.0.0.1:1/a', 'http://localhost/b'] })).toBe(true)
    expect(isLoopbackOnly({ redirect_uris: [] })).toBe(false)
    expect(trustOf({ origin: 'registered', metadata: { ...base, redirect_uris: ['http://localhost/cb'] } })).toBe(
      'local',
    )
  })
})

describe("an operator's client", () => {
  it('gets a secret when it needs one and brings none', () => {
    const { client, madeSecret } = makeOperatorClient(
      { clientId: 'a', redirectUris: ['https://app.example.com/cb'] },
      now,
    )
    expect(client).toMatchObject({
      origin: 'operator',
      claimedName: 'a',
      tokenEndpointAuthMethod: 'client_secret_basic',
    })
    expect(madeSecret).toMatch(/^[\w-]{43}$/)
    expect(secretMatches(madeSecret ?? '', client.secretDigest)).toBe(true)
  })

  it('keeps the secret that it brings, sixteen characters at least, and none that it does not need', () => {
    const draft = { clientId: 'a', redirectUris: ['https://app.example.com/cb'] }
    const brought = makeOperatorClient({ ...draft, clientSecret: 'x'.repeat(16) }, now)
    expect(brought.madeSecret).toBeUndefined()
    expect(secretMatches('x'.repeat(16), brought.client.secretDigest)).toBe(true)
    expect(() => makeOperatorClient({ ...draft, clientSecret: 'x'.repeat(15) }, now)).toThrow('at least 16')
    const open = makeOperatorClient({ ...draft, tokenEndpointAuthMethod: 'none' }, now)
    expect(open).toMatchObject({ madeSecret: undefined, client: { secretDigest: null, resourceCeiling: null } })
  })

  it('has a ceiling of resources as they are known, each scope once', () => {
    const resources = new Map([['https://Notes.example:443/mcp', ['b', 'a', 'b']]])
    const { client } = makeOperatorClient(
      { clientId: 'a', redirectUris: ['https://app.example.com/cb'], resources },
      now,
    )
    expect(client.resourceCeiling).toEqual({ 'https://notes.example/mcp': ['a', 'b'] })
  })

  it.each([
    { clientId: 'https://app.example.com/c' },
    { clientId: 'a b' },
    { clientId: 'a', clientSecret: 'short' },
    { clientId: 'a', clientSecret: `sha256:${'x'.repeat(43)}` },
    { clientId: 'a', tokenEndpointAuthMethod: 'none', clientSecret: 'x'.repeat(32) },
    { clientId: 'a', resources: new Map([['nonsense', []]]) },
    { clientId: 'a', redirectUris: [] },
    { clientId: 'a', grantTypes: ['password'] },
  ])('%j is refused', (draft) => {
    const full = { redirectUris: ['https://app.example.com/cb'], ...draft }
    expect(() => makeOperatorClient(full, now)).toThrow(
      expect.objectContaining({ code: 'invalid_client', status: 400 }),
    )
  })
})
