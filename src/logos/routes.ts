import Router from '@koa/router'
import type { Logos } from './logo.ts'

/** Serves `/logos/<digest>.png?client=<client_id>`: our own PNGs, to anyone who has been given their address. */
export function logoRoutes(logos: Pick<Logos, 'png'>): Router {
  const router = new Router({ sensitive: true })
  router.get('/logos/:name', async (ctx) => {
    const [, digest] = /^([\w-]{22})\.png$/.exec(ctx.params.name ?? '') ?? []
    const { client } = ctx.query
    if (digest === undefined || typeof client !== 'string') return
    const png = await logos.png(client, digest)
    if (png === null) return
    ctx.type = 'image/png'
    // The digest names the content; `private` because which clients people use is nobody else's business.
    ctx.set('Cache-Control', 'private, max-age=86400, immutable')
    ctx.body = Buffer.from(png)
  })
  return router
}
