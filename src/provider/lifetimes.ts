import { connectionEndSeconds } from '../clients/connection-end.ts'
import type { Config } from '../config/config.ts'
import { currentUnit } from './unit.ts'

const secondsPerDay = 86_400

type OfResource = { readonly resourceServer?: { readonly accessTokenTTL?: number } }

/** Each MCP server's own lifetime; there is no token without one. Ours: five minutes, should there ever be. */
function ofResource(_ctx: unknown, token: OfResource): number {
  return token.resourceServer?.accessTokenTTL ?? 300
}

/** How long things live: one table for the library. Seconds. */
export function lifetimes(config: Config, nowSeconds: () => number) {
  const secondsTo = (endMs = Number.POSITIVE_INFINITY): number => Math.floor(endMs / 1000) - nowSeconds()
  return {
    // Ours: long enough for a slow laptop, short enough to leak nothing (design: 60 s).
    AuthorizationCode: 60,
    IdToken: 3600,
    // When a connection ends by what the person chose, its last access token ends with it.
    AccessToken: (ctx: unknown, token: OfResource) =>
      Math.max(1, Math.min(ofResource(ctx, token), secondsTo(currentUnit()?.grantFacts?.expiresAtMs))),
    ClientCredentials: ofResource,
    // A grant outlives its code and first access token; a refresh family extends it to its own end.
    Grant: 3600 + 60,
    // Ours: an hour to read the page, fetch the password and come back.
    Interaction: 3600,
    PushedAuthorizationRequest: 60,
    RegistrationAccessToken: 10 * 365 * secondsPerDay,

    /**
     * Idle end, never past the absolute end that counts from the first issue, nor past what the person chose: rotation
     * extends the one, not the others.
     */
    RefreshToken(_ctx: unknown, token: { readonly iiat?: number; readonly clientId?: string }): number {
      const absoluteSeconds = connectionEndSeconds(token.clientId ?? '', config.refreshAbsoluteSeconds)
      const absoluteEnd = (token.iiat ?? nowSeconds()) + absoluteSeconds
      const chosenEnd = secondsTo(currentUnit()?.grantFacts?.endsAtMs)
      return Math.max(1, Math.min(config.refreshIdleSeconds, absoluteEnd - nowSeconds(), chosenEnd))
    },

    /** Idle end of the sign-in, never past the absolute end that counts from the sign-in itself (G27). */
    Session(_ctx: unknown, session: { readonly loginTs?: number }): number {
      const absoluteEnd = (session.loginTs ?? nowSeconds()) + config.sessionAbsoluteSeconds
      return Math.max(1, Math.min(config.sessionIdleSeconds, absoluteEnd - nowSeconds()))
    },
  }
}
