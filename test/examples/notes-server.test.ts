import { request } from 'node:http'
import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client'
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type NotesServer, startNotesServer } from '../../examples/mcp-server/server.ts'
import { startIssuer, type TestIssuer } from '../verifier/issuer.ts'

let issuer: TestIssuer
let notes: NotesServer
let statuses: number[] = []

beforeEach(async () => {
  statuses = []
  issuer = await startIssuer()
  issuer.clock.now = new Date()
  notes = await startNotesServer({ issuer: issuer.url, port: 0 })
})
afterEach(async () => {
  await notes.close()
  await issuer.close()
})

const mint = (changes: Record<string, unknown> = {}) =>
  issuer.mint({ aud: notes.url, scope: 'notes:read notes:write', ...changes })
const metadataUrl = () => notes.url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp')

interface CallableClient {
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  listTools(): Promise<{ tools: readonly { name: string }[] }>
  close(): Promise<void>
}

// Both generations of the official client, the newer one in every way it can negotiate.
const clients: readonly (readonly [string, (token: string) => Promise<CallableClient>])[] = [
  [
    'sdk 1.x',
    async (token) => {
      const client = new LegacyClient({ name: 'test', version: '1' })
      await client.connect(new LegacyTransport(new URL(notes.url), { requestInit: bearer(token), fetch: recordStatus }))
      return client
    },
  ],
  ['client 2.x, 2025 handshake', (token) => connectModern(token, 'legacy')],
  ['client 2.x, negotiated', (token) => connectModern(token, 'auto')],
  ['client 2.x, 2026-07-28', (token) => connectModern(token, { pin: '2026-07-28' })],
]

async function connectModern(token: string, mode: 'legacy' | 'auto' | { pin: string }): Promise<CallableClient> {
  const client = new ModernClient({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new ModernTransport(new URL(notes.url), { requestInit: bearer(token), fetch: recordStatus }))
  return client
}

const recordStatus: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init)
  statuses.push(answer.status)
  return answer
}

function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } }
}

describe.each(clients)('with %s', (_name, connect) => {
  test('a person can search, read and write', async () => {
    const client = await connect(await mint())
    const call = async (name: string, args: Record<string, unknown>) =>
      JSON.stringify(await client.callTool({ name, arguments: args }))
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual([
      'search_notes',
      'read_note',
      'write_note',
    ])
    expect(await call('write_note', { title: 'Milk', text: 'two litres' })).toContain('written as note-3')
    expect(await call('search_notes', { query: 'MILK' })).toContain('note-3: Milk')
    expect(await call('read_note', { id: 'note-3' })).toContain('two litres')
    expect(await call('read_note', { id: 'note-9' })).toContain('"isError":true')
    await client.close()
  })

  test('V29 writing without notes:write fails with HTTP 403, reading goes on', async () => {
    const client = await connect(await mint({ scope: 'notes:read' }))
    await expect(client.callTool({ name: 'write_note', arguments: { title: 'x', text: '' } })).rejects.toThrow(
      /403|scope/i,
    )
    expect(statuses.at(-1)).toBe(403)
    expect(JSON.stringify(await client.callTool({ name: 'search_notes', arguments: { query: '' } }))).toContain(
      'note-2',
    )
    await client.close()
  })

  test('only who may delete sees that one can; writing is shown to everybody', async () => {
    const names = async (scope: string) => {
      const client = await connect(await mint({ scope }))
      const { tools } = await client.listTools()
      await client.close()
      return tools.map(({ name }) => name)
    }
    const open = ['search_notes', 'read_note', 'write_note']
    expect(await names('notes:read')).toEqual(open)
    expect(await names('notes:read notes:write')).toEqual(open)
    // Half of what a tool needs is not enough to see it.
    expect(await names('notes:delete')).toEqual(open)
    expect(await names('notes:read notes:delete')).toEqual([...open, 'delete_note'])
  })

  test('V29 what is hidden is closed, too', async () => {
    const client = await connect(await mint())
    await expect(client.callTool({ name: 'delete_note', arguments: { id: 'note-1' } })).rejects.toThrow(/403|scope/i)
    expect(statuses.at(-1)).toBe(403)
    await client.close()
    const owner = await connect(await mint({ scope: 'notes:read notes:delete' }))
    const call = async (name: string, args: Record<string, unknown>) =>
      JSON.stringify(await owner.callTool({ name, arguments: args }))
    expect(await call('read_note', { id: 'note-1' })).toContain('Welcome')
    expect(await call('delete_note', { id: 'note-1' })).toContain('deleted note-1')
    expect(await call('delete_note', { id: 'note-1' })).toContain('"isError":true')
    await owner.close()
  })

  test('V18 a token for another server does not connect', async () => {
    await expect(connect(await mint({ aud: 'http://localhost:1/mcp' }))).rejects.toThrow()
  })

  test('V46 V47 notes belong to issuer and subject', async () => {
    const mine = await connect(await mint())
    await mine.callTool({ name: 'write_note', arguments: { title: 'secret', text: 'x' } })
    const yours = await connect(await mint({ sub: 'account-2' }))
    const found = JSON.stringify(await yours.callTool({ name: 'search_notes', arguments: { query: 'secret' } }))
    expect(found).toContain('no note found')
    await mine.close()
    await yours.close()
  })
})

describe('on the wire', () => {
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(notes.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify(body),
    })
  const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const writeNote = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'write_note', arguments: { title: 'x', text: '' } },
  }

  test('V01 without a token: 401, bare, with the scope to ask for first', async () => {
    for (const answer of [await post(listTools), await post(writeNote), await fetch(notes.url)]) {
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe(
        `Bearer scope="notes:read", resource_metadata="${metadataUrl()}"`,
      )
    }
  })

  test('V29 a step-up challenge: 403 with all the scopes of this tool, readable by a page', async () => {
    const { headers } = bearer(await mint({ scope: 'notes:read' }))
    const answer = await post(writeNote, { ...headers, origin: 'https://page.example' })
    expect(answer.status).toBe(403)
    const challenge = answer.headers.get('www-authenticate')
    expect(challenge).toContain('error="insufficient_scope"')
    expect(challenge).toContain('scope="notes:read notes:write"')
    expect(challenge).toContain(`resource_metadata="${metadataUrl()}"`)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
  })

  test('V49 the metadata is at the path and at the root, for pages too', async () => {
    for (const url of [metadataUrl(), metadataUrl().replace(/\/mcp$/, '')]) {
      const answer = await fetch(url)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(await answer.json()).toEqual({
        resource: notes.url,
        authorization_servers: [issuer.url],
        bearer_methods_supported: ['header'],
        scopes_supported: ['notes:read'],
        resource_name: 'Notes',
      })
    }
  })

  test('a page may ask', async () => {
    const answer = await fetch(notes.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://page.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,mcp-protocol-version',
      },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-headers')).toContain('authorization')
  })

  // Paths go out as they are written: fetch would straighten them first.
  const send = (method: string, path: string, headers: Record<string, string> = {}, body = '') =>
    new Promise<{ status: number; challenge: string | undefined; body: string }>((resolve, reject) => {
      const { hostname, port } = new URL(notes.url)
      const sent = request({ hostname, port, method, path, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        const challenge = answer.headers['www-authenticate']
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, challenge, body: text }))
      })
      sent.on('error', reject).end(body)
    })
  const spellings = [
    '//mcp',
    '/MCP',
    '/mcp/',
    '/mcp//',
    '/mcp/x',
    '/./mcp',
    '/x/../mcp',
    '/%6dcp',
    '/mcp%2f',
    '/mcp;x',
    '/',
  ]

  test.each(spellings)('V45 %s leads nowhere, with a good token or without', async (path) => {
    const good = bearer(await mint()).headers
    for (const method of ['POST', 'GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT']) {
      for (const headers of [{}, good]) {
        const answer = await send(
          method,
          path,
          { ...json, ...headers },
          method === 'POST' ? JSON.stringify(listTools) : '',
        )
        expect([answer.status, answer.body], `${method} ${path}`).toEqual([404, ''])
      }
    }
  })

  test('V45 no method and no upgrade goes past the guard', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      const answer = await send(method, '/mcp')
      expect([answer.status, answer.challenge], method).toEqual([401, expect.stringMatching(/^Bearer scope=/)])
    }
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'x',
      'sec-websocket-version': '13',
    }
    expect((await send('GET', '/mcp', upgrade)).status).toBe(401)
    expect((await send('POST', `/mcp?access_token=${await mint()}`, json, JSON.stringify(listTools))).status).toBe(401)
    expect((await send('POST', 'http://localhost/mcp', json, JSON.stringify(listTools))).status).toBe(404)
  })

  test('V45 a method in a header names no other tool than the body', async () => {
    const headers = { ...json, ...bearer(await mint({ scope: 'notes:read' })).headers }
    const disguised = {
      ...headers,
      'x-http-method-override': 'GET',
      'mcp-method': 'tools/call',
      'mcp-name': 'read_note',
    }
    expect((await send('POST', '/mcp', disguised, JSON.stringify(writeNote))).status).toBe(403)
  })

  test('a tool that does not exist is an answer to this call', async () => {
    const { headers } = bearer(await mint())
    const answer = await post({ ...writeNote, id: 'call-7', params: { name: 'Write_note', arguments: {} } }, headers)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ id: 'call-7', error: { code: -32602 } })
  })

  test('V22 an expired token is refused', async () => {
    const now = Math.floor(Date.now() / 1000)
    const { headers } = bearer(await mint({ iat: now - 20, exp: now - 10 }))
    expect((await post(listTools, headers)).status).toBe(401)
  })

  test('V34 without the issuer: 503, not 401', async () => {
    await issuer.close()
    const answer = await post(listTools, bearer(await mint()).headers)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.headers.has('www-authenticate')).toBe(false)
  })
})

test('a wrong setting stops the start and leaves no listener behind', async () => {
  await expect(startNotesServer({ issuer: 'http://auth.example', port: 0 })).rejects.toThrow(TypeError)
})
