import { afterEach, describe, expect, test } from 'vitest'
import { showing } from '../../src/doctor/shown.ts'
import { createCli } from '../cli/run-cli.ts'
import { type Before, type BrokenServer, goodToken, startBrokenServer } from './broken-server.ts'

const cli = createCli({})
let server: BrokenServer
afterEach(() => server?.close())

// What clears a screen, in seven and in eight bits; what turns words round; what hides; what begins a line.
const evil = '\u001b[2J\u009b31m\u0085\u202e\u2066\u200b\u{e0041}\r\nok      Everything'
const unseen = /[^\n\P{Cc}]|\p{Cf}|\u2028|\u2029/u

const sendJson = (response: Parameters<Before>[1], status: number, value: unknown) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  return true
}

/** Wherever a server may write a text. */
const hostile: Readonly<Record<string, Before>> = {
  resource: (_request, response, { path, origin }) =>
    path.startsWith('/.well-known/oauth-protected-resource') &&
    sendJson(response, 200, { resource: `https://other.example/${evil}`, authorization_servers: [origin] }),
  issuer: (_request, response, { path, origin }) =>
    path.startsWith('/.well-known/oauth-protected-resource') &&
    sendJson(response, 200, { resource: `${origin}/mcp`, authorization_servers: [`https://a.invalid/${evil}`] }),
  metadata: (_request, response, { path, origin }) =>
    path.startsWith('/.well-known/oauth-authorization-server') &&
    sendJson(response, 200, {
      issuer: `${origin}${evil}`,
      authorization_endpoint: `http://a.invalid/${evil}`,
      token_endpoint: `http://a.invalid/${evil}`,
      registration_endpoint: `http://a.invalid/${evil}`,
      code_challenge_methods_supported: [evil],
      response_types_supported: [evil],
      token_endpoint_auth_methods_supported: [evil],
    }),
  refusal: (_request, response, { path }) =>
    path === '/register' && sendJson(response, 400, { error: evil, error_description: evil }),
  registration: (_request, response, { path }) =>
    path === '/register' &&
    sendJson(response, 201, { client_id: evil, redirect_uris: [evil], token_endpoint_auth_method: evil }),
  redirect: (_request, response, { path, origin }) => {
    if (path !== '/authorize') return false
    const to = new URL(`${origin}/mcp`)
    to.search = new URLSearchParams({ error: evil, error_description: evil, iss: evil }).toString()
    response.writeHead(303, { location: to.href }).end()
    return true
  },
  // A header holds bytes: these are what a terminal of eight bits obeys.
  challenge: (_request, response, { path }) => {
    if (path !== '/mcp') return false
    const parts = `error="\u009b2J\u0085", scope="\u009b2J", resource_metadata="https://a.invalid/\u009b2J"`
    response.writeHead(401, { 'www-authenticate': `Bearer ${parts} \u009b2J` }).end()
    return true
  },
  type: (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/\u009b2J' }).end()
    return true
  },
}

describe('what a server writes cannot move the cursor, forge a line or turn words round', () => {
  test.each(Object.keys(hostile))('D11 %s', async (name) => {
    server = await startBrokenServer([], { before: hostile[name] ?? (() => false) })
    const text = await cli(['doctor', server.address, '--register'])
    const json = await cli(['doctor', server.address, '--register', '--json'])
    expect(text.out).toMatch(/\\u\{(?:1b|9b)\}/)
    for (const shown of [text.out, text.err, json.out, json.err]) expect(shown).not.toMatch(unseen)
    expect(text.out).not.toMatch(/^ok {6}Everything/m)
    expect(JSON.stringify(JSON.parse(json.out))).not.toMatch(unseen)
  })

  test('neither can a listing in JSON of anything else', async () => {
    const { out } = await cli(['doctor', 'https://a.invalid/mcp', '--json'])
    expect(out).not.toMatch(unseen)
  })
})

test('F06 what is long is cut: a report stays one that can be read', async () => {
  const long = 'x'.repeat(60_000)
  server = await startBrokenServer([], {
    before: (_request, response, { path }) =>
      path === '/register' && sendJson(response, 400, { error: long, error_description: long }),
    metadataMembers: { code_challenge_methods_supported: [long] },
  })
  const { out } = await cli(['doctor', server.address])
  expect(out).toContain('xxx…')
  expect(out.length).toBeLessThan(20_000)
})

test.each([
  ['whole', (token: string) => `the token ${token} is none of ours`],
  ['in parts', (token: string) => token.split('.').join(' and ')],
])('a server that repeats the token %s does not bring it into the report', async (_title, repeat) => {
  const token = goodToken('https://other.example', { jti: 'a-token-that-is-long-enough' }).replace(
    'c2ln',
    'c'.repeat(64),
  )
  server = await startBrokenServer([], {
    before: (request, response, { path }) => {
      if (path !== '/mcp' || request.headers.authorization !== `Bearer ${token}`) return false
      const said = `Bearer error="invalid_token", error_description="${repeat(token)}"`
      response.writeHead(401, { 'www-authenticate': said }).end()
      return true
    },
  })
  for (const more of [[], ['--json']]) {
    const { out, err } = await cli(['doctor', server.address, '--client', 'cursor', '--token', '-', ...more], token)
    expect(out).toContain('…')
    for (const part of token.split('.').slice(1)) expect(`${out}${err}`).not.toContain(part)
  }
})

test('words that are only like a part of a token are left alone', () => {
  const show = showing(['eyJhbGciOiJub25lIn0.abc.def'])
  expect(show('abc eyJhbGciOiJub25lIn0 def')).toBe('abc … def')
})
