import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createCli } from '../cli/run-cli.ts'
import { type BrokenServer, goodToken, startBrokenServer } from './broken-server.ts'

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

  test('F01 an internal host that a server names needs a word of its own', async () => {
    const { out } = await cli(['doctor', 'https://127.0.0.2.nip.invalid/mcp', '--client', 'codex'])
    expect(out).toContain('No answer came from')
  })
})
