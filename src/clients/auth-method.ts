import { invalidClientMetadata } from '../oauth/errors.ts'
import type { ClientOrigin } from './client.ts'
import type { TokenEndpointAuthMethod } from './metadata.ts'

const everyMethod: readonly TokenEndpointAuthMethod[] = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
]
const documentMethods: readonly TokenEndpointAuthMethod[] = ['none', 'private_key_jwt']

/** Algorithms a client may sign its assertions with: asymmetric only, because secrets are kept as digests. */
export const assertionAlgs: readonly string[] = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256']

/** What a client says about how it will prove itself. */
export interface AuthMethodClaim {
  /** `token_endpoint_auth_method` */
  readonly preferred: string | undefined
  /** `token_endpoint_auth_methods_supported`, best first */
  readonly offered: readonly string[]
  readonly hasKeys: boolean
}

/**
 * Chooses the token endpoint authentication method: the one the client prefers, else the first that it offers and we have.
 * Nothing said: `none` for a document, because a public document can hold no secret; `client_secret_basic` for a registration,
 * as RFC 7591 §2 has it. Clients that leave it out (SDK 1.x) do what the answer says, and strict ones expect the secret.
 *
 * @throws OAuthError invalid_client_metadata when there is none we can use
 * @see OpenID Connect RP Metadata Choices; draft-ietf-oauth-client-id-metadata-document, "Client Authentication"
 */
export function chooseAuthMethod(origin: ClientOrigin, claim: AuthMethodClaim): TokenEndpointAuthMethod {
  const known = origin === 'document' ? documentMethods : everyMethod
  const { preferred, offered, hasKeys } = claim
  if (origin === 'document' && preferred?.startsWith('client_secret_')) {
    throw invalidClientMetadata('a metadata document cannot use a shared secret (token_endpoint_auth_method)')
  }
  const said = preferred === undefined ? offered : [preferred, ...offered]
  if (said.length === 0) return origin === 'document' ? 'none' : 'client_secret_basic'
  const usable = said.flatMap((method) =>
    known.filter((one) => one === method && (one !== 'private_key_jwt' || hasKeys)),
  )
  const [chosen] = usable
  if (chosen !== undefined) return chosen
  if (said.includes('private_key_jwt')) throw invalidClientMetadata('private_key_jwt needs jwks or jwks_uri')
  throw invalidClientMetadata(`token_endpoint_auth_method must be one of ${known.join(', ')}`)
}
