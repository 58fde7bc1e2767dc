// A provider upstream whose every word a test may change, and the protocol that asks it over a real connection.
import { generateKeyPairSync, sign } from 'node:crypto'
import type { Hop } from '../../src/federation/adapter.ts'
import { createUpstreamProtocol } from '../../src/federation/protocol.ts'
import type { AccountRules, Upstream } from '../../src/federation/upstream.ts'
import { createFetchGate } from '../../src/net/fetch-gate.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { madeUpstream } from './made.ts'
import { json, startWebServer, type WebServer } from './web-server.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** When the hops of these tests begin. */
export const start = new Date('2026-03-01T12:00:00Z')
export const later = (milliseconds: number): Date => new Date(start.getTime() + milliseconds)
const seconds = Math.floor(Date.now() / 1000)

export const hop: Hop = {
  ...{ state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) },
  ...{ redirectUri: 'https://id.example/upstream/acme/callback', isAnew: false, startedAt: start },
}

/** What the provider says. */
export interface Said {
  metadata: Record<string, unknown>
  claims: Record<string, unknown>
  tokens: Record<string, unknown>
  userInfo: Record<string, unknown>
}

/** Starts an OpenID Provider on loopback that says what `said` says beside what it has to. */
export async function startOpenIdProvider(given: Partial<Said> = {}) {
  const said: Said = { metadata: {}, claims: {}, tokens: {}, userInfo: {}, ...given }
  const server: WebServer = await startWebServer(({ path }, response) => {
    const { origin } = server
    if (path === '/.well-known/openid-configuration') {
      return json(response, {
        ...{ issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` },
        ...{ jwks_uri: `${origin}/jwks`, userinfo_endpoint: `${origin}/me`, response_types_supported: ['code'] },
        id_token_signing_alg_values_supported: ['RS256'],
        ...said.metadata,
      })
    }
    if (path === '/jwks') {
      return json(response, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' }] })
    }
    if (path === '/me') return json(response, { sub: 'ada', ...said.userInfo })
    if (path !== '/token') return json(response, {}, 404)
    const own = { iss: origin, aud: 'sallyport', sub: 'ada', nonce: hop.nonce, iat: seconds, exp: seconds + 600 }
    const signed = [
      { alg: 'RS256', kid: 'k' },
      { ...own, ...said.claims },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url')
    json(response, { access_token: 'at', token_type: 'Bearer', id_token: `${signed}.${signature}`, ...said.tokens })
  })
  const paths = () => server.arrived.map(({ method, path }) => `${method} ${path}`)
  return { said, server, paths, asked: (path: string) => server.arrived.find((one) => one.path === path) }
}

/** An upstream at an address. */
export function upstreamAt(
  issuer: string,
  given: Partial<Omit<Upstream, 'rules'>> & { rules?: Partial<AccountRules> } = {},
): Upstream {
  return madeUpstream({ issuer, ...given })
}

/** The protocol of a server on loopback. */
export function openProtocol({ concurrent = 10, now = () => start } = {}) {
  const none = { perMinutePerHost: undefined, failuresPerMinutePerHost: undefined }
  const gate = createFetchGate({ concurrent, concurrentPerHost: 10, ...none })
  const fetch = createGuardedFetch({
    ...{ userAgent: 'test', allowedInternalHosts: [], loopback: true, mayPost: true, timeoutMs: 2000, gate },
  })
  return createUpstreamProtocol({ fetch, clock: { now }, allowedInternalHosts: [], loopback: true })
}

/** The answer that a browser brings back. */
export function answerWith(params: Record<string, string> | string = { code: 'a-code' }): URL {
  const answer = new URL(hop.redirectUri)
  const given = new URLSearchParams(params)
  given.set('state', hop.state)
  answer.search = given.toString()
  return answer
}
