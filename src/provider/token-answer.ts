import type { Middleware } from 'koa'

// What the library says where RFC 6749 §5.2 has a code of its own.
const notAllowed = 'requested grant type is not allowed for this client'

/** Brings answers of the token endpoint to the registered form: JSON for everyone, `unauthorized_client` where it is meant. */
export function tokenAnswer(): Middleware {
  return async function answer(ctx, next) {
    if (ctx.path.startsWith('/authorize')) return next()
    // RFC 6749 §5.2: errors are JSON, also for a caller that would take HTML.
    ctx.req.headers.accept = 'application/json'
    await next()
    // C21: what the library did not read of a body that is too large would hold up the next request on this connection,
    // which behind a gateway is somebody else's.
    if (ctx.req.complete === false) ctx.req.resume()
    ctx.set('Cache-Control', 'no-store')
    const body: unknown = ctx.body
    if (typeof body !== 'object' || body === null || !('error_description' in body) || !('error' in body)) return
    if (body.error_description === notAllowed) body.error = 'unauthorized_client'
  }
}
