import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'
import type { ResourceCeiling } from '../clients/client.ts'
import { canonicalResource } from '../oauth/resource-uri.ts'
import { formatScope, parseScope } from '../oauth/scope.ts'
import type { AccessCheck } from '../resources/access.ts'
import type { Resource, SigningAlg } from '../resources/resource.ts'
import { EntryRefused, type Refusal } from './entry-refusal.ts'

/** Scopes that belong to the server itself, not to a resource. */
export const identityScopes: readonly string[] = ['openid', 'offline_access']

/** What the bridge asks of the rooms of resources and clients. */
export interface ResourceLookups {
  find(identifier: string): Promise<Resource | null>
  /** The one resource there is, or null when there are none or several. */
  only(): Promise<Resource | null>
  /** What an operator's client may reach at most; null for every other client. */
  ceilingOf(clientId: string): Promise<ResourceCeiling | null>
  /** Whether the client may have a token for what this person granted it. */
  admits(clientId: string, accountId: string | undefined): Promise<boolean>
  /** Why today's rule shuts a client out that asks a person; null when it does not. */
  refusalOf(clientId: string, redirectUri: string | undefined): Promise<Refusal | null>
  /** May this person use it? */
  mayUse: AccessCheck
  /** Sees to it that tokens can be signed so. @returns false when they can from the next request on only */
  prepareAlg(alg: SigningAlg): Promise<boolean>
}

/** The library's request parameters, as far as this room reads or settles them. */
interface Params {
  resource?: string | string[]
  scope?: string
}

/** The library's `resourceIndicators` feature, answered from our registry. */
export interface ResourceIndicators {
  defaultResource(ctx: KoaContextWithOIDC, client: unknown, oneOf?: readonly string[]): Promise<string>
  getResourceServerInfo(
    ctx: KoaContextWithOIDC,
    identifier: string,
    client: { clientId: string },
  ): Promise<ResourceServer>
  useGrantedResource(): Promise<true>
}

/**
 * The bridge to `resources/`: which MCP server a request is for, and which of its scopes. Never a token without exactly
 * one audience: an unknown, missing or second resource is `invalid_target` before any page is shown (RFC 8707 §2).
 */
export function createResourceIndicators(lookups: ResourceLookups): ResourceIndicators {
  return {
    async defaultResource(_ctx, _client, oneOf) {
      if (oneOf !== undefined) {
        const distinct = new Set(oneOf)
        const [first] = distinct
        // RFC 8707 §2.2: one access token has one audience; two values are refused instead of guessed at (M5).
        if (first === undefined || distinct.size !== 1)
          throw new errors.InvalidTarget('exactly one resource is allowed')
        return first
      }
      const only = await lookups.only()
      if (only === null) throw new errors.InvalidTarget('resource is required: this server protects more than one')
      return only.identifier
    },

    async getResourceServerInfo(ctx, identifier, client) {
      if (ctx.oidc.route !== 'token') await refuseShutOut(ctx, lookups, client.clientId)
      const params = paramsOf(ctx)
      if (Array.isArray(params.resource) && new Set(params.resource).size > 1) {
        throw new errors.InvalidTarget('exactly one resource is allowed')
      }
      const resource = await lookups.find(identifier)
      // RFC 8707 §2: an unknown resource is refused; the server is the inventory of MCP servers.
      if (resource === null) throw new errors.InvalidTarget('resource is not known here')
      const accountId = ctx.oidc.route === 'token' ? ctx.oidc.entities.Account?.accountId : undefined
      // Before each token, whichever way it is asked for: who is let in may have changed since the code. Not `invalid_client`, on
      // which clients forget their registration and come back under another id, to wait once more.
      if (ctx.oidc.route === 'token' && !(await lookups.admits(client.clientId, accountId))) {
        throw new errors.UnauthorizedClient('an administrator of this server has not let this client in yet')
      }
      // Ours: whoever lost access since they allowed this gets no further token, whatever was remembered.
      if (accountId !== undefined && !(await lookups.mayUse(resource, accountId))) {
        throw new errors.InvalidGrant('resource is not open to this account')
      }
      const ceiling = await lookups.ceilingOf(client.clientId)
      const allowed = allowedScopes(resource, ceiling)
      if (allowed.length === 0) throw new errors.InvalidTarget('resource is not open to this client')
      // A resource that was added a moment ago may want an algorithm that has no key yet.
      const canSign = await lookups.prepareAlg(resource.signingAlg)
      if (!canSign && ctx.oidc.route === 'token') throw new errors.TemporarilyUnavailable('try again in a moment')
      settle(ctx, resource, allowed, ceiling !== null)
      return {
        scope: formatScope(allowed),
        audience: resource.identifier,
        accessTokenTTL: resource.tokenLifetimeSeconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: resource.signingAlg } },
      }
    },

    async useGrantedResource() {
      return true
    },
  }
}

/**
 * One rule at registration and at authorization: a client that came in under an older one goes no further here, whether it asks
 * for a page, pushes its request or comes back from our pages.
 */
async function refuseShutOut(
  ctx: KoaContextWithOIDC,
  { refusalOf }: Pick<ResourceLookups, 'refusalOf'>,
  clientId: string,
): Promise<void> {
  const redirectUri: unknown = ctx.oidc.params?.redirect_uri
  const refusal = await refusalOf(clientId, typeof redirectUri === 'string' ? redirectUri : undefined)
  if (refusal !== null) throw new EntryRefused(refusal)
}

/** The canonical form of what a client sent, where it is the spelling of a known resource; else the text as it was. */
export async function canonicalSpelling(lookups: Pick<ResourceLookups, 'find'>, text: string): Promise<string> {
  if (canonicalResource(text) === null) return text
  return (await lookups.find(text))?.identifier ?? text
}

/**
 * Brings the `resource` of a token request into the form that its code or refresh token was issued for. The library
 * compares by exact string; this runs in its last callback before that comparison.
 */
export async function canonicaliseTokenRequest(ctx: KoaContextWithOIDC, lookups: ResourceLookups): Promise<void> {
  const params = paramsOf(ctx)
  if (typeof params.resource === 'string') params.resource = await canonicalSpelling(lookups, params.resource)
  else if (Array.isArray(params.resource)) {
    params.resource = await Promise.all(params.resource.map((one) => canonicalSpelling(lookups, one)))
  }
}

function allowedScopes(resource: Resource, ceiling: ResourceCeiling | null): readonly string[] {
  const names = resource.scopes.map(({ name }) => name)
  if (ceiling === null) return names
  const limit = new Set(ceiling[resource.identifier] ?? [])
  return names.filter((name) => limit.has(name))
}

/** Settles the scopes of a request: defaults where none of the resource is asked for, refusals where they must be. */
function settle(ctx: KoaContextWithOIDC, resource: Resource, allowed: readonly string[], limited: boolean): void {
  const { route } = ctx.oidc
  const params = paramsOf(ctx)
  const asked = parseScope(params.scope ?? '')
  const forResource = asked.filter((scope) => !identityScopes.includes(scope))
  const isMachine = route === 'token' && ctx.oidc.params?.grant_type === 'client_credentials'
  if (route === 'token' && !isMachine) return
  if (route === 'pushed_authorization_request') params.resource = resource.identifier

  const known = forResource.filter((scope) => allowed.includes(scope))
  // For machines nobody looks at a page: above the ceiling is refused, not cut.
  if ((isMachine || limited) && known.length < forResource.length) {
    throw new errors.InvalidScope(
      'requested scope is not allowed',
      formatScope(forResource.filter((s) => !known.includes(s))),
    )
  }
  if (forResource.length > 0 && known.length === 0) {
    throw new errors.InvalidScope('resource does not know any of the requested scopes', formatScope(forResource))
  }
  if (known.length > 0) return
  const defaults = resource.scopes.filter(({ isDefault }) => isDefault).map(({ name }) => name)
  const byDefault = defaults.filter((scope) => allowed.includes(scope))
  // RFC 6749 §3.3: a request without scope gets the default; a resource that marks none offers all that is allowed.
  params.scope = formatScope([...asked, ...(byDefault.length > 0 ? byDefault : allowed)])
}

function paramsOf(ctx: KoaContextWithOIDC): Params {
  // Parse boundary: the library's own parameter object, checked by it for type and duplicates.
  return (ctx.oidc.params ?? {}) as Params
}
