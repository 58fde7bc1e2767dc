import { describe, expect, it } from 'vitest'
import { createUpstreamInspector } from '../../src/federation/inspect.ts'
import { entraIssuer } from '../../src/federation/presets.ts'
import type { Upstream } from '../../src/federation/upstream.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { openFarAway, sendJson } from '../support/far-away.ts'
import { madeUpstream } from './made.ts'
import { json, startWebServer, type WebServer } from './web-server.ts'

const at = new Date('2026-03-01T12:00:00Z')

/** A provider on loopback, as good as any; `changes` alter its metadata, `keys` its keys. */
async function openProvider(changes: Record<string, unknown> = {}, keys: unknown = { keys: [{ kty: 'RSA' }] }) {
  const server: WebServer = await startWebServer(({ path }, response) => {
    if (path.endsWith('/jwks')) return json(response, keys)
    if (!path.endsWith('/.well-known/openid-configuration')) return json(response, {}, 404)
    const issuer = `${server.origin}${path.slice(0, -'/.well-known/openid-configuration'.length)}`
    json(response, {
      ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
      ...{ jwks_uri: `${issuer}/jwks`, response_types_supported: ['code', 'id_token'] },
      code_challenge_methods_supported: ['plain', 'S256'],
      ...changes,
    })
  })
  return server
}
const fetch = createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], loopback: true, timeoutMs: 2000 })
const inspector = () => createUpstreamInspector({ fetch, clock: { now: () => at } })
async function look(upstream: Upstream) {
  const { at: moment, ...found } = await inspector().test(upstream)
  expect(moment).toBe(at)
  return found
}

describe('a look at an upstream', () => {
  it('green: it could be signed in with', async () => {
    const server = await openProvider()
    const found = { light: 'green', finding: 'works' }
    expect(await look(madeUpstream({ issuer: server.origin }))).toEqual({ ...found, values: { issuer: server.origin } })
    const realm = `${server.origin}/realms/a`
    expect(await look(madeUpstream({ issuer: realm }))).toEqual({ ...found, values: { issuer: realm } })
    expect(server.arrived.map(({ path }) => path)).toEqual([
      ...['/.well-known/openid-configuration', '/jwks'],
      ...['/realms/a/.well-known/openid-configuration', '/realms/a/jwks'],
    ])
    expect(server.arrived[0]?.headers.accept).toBe('application/json')
  })

  it('a slash at the end of the issuer is not doubled in the address, and not dropped from the issuer', async () => {
    const server = await openProvider()
    const issuer = `${server.origin}/realms/a/`
    expect(await look(madeUpstream({ issuer }))).toEqual({
      ...{ light: 'red', finding: 'other_issuer', values: { issuer, found: `${server.origin}/realms/a` } },
    })
    expect(server.arrived[0]?.path).toBe('/realms/a/.well-known/openid-configuration')
  })

  it.each<[string, Record<string, unknown>, string, Record<string, string>?]>([
    ['H11 another issuer', { issuer: 'https://evil.example' }, 'other_issuer', { found: 'https://evil.example' }],
    ['an issuer without end', { issuer: 'x'.repeat(900) }, 'other_issuer', { found: 'x'.repeat(200) }],
    ['an issuer that is no text', { issuer: 7 }, 'other_issuer', { found: '–' }],
    ['no issuer', { issuer: undefined }, 'other_issuer', { found: '–' }],
    ['a template, from one that has no tenants', { issuer: 'https://a/{tenantid}/v2.0' }, 'other_issuer'],
    ['no token endpoint', { token_endpoint: undefined }, 'endpoint_missing', { name: 'token_endpoint' }],
    ['keys at no address', { jwks_uri: 'keys' }, 'endpoint_missing', { name: 'jwks_uri' }],
    ['no page to go to', { authorization_endpoint: null }, 'endpoint_missing', { name: 'authorization_endpoint' }],
    ['no code flow', { response_types_supported: ['id_token'] }, 'no_code_flow'],
  ])('red: %s', async (_title, changes, finding, values = {}) => {
    const server = await openProvider(changes)
    const found = await look(madeUpstream({ issuer: server.origin }))
    expect(found).toMatchObject({ light: 'red', finding, values })
    expect(server.arrived).toHaveLength(1)
  })

  it('what is not said does not count against it', async () => {
    const server = await openProvider({
      response_types_supported: undefined,
      code_challenge_methods_supported: undefined,
    })
    expect((await look(madeUpstream({ issuer: server.origin }))).finding).toBe('works')
  })

  it.each<[string, unknown]>([
    ['none', { keys: [] }],
    ['no list', { keys: { kty: 'RSA' } }],
    ['no object', ['RSA']],
    ['null', null],
    ['nothing of it', {}],
  ])('red: keys are %s', async (_title, keys) => {
    const server = await openProvider({}, keys)
    const address = `${server.origin}/jwks`
    expect(await look(madeUpstream({ issuer: server.origin }))).toEqual({
      ...{ light: 'red', finding: 'no_keys', values: { address } },
    })
  })

  it('red: keys that cannot be had', async () => {
    const server = await openProvider({ jwks_uri: 'http://127.0.0.1:1/jwks' })
    expect(await look(madeUpstream({ issuer: server.origin }))).toEqual({
      light: 'red',
      finding: 'fetch_network',
      values: { host: '127.0.0.1:1', address: 'http://127.0.0.1:1/jwks' },
    })
    const missing = await openProvider({ jwks_uri: `${server.origin}/none` })
    expect((await look(madeUpstream({ issuer: missing.origin }))).finding).toBe('no_keys')
  })

  it('H07 amber: it does not know PKCE with S256', async () => {
    const server = await openProvider({ code_challenge_methods_supported: ['plain'] })
    expect(await look(madeUpstream({ issuer: server.origin }))).toEqual({
      ...{ light: 'amber', finding: 'no_s256', values: {} },
    })
  })

  it('red: a page, half a text, another status, nobody there', async () => {
    const server = await openProvider()
    const address = `${server.origin}/.well-known/openid-configuration`
    const upstream = madeUpstream({ issuer: server.origin })
    for (const text of ['<h1>Maintenance</h1>', '{"issuer":', '"text"', 'null']) {
      server.answer = (_request, response) => void response.end(text)
      expect(await look(upstream), text).toEqual({ light: 'red', finding: 'not_json', values: { address } })
    }
    server.answer = (_request, response) => json(response, {}, 404)
    expect(await look(upstream)).toEqual({ light: 'red', finding: 'status', values: { address, status: '404' } })
    server.answer = (_request, response) => void response.writeHead(302, { location: '/x' }).end()
    const host = new URL(server.origin).host
    expect(await look(upstream)).toEqual({ light: 'red', finding: 'fetch_redirected', values: { host, address } })
  })

  it('H11 red: an https issuer whose code would be redeemed in the clear', async () => {
    const far = await openFarAway(['login.acme.example'])
    const issuer = 'https://login.acme.example'
    const metadata = { issuer, authorization_endpoint: `${issuer}/a`, jwks_uri: `${issuer}/j` }
    far.hosts.set('login.acme.example', sendJson({ ...metadata, token_endpoint: 'http://login.acme.example/t' }))
    const guarded = createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], ...far.stage })
    const found = await createUpstreamInspector({ fetch: guarded, clock: { now: () => at } }).test(
      madeUpstream({ issuer }),
    )
    expect(found).toEqual({
      ...{ light: 'red', finding: 'endpoint_insecure', at },
      values: { name: 'token_endpoint', address: 'http://login.acme.example/t' },
    })
  })

  it('H10 Entra for several tenants: its metadata holds the place for a tenant, and no tenant', async () => {
    const issuer = entraIssuer('organizations')
    const host = 'login.microsoftonline.com'
    const far = await openFarAway([host])
    const guarded = createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], ...far.stage })
    const upstream = madeUpstream({ preset: 'entra', issuer, rules: { tenants: ['a'] } })
    const test = async (said: unknown, given = upstream) => {
      const metadata = { authorization_endpoint: `${issuer}/a`, token_endpoint: `${issuer}/t`, jwks_uri: `${issuer}/j` }
      far.hosts.set(host, sendJson({ ...metadata, issuer: said, keys: [{}] }))
      return (await createUpstreamInspector({ fetch: guarded, clock: { now: () => at } }).test(given)).finding
    }
    expect(await test(entraIssuer('{tenantid}'))).toBe('works')
    expect(await test(entraIssuer('{tenantid}'), { ...upstream, clientSecret: undefined })).toBe('no_secret')
    expect(await test(issuer)).toBe('other_issuer')
    expect(await test(undefined)).toBe('other_issuer')
  })

  it('GitHub: there is nothing to read, but somebody is there', async () => {
    const server = await startWebServer(
      (_request, response) => void response.writeHead(302, { location: '/login' }).end(),
    )
    const upstream = madeUpstream({ preset: 'github', issuer: server.origin })
    const reachable = { light: 'green', finding: 'reachable', values: { host: new URL(server.origin).host } }
    expect(await look(upstream)).toEqual(reachable)
    expect(server.arrived.map(({ path }) => path)).toEqual(['/login/oauth/authorize'])
    server.answer = (_request, response) => json(response, {}, 404)
    expect(await look(upstream)).toEqual(reachable)
    expect(await look({ ...upstream, clientSecret: undefined })).toEqual({
      ...{ light: 'red', finding: 'no_secret', values: {} },
    })
    expect((await look({ ...upstream, issuer: 'http://127.0.0.1:1' })).finding).toBe('fetch_network')
  })
})

it('the last look is remembered for the upstream as it was', async () => {
  const server = await openProvider()
  const upstream = madeUpstream({ issuer: server.origin })
  const looks = inspector()
  expect(looks.last(upstream)).toBeUndefined()
  const test = await looks.test(upstream)
  expect(looks.last(upstream)).toBe(test)
  // What is not asked for changes nothing.
  expect(looks.last({ ...upstream, name: 'Other', clientSecret: 'another' })).toBe(test)
  for (const change of [{ id: 'b' }, { clientId: 'b' }, { clientSecret: undefined }, { issuer: 'https://b.example' }]) {
    expect(looks.last({ ...upstream, ...change })).toBeUndefined()
  }
  expect(looks.last({ ...upstream, preset: 'okta' })).toBeUndefined()
})

it('a fault of our own is not told as one of the upstream', async () => {
  const looks = createUpstreamInspector({
    fetch: () => Promise.reject(new TypeError('ours')),
    clock: { now: () => at },
  })
  await expect(looks.test(madeUpstream())).rejects.toThrow('ours')
})
