import Router from '@koa/router'
import { askProbes, type Probe } from './probes.ts'

/** What the two pages need. */
export interface HealthDeps {
  readonly probes: readonly Probe[]
  /** True from the moment the process was asked to stop: no new requests should be sent here. */
  readonly isDraining: () => boolean
}

/**
 * `/healthz`: 200 while the process answers at all; it asks nobody else, or a slow database would get every process killed.
 * `/readyz`: 200 when every probe is well, 503 with their names otherwise and while draining.
 */
export function healthRoutes({ probes, isDraining }: HealthDeps): Router {
  const router = new Router({ sensitive: true })
  router.get('/healthz', (ctx) => {
    ctx.set('cache-control', 'no-store')
    ctx.body = { status: 'ok' }
  })
  router.get('/readyz', async (ctx) => {
    const draining = isDraining()
    const { ready, probes: outcomes } = await askProbes(probes)
    ctx.set('cache-control', 'no-store')
    ctx.status = ready && !draining ? 200 : 503
    ctx.body = { status: draining ? 'draining' : ready ? 'ready' : 'not ready', probes: outcomes }
  })
  return router
}
