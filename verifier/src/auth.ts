import type { AccessTokenClaims } from './claims.ts'

/**
 * A verified request. The shape is the `AuthInfo` of both MCP SDK generations, so that it can be handed to
 * their transports as it is; `claims` is ours.
 *
 * `expiresAt` is in seconds since 1970. `extra` holds the identity: the pair of `iss` and `sub`.
 * Holds the token itself: do not log it, do not send it on (MCP, Token Handling).
 */
export interface Auth {
  readonly token: string
  readonly clientId: string
  readonly scopes: string[]
  readonly expiresAt: number
  readonly resource: URL
  readonly resourceMetadataUrl: string
  readonly extra: Record<string, unknown>
  readonly claims: AccessTokenClaims
}

/** Puts a token and its verified claims into the shape that the MCP SDKs expect. */
export function toAuth(
  token: string,
  claims: AccessTokenClaims,
  server: { readonly resource: string; readonly metadataUrl: string },
): Auth {
  return {
    token,
    clientId: claims.client_id,
    scopes: [...claims.scopes],
    expiresAt: claims.exp,
    resource: new URL(server.resource),
    resourceMetadataUrl: server.metadataUrl,
    extra: { iss: claims.iss, sub: claims.sub },
    claims,
  }
}

/**
 * Names a place for state that belongs to whoever sent a request: a session, a task, a subscription. The handle that a client brings is
 * never enough to find it again; another person's handle leads nowhere.
 *
 * @param handle what the client calls it, as received
 * @returns a text that differs whenever issuer, person or handle differ
 * @see MCP, Security Best Practices: state handle hijacking
 */
export function stateKey(auth: Pick<Auth, 'claims'>, handle: string): string {
  return JSON.stringify([auth.claims.iss, auth.claims.sub, handle])
}
