import type { KoaContextWithOIDC } from 'oidc-provider'

interface TokenSource {
  readonly authTime?: number
  readonly acr?: string
  readonly amr?: readonly string[]
}

/**
 * The claims that our access tokens carry beside what RFC 9068 §2.2 and the library put in: when and how the person
 * signed in, where that is known (§2.2.1).
 */
export async function extraTokenClaims(
  ctx: KoaContextWithOIDC | undefined,
): Promise<Record<string, unknown> | undefined> {
  const source: TokenSource | undefined = ctx?.oidc.entities.RefreshToken ?? ctx?.oidc.entities.AuthorizationCode
  if (source === undefined) return undefined
  return {
    ...(source.authTime === undefined ? undefined : { auth_time: source.authTime }),
    ...(source.acr === undefined ? undefined : { acr: source.acr }),
    ...(source.amr === undefined ? undefined : { amr: source.amr }),
  }
}

/**
 * The subject of a machine's token: `client:` before the client id, so that no client can pass for a person by choosing
 * its name (RFC 9700 §4.15).
 */
export function customizeJwt(
  _ctx: unknown,
  token: { readonly kind?: string; readonly clientId?: string },
  parts: { payload: Record<string, unknown> },
): void {
  if (token.kind === 'ClientCredentials') parts.payload.sub = `client:${token.clientId ?? ''}`
}
