import * as client from 'openid-client'
import { sha256Base64url } from '../crypto/digest.ts'
import type { Adapter, Hop } from './adapter.ts'
import { personFrom } from './claims.ts'
import { type EndpointRules, endpointFault, isPlainHttp } from './endpoints.ts'
import { faultWithin, UpstreamFault } from './fault.ts'
import { checkIdToken } from './id-token.ts'
import { hasTenantIssuers } from './presets.ts'
import type { Upstream } from './upstream.ts'
import type { Wire } from './wire.ts'

// Ours: an hour until metadata is asked for again; while it cannot be had, what is known serves a day.
const freshMs = 3_600_000
const staleMs = 24 * freshMs

// Google and Entra say nothing of when somebody signed in there unless they are set up for it.
const silentOnAuthTime: ReadonlySet<string> = new Set(['google', 'entra'])

interface Known {
  readonly configuration: client.Configuration
  readonly at: number
}

/**
 * Makes the adapter for OpenID Connect. openid-client does the protocol: discovery, PKCE S256, `state`, `nonce`, `iss`
 * (RFC 9207), ID tokens with their signature. Ours on top: the addresses in the metadata, and what `checkIdToken` says.
 */
export function createOidcAdapter(wire: Wire, rules: EndpointRules): Adapter {
  const known = new Map<string, Known>()
  const running = new Map<string, Promise<client.Configuration>>()

  /** Discovery once for any number of people who come at the same moment. */
  async function configurationOf(upstream: Upstream, now: Date): Promise<client.Configuration> {
    // Another secret or client id makes another configuration; old ones of this upstream are dropped below.
    const key = keyOf(upstream)
    const found = known.get(key)
    if (found !== undefined && now.getTime() - found.at < freshMs) return found.configuration
    let run = running.get(key)
    if (run === undefined) {
      run = discover(upstream, wire, rules).finally(() => running.delete(key))
      running.set(key, run)
    }
    try {
      const configuration = await run
      for (const old of known.keys()) if (old.startsWith(`${upstream.id} `)) known.delete(old)
      known.set(key, { configuration, at: now.getTime() })
      return configuration
    } catch (error) {
      // H11: metadata that says something wrong ends the use of what was known; metadata that cannot be had does not.
      const isDown = faultWithin(error)?.kind === 'down'
      if (isDown && found !== undefined && now.getTime() - found.at < staleMs) return found.configuration
      throw error
    }
  }

  return {
    async authorizationUrl(upstream, hop) {
      const configuration = await configurationOf(upstream, hop.startedAt)
      return client.buildAuthorizationUrl(configuration, {
        redirect_uri: hop.redirectUri,
        scope: upstream.scopes.join(' '),
        state: hop.state,
        nonce: hop.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(hop.verifier),
        code_challenge_method: 'S256',
        ...(hop.isAnew ? { prompt: 'login', max_age: '0' } : {}),
      })
    },

    async redeem(upstream, answer, hop, now) {
      const configuration = await configurationOf(upstream, now)
      const tokens = await named(() => redeemCode(configuration, answer, hop))
      const claims = tokens.claims()
      if (claims === undefined || tokens.id_token === undefined) throw new UpstreamFault('refused', 'no_id_token')
      const authTime = checkIdToken(claims, tokens.id_token, {
        code: answer.searchParams.get('code') ?? '',
        accessToken: tokens.access_token,
        now,
        startedAt: hop.startedAt,
        isAnew: hop.isAnew,
        tellsAuthTime: !silentOnAuthTime.has(upstream.preset),
      })
      const told = await named(() => userInfo(configuration, tokens.access_token, claims.sub))
      const lifetime = tokens.expires_in
      return {
        person: personFrom(upstream, claims.iss, claims.sub, merged(claims, told)),
        authTime,
        tokens: {
          accessToken: tokens.access_token,
          refreshToken: tokens.refresh_token,
          expiresAt: lifetime === undefined ? undefined : new Date(now.getTime() + lifetime * 1000),
          scope: tokens.scope,
        },
      }
    },
  }
}

async function discover(upstream: Upstream, wire: Wire, rules: EndpointRules): Promise<client.Configuration> {
  const { issuer, clientId, clientSecret } = upstream
  // H08: without the second the library would take the TLS connection for the signature (OpenID Connect Core §3.1.3.7 no. 6).
  const execute = isPlainHttp(issuer, rules)
    ? [client.allowInsecureRequests, client.enableNonRepudiationChecks]
    : [client.enableNonRepudiationChecks]
  const configuration = await named(() =>
    client.discovery(new URL(issuer), clientId, undefined, authenticationWith(clientSecret), {
      execute,
      [client.customFetch]: fetchOver(wire),
    }),
  )
  const metadata = configuration.serverMetadata()
  // H11: byte for byte, where the library compares addresses; only a provider with an issuer for each tenant has a template.
  if (metadata.issuer !== issuer && !hasTenantIssuers(upstream)) throw new UpstreamFault('refused', 'issuer')
  const fault = endpointFault({ ...metadata }, issuer, rules)
  if (fault !== null) throw new UpstreamFault('refused', 'endpoint', { cause: new Error(fault) })
  return configuration
}

/** The secret goes where the provider takes it; OpenID Connect Discovery §3: into the header when it does not say. */
function authenticationWith(secret: string | undefined): client.ClientAuth {
  if (secret === undefined) return client.None()
  return (server, metadata, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported
    const isBasic = methods === undefined || methods.includes('client_secret_basic')
    const authenticate = isBasic ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret)
    authenticate(server, metadata, body, headers)
  }
}

function redeemCode(configuration: client.Configuration, answer: URL, hop: Hop) {
  return client.authorizationCodeGrant(configuration, answer, {
    expectedState: hop.state,
    expectedNonce: hop.nonce,
    pkceCodeVerifier: hop.verifier,
    idTokenExpected: true,
  })
}

async function userInfo(configuration: client.Configuration, accessToken: string, subject: string) {
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return {}
  // OpenID Connect Core §5.3.2: an answer about another subject is thrown away (H08).
  return client.fetchUserInfo(configuration, accessToken, subject)
}

/**
 * The ID token is signed and wins. An address and the word that it is verified come from one place: else a verified address
 * of one would vouch for the other's (H09). What rules look at as tenant comes from the ID token alone.
 */
function merged(
  claims: Readonly<Record<string, unknown>>,
  told: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { tid: _tid, hd: _hd, org_id: _orgId, ...rest } = told
  const all: Record<string, unknown> = { ...rest, ...claims }
  if (claims.email === undefined) return { ...all, email_verified: told.email_verified, xms_edov: told.xms_edov }
  return { ...all, email_verified: claims.email_verified, xms_edov: claims.xms_edov }
}

function fetchOver(wire: Wire): client.CustomFetch {
  return (url, { method, headers, body }) => {
    if (method !== 'GET' && method !== 'POST') throw new UpstreamFault('refused', 'method')
    return wire(url, { method, headers, body: body === undefined || body === null ? undefined : String(body) })
  }
}

/** Gives the faults of the library our names. */
async function named<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw faultWithin(error) ?? nameOf(error)
  }
}

// Neither is an answer in the words of the protocol.
const garbage: ReadonlySet<string> = new Set([
  'OAUTH_PARSE_ERROR',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
])

function nameOf(cause: unknown): UpstreamFault {
  if (cause instanceof client.AuthorizationResponseError) {
    return new UpstreamFault(cause.error === 'access_denied' ? 'denied' : 'refused', 'error_answer', { cause })
  }
  if (cause instanceof client.ResponseBodyError) return new UpstreamFault('refused', 'code_refused', { cause })
  const code = cause instanceof client.ClientError ? (cause.code ?? '') : ''
  if (garbage.has(code)) return new UpstreamFault('down', 'garbage', { cause })
  return new UpstreamFault('refused', code === '' ? 'answer' : code.toLowerCase(), { cause })
}

function keyOf({ id, issuer, clientId, clientSecret, preset }: Upstream): string {
  return `${id} ${sha256Base64url(JSON.stringify([issuer, clientId, clientSecret, preset]))}`
}
