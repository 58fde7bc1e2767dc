import { locales } from '../messages/messages.ts'
import { identityScopes } from './resource-indicators.ts'

/** Paths of the protocol endpoints, below the issuer. */
export const protocolPaths = {
  authorization: '/authorize',
  token: '/token',
  registration: '/register',
  revocation: '/revoke',
  introspection: '/introspect',
  pushed_authorization_request: '/par',
  jwks: '/jwks',
} as const

/** Ways a client may prove itself at the token endpoint. No shared-secret signatures: secrets are digests here. */
export const clientAuthMethods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const

/** Algorithms of client assertions; asymmetric only, for the same reason. */
export const assertionAlgs = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'] as const

/** Grants that this server makes. */
export const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'] as const

/** What the document depends on. */
export interface DiscoveryFacts {
  readonly issuer: string
  readonly registrationIsOpen: boolean
  readonly documentsAreOn: boolean
  readonly idTokenAlgs: readonly string[]
  /** Values of `acr` that this server can fulfil. */
  readonly acrs: readonly string[]
}

/**
 * The metadata document, made from the issuer and the settings alone: no request can change an address in it (M7).
 * @see RFC 8414 §2, OpenID Connect Discovery 1.0 §3, RFC 9207 §3, CIMD draft §5
 */
export function discoveryDocument({
  issuer,
  registrationIsOpen,
  documentsAreOn,
  idTokenAlgs,
  acrs,
}: DiscoveryFacts): Record<string, unknown> {
  const at = (path: string) => `${issuer}${path}`
  return {
    issuer,
    authorization_endpoint: at(protocolPaths.authorization),
    token_endpoint: at(protocolPaths.token),
    jwks_uri: at(protocolPaths.jwks),
    ...(!registrationIsOpen ? undefined : { registration_endpoint: at(protocolPaths.registration) }),
    revocation_endpoint: at(protocolPaths.revocation),
    introspection_endpoint: at(protocolPaths.introspection),
    pushed_authorization_request_endpoint: at(protocolPaths.pushed_authorization_request),
    scopes_supported: identityScopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: grantTypes,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: clientAuthMethods,
    token_endpoint_auth_signing_alg_values_supported: assertionAlgs,
    revocation_endpoint_auth_methods_supported: clientAuthMethods,
    revocation_endpoint_auth_signing_alg_values_supported: assertionAlgs,
    introspection_endpoint_auth_methods_supported: clientAuthMethods,
    introspection_endpoint_auth_signing_alg_values_supported: assertionAlgs,
    authorization_response_iss_parameter_supported: true,
    ...(!documentsAreOn ? undefined : { client_id_metadata_document_supported: true }),
    dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: idTokenAlgs,
    acr_values_supported: acrs,
    ui_locales_supported: locales,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'acr', 'amr', 'nonce'],
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  }
}
