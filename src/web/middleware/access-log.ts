import type { Context, Middleware } from 'koa'
import type { Logger } from '../../runtime/logger.ts'

/**
 * Middleware: one line for each request, with the pattern of its route and never its path: the cookie of an interaction equals
 * the id in the path, and a setup link is a secret (threat K12). No query, no body, no cookie.
 */
export function accessLog(logger: Logger): Middleware {
  return async function logAccess(ctx, next) {
    const startedAt = performance.now()
    try {
      await next()
    } finally {
      logger.info(
        {
          requestId: ctx.state.requestId,
          address: ctx.state.address,
          method: ctx.method,
          route: routePattern(ctx),
          status: ctx.status,
          milliseconds: Math.round((performance.now() - startedAt) * 10) / 10,
        },
        'request',
      )
    }
  }
}

/** The pattern that answered: what a room has set, else what the router matched, else `unmatched`. */
export function routePattern(ctx: Context): string {
  const own: string | undefined = ctx.state.route
  if (own !== undefined) return own
  const matched: unknown = '_matchedRoute' in ctx ? ctx._matchedRoute : undefined
  return typeof matched === 'string' ? matched : 'unmatched'
}
