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

/**
 * Middleware: for acts on secrets, keys and people. Whoever signed in longer ago signs in again first, so that an
 * unattended browser or a stolen cookie cannot do them (threat G22, ASVS 7.5.1). Stands behind `requireAdmin()`.
 *
 * A form that was posted is not carried out: the sign-in page says so, and the person comes back to the form.
 *
 * @param minutes how long a sign-in counts as recent
 */
export function requireRecentSignIn(
  minutes = 10,
  { form = pageAbove, clock = systemClock }: RecentSignInOptions = {},
): Middleware {
  return async function checkRecentSignIn(ctx, next) {
    const age = clock.now().getTime() - signedIn(ctx).authTime.getTime()
    if (age > minutes * 60_000) return askAgain(ctx, form)
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
