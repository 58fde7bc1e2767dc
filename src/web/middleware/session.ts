import type { Middleware } from 'koa'
import type { SessionPort } from '../context.ts'

/** Middleware: finds out who is signed in, for `ctx.state.session`. Stands in front of page routers only. */
export function loadSession(sessions: Pick<SessionPort, 'current'>): Middleware {
  return async function findSession(ctx, next) {
    ctx.state.session = (await sessions.current(ctx)) ?? undefined
    await next()
  }
}
