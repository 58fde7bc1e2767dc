import type { ResourceFacts } from './resource.ts'

/** What an MCP server has to say so that clients find this authorization server, ready to be copied. */
export interface Protection {
  /** Where its RFC 9728 document belongs. */
  readonly metadataUrl: string
  /** The value of `WWW-Authenticate` of its 401. */
  readonly challenge: string
  /** The document, JSON. */
  readonly document: string
  /** A server's code with the verifier package. */
  readonly code: string
}

const wellKnown = '/.well-known/oauth-protected-resource'

/** The two addresses of a resource's metadata: its own, and the one at the root of the host (RFC 9728 §3.1). */
export function metadataUrls(identifier: string): readonly [own: string, root: string] {
  const { origin, pathname, search } = new URL(identifier)
  // RFC 9728 §3.1: inserted between host and path; the slash of an empty path is dropped first.
  return [`${origin}${wellKnown}${pathname === '/' ? '' : pathname}${search}`, `${origin}${wellKnown}`]
}

/**
 * What this resource should serve. Nothing of a request goes into it; the verifier package says the same by itself.
 *
 * @see RFC 9728 §2 and §5.1, RFC 6750 §3
 */
export function protectionOf(
  resource: Pick<ResourceFacts, 'identifier' | 'name' | 'scopes'>,
  issuer: string,
): Protection {
  const [metadataUrl] = metadataUrls(resource.identifier)
  const first = resource.scopes.filter(({ isDefault }) => isDefault).map(({ name }) => name)
  const scope = first.length === 0 ? '' : `scope="${first.join(' ')}", `
  // E10: offline_access is no scope of a resource; the authorization server alone decides about refresh tokens.
  const scopes = resource.scopes.map(({ name }) => name)
  return {
    metadataUrl,
    challenge: `Bearer ${scope}resource_metadata="${metadataUrl}"`,
    document: JSON.stringify(
      {
        resource: resource.identifier,
        authorization_servers: [issuer],
        ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
        bearer_methods_supported: ['header'],
        resource_name: resource.name,
      },
      null,
      2,
    ),
    code: verifierCode(resource, issuer, first),
  }
}

function verifierCode(
  { identifier, name }: Pick<ResourceFacts, 'identifier' | 'name'>,
  issuer: string,
  first: readonly string[],
): string {
  const { pathname } = new URL(identifier)
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const scopes = first.length === 0 ? [] : [`  scopes: [${first.map(quote).join(', ')}],`]
  return [
    "import { createVerifier } from '@sallyport/verifier'",
    "import { requireToken, serveResourceMetadata } from '@sallyport/verifier/express'",
    '',
    'const verifier = createVerifier({',
    `  issuer: ${quote(issuer)},`,
    `  resource: ${quote(identifier)},`,
    ...scopes,
    `  resourceName: ${quote(name)},`,
    '})',
    '',
    'app.use(serveResourceMetadata(verifier))',
    `app.use(${quote(pathname)}, requireToken(verifier))`,
  ].join('\n')
}
