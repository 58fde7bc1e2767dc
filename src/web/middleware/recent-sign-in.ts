import type { Context, Middleware } from 'koa'
import { type Clock, systemClock } from '../../runtime/clock.ts'
import { seeOther, signedIn } from '../context.ts'
import { returnTarget } from '../navigation.ts'

/** How `requireRecentSignIn` may differ from its usual way. */
export interface RecentSignInOptions {
  /** The page with the form of a post, below the issuer; the page above the post's address when absent. */
  readonly form?: (path: string) => string
  readonly clock?: Clock
}

/** How long a sign-in counts as recent, in minutes, unless a page says otherwise. */
const usualMinutes = 10

/** Whether somebody signed in so short a time ago that secrets may be changed without asking them again (G22). */
export function isRecent(authTime: Date, now: Date, minutes = usualMinutes): boolean {
  return now.getTime() - authTime.getTime() <= minutes * 60_000
}

/**
 * Middleware: for acts on secrets, keys and people. Whoever signed in longer ago signs in again first, so that an
 * unattended browser or a stolen cookie cannot do them (threat G22, ASVS 7.5.1). Stands behind `requireAdmin()`.
 *
 * A form that was posted is not carried out: the sign-in page says so, and the person comes back to the form.
 *
 * @param minutes how long a sign-in counts as recent
 */
export function requireRecentSignIn(
  minutes = usualMinutes,
  { form = pageAbove, clock = systemClock }: RecentSignInOptions = {},
): Middleware {
  return async function checkRecentSignIn(ctx, next) {
    if (!isRecent(signedIn(ctx).authTime, clock.now(), minutes)) return askAgain(ctx, form)
    await next()
  }
}

function askAgain(ctx: Context, form: (path: string) => string): void {
  const { basePath } = ctx.state.render
  const path = ctx.path.startsWith(`${basePath}/`) ? ctx.path.slice(basePath.length) : ctx.path
  const isPost = ctx.method !== 'GET' && ctx.method !== 'HEAD'
  const target = returnTarget(isPost ? form(path) : path)
  // `posted` lets the sign-in page say that nothing was done yet.
  const again = isPost ? 'posted' : '1'
  seeOther(ctx, target === null ? `/sign-in?again=${again}` : `/sign-in?return_to=${target}&again=${again}`)
}

function pageAbove(path: string): string {
  const above = path.replace(/\/[^/]*$/, '')
  return returnTarget(above) === null || above === '/admin' ? path : above
}
