import { type KnownBrowsers, knownBrowserSeconds } from '../credentials/throttle/known-browser.ts'
import type { Clock } from '../runtime/clock.ts'
import type { PageContext } from '../web/context.ts'
import type { CookieJar } from '../web/cookies.ts'

/** The cookie by which a browser that signed in before keeps a way in while strangers guess (threat G15). */
export interface BrowserMemory {
  /**
   * The handle of this browser for this account, or undefined.
   *
   * @param account e-mail address as it was typed
   * @param at the password is asked of a browser that has proved one factor, too; codes only of one that has proved everything
   */
  recognise(ctx: PageContext, account: string, at: 'password' | 'code'): string | undefined
  /**
   * Writes this account into the cookie.
   *
   * @param proved `letter`: whoever uses the browser could read a letter to the account, and has proved nothing else
   */
  remember(ctx: PageContext, account: string, proved: 'everything' | 'letter'): void
}

// No e-mail address has a space in it: nobody's mark of the one kind is one of the other.
const byLetter = (account: string) => `letter ${account.trim()}`

const cookieName = 'known'

/** Joins the cookie to what may stand in it. */
export function createBrowserMemory(cookies: CookieJar, known: KnownBrowsers, clock: Clock): BrowserMemory {
  return {
    recognise(ctx, account, at) {
      const cookie = cookies.get(ctx, cookieName)
      const now = clock.now()
      const handle = known.recognise(cookie, account, now)
      if (handle !== undefined || at === 'code') return handle
      return known.recognise(cookie, byLetter(account), now)
    },
    remember(ctx, account, proved) {
      const marked = proved === 'letter' ? byLetter(account) : account
      const value = known.remember(cookies.get(ctx, cookieName), marked, clock.now())
      cookies.set(ctx, cookieName, value, knownBrowserSeconds)
    },
  }
}
