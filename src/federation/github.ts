import { z } from 'zod'
import { sha256Base64url } from '../crypto/digest.ts'
import type { Adapter, Hop } from './adapter.ts'
import { personFrom } from './claims.ts'
import { UpstreamFault } from './fault.ts'
import type { Upstream } from './upstream.ts'
import type { Wire, WireRequest } from './wire.ts'

const tokenSchema = z.object({
  access_token: z.string().min(1),
  scope: z.string().optional(),
  refresh_token: z.string().optional(),
  expires_in: z.number().positive().optional(),
})
const refusalSchema = z.object({ error: z.string() })
const userSchema = z.object({ id: z.number().int().positive(), login: z.string().min(1), name: z.string().nullish() })
const emailsSchema = z.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))
const organizationsSchema = z.array(z.object({ login: z.string() }))

/**
 * Makes the adapter for GitHub: OAuth with PKCE, but without ID tokens. Who it is comes from its API, over TLS, with the token
 * that was just redeemed for our own client. The subject is the numeric id: a login can be given up and taken by others.
 *
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 */
export function createGithubAdapter(wire: Wire): Adapter {
  return {
    async authorizationUrl({ issuer, clientId, scopes }, hop) {
      const url = new URL(`${issuer}/login/oauth/authorize`)
      url.search = new URLSearchParams({
        client_id: clientId,
        redirect_uri: hop.redirectUri,
        scope: scopes.join(' '),
        state: hop.state,
        code_challenge: sha256Base64url(hop.verifier), // RFC 7636 §4.2, S256
        code_challenge_method: 'S256',
        // It knows no prompt=login; at least the person chooses who they are.
        ...(hop.isAnew ? { prompt: 'select_account' } : {}),
      }).toString()
      return url
    },

    async redeem(upstream, answer, hop, now) {
      const code = codeOf(upstream, answer.searchParams)
      const token = await redeemCode(wire, upstream, code, hop)
      const api = apiOf(upstream.issuer)
      const headers = { authorization: `Bearer ${token.access_token}`, accept: 'application/vnd.github+json' }
      const get = <T>(path: string, schema: z.ZodType<T>) => ask(wire, `${api}${path}`, { headers }, schema)
      const user = await get('/user', userSchema)
      const emails = upstream.scopes.includes('user:email') ? await get('/user/emails', emailsSchema) : []
      // H09: an address counts when GitHub has seen its owner confirm it; the public one of the profile need not be.
      const email = emails.find(({ primary, verified }) => primary && verified)?.email
      const { rules } = upstream
      const looksAtGroups = rules.groups.length > 0 || rules.adminGroups.length > 0
      const organizations = looksAtGroups ? await get('/user/orgs?per_page=100', organizationsSchema) : []
      const claims = {
        login: user.login,
        name: user.name ?? user.login,
        ...(email === undefined ? {} : { email, email_verified: true }),
        organizations: organizations.map(({ login }) => login),
      }
      return {
        person: personFrom(upstream, upstream.issuer, String(user.id), claims),
        authTime: undefined,
        tokens: {
          accessToken: token.access_token,
          refreshToken: token.refresh_token,
          expiresAt: token.expires_in === undefined ? undefined : new Date(now.getTime() + token.expires_in * 1000),
          scope: token.scope,
        },
      }
    },
  }
}

/** The API of github.com, or of an own GitHub Enterprise server. */
function apiOf(issuer: string): string {
  return issuer === 'https://github.com' ? 'https://api.github.com' : `${issuer}/api/v3`
}

function codeOf({ issuer }: Upstream, params: URLSearchParams): string {
  // RFC 9207 §2.4: when it says who answers, it must be the one that was asked (H06).
  const issuers = params.getAll('iss')
  if (issuers.length > 1 || (issuers[0] !== undefined && issuers[0] !== `${issuer}/login/oauth`)) {
    throw new UpstreamFault('refused', 'issuer')
  }
  if (params.has('error')) {
    throw new UpstreamFault(params.get('error') === 'access_denied' ? 'denied' : 'refused', 'error_answer')
  }
  const [code, ...more] = params.getAll('code')
  if (code === undefined || code === '' || more.length > 0) throw new UpstreamFault('refused', 'answer')
  return code
}

async function redeemCode(wire: Wire, upstream: Upstream, code: string, hop: Hop) {
  const body = new URLSearchParams({
    client_id: upstream.clientId,
    client_secret: upstream.clientSecret ?? '',
    code,
    redirect_uri: hop.redirectUri,
    code_verifier: hop.verifier,
  }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  const url = `${upstream.issuer}/login/oauth/access_token`
  // It refuses with status 200.
  const answer = await ask(wire, url, { method: 'POST', headers, body }, z.union([tokenSchema, refusalSchema]))
  if ('error' in answer) throw new UpstreamFault('refused', 'code_refused')
  return answer
}

async function ask<T>(wire: Wire, url: string, request: WireRequest, schema: z.ZodType<T>): Promise<T> {
  const response = await wire(url, request)
  const text = await response.text()
  if (response.status !== 200) throw new UpstreamFault('refused', `status_${response.status}`)
  const parsed = schema.safeParse(parseJson(text))
  if (!parsed.success) throw new UpstreamFault('down', 'garbage', { cause: parsed.error })
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Not JSON: the schema says so.
  }
}
