import { type KnownBrowsers, knownBrowserSeconds } from '../credentials/throttle/known-browser.ts'
import type { Clock } from '../runtime/clock.ts'
import type { PageContext } from '../web/context.ts'
import type { CookieJar } from '../web/cookies.ts'

/** The cookie by which a browser that signed in before keeps a way in while strangers guess (threat G15). */
export interface BrowserMemory {
  /** The handle of this browser for this account, or undefined. @param account e-mail address as it was typed */
  recognise(ctx: PageContext, account: string): string | undefined
  /** Writes this account into the cookie; only after everything was proved. */
  remember(ctx: PageContext, account: string): void
}

const cookieName = 'known'

/** Joins the cookie to what may stand in it. */
export function createBrowserMemory(cookies: CookieJar, known: KnownBrowsers, clock: Clock): BrowserMemory {
  return {
    recognise: (ctx, account) => known.recognise(cookies.get(ctx, cookieName), account, clock.now()),
    remember(ctx, account) {
      const value = known.remember(cookies.get(ctx, cookieName), account, clock.now())
      cookies.set(ctx, cookieName, value, knownBrowserSeconds)
    },
  }
}
