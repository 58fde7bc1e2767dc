import type { Context, Middleware } from 'koa'
import type { FormGuard } from './forms.ts'
import type { Languages } from './language.ts'
import type { Renderer } from './render.ts'

/** Middleware: puts the renderer, the form guard and the language where pages, error pages and `continuePage()` find them. First in the list. */
export function pageTools(tools: {
  readonly render: Renderer
  readonly forms: FormGuard
  readonly languages: Languages
}): Middleware {
  return async function givePageTools(ctx, next) {
    ctx.state.render = tools.render
    ctx.state.forms = tools.forms
    // A protocol answer is JSON and has no language; reading cookies and headers for it would be for nothing.
    if (!isProtocolAnswer(ctx)) tools.languages.choose(ctx)
    await next()
  }
}

// Endpoints that clients post to: what they answer is JSON, refusals included.
const protocolAnswers = /^\/(?:token|register|revoke|introspect|par)$/

function isProtocolAnswer(ctx: Context): boolean {
  return ctx.method === 'POST' && protocolAnswers.test(ctx.path)
}
