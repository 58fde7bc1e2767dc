import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startNotesServer } from '../../examples/mcp-server/server.ts'
import { createGuardedFetch, type GuardedFetchOptions } from '../../src/net/guarded-fetch.ts'
import { bearerParameters } from '../../src/resources/bearer-challenge.ts'
import { createResourceInspector } from '../../src/resources/inspector.ts'
import { proposeScope } from '../../src/resources/propose.ts'
import { metadataUrls, protectionOf } from '../../src/resources/protection.ts'
import type { Resource } from '../../src/resources/resource.ts'
import { systemClock } from '../../src/runtime/clock.ts'

const issuer = 'http://localhost:8414'
let server: Server
let origin: string
let paths: string[] = []
type Answer = (request: IncomingMessage, response: ServerResponse) => void
let answer: Answer = (_request, response) => response.writeHead(404).end()

beforeAll(async () => {
  server = createServer((request, response) => {
    paths.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  paths = []
})

function inspector(options: Partial<GuardedFetchOptions> = {}) {
  const fetch = createGuardedFetch({
    userAgent: 'Sallyport/test',
    allowedInternalHosts: [],
    loopback: true,
    ...options,
  })
  return createResourceInspector({ fetch, issuer, clock: systemClock })
}

function resource(over: Partial<Resource> = {}): Resource {
  return {
    id: 'id',
    identifier: `${origin}/mcp`,
    name: 'Notes',
    aliases: [],
    scopes: [{ name: 'notes:read', description: 'Read your notes', risk: 'read', isDefault: true, tools: [] }],
    tokenLifetimeSeconds: 300,
    signingAlg: 'ES256',
    access: 'everyone',
    members: [],
    secondFactor: 'never',
    origin: 'operator',
    createdAt: new Date(0),
    updatedAt: new Date(0),
    ...over,
  }
}

const pathOfDocument = '/.well-known/oauth-protected-resource/mcp'
const json = { 'content-type': 'application/json' }

/** A server that does everything right, but for what a test changes. */
function serve(over: {
  status?: number
  challenge?: string | null
  document?: object
  documentHeaders?: Record<string, string>
  documentBody?: string | Buffer
  at?: string
}): Answer {
  return (request, response) => {
    if (request.url === (over.at ?? pathOfDocument)) {
      const claims = { resource: `${origin}/mcp`, authorization_servers: [issuer], scopes_supported: ['notes:read'] }
      response
        .writeHead(200, { ...json, ...over.documentHeaders })
        .end(over.documentBody ?? JSON.stringify({ ...claims, ...over.document }))
    } else if (request.url === '/mcp') {
      const challenge =
        over.challenge === undefined ? `Bearer resource_metadata="${origin}${pathOfDocument}"` : over.challenge
      response.writeHead(over.status ?? 401, challenge === null ? {} : { 'www-authenticate': challenge }).end('no')
    } else response.writeHead(404).end()
  }
}

const codes = async (given = resource(), options: Partial<GuardedFetchOptions> = {}) => {
  const { light, findings } = await inspector(options).test(given)
  return [light, ...findings.map(({ code }) => code)]
}

describe('the test light', () => {
  test('is green for the example server, which the verifier protects', async () => {
    const notes = await startNotesServer({ issuer, port: 0 })
    const scopes = ['notes:read', 'notes:write'].map(
      (name) => ({ name, description: name, risk: 'read', isDefault: true, tools: [] }) as const,
    )
    expect(await codes(resource({ identifier: notes.url, scopes }))).toEqual([
      'green',
      'challenge_right',
      'resource_right',
      'issuer_right',
    ])
    await notes.close()
    expect(await codes(resource({ identifier: notes.url }))).toEqual(['red', 'unreachable'])
  })

  test.each([
    ['no token asked for', { status: 200 }, ['red', 'open']],
    ['nothing there', { status: 404 }, ['red', 'nothing_there']],
    ['a fault', { status: 500 }, ['red', 'broken']],
    ['403 instead of 401', { status: 403 }, ['red', 'wrong_status']],
    ['405 before the token', { status: 405 }, ['amber', 'get_refused']],
    ['401 without a challenge', { challenge: null }, ['red', 'no_challenge']],
    ['another scheme only', { challenge: 'Basic realm="x"' }, ['red', 'no_challenge']],
    ['no pointer', { challenge: 'Bearer' }, ['amber', 'no_pointer']],
    [
      'a pointer to another host (E01)',
      { challenge: 'Bearer resource_metadata="https://evil.example/x"' },
      ['red', 'foreign_pointer'],
    ],
    [
      'offline_access in the challenge (E10)',
      { challenge: `Bearer scope="notes:read offline_access"` },
      ['amber', 'no_pointer', 'offline_in_challenge'],
    ],
  ] as const)('%s', async (_title, over, expected) => {
    answer = serve(over)
    expect(await codes()).toEqual([...expected, 'resource_right', 'issuer_right'])
  })

  test.each([
    ['another resource (E01)', { resource: 'https://other.example/mcp' }, ['red', 'other_resource', 'issuer_right']],
    ['no issuer', { authorization_servers: undefined }, ['red', 'resource_right', 'issuer_missing']],
    [
      'another issuer',
      { authorization_servers: ['https://other.example'] },
      ['red', 'resource_right', 'issuer_missing'],
    ],
    [
      'the issuer with a slash',
      { authorization_servers: [`${issuer}/`] },
      ['amber', 'resource_right', 'issuer_spelling'],
    ],
    ['scopes nobody knows', { scopes_supported: ['x'] }, ['amber', 'resource_right', 'issuer_right', 'unknown_scopes']],
    [
      'offline_access (E10)',
      { scopes_supported: ['offline_access'] },
      ['amber', 'resource_right', 'issuer_right', 'offline_in_document'],
    ],
  ] as const)('a document with %s', async (_title, document, expected) => {
    answer = serve({ document })
    const [light, ...rest] = expected
    expect(await codes()).toEqual([light, 'challenge_right', ...rest])
  })

  test('a document with an alias as its resource is amber', async () => {
    answer = serve({ document: { resource: `${origin}/other` } })
    expect(await codes(resource({ aliases: [`${origin}/other`] }))).toContain('other_spelling')
  })

  test.each([
    ['HTML', { documentHeaders: { 'content-type': 'text/html' } }],
    ['a byte order mark', { documentBody: `\ufeff{"resource":"x"}` }],
    ['UTF-16', { documentBody: Buffer.from('{"resource":"x"}', 'utf16le') }],
    ['an array', { documentBody: '[]' }],
    ['null', { documentBody: 'null' }],
    ['something behind it', { documentBody: '{"resource":"x"} x' }],
  ])('a document that is %s is none (F08)', async (_title, over) => {
    answer = serve(over)
    expect(await codes()).toEqual(['red', 'challenge_right', 'bad_document'])
  })

  test('a document without end is given up (F06)', async () => {
    answer = serve({ documentBody: `{"resource":"${'x'.repeat(70_000)}"}` })
    expect(await codes()).toEqual(['red', 'challenge_right', 'no_document'])
  })

  test.each([301, 302, 307, 308])('a redirect with %i is not followed (F05)', async (status) => {
    answer = (_request, response) => response.writeHead(status, { location: `${origin}/secret` }).end()
    expect(await codes()).toEqual(['red', 'redirected'])
    expect(paths).not.toContain('/secret')
  })

  test('a server that never ends its answer runs into the deadline (F07)', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': hello\n\n')
    }
    expect((await codes(resource(), { timeoutMs: 300 }))[0]).toBe('red')
  })

  test.each([
    'http://127.0.0.1:1/mcp',
    'https://169.254.169.254/latest',
    'https://metadata.google.internal/x',
    'https://[fd00:ec2::254]/x',
    'https://10.0.0.7/mcp',
    'https://2130706433/mcp',
    'https://[::ffff:a9fe:a9fe]/mcp',
    'http://192.168.1.1/mcp',
    'http://intranet/mcp',
  ])('%s is not contacted by a server that is not on loopback itself (F01, F02, F03)', async (identifier) => {
    const resolve = async () => {
      throw new Error('asked for a name')
    }
    const [light, code] = await codes(resource({ identifier }), { loopback: false, resolve })
    expect(['red', 'amber']).toContain(light)
    expect(['not_public', 'plain_http']).toContain(code)
  })

  test.each([['10.0.0.7'], ['127.0.0.1', '169.254.169.254'], ['192.0.2.1']])(
    'a loopback name that leads to %j is not followed there, on loopback either (F04)',
    async (...addresses) => {
      const identifier = `http://notes.localhost:${new URL(origin).port}/mcp`
      expect(await codes(resource({ identifier }), { resolve: async () => addresses })).toEqual(['red', 'not_public'])
      expect(paths).toEqual([])
    },
  )

  test('is remembered until the server changes', async () => {
    answer = serve({})
    const one = inspector()
    expect(one.last(resource())).toBeUndefined()
    await one.test(resource())
    expect(one.last(resource())?.light).toBe('green')
    expect(one.last(resource({ updatedAt: new Date(Date.now() + 1000) }))).toBeUndefined()
  })
})

describe('adding by address', () => {
  test('proposes what the example server says of itself', async () => {
    const notes = await startNotesServer({ issuer, port: 0 })
    const found = await inspector().discover(`${notes.url}/`)
    await notes.close()
    expect(found?.documentUrl).toBe(metadataUrls(notes.url)[0])
    expect(found?.draft).toMatchObject({ identifier: notes.url, name: 'Notes', aliases: [] })
    expect(found?.draft.scopes?.[0]).toEqual({
      name: 'notes:read',
      description: 'Read notes',
      risk: 'read',
      isDefault: true,
    })
  })

  test('finds the document at the root, and takes the typed address for an alias', async () => {
    answer = serve({ at: '/.well-known/oauth-protected-resource', document: { resource: origin } })
    expect((await inspector().discover(`${origin}/mcp`))?.draft).toMatchObject({
      identifier: origin,
      aliases: [`${origin}/mcp`],
    })
  })

  test.each(['https://other.example/mcp', 'http://localhost:1/mcp', 'http://localhost/mcp', 'nonsense'])(
    'a document about %s counts for nothing (E01)',
    async (claimed) => {
      answer = serve({ document: { resource: claimed, resource_name: 'Bank' } })
      expect(await inspector().discover(`${origin}/mcp`)).toMatchObject({
        foreign: claimed,
        draft: { identifier: `${origin}/mcp` },
      })
    },
  )

  test('leaves out wildcards and offline_access, and names that cannot be shown (E10, E12)', async () => {
    answer = serve({
      document: {
        resource_name: 'Not\u202ees',
        scopes_supported: ['*', 'all', 'offline_access', 'notes:*', 'notes:read'],
      },
    })
    const found = await inspector().discover(`${origin}/mcp`)
    expect(found?.leftOut).toEqual(['*', 'all', 'offline_access', 'notes:*'])
    expect(found?.draft.scopes?.map(({ name }) => name)).toEqual(['notes:read'])
    expect(found?.draft.name).toBeUndefined()
  })

  test.each(['', 'mcp.example', 'ftp://a.example', 'https://u:p@a.example/', 'https://a.example/#x'])(
    '%j is no address',
    async (text) => expect(await inspector().discover(text)).toBeNull(),
  )
})

test.each([
  ['notes:read', 'read', 'Read notes'],
  ['files.delete', 'destructive', 'Delete files'],
  ['repo', 'write', 'Repo'],
  ['listIssues', 'read', 'List issues'],
  ['send_mail', 'write', 'Send mail'],
  ['admin:org', 'destructive', 'Admin org'],
  ['read_write', 'write', 'Read write'],
])('%s is proposed as one that %ss', (name, risk, description) => {
  expect(proposeScope(name)).toEqual({ name, risk, description, isDefault: risk === 'read' })
})

test.each([
  [
    'Bearer resource_metadata="https://a.example/x", scope="a b"',
    { resource_metadata: 'https://a.example/x', scope: 'a b' },
  ],
  ['Basic realm="x, Bearer y=z", bearer Scope=one', { scope: 'one' }],
  [
    'DPoP algs="ES256", Bearer error="invalid_token", error_description="a \\"b\\""',
    { error: 'invalid_token', error_description: 'a "b"' },
  ],
  ['Bearer', {}],
  ['Basic realm="x"', null],
  ['', null],
])('the challenge %s', (header, expected) => {
  const found = bearerParameters(header)
  expect(found === null ? null : Object.fromEntries(found)).toEqual(expected)
})

test('what a server should serve is what the verifier would say', () => {
  const { challenge, document, metadataUrl, code } = protectionOf(
    resource({ identifier: 'https://a.example/mcp', name: "Ada's" }),
    'https://auth.example',
  )
  expect(metadataUrl).toBe('https://a.example/.well-known/oauth-protected-resource/mcp')
  expect(challenge).toBe(`Bearer scope="notes:read", resource_metadata="${metadataUrl}"`)
  expect(JSON.parse(document)).toMatchObject({
    resource: 'https://a.example/mcp',
    authorization_servers: ['https://auth.example'],
  })
  expect(code).toContain("resourceName: 'Ada\\'s'")
  expect(metadataUrls('https://a.example')).toEqual([
    'https://a.example/.well-known/oauth-protected-resource',
    'https://a.example/.well-known/oauth-protected-resource',
  ])
})
