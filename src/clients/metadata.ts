import { sha256Base64url } from '../crypto/digest.ts'

/** Ways a client may prove itself at the token endpoint. */
export type TokenEndpointAuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

/** Grants a client may hold. */
export type GrantType = 'authorization_code' | 'refresh_token' | 'client_credentials'

/** A public key as it is stored: members of RFC 7517 and RFC 7518 that are public, nothing else. */
export type PublicJwk = Readonly<Record<string, unknown>>

/**
 * What a client says of itself after normalisation, in the words of the wire (RFC 7591 §2). Everything in it is a claim.
 * It never holds a secret, a scope, or a member that is not listed here.
 */
export interface ClientMetadata {
  readonly redirect_uris: readonly string[]
  readonly application_type: 'native' | 'web'
  readonly grant_types: readonly GrantType[]
  readonly response_types: readonly 'code'[]
  readonly token_endpoint_auth_method: TokenEndpointAuthMethod
  readonly token_endpoint_auth_signing_alg?: string
  readonly jwks?: { readonly keys: readonly PublicJwk[] }
  readonly jwks_uri?: string
  readonly client_name?: string
  readonly client_uri?: string
  readonly logo_uri?: string
  readonly tos_uri?: string
  readonly policy_uri?: string
  readonly contacts?: readonly string[]
  readonly software_id?: string
  readonly software_version?: string
  readonly post_logout_redirect_uris?: readonly string[]
}

/**
 * SHA-256, base64url, of what a person saw or relied on when they allowed the client: its name and links, where answers go, how it
 * proves itself. When it changes, consent is asked again. A new software version or contact does not change it, nor does order.
 */
export function metadataDigest(metadata: ClientMetadata): string {
  const relied = {
    redirect_uris: [...metadata.redirect_uris].sort(),
    client_name: metadata.client_name,
    client_uri: metadata.client_uri,
    logo_uri: metadata.logo_uri,
    tos_uri: metadata.tos_uri,
    policy_uri: metadata.policy_uri,
    token_endpoint_auth_method: metadata.token_endpoint_auth_method,
    jwks_uri: metadata.jwks_uri,
    jwks: metadata.jwks,
  }
  return sha256Base64url(canonicalJson(relied))
}

/** JSON with members in order of their names and absent ones left out, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}
