import type { Middleware } from 'koa'
import { AppError } from '../../runtime/app-error.ts'

/**
 * Middleware: an address that ends with a slash is no page, except the first one. The routers would take it for the page
 * without, and what stands before a page (a guard here, a rule of a proxy) might not (threat K04).
 *
 * No redirect to the page that was meant: of `//host/` it would lead to another site.
 */
export function oneAddress(): Middleware {
  return async function refuseOtherSpelling(ctx, next) {
    if (ctx.path.length > 1 && ctx.path.endsWith('/')) {
      throw new AppError('not_found', 404, 'There is no page at this address.', { words: 'no_page' })
    }
    await next()
  }
}
