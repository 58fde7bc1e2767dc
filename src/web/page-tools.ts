import type { Middleware } from 'koa'
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
    tools.languages.choose(ctx)
    await next()
  }
}
