import { type Fetch, type FetchLimits, fetchJson } from './json-fetch.ts'
import { isRecord } from './strict-json.ts'

/**
 * Where the metadata of an issuer may be, in the order in which MCP clients look too.
 *
 * @param issuer without a trailing slash
 * @see RFC 8414 §3.1 and §5, OpenID Connect Discovery 1.0 §4; MCP, Authorization Server Metadata Discovery
 */
export function listMetadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ]
}

/**
 * Asks the issuer where its keys are.
 *
 * @returns the `jwks_uri`, on the origin of the issuer
 * @throws Error when no document is there, or the one that is there speaks for another issuer or sends us elsewhere for keys
 * @see RFC 8414 §3.3
 */
export async function discoverJwksUri(fetch: Fetch, issuer: string, limits: FetchLimits): Promise<string> {
  for (const url of listMetadataUrls(issuer)) {
    const { status, document } = await fetchJson(fetch, url, limits)
    if (status >= 400 && status < 500) continue
    if (status !== 200) throw new Error(`${url} answered ${status}`)
    return readJwksUri(document, url, issuer)
  }
  throw new Error(`${issuer} publishes no metadata`)
}

function readJwksUri(document: unknown, url: string, issuer: string): string {
  if (!isRecord(document)) throw new Error(`${url} is not an object`)
  // RFC 8414 §3.3: identical, or it must not be used. Otherwise one tenant of a host could speak for another (mix-up).
  if (document.issuer !== issuer) throw new Error(`${url} names another issuer`)
  const jwksUri = document.jwks_uri
  if (typeof jwksUri !== 'string' || !URL.canParse(jwksUri)) throw new Error(`${url} has no usable jwks_uri`)
  // Ours: a document that was tampered with must not be able to point us at another's keys, or into the internal network.
  // An issuer whose keys do live elsewhere is configured with jwksUri.
  if (new URL(jwksUri).origin !== new URL(issuer).origin) throw new Error(`${url} has its jwks_uri on another origin`)
  return jwksUri
}
