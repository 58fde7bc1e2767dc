import type { Middleware } from 'koa'
import { randomId } from '../../crypto/random.ts'

/** How the caller's address is found; `net/client-ip` makes it from the trusted proxies. */
export type AddressOf = (remoteAddress: string, forwardedFor: string | undefined) => string

/**
 * Middleware: gives each request an id of ours and the caller's address.
 * An id sent by the caller is not taken over: it would put a stranger's text into our log and pages (threat K11).
 */
export function requestId(addressOf: AddressOf): Middleware {
  return async function giveRequestId(ctx, next) {
    ctx.state.requestId = randomId()
    ctx.state.address = addressOf(ctx.req.socket.remoteAddress ?? '', ctx.get('X-Forwarded-For') || undefined)
    ctx.set('X-Request-Id', ctx.state.requestId)
    await next()
  }
}
