// Every route of a server, noted while it is being built: a table that cannot forget one.
import Router from '@koa/router'
import { protocolPaths } from '../../src/provider/discovery.ts'
import { revocationsPath } from '../../src/revocations/answer.ts'
import { startApp, type TestApp, type TestAppOptions } from './app.ts'

/** One route of the pages. */
export interface NotedRoute {
  readonly method: 'GET' | 'POST'
  /** Pattern as the server has it, below the issuer: `/admin/clients/:id`. */
  readonly path: string
}

/** Starts a server and notes the routes that it mounts. */
export async function startWithRoutes(options?: TestAppOptions): Promise<{ app: TestApp; routes: NotedRoute[] }> {
  const noted: NotedRoute[] = []
  const { register } = Router.prototype
  Router.prototype.register = function note(this: Router, path, methods, ...rest) {
    for (const method of methods) {
      const name = method.toUpperCase()
      if (typeof path === 'string' && (name === 'GET' || name === 'POST'))
        noted.push({ method: name, path: whole(`${this.opts.prefix ?? ''}${path}`) })
    }
    return register.call(this, path, methods, ...rest)
  } as typeof register
  try {
    const app = await startApp(options)
    const routes = new Map(noted.map((route) => [`${route.method} ${route.path}`, route]))
    return { app, routes: [...routes.values()] }
  } finally {
    Router.prototype.register = register
  }
}

// A router inside another is noted under its own prefix; the page of a prefix is noted with a slash.
function whole(path: string): string {
  const full = path.startsWith('/data/') ? `/account${path}` : path
  return full.length > 1 ? full.replace(/\/$/, '') : full
}

const { jwks, ...endpoints } = protocolPaths

/** The protocol's endpoints, and what the front answers beside them. No router has these: they come from where they are mounted. */
export const protocolRoutes: readonly string[] = Object.values(endpoints)
export const readyRoutes: readonly string[] = [
  jwks,
  revocationsPath,
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
]
