import Router from '@koa/router'
import { explainedCodes } from './diagnostics-page.ts'

/** Serves `/errors/<code>`: what a code means, for whoever has met one. It says nothing about this server. */
export function errorCodeRoutes(): Router {
  const router = new Router({ prefix: '/errors', sensitive: true })
  router.get('/:code', (ctx) => {
    const known = explainedCodes(ctx.state.messages).find(({ code }) => code === ctx.params.code)
    if (known === undefined) return
    const { codes } = ctx.state.messages.diagnostics
    ctx.state.render(ctx, 'admin/diagnostics-code', { title: codes.heading, page: 'error-code', explained: known })
  })
  return router
}
