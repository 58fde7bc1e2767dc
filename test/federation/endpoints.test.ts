import { describe, expect, it } from 'vitest'
import { endpointFault, isPlainHttp } from '../../src/federation/endpoints.ts'

const issuer = 'https://login.acme.example'
const strict = { allowedInternalHosts: [], loopback: false }
const atHome = { ...strict, loopback: true }
const all = (at: string) => ({
  authorization_endpoint: `${at}/authorize`,
  token_endpoint: `${at}/token`,
  jwks_uri: `${at}/jwks`,
  userinfo_endpoint: `${at}/me`,
})
const good = all(issuer)
/** What is said of one address in otherwise good metadata. */
const verdict = (address: unknown, rules: Parameters<typeof endpointFault>[2] = strict, of = issuer) =>
  endpointFault({ ...all(of), token_endpoint: address }, of, rules)
const bad = 'token_endpoint is not an address to go to'

describe('H11 the addresses in metadata', () => {
  it('are accepted on any public host; who the person is may be told in the token alone', () => {
    expect(endpointFault(good, issuer, strict)).toBeNull()
    expect(endpointFault({ ...good, userinfo_endpoint: undefined }, issuer, strict)).toBeNull()
    expect(verdict('https://oauth2.other.example:8443/token?a=b')).toBeNull()
  })

  it.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri'])('%s may not be missing', (name) => {
    expect(endpointFault({ ...good, [name]: undefined }, issuer, strict)).toBe(`${name} is missing`)
  })

  it.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'userinfo_endpoint'])('%s is judged', (name) => {
    for (const address of ['http://login.acme.example/x', 'https://127.0.0.1/x', 7, null]) {
      expect(endpointFault({ ...good, [name]: address }, issuer, strict)).toBe(`${name} is not an address to go to`)
    }
  })

  it.each([
    ...['http://login.acme.example/t', 'https://ada@login.acme.example/t', 'https://:pw@login.acme.example/t'],
    ...['https://login.acme.example/t#x', 'javascript:alert(1)', '/token', '', 7, null, ['https://a.example'], {}],
    ...['https://169.254.169.254/t', 'https://localhost/t', 'https://10.0.0.7/t', 'https://keycloak.internal/t'],
    ...['https://[::1]/t', 'http://localhost/t', 'http://127.0.0.1/t', 'http://[::1]/t'],
  ])('%j is none', (address) => expect(verdict(address)).toBe(bad))

  it('hosts that the operator lists are reached, by https alone, and nothing beside them', () => {
    const rules = { ...strict, allowedInternalHosts: ['keycloak.internal', '10.0.0.7:8443'] }
    for (const address of [
      'https://keycloak.internal/t',
      'https://keycloak.internal:9000/t',
      'https://10.0.0.7:8443/t',
    ]) {
      expect(verdict(address, rules), address).toBeNull()
    }
    for (const address of ['http://keycloak.internal/t', 'https://10.0.0.7/t', 'https://x.keycloak.internal/t']) {
      expect(verdict(address, rules), address).toBe(bad)
    }
  })

  const beside = 'http://127.0.0.1:9000'
  it.each([
    ...[
      'http://127.0.0.1:9001/t',
      'http://localhost/t',
      'http://idp.localhost/t',
      'http://[::1]:9/t',
      'http://127.10.20.30/t',
    ],
    ...['https://localhost/t', 'https://login.acme.example/t'],
  ])('%s is one for an upstream beside a server on loopback', (address) =>
    expect(verdict(address, atHome, beside)).toBeNull(),
  )

  it.each([
    ...[
      'http://login.acme.example/t',
      'http://127.0.0.1.evil.example/t',
      'http://evil127.0.0.1.example/t',
      'ftp://localhost/t',
    ],
    ...['http://ada@127.0.0.1/t', 'https://10.0.0.7/t', 'http://localhost.evil.example/t', 'http://[::2]/t'],
  ])('%s is none even there', (address) => expect(verdict(address, atHome, beside)).toBe(bad))

  it('an upstream far away leads nobody to loopback, and one on loopback by https not down to http', () => {
    expect(verdict('http://127.0.0.1/t', atHome)).toBe(bad)
    expect(verdict('https://127.0.0.1/t', atHome)).toBe(bad)
    expect(verdict('http://127.0.0.1/t', atHome, 'https://127.0.0.1:9000')).toBe(bad)
    expect(verdict('https://127.0.0.1/t', atHome, 'https://127.0.0.1:9000')).toBeNull()
    expect(endpointFault({ ...good, token_endpoint: 'https://127.0.0.1/t' }, 'no address', atHome)).toBe(bad)
  })
})

it.each<[string, boolean, boolean]>([
  ['http://127.0.0.1:9000', true, true],
  ['http://localhost', true, true],
  ['http://[::1]', true, true],
  ['http://a.localhost', true, true],
  ['https://127.0.0.1:9000', true, false],
  ['http://login.acme.example', true, false],
  ['no address', true, false],
  ['http://127.0.0.1:9000', false, false],
])('H11 %s with loopback %s goes by plain http: %s', (of, loopback, expected) => {
  expect(isPlainHttp(of, { loopback })).toBe(expected)
})
