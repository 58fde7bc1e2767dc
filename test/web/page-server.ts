import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { Router } from '@koa/router'
import Koa from 'koa'
import { createLogger } from '../../src/runtime/logger.ts'
import { type Brand, ownBrand } from '../../src/web/brand.ts'
import type { SessionPort } from '../../src/web/context.ts'
import { createCookieJar } from '../../src/web/cookies.ts'
import { createFormGuard, crossSite } from '../../src/web/forms.ts'
import { createHostGuard } from '../../src/web/host-guard.ts'
import { createLanguages, languageRoutes } from '../../src/web/language.ts'
import { accessLog } from '../../src/web/middleware/access-log.ts'
import { errorHandler } from '../../src/web/middleware/error-handler.ts'
import { requestId } from '../../src/web/middleware/request-id.ts'
import { securityHeaders } from '../../src/web/middleware/security-headers.ts'
import { loadSession } from '../../src/web/middleware/session.ts'
import { pageTools } from '../../src/web/page-tools.ts'
import { createRenderer } from '../../src/web/render.ts'
import { createAssets } from '../../src/web/static.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
}

export interface PageServer {
  readonly issuer: string
  readonly logLines: readonly string[]
  ask(path: string, ask?: Ask): Promise<Answer>
  close(): Promise<void>
}

export interface PageServerOptions {
  /** Default: the http loopback address of the server itself. */
  readonly issuer?: string
  readonly brand?: Brand
  readonly sessions?: Pick<SessionPort, 'current'>
  routes(router: Router): void
}

/** A real koa on a free port with the list of middleware that pages stand behind. */
export async function startPageServer({
  issuer: fixedIssuer,
  sessions,
  brand = ownBrand,
  routes,
}: PageServerOptions): Promise<PageServer> {
  const logLines: string[] = []
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logLines.push(String(chunk))
      done()
    },
  })
  const logger = createLogger({ level: 'info', pretty: false, destination })
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = fixedIssuer ?? `http://localhost:${port}`

  const assets = createAssets(brand.files)
  const render = createRenderer({ issuer, assets, brand })
  const forms = createFormGuard({ issuer, secrets: [new Uint8Array(32).fill(7)], cookies: createCookieJar(issuer) })
  const languages = createLanguages(createCookieJar(issuer))
  const router = new Router()
  router.use(languageRoutes(languages).routes())
  routes(router)
  const app = new Koa()
  app.use(requestId((remoteAddress) => remoteAddress))
  app.use(pageTools({ render, forms, languages }))
  app.use(accessLog(logger))
  app.use(securityHeaders(issuer))
  app.use(errorHandler(logger))
  app.use(assets.middleware())
  if (sessions !== undefined) app.use(loadSession(sessions))
  app.use(crossSite())
  app.use(router.routes())
  const guard = createHostGuard({ issuer, anyHostPaths: ['/healthz'] })
  const handle = app.callback()
  server.on('request', (req, res) => {
    if (guard(req, res)) void handle(req, res)
  })

  return {
    issuer,
    logLines,
    ask: (path, ask) => send(port, new URL(issuer).host, path, ask),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function send(port: number, host: string, path: string, ask: Ask = {}): Promise<Answer> {
  const body = ask.form === undefined ? ask.body : encode(ask.form)
  const method = ask.method ?? (body === undefined ? 'GET' : 'POST')
  const type = ask.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    const req = request(
      { port, host: '127.0.0.1', path, method, headers: { host, ...type, ...ask.headers } },
      (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('end', () =>
          resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString('utf8') }),
        )
      },
    )
    req.on('error', reject)
    req.end(body)
  })
}

function encode(form: NonNullable<Ask['form']>): string {
  const pairs = Object.entries(form).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one): [string, string] => [name, one]),
  )
  return new URLSearchParams(pairs).toString()
}

/** The cookies of an answer as a browser would send them back. */
export function cookiesOf(answer: Answer, before = ''): string {
  const jar = new Map(
    before
      .split('; ')
      .filter(Boolean)
      .map((pair) => split(pair)),
  )
  for (const line of answer.headers['set-cookie'] ?? []) jar.set(...split(line.split(';')[0] ?? ''))
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
}

function split(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return [pair.slice(0, at), pair.slice(at + 1)]
}

/** The token of the first form in a page. */
export function tokenOf(answer: Answer): string {
  return /name="_csrf" value="([^"]+)"/.exec(answer.body)?.[1] ?? ''
}
