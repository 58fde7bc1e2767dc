import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { createCli } from '../cli/run-cli.ts'
import { type Before, type BrokenServer, goodToken, startBrokenServer } from './broken-server.ts'

// No settings at all: it runs where nothing of ours is installed.
const cli = createCli({})
const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
let server: BrokenServer
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => server?.close())

describe('sallyport doctor', () => {
  test('exit code 0 when nothing is broken, and a line for each step and client', async () => {
    server = await startBrokenServer()
    const { code, out } = await cli(['doctor', server.address, '--client', 'vscode', '--client', 'cursor'])
    expect(code).toBe(0)
    expect(out).toMatch(/^ok {6}First call and challenge$/m)
    expect(out).toMatch(/^– {7}Call with a token$/m)
    expect(out).toMatch(/^ok {6}Cursor {3}registration$/m)
    expect(out.trim().split('\n').at(-1)).toBe('Every client can connect.')
  })

  test('exit code 1 when something is, with what to change', async () => {
    server = await startBrokenServer(['no_pkce', 'registration_refused'])
    const { code, out } = await cli(['doctor', server.address])
    expect(code).toBe(1)
    expect(out).toContain('clients must refuse it then.\n        → add code_challenge_methods_supported: [S256].')
    expect(out).toContain('The registration of Cursor is refused: invalid_redirect_uri: must be https\n')
  })

  test('exit code 2 when it is called wrongly', async () => {
    expect(await cli(['doctor', 'tools.example'])).toMatchObject({ code: 2, out: '' })
    const unknown = await cli(['doctor', 'https://tools.example', '--client', 'netscape'])
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('hint: known are claude, claude-code') })
    expect(await cli(['doctor'])).toMatchObject({ code: 2 })
  })

  test('--json has one shape', async () => {
    server = await startBrokenServer(['cors_token'])
    const { code, out } = await cli(['doctor', server.address, '--client', 'inspector', '--json'])
    const report = JSON.parse(out)
    expect(code).toBe(1)
    expect(Object.keys(report)).toEqual(['version', 'address', 'issuer', 'light', 'steps', 'clients', 'left_behind'])
    expect(report).toMatchObject({
      version: 1,
      address: server.address,
      issuer: server.origin,
      light: 'red',
      left_behind: [],
    })
    expect(report.steps.map(({ step }: { step: string }) => step)).toEqual([
      ...['challenge', 'resource_metadata', 'server_metadata', 'cors'],
      ...['registration', 'authorize', 'token', 'call'],
    ])
    expect(report.steps[3]).toEqual({
      step: 'cors',
      light: 'red',
      findings: [
        {
          code: 'cors_token',
          what: `A page of a browser cannot read the answers of ${server.origin}/token.`,
          change: 'add Access-Control-Allow-Origin to the token endpoint.',
          clients: ['inspector'],
          values: { url: `${server.origin}/token` },
        },
      ],
    })
    expect(report.clients).toEqual([
      { client: 'inspector', light: 'red', way: 'registration', findings: ['cors_token', 'call_untried'] },
    ])
  })

  test('a token comes from a file or from standard input, and is printed nowhere', async () => {
    server = await startBrokenServer()
    const token = goodToken(server.origin)
    const file = join(folder, 'token.txt')
    writeFileSync(file, `Bearer ${token}\n`)
    for (const [argv, stdin] of [
      [['--token', file], ''],
      [['--token', '-'], token],
    ] as const) {
      const { code, out, err } = await cli(['doctor', server.address, '--client', 'cursor', ...argv], stdin)
      expect([code, err]).toEqual([0, ''])
      expect(out).toMatch(/^ok {6}Call with a token$/m)
      expect(out).not.toContain(token)
    }
    expect(await cli(['doctor', server.address, '--token', join(folder, 'none')])).toMatchObject({ code: 1 })
    expect(await cli(['doctor', server.address, '--token', '-'], 'two words')).toMatchObject({ code: 1 })
  })

  test('what a server says of itself cannot move the cursor', async () => {
    server = await startBrokenServer([], { resource: 'https://other.example/\u001b[2J' })
    const { out } = await cli(['doctor', server.address, '--client', 'codex'])
    expect(out).toContain('\\u{1b}')
    expect(out).not.toContain('\u001b')
  })
})

describe('what a stranger types', () => {
  test.each([
    ['nothing', [], 2, /^missing required argument 'mcp-server-url'\nhint: /],
    ['no address', ['garbage'], 2, /^the address of an MCP server begins with https:\/\/ or http:\/\/\nhint: /],
    ['an empty address', [''], 2, /^the address of an MCP server begins with/],
    ['a file', ['file:///etc/passwd'], 2, /^the address of an MCP server begins with/],
    ['an option that is none', ['https://a.invalid', '--frob'], 2, /^unknown option '--frob'\nhint: /],
    ['two addresses', ['https://a.invalid', 'https://b.invalid'], 2, /^too many arguments/],
    [
      'two tokens',
      ['https://a.invalid', '--login', '--token', 'x'],
      2,
      /^--login and --token are two ways to one token/,
    ],
    ['a file that is not there', ['https://a.invalid', '--token', '/nowhere'], 1, /^cannot read \/nowhere/],
  ])('%s', async (_title, argv, code, err) => {
    expect(await cli(['doctor', ...argv])).toMatchObject({ code, out: '', err: expect.stringMatching(err) })
  })

  test('a password in an address is not repeated', async () => {
    const { code, out, err } = await cli(['doctor', 'https://ada:geheim@tools.example/mcp'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^an address with a name or a password in it is not sent\nhint: .*\n$/)
    expect(err).not.toMatch(/ada|geheim/)
  })

  test.each([
    ['https://169.254.169.254/latest', '169.254.169.254 lies on an internal address that is not contacted from here.'],
    ['https://[fe80::1]/mcp', '[fe80::1] lies on an internal address that is not contacted from here.'],
    ['http://10.0.0.7/mcp', '10.0.0.7 is not reached by https.'],
    ['http://localhost:1/mcp', 'No answer came from localhost:1 (the connection was refused).'],
    ['https://nowhere.invalid/mcp', 'No answer came from nowhere.invalid (the name has no address).'],
  ])('%s is answered with one sentence, and nothing else is said', async (address, sentence) => {
    const { code, out, err } = await cli(['doctor', address])
    expect([code, err]).toEqual([1, ''])
    const said = out.split('\n').filter((line) => line.startsWith('        '))
    expect(said).toEqual([`        ${sentence}`, expect.stringMatching(/^ {8}→ /)])
    expect(out.match(/^– {7}/gm)?.length).toBe(7)
  })

  test.each([
    ['a page of the web', 200, 'text/html', '<h1>Welcome</h1>', 'is no MCP server (200, text/html).'],
    [
      'an answer that is only JSON',
      200,
      'application/json',
      '{"hello":1}',
      'is no MCP server (200, application/json).',
    ],
    ['an MCP server for everybody', 200, 'application/json', '{"jsonrpc":"2.0","id":1}', 'nothing is protected.'],
    ['the same as a stream', 200, 'text/event-stream', 'data: {"jsonrpc":"2.0","id":1}\n\n', 'nothing is protected.'],
    ['nothing at all', 404, 'text/plain', '', 'there is no MCP endpoint.'],
  ])('%s is answered with one sentence', async (_title, status, type, body, sentence) => {
    const before: Before = (_request, response, { path }) => {
      response.writeHead(path === '/mcp' ? status : 404, { 'content-type': type }).end(body)
      return true
    }
    server = await startBrokenServer([], { before })
    const { code, out } = await cli(['doctor', server.address, '--client', 'cursor', '--client', 'inspector'])
    const said = out.split('\n').filter((line) => line.startsWith('        '))
    expect([code, said.length]).toEqual([1, 2])
    expect(said[0]).toContain(sentence)
    expect(out).toMatch(/^– {7}Making the client known$/m)
  })

  test('a plain listener behind an https address is said to speak no TLS', async () => {
    server = await startBrokenServer()
    const { out } = await cli(['doctor', server.address.replace('http:', 'https:'), '--client', 'cursor'])
    expect(out).toContain('(what answers does not speak TLS)')
  })
})

describe('it goes out as the server does', () => {
  /** A proxy that lets nobody through, and what it was asked for. */
  async function startProxy() {
    const asked: string[] = []
    const proxy = createServer()
    proxy.on('connect', (request, socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void proxy.close())
    const { port } = proxy.address() as AddressInfo
    return { asked, url: `http://ada:geheim@127.0.0.1:${port}` }
  }

  test('by its proxy, whose password is shown nowhere', async () => {
    const { asked, url } = await startProxy()
    const file = join(folder, 'proxy')
    writeFileSync(file, `${url}\n`)
    const ways = [{ SALLYPORT_EGRESS_PROXY: url }, { SALLYPORT_EGRESS_PROXY_FILE: file }]
    for (const env of ways) {
      const { code, out, err } = await createCli(env)(['doctor', 'https://93.184.216.34/mcp', '--client', 'codex'])
      expect([code, err]).toEqual([1, ''])
      expect(out).toContain('No answer came from 93.184.216.34 (the proxy did not let the request through).')
      expect(out).not.toContain('geheim')
    }
    const authorization = `Basic ${Buffer.from('ada:geheim').toString('base64')}`
    expect(asked).toEqual(Array(2).fill(`93.184.216.34:443 ${authorization}`))
  })

  test('not by the proxy to this machine', async () => {
    const { asked, url } = await startProxy()
    server = await startBrokenServer()
    const { code } = await createCli({ SALLYPORT_EGRESS_PROXY: url })(['doctor', server.address, '--client', 'cursor'])
    expect([code, asked]).toEqual([0, []])
  })

  test('F01 an internal host that a server names needs a word: of the command line, or of the settings', async () => {
    const issuer = 'https://auth.corp'
    const before: Before = (_request, response, { path, origin }) => {
      if (!path.startsWith('/.well-known/oauth-protected-resource')) return false
      const document = { resource: `${origin}/mcp`, authorization_servers: [issuer] }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
      return true
    }
    server = await startBrokenServer([], { before })
    const refused = `The authorization server ${issuer} lies on an internal address`
    const asked = `No answer came from the authorization server ${issuer} (the name has no address).`
    const argv = ['doctor', server.address, '--client', 'cursor']
    expect((await cli(argv)).out).toContain(refused)
    expect((await cli([...argv, '--allow-internal', 'auth.corp'])).out).toContain(asked)
    expect((await createCli({ SALLYPORT_EGRESS_ALLOWED_HOSTS: 'auth.corp' })(argv)).out).toContain(asked)
  })

  test.each([
    [{ SALLYPORT_EGRESS_PROXY: 'ftp://ada:geheim@proxy.example' }, /SALLYPORT_EGRESS_PROXY: must begin with http/],
    [{ SALLYPORT_EGRESS_PROXI: 'http://proxy.example' }, /did you mean SALLYPORT_EGRESS_PROXY\?/],
  ])('a faulty setting is named before anything is asked: %o', async (env, fault) => {
    const { code, out, err } = await createCli(env)(['doctor', 'https://tools.invalid/mcp'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(fault)
    expect(err).not.toContain('geheim')
  })

  test('a faulty setting of anything else is no matter of this command', async () => {
    const env = { SALLYPORT_PORT: 'x', SALLYPORT_NOTHING: 'y', SALLYPORT_DATABASE_URL: 'z' }
    expect(await createCli(env)(['doctor', 'https://tools.invalid/mcp'])).toMatchObject({ code: 1, err: '' })
  })
})
