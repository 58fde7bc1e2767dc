import { randomSecret } from '../crypto/random.ts'
import { canonicalResource } from '../oauth/resource-uri.ts'
import { AppError } from '../runtime/app-error.ts'
import { type Client, makeClient, type ResourceCeiling } from './client.ts'
import { introspectedOf } from './introspects/introspects.ts'
import { normaliseClientMetadata } from './normalise.ts'
import { digestSecret, hasSecretMark } from './secret.ts'

/** A client as an operator wrote it: a file, a command line, a form. */
export interface OperatorClientDraft {
  readonly clientId: string
  readonly clientName?: string
  readonly redirectUris?: readonly string[]
  readonly grantTypes?: readonly string[]
  readonly tokenEndpointAuthMethod?: string
  /** In the clear; absent for a client that needs one: we make it. */
  readonly clientSecret?: string
  readonly jwks?: unknown
  readonly jwksUri?: string
  /** Ceiling: resource → scopes it may have there at most. */
  readonly resources?: ReadonlyMap<string, readonly string[]>
  /** MCP servers that it speaks for: it may ask about their tokens. */
  readonly introspects?: readonly string[]
  readonly setByFile?: boolean
}

/**
 * Makes an operator's client.
 *
 * @returns the client, and its secret in the clear when we made one: show it once, it cannot be read again
 * @throws AppError `invalid_client` (400) saying what is wrong, in words for the operator
 */
export function makeOperatorClient(
  draft: OperatorClientDraft,
  now: Date,
): { client: Client; madeSecret: string | undefined } {
  const refuse = (reason: string) => new AppError('invalid_client', 400, `client ${draft.clientId}: ${reason}`)
  // RFC 6749 appendix A.1; no slash or colon-slash, so that it can be neither a document's URL (F21) nor break a path
  if (!/^[A-Za-z0-9._~-]{1,128}$/.test(draft.clientId)) {
    throw new AppError('invalid_client', 400, 'client_id must be 1 to 128 letters, digits or . _ ~ -')
  }
  const checked = normaliseClientMetadata(
    {
      client_name: draft.clientName ?? draft.clientId,
      redirect_uris: draft.redirectUris,
      grant_types: draft.grantTypes,
      token_endpoint_auth_method: draft.tokenEndpointAuthMethod,
      jwks: draft.jwks,
      jwks_uri: draft.jwksUri,
    },
    { origin: 'operator' },
  )
  if (!checked.ok) throw refuse(checked.description)
  const introspects = introspectedOf(draft.introspects ?? [], checked.metadata, refuse)
  const needsSecret = checked.metadata.token_endpoint_auth_method.startsWith('client_secret_')
  if (!needsSecret && draft.clientSecret !== undefined) {
    throw refuse(`${checked.metadata.token_endpoint_auth_method} uses no client secret`)
  }
  if (hasSecretMark(draft.clientSecret)) throw refuse('client_secret must not begin with sha256:')
  if (draft.clientSecret !== undefined && draft.clientSecret.length < 16) {
    throw refuse('client_secret must have at least 16 characters')
  }
  const madeSecret = needsSecret && draft.clientSecret === undefined ? randomSecret() : undefined
  const secret = draft.clientSecret ?? madeSecret
  const client = makeClient({
    id: draft.clientId,
    origin: 'operator',
    metadata: checked.metadata,
    now,
    secretDigest: secret === undefined ? null : digestSecret(secret),
    resourceCeiling: resourceCeilingOf(draft, introspects, refuse),
    introspects,
    setByFile: draft.setByFile ?? false,
  })
  return { client, madeSecret }
}

/** Who only asks about tokens gets none: without a ceiling of its own it has an empty one. */
function resourceCeilingOf(
  { resources }: OperatorClientDraft,
  introspects: readonly string[],
  refuse: (reason: string) => AppError,
): ResourceCeiling | null {
  if (resources !== undefined) return ceilingOf(resources, refuse)
  return introspects.length > 0 ? {} : null
}

function ceilingOf(
  resources: ReadonlyMap<string, readonly string[]>,
  refuse: (reason: string) => AppError,
): ResourceCeiling {
  const entries = [...resources].map(([text, scopes]) => {
    const identifier = canonicalResource(text)
    if (identifier === null) throw refuse(`${text} is not the identifier of a resource`)
    return [identifier, [...new Set(scopes)].sort()] as const
  })
  return Object.fromEntries(entries)
}
