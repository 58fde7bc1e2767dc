import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import * as byConnect from '../../verifier/src/express.ts'
import * as byFastify from '../../verifier/src/fastify.ts'
import * as byFetch from '../../verifier/src/fetch.ts'
import * as byHono from '../../verifier/src/hono.ts'
import type { Verifier } from '../../verifier/src/index.ts'
import * as byKoa from '../../verifier/src/koa.ts'

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A guarded MCP endpoint at /mcp, and one behind `requireToken` at /plain, in one framework. */
export interface TestServer {
  readonly port: number
  /** What handlers saw: the subject, and the JSON-RPC method where there was one. */
  readonly reached: string[]
  /** Sends a request; resolves when the answer has ended. */
  ask(
    path: string,
    init?: { method?: string; headers?: readonly string[]; body?: string; saysLength?: boolean },
  ): Promise<Answer>
  close(): Promise<void>
}

/** How a framework is set up: a listener for node:http. */
export type Setup = (verifier: Verifier, handlers: Handlers) => Promise<RequestListener> | RequestListener

interface Handlers {
  /** Notes who came; a fault in the scopes of /plain?throws is the test's own. */
  reach(auth: { readonly claims: { readonly sub: string } } | undefined, body: unknown): { sub: string | undefined }
  scopesOf(url: string): readonly string[]
  readonly mcpOptions: byFetch.McpGuardOptions
}

const stream = 'text/event-stream; charset=utf-8'

function isAuth(value: unknown): value is { readonly claims: { readonly sub: string } } {
  return typeof value === 'object' && value !== null && 'claims' in value
}

function openStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': stream })
  response.write('data: hello\n\n')
}

function webStream(): Response {
  const body = new ReadableStream({ start: (control) => control.enqueue(new TextEncoder().encode('data: hello\n\n')) })
  return new Response(body, { headers: { 'content-type': stream } })
}

/** Every adapter there is, each in its framework. */
export const setups: Readonly<Record<string, Setup>> = {
  connect: (verifier, { reach, scopesOf, mcpOptions }) => {
    const metadata = byConnect.serveResourceMetadata(verifier)
    const guard = byConnect.guardMcp<IncomingMessage & byConnect.ConnectRequest>(verifier, mcpOptions)
    const gate = byConnect.requireToken<IncomingMessage & byConnect.ConnectRequest>(verifier, {
      scopes: (request) => scopesOf(request.url ?? ''),
    })
    return (request: IncomingMessage & byConnect.ConnectRequest, response) => {
      const done = (error?: unknown) => {
        if (error !== undefined) return response.writeHead(500).end('fault')
        const body = JSON.stringify(reach(isAuth(request.auth) ? request.auth : undefined, request.body))
        if (request.method === 'GET' && request.url?.startsWith('/mcp')) return openStream(response)
        response.setHeader('content-type', 'application/json').end(body)
      }
      metadata(request, response, () => {
        const [path] = (request.url ?? '').split('?')
        if (path === '/mcp') void guard(request, response, done)
        else if (path === '/plain') void gate(request, response, done)
        else response.writeHead(404).end()
      })
    }
  },
  express: (verifier, { reach, scopesOf, mcpOptions }) => {
    const app = express()
    app.use(byConnect.serveResourceMetadata(verifier))
    app.use('/mcp', byConnect.guardMcp(verifier, mcpOptions), (request, response) => {
      const body = reach(isAuth(request.auth) ? request.auth : undefined, request.body)
      if (request.method === 'GET') openStream(response)
      else response.json(body)
    })
    const gate = byConnect.requireToken<express.Request>(verifier, {
      scopes: ({ originalUrl }) => scopesOf(originalUrl),
    })
    app.use('/plain', gate, (request, response) => {
      response.json(reach(isAuth(request.auth) ? request.auth : undefined, undefined))
    })
    app.use((_error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
      response.status(500).end('fault')
    })
    return app
  },
  koa: (verifier, { reach, scopesOf, mcpOptions }) => {
    const app = new Koa()
    app.silent = true
    app.use(byKoa.serveResourceMetadata(verifier))
    const guard = byKoa.guardMcp<Koa.Context>(verifier, mcpOptions)
    const gate = byKoa.requireToken<Koa.Context>(verifier, { scopes: ({ originalUrl }) => scopesOf(originalUrl) })
    app.use(async (context, next) => {
      if (context.path === '/mcp') await guard(context, next)
      else if (context.path === '/plain') await gate(context, next)
    })
    app.use((context) => {
      const parsed = 'body' in context.request ? context.request.body : undefined
      const body = reach(isAuth(context.state.auth) ? context.state.auth : undefined, parsed)
      if (context.method !== 'GET' || context.path !== '/mcp') {
        context.body = body
        return
      }
      context.respond = false
      openStream(context.res)
    })
    return app.callback()
  },
  hono: (verifier, { reach, scopesOf, mcpOptions }) => {
    const app = new Hono<{ Variables: byHono.AuthVariables }>()
    app.use(byHono.serveResourceMetadata(verifier))
    app.use('/mcp', byHono.guardMcp(verifier, mcpOptions))
    app.use('/plain', byHono.requireToken(verifier, { scopes: ({ req }) => scopesOf(req.raw.url) }))
    app.all('/mcp', async (context) => {
      const text = await context.req.raw.text()
      const body = reach(context.get('auth'), text === '' ? undefined : JSON.parse(text))
      return context.req.method === 'GET' ? webStream() : context.json(body)
    })
    app.all('/plain', (context) => context.json(reach(context.get('auth'), undefined)))
    app.onError((_error, context) => context.text('fault', 500))
    return toNodeHandler({ fetch: async (request) => app.fetch(request) })
  },
  fastify: async (verifier, { reach, scopesOf, mcpOptions }) => {
    const app = fastify()
    app.addHook('onRequest', byFastify.serveResourceMetadata(verifier))
    const method = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'PATCH']
    app.route({
      method,
      url: '/mcp',
      ...byFastify.guardMcp(verifier, mcpOptions),
      handler: async (request, reply) => {
        const body = reach(byFastify.authOf(request), request.body)
        if (request.method !== 'GET') return body
        reply.hijack()
        openStream(reply.raw)
      },
    })
    app.route({
      method,
      url: '/plain',
      onRequest: byFastify.requireToken(verifier, { scopes: ({ originalUrl }) => scopesOf(originalUrl) }),
      handler: async (request) => reach(byFastify.authOf(request), undefined),
    })
    await app.ready()
    return (request, response) => app.routing(request, response)
  },
  fetch: (verifier, { reach, scopesOf, mcpOptions }) => {
    const mcp = byFetch.guardMcp(
      verifier,
      async (request, { auth, message }) => {
        const body = reach(auth, message === undefined ? undefined : await request.json())
        return request.method === 'GET' ? webStream() : Response.json(body)
      },
      mcpOptions,
    )
    const gate = byFetch.requireToken(verifier, { scopes: ({ url }) => scopesOf(url) })
    const serve = async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url)
      if (pathname !== '/plain') {
        if (pathname === '/mcp' || verifier.metadataPaths.includes(pathname)) return mcp(request)
        return new Response(null, { status: 404 })
      }
      const auth = await gate(request)
      return auth instanceof Response ? auth : byFetch.withCors(Response.json(reach(auth, undefined)))
    }
    return toNodeHandler({ fetch: (request) => serve(request) })
  },
}

/** Starts a framework on loopback. */
export async function startServer(
  setup: Setup,
  verifier: Verifier,
  mcpOptions: byFetch.McpGuardOptions = {},
): Promise<TestServer> {
  const reached: string[] = []
  const listener = await setup(verifier, {
    mcpOptions,
    reach: (auth, body) => {
      const method = typeof body === 'object' && body !== null && 'method' in body ? ` ${body.method}` : ''
      reached.push(`${auth?.claims.sub}${method}`)
      return { sub: auth?.claims.sub }
    },
    scopesOf: (url) => {
      if (url.includes('throws')) throw new Error('database is away')
      return url.includes('write') ? ['notes:write'] : []
    },
  })
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    reached,
    ask: (path, { method = 'POST', headers = [], body = '', saysLength = true } = {}) =>
      new Promise((resolve, reject) => {
        const length = ['Content-Length', String(Buffer.byteLength(body))]
        const framing = saysLength ? length : ['Transfer-Encoding', 'chunked']
        const all = ['Host', `127.0.0.1:${port}`, ...framing, ...headers]
        const outgoing = httpRequest({ port, path, method, headers: all }, (incoming) => {
          let text = ''
          incoming.setEncoding('utf8').on('data', (chunk) => {
            text += chunk
          })
          incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text }))
          incoming.on('error', reject)
        })
        outgoing.on('error', reject).end(body)
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
