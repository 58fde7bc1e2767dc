import type { Middleware } from 'koa'

/** Methods of the endpoints that browsers call from pages of other origins. */
const crossOrigin: readonly (readonly [RegExp, string])[] = [
  [/^\/(?:token|revoke|introspect|par)$/, 'POST'],
  [/^\/register$/, 'POST'],
  [/^\/register\/[^/]+$/, 'GET, PUT, DELETE'],
]

/**
 * CORS of the protocol endpoints: any origin, never with cookies (K09). Registration has none in the library, and its
 * preflight is answered here for all of them, so that the Inspector and web hosts can work.
 */
export function protocolCors(): Middleware {
  return async function cors(ctx, next) {
    const methods = crossOrigin.find(([pattern]) => pattern.test(ctx.path))?.[1]
    if (methods === undefined) return next()
    ctx.set('Access-Control-Allow-Origin', '*')
    ctx.set('Access-Control-Expose-Headers', 'WWW-Authenticate, DPoP-Nonce, Retry-After, RateLimit, RateLimit-Policy')
    if (ctx.method !== 'OPTIONS') return next()
    ctx.set('Access-Control-Allow-Methods', methods)
    ctx.set('Access-Control-Allow-Headers', 'Authorization, Content-Type, DPoP, MCP-Protocol-Version')
    ctx.set('Access-Control-Max-Age', '3600')
    ctx.status = 204
  }
}
