/** Protected resource metadata, as far as this package says anything in it. @see RFC 9728 §2 */
export interface ProtectedResourceMetadata {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly bearer_methods_supported: readonly string[]
  readonly scopes_supported?: readonly string[]
  readonly resource_name?: string
  readonly resource_documentation?: string
  readonly dpop_signing_alg_values_supported?: readonly string[]
  readonly dpop_bound_access_tokens_required?: boolean
}

/** What {@link buildResourceMetadata} is told. */
export interface ResourceMetadataOptions {
  readonly issuer: string
  /** Canonical, see {@link canonicalResource}. */
  readonly resource: string
  readonly scopes: readonly string[]
  readonly resourceName?: string | undefined
  readonly resourceDocumentation?: string | undefined
  /** How proofs are accepted; undefined: not at all. */
  readonly dpop?: { readonly required: boolean; readonly algorithms: readonly string[] } | undefined
}

const wellKnownPath = '/.well-known/oauth-protected-resource'

/**
 * Writes a resource identifier in its one spelling: lower-case scheme and host, no default port, no trailing slash. Exactly one slash is
 * dropped, and only at the very end; Sallyport stores identifiers by the same rule, and it leaves its own results alone.
 *
 * @see MCP, Canonical Server URI; RFC 8707 §2; RFC 3986 §6.2.2
 */
export function canonicalResource(resource: string): string {
  const { origin, pathname, search } = new URL(resource)
  const dropsSlash = search === '' && pathname.endsWith('/') && !pathname.endsWith('//')
  return `${origin}${dropsSlash ? pathname.slice(0, -1) : pathname}${search}`
}

/**
 * Where the metadata of a resource is: the well-known name inserted before its path.
 *
 * @see RFC 9728 §3.1
 */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname, search } = new URL(canonicalResource(resource))
  // A slash that only ends the host is not part of the path.
  return `${origin}${wellKnownPath}${pathname === '/' ? '' : pathname}${search}`
}

/** The paths at which the document is served: the one with the path of the resource, and the root one that some clients try alone. */
export function resourceMetadataPaths(resource: string): readonly string[] {
  return [...new Set([new URL(resourceMetadataUrl(resource)).pathname, wellKnownPath])]
}

/** Builds the metadata document of a resource. @see RFC 9728 §2 */
export function buildResourceMetadata(options: ResourceMetadataOptions): ProtectedResourceMetadata {
  // MCP, Refresh Tokens: offline_access is between client and authorization server and no scope of a resource.
  const scopes = options.scopes.filter((scope) => scope !== 'offline_access')
  return {
    resource: options.resource,
    authorization_servers: [options.issuer],
    // RFC 6750 §2.1 only: a token in a body or an address ends up in logs.
    bearer_methods_supported: ['header'],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    ...(options.resourceName !== undefined && { resource_name: options.resourceName }),
    ...(options.resourceDocumentation !== undefined && { resource_documentation: options.resourceDocumentation }),
    ...(options.dpop !== undefined && {
      dpop_signing_alg_values_supported: options.dpop.algorithms,
      dpop_bound_access_tokens_required: options.dpop.required,
    }),
  }
}
