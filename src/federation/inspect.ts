import { type GuardedFetch, type GuardedFetchCode, GuardedFetchError } from '../net/guarded-fetch.ts'
import type { Clock } from '../runtime/clock.ts'
import { hasTenantIssuers, needsSecret, presets } from './presets.ts'
import type { Upstream } from './upstream.ts'

/** What a look at an upstream found; the catalogue has a sentence for each. */
export type UpstreamFinding =
  | 'works'
  | 'reachable'
  | 'no_secret'
  | `fetch_${GuardedFetchCode}`
  | 'status'
  | 'not_json'
  | 'other_issuer'
  | 'endpoint_missing'
  | 'endpoint_insecure'
  | 'no_code_flow'
  | 'no_s256'
  | 'no_keys'

/** The outcome of a look. */
export interface UpstreamTest {
  readonly light: 'green' | 'amber' | 'red'
  readonly finding: UpstreamFinding
  readonly values: Readonly<Record<string, string>>
  readonly at: Date
}

/** Looks at upstreams as a sign-in would, without signing anybody in. */
export interface UpstreamInspector {
  test(upstream: Upstream): Promise<UpstreamTest>
  /** The last outcome since the server started, when nothing about the upstream has changed since. */
  last(upstream: Upstream): UpstreamTest | undefined
}

type Found = Omit<UpstreamTest, 'at'>

// OpenID Connect Discovery §3: what a sign-in cannot do without.
const endpoints = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const
// Ours: metadata and keys are a few kilobytes; a provider of many keys stays below this.
const mostBytes = 256 * 1024

/** Makes the inspector. @param fetch guarded; it alone decides which hosts are contacted (H11) */
export function createUpstreamInspector({
  fetch,
  clock,
}: {
  readonly fetch: GuardedFetch
  readonly clock: Clock
}): UpstreamInspector {
  const outcomes = new Map<string, { readonly of: string; readonly test: UpstreamTest }>()
  const factsOf = ({ clientId, clientSecret, issuer, preset }: Upstream) =>
    JSON.stringify([clientId, clientSecret !== undefined, issuer, preset])
  return {
    async test(upstream) {
      const test = { ...(await look(fetch, upstream)), at: clock.now() }
      outcomes.set(upstream.id, { of: factsOf(upstream), test })
      return test
    },
    last(upstream) {
      const known = outcomes.get(upstream.id)
      return known?.of === factsOf(upstream) ? known.test : undefined
    },
  }
}

async function look(guarded: GuardedFetch, upstream: Upstream): Promise<Found> {
  const { issuer, preset } = upstream
  const host = new URL(issuer).host
  if (presets[preset].protocol === 'github') {
    const answer = await get(guarded, `${issuer}/login/oauth/authorize`)
    // Whatever it says to somebody who names no client: it is there.
    if ('fault' in answer && answer.fault.finding !== 'fetch_redirected') return answer.fault
    return secretOr(upstream, { light: 'green', finding: 'reachable', values: { host } })
  }
  // OpenID Connect Discovery §4.1: a slash at the end of the issuer is not doubled.
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await get(guarded, address)
  if ('fault' in answer) return answer.fault
  if (answer.status !== 200) return red('status', { address, status: String(answer.status) })
  const metadata = objectOf(answer.text)
  if (metadata === null) return red('not_json', { address })
  return judgeMetadata(metadata, upstream) ?? (await judgeKeys(guarded, metadata, upstream))
}

function judgeMetadata(metadata: Readonly<Record<string, unknown>>, upstream: Upstream): Found | null {
  const { issuer } = metadata
  // H11: metadata that speaks of another issuer is somebody else's. Entra writes a placeholder where each tenant goes.
  const isRight = hasTenantIssuers(upstream)
    ? typeof issuer === 'string' && issuer.includes('{tenantid}')
    : issuer === upstream.issuer
  if (!isRight) return red('other_issuer', { issuer: upstream.issuer, found: shown(issuer) })
  for (const name of endpoints) {
    const url = URL.parse(String(metadata[name] ?? ''))
    if (url === null) return red('endpoint_missing', { name })
    if (url.protocol !== 'https:' && new URL(upstream.issuer).protocol === 'https:') {
      return red('endpoint_insecure', { name, address: shown(metadata[name]) })
    }
  }
  const types = metadata.response_types_supported
  if (Array.isArray(types) && !types.includes('code')) return red('no_code_flow', {})
  return null
}

async function judgeKeys(
  guarded: GuardedFetch,
  metadata: Readonly<Record<string, unknown>>,
  upstream: Upstream,
): Promise<Found> {
  const address = String(metadata.jwks_uri)
  const answer = await get(guarded, address)
  if ('fault' in answer) return answer.fault
  const keys = answer.status === 200 ? objectOf(answer.text)?.keys : undefined
  if (!Array.isArray(keys) || keys.length === 0) return red('no_keys', { address })
  const methods = metadata.code_challenge_methods_supported
  // H07: we send it in any case; a provider that does not know it leaves stolen codes useful.
  if (Array.isArray(methods) && !methods.includes('S256')) return { light: 'amber', finding: 'no_s256', values: {} }
  return secretOr(upstream, { light: 'green', finding: 'works', values: { issuer: upstream.issuer } })
}

/** The one thing that is wrong on our side: a secret that no listed key opens any more. */
function secretOr({ clientSecret, preset }: Upstream, found: Found): Found {
  return needsSecret(preset) && clientSecret === undefined ? red('no_secret', {}) : found
}

async function get(
  guarded: GuardedFetch,
  address: string,
): Promise<{ readonly status: number; readonly text: string } | { readonly fault: Found }> {
  try {
    const response = await guarded(address, { headers: { accept: 'application/json' }, maxBytes: mostBytes })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    if (!(error instanceof GuardedFetchError)) throw error
    return { fault: red(`fetch_${error.code}`, { host: URL.parse(address)?.host ?? address, address }) }
  }
}

function red(finding: UpstreamFinding, values: Readonly<Record<string, string>>): Found {
  return { light: 'red', finding, values }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    // Not JSON: said as such.
    return null
  }
}

// A provider's own words on our page: no longer than a line.
function shown(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : '–'
}
