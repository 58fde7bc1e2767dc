import { sha256Base64url } from '../../crypto/digest.ts'
import type { SignInPlace } from '../../oauth/interaction.ts'
import type { PageContext } from '../../web/context.ts'
import type { CookieJar } from '../../web/cookies.ts'

/** The place of a sign-in as its row knows it: the digest of the authorization that waits, or our own pages. */
export function placeOf(place: SignInPlace): string {
  return place.kind === 'own' ? 'own' : sha256Base64url(place.authorization.uid)
}

/** The cookies that carry sign-ins under way, one for each place: two tabs with two clients do not end each other. */
export interface PendingCookies {
  get(ctx: PageContext, place: string): string | undefined
  set(ctx: PageContext, place: string, secret: string): void
  drop(ctx: PageContext, place: string): void
}

/** Joins them to the jar. */
export function createPendingCookies(cookies: CookieJar): PendingCookies {
  // 8 characters of the digest tell the tabs of one browser apart; the row compares all of it.
  const nameOf = (place: string) => `factor_${place.slice(0, 8)}`
  return {
    get: (ctx, place) => cookies.get(ctx, nameOf(place)),
    set: (ctx, place, secret) => cookies.set(ctx, nameOf(place), secret, 600),
    drop: (ctx, place) => cookies.set(ctx, nameOf(place), ''),
  }
}
