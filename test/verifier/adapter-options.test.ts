// What each adapter is given, and what it gives on: lists of scopes, bodies that somebody has read before, names under which who asks is found.
import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { toNodeHandler } from '@modelcontextprotocol/node'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBounded } from '../../verifier/src/bounded-body.ts'
import * as byConnect from '../../verifier/src/express.ts'
import * as byFastify from '../../verifier/src/fastify.ts'
import * as byFetch from '../../verifier/src/fetch.ts'
import * as byHono from '../../verifier/src/hono.ts'
import type { Verifier } from '../../verifier/src/index.ts'
import * as byKoa from '../../verifier/src/koa.ts'
import { describeNodeRequest, readNodeBody } from '../../verifier/src/node-http.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'
import { setups, startServer } from './servers.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

/** A server with one address that needs `notes:write`, said as a list, in one framework. */
const lists: Readonly<Record<string, (verifier: Verifier) => Promise<RequestListener> | RequestListener>> = {
  express: (verifier) =>
    express().use(byConnect.requireToken(verifier, { scopes: ['notes:write'] }), (request, response) => {
      response.json('auth' in request)
    }),
  koa: (verifier) => {
    const app = new Koa()
    app.use(byKoa.requireToken(verifier, { scopes: ['notes:write'] }))
    app.use((context) => {
      context.body = JSON.stringify('auth' in context.req)
    })
    return app.callback()
  },
  hono: (verifier) => {
    const app = new Hono<{ Variables: byHono.AuthVariables }>()
    app.use(byHono.requireToken(verifier, { scopes: ['notes:write'] }))
    app.all('*', (context) => context.json(context.get('auth') !== undefined))
    return toNodeHandler({ fetch: async (request) => app.fetch(request) })
  },
  fastify: async (verifier) => {
    const app = fastify()
    app.post('/plain', { onRequest: byFastify.requireToken(verifier, { scopes: ['notes:write'] }) }, async (request) =>
      JSON.stringify('auth' in request.raw),
    )
    await app.ready()
    return (request, response) => app.routing(request, response)
  },
  fetch: (verifier) => {
    const gate = byFetch.requireToken(verifier, { scopes: ['notes:write'] })
    return toNodeHandler({
      fetch: async (request) => {
        const auth = await gate(request)
        return auth instanceof Response ? auth : Response.json(true)
      },
    })
  },
}

describe.each(Object.entries(lists))('V29 scopes as a list in %s', (_name, listener) => {
  test('V29 are needed, all of them, and transports find who asks', async () => {
    const server = await startServer(() => listener(issuer.verifier()), issuer.verifier())
    try {
      const ask = async (scope: string) =>
        server.ask('/plain', { headers: ['authorization', `Bearer ${await issuer.mint({ scope })}`] })
      const refused = await ask('notes:read')
      expect(refused.status).toBe(403)
      expect(refused.headers['www-authenticate']).toContain('scope="notes:write"')
      expect(await ask('notes:write')).toMatchObject({ status: 200, body: 'true' })
    } finally {
      await server.close()
    }
  })
})

describe.each(Object.entries(setups))('V45 the metadata in %s', (_name, setup) => {
  test('V45 are open to the headers that a page asks about', async () => {
    const verifier = issuer.verifier()
    const server = await startServer(setup, verifier)
    try {
      const [path = ''] = verifier.metadataPaths
      const preflight = (headers: readonly string[]) =>
        server.ask(path, { method: 'OPTIONS', headers: ['access-control-request-method', 'GET', ...headers] })
      const told = await preflight(['access-control-request-headers', 'mcp-protocol-version'])
      expect([told.status, told.body]).toEqual([204, ''])
      expect(told.headers['access-control-allow-headers']).toBe('mcp-protocol-version')
      expect(told.headers['content-type']).toBeUndefined()
      expect((await preflight([])).headers['access-control-allow-headers']).toMatch(/^Authorization, /)
      const { headers, body } = await server.ask(path, { method: 'GET' })
      expect(headers['content-type']).toMatch(/^application\/json\b/)
      expect(JSON.parse(body).resource).toBe(issuer.resource)
      expect((await server.ask('/elsewhere', { method: 'GET' })).status).toBe(404)
    } finally {
      await server.close()
    }
  })
})

describe('V25 a body that was read before us', () => {
  const call = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete"}}'
  const doubled = call.replace('"name":"delete"', '"name":"list","name":"delete"')
  const headersFor = async () => ['authorization', `Bearer ${await issuer.mint()}`, 'content-type', 'application/json']
  const verifier = () => issuer.verifier({ tools: { delete: ['notes:write'], list: [] } })
  const statuses = async (listener: RequestListener) => {
    const server = await startServer(() => listener, issuer.verifier())
    try {
      const ask = async (body: string) => (await server.ask('/mcp', { body, headers: await headersFor() })).status
      return [await ask(call), await ask(doubled), await ask(call.replace('delete', 'list'))]
    } finally {
      await server.close()
    }
  }

  test.each<[string, express.RequestHandler, number]>([
    ['parsed', express.json(), 403],
    ['as text', express.text({ type: '*/*' }), 400],
    ['as bytes', express.raw({ type: '*/*' }), 400],
  ])('V25 %s by Express is judged as what it is', async (_how, parser, ofDoubled) => {
    const app = express().use(parser, byConnect.guardMcp(verifier()), (_request, response) => {
      response.end()
    })
    expect(await statuses(app)).toEqual([403, ofDoubled, 200])
  })

  test('V25 parsed for Koa is judged, and is there for the handler', async () => {
    const app = new Koa()
    const seen: unknown[] = []
    app.use(async (context, next) => {
      const chunks: Buffer[] = []
      for await (const chunk of context.req) chunks.push(chunk)
      Object.assign(context.request, { body: JSON.parse(Buffer.concat(chunks).toString()) })
      await next()
    })
    app.use(byKoa.guardMcp(verifier()))
    app.use((context) => {
      seen.push('body' in context.request ? context.request.body : undefined, context.state.auth.claims.sub)
      context.status = 200
    })
    expect(await statuses(app.callback())).toEqual([403, 403, 200])
    expect(seen).toEqual([JSON.parse(call.replace('delete', 'list')), 'account-1'])
  })

  test('V25 through Hono is judged, whether as text or parsed, and told to the handler', async () => {
    const app = new Hono<{ Variables: byHono.AuthVariables }>()
    const seen: unknown[] = []
    app.use(async (context, next) => {
      await context.req.text()
      await next()
    })
    app.use(byHono.guardMcp(verifier()))
    app.all('*', (context) => {
      seen.push(context.get('mcpMessage')?.tool, context.get('auth').claims.sub)
      return context.body(null, 200)
    })
    expect(await statuses(toNodeHandler({ fetch: async (request) => app.fetch(request) }))).toEqual([403, 400, 200])
    expect(seen).toEqual(['list', 'account-1'])
  })
})

describe('a body', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const text = (read: Uint8Array | undefined) => (read === undefined ? undefined : new TextDecoder().decode(read))

  test('is put together of its pieces, up to the limit', async () => {
    const pieces = () => Readable.from([bytes('ab'), bytes('c'), bytes('def')])
    expect(text(await readBounded(pieces(), 6))).toBe('abcdef')
    expect(await readBounded(pieces(), 5)).toBeUndefined()
    expect(text(await readBounded(Readable.from(['é', 'x']), 3))).toBe('éx')
    expect(await readBounded(Readable.from(['é', 'x']), 2)).toBeUndefined()
    expect(text(await readBounded(Readable.from([]), 0))).toBe('')
    const web = () => new Response('abcdef').body ?? new ReadableStream()
    expect(text(await readBounded(web(), 6))).toBe('abcdef')
    expect(await readBounded(web(), 5)).toBeUndefined()
  })

  test('that is too long is told to stop, and a source that cannot is no fault', async () => {
    const stopped: unknown[] = []
    const endless = (cancel: () => void) =>
      new ReadableStream<Uint8Array>({ pull: (control) => control.enqueue(bytes('x')), cancel })
    expect(
      await readBounded(
        endless(() => void stopped.push('yes')),
        3,
      ),
    ).toBeUndefined()
    const broken = endless(() => {
      throw new Error('cannot')
    })
    expect(await readBounded(broken, 3)).toBeUndefined()
    expect(stopped).toEqual(['yes'])
  })

  test('of what only looks like a request of Node is what its parser made, or nothing', async () => {
    const bare = { headers: {} }
    expect(await readNodeBody(bare, undefined, 9)).toEqual({ bytes: new Uint8Array() })
    expect(await readNodeBody(bare, 'é', 9)).toEqual({ bytes: bytes('é') })
    expect(await readNodeBody(bare, Buffer.from('a'), 9)).toEqual({ bytes: Buffer.from('a') })
    expect(await readNodeBody(bare, { a: 1 }, 9)).toEqual({ parsed: { a: 1 } })
    expect(await readNodeBody(bare, null, 9)).toEqual({ parsed: null })
  })
})

describe('a request of Node', () => {
  test('is described by what it has', () => {
    const describe = (more: object, body?: unknown) => describeNodeRequest({ headers: {}, ...more }, '/mcp?a=1?b', body)
    expect(describe({})).toMatchObject({ method: 'GET', path: '/mcp', query: 'a=1?b', authorization: [], dpop: [] })
    expect(describe({ headers: { authorization: 'Bearer a', 'x-many': ['a', 'b'] } }).authorization).toEqual([
      'Bearer a',
    ])
    expect(describe({ headers: { 'x-many': ['a', 'b'], x: 'y' } }).header('x-many')).toBeUndefined()
    expect(describe({ headers: { x: 'y' } }).header('x')).toBe('y')
    const form = { access_token: 'a' }
    const typed = (type: string) => describe({ headers: { 'content-type': type } }, form).hasTokenInForm
    expect(typed('application/x-www-form-urlencoded; charset=utf-8')).toBe(true)
    expect(typed('application/x-www-form-urlencodedx')).toBe(false)
    expect(typed('text/plain; was=application/x-www-form-urlencoded')).toBe(false)
    expect(typed('application/json')).toBe(false)
  })

  test('413 closes the connection, because the rest of the body is still on its way, and nothing else does', async () => {
    for (const [name, setup] of Object.entries(setups)) {
      if (name !== 'connect' && name !== 'express' && name !== 'koa') continue
      const server = await startServer(setup, issuer.verifier(), { maxBodyBytes: 10 })
      try {
        const headers = [
          'authorization',
          `Bearer ${await issuer.mint()}`,
          'content-type',
          'application/json',
          'connection',
          'keep-alive',
        ]
        const large = await server.ask('/mcp', { headers, body: ' '.repeat(11) })
        expect([name, large.status, large.headers.connection]).toEqual([name, 413, 'close'])
        const bad = await server.ask('/mcp', { headers, body: '{}' })
        expect([name, bad.status, bad.headers.connection]).toEqual([name, 400, 'keep-alive'])
      } finally {
        await server.close()
      }
    }
  })
})
