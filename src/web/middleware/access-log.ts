import type { Context, Middleware } from 'koa'
import type { Logger } from '../../runtime/logger.ts'

/** Told of every request that was answered; `route` is the pattern, never the path. */
export type CountRequest = (facts: {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly seconds: number
}) => void

/**
 * Middleware: one line for each request, with the pattern of its route and never its path: the cookie of an interaction equals
 * the id in the path, and a setup link is a secret (threat K12). No query, no body, no cookie.
 */
export function accessLog(logger: Logger, count: CountRequest = () => {}): Middleware {
  return async function logAccess(ctx, next) {
    const startedAt = performance.now()
    try {
      await next()
    } finally {
      const milliseconds = performance.now() - startedAt
      const { method, status } = ctx
      const route = routePattern(ctx)
      logger.info(
        {
          requestId: ctx.state.requestId,
          address: ctx.state.address,
          method,
          route,
          status,
          milliseconds: Math.round(milliseconds * 10) / 10,
        },
        'request',
      )
      count({ method, route, status, seconds: milliseconds / 1000 })
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
