// The official conformance suite for MCP servers, as published, against the example behind the verifier. The suite sends no token: each of
// its requests is given one on the way in.
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthInfo, McpServer } from '@modelcontextprotocol/server'
import { createVerifier, type Verifier } from '@sallyport/verifier'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createMcpListener } from '../../examples/mcp-server/listener.ts'
import { createNotebooks } from '../../examples/mcp-server/notes.ts'
import { createNotesMcp, noteTools } from '../../examples/mcp-server/tools.ts'
import { createCatalogue } from '../support/conformance/catalogue.ts'
import { startIssuer } from '../verifier/issuer.ts'

const tool = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/conformance/dist/index.js')
const checks = z.array(z.object({ id: z.string(), status: z.string() }))

// Until 2025-11-25 a server asks the client back within a session. The example keeps none: it answers every request by itself, and asks
// back only as 2026-07-28 does it (`input_required`, all of whose scenarios must pass). `server-session-lifecycle` sees that and is silent.
const needSession = [
  'tools-call-sampling',
  'tools-call-elicitation',
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'server-sse-polling',
]
// The suite would see notifications that a list has changed; lists here never do. Without sessions two streams of one have nothing to show.
const neverHappens = [
  'sep-2575-server-sends-prompts-list-changed-on-subscription',
  'sep-2575-server-sends-tools-list-changed-on-subscription',
  'server-sse-multiple-streams-session',
]

// The suite can only call tools that it knows by name, so these stand in the example's place behind its listener. It also runs the tasks
// extension, which no revision requires and the SDK of the example does not have.
test.each([
  ['2025-06-18', ['--suite', 'all', '--spec-version', '2025-06-18'], needSession.slice(0, 2), 24],
  ['2025-11-25', ['--requirements', '2025-11-25'], needSession, 26],
  ['2026-07-28', ['--requirements', '2026-07-28'], [], 40],
])('every scenario of revision %s holds behind the guard', async (_revision, args, notApplicable, scenarios) => {
  const server = await startGuarded({ '*': ['notes:read'] }, createCatalogue)

  const { found } = await server.runTool(args)

  const required = found.filter(({ scenario }) => !scenario.startsWith('tasks-'))
  const faults = required.filter(
    ({ id, status }) => !['SUCCESS', 'INFO'].includes(status) && !neverHappens.includes(id),
  )
  // What is not applicable has to fail, so that the list cannot outlive its reason.
  expect(faults.filter(({ scenario }) => !notApplicable.includes(scenario))).toEqual([])
  expect([...new Set(faults.map(({ scenario }) => scenario))].sort()).toEqual(notApplicable.toSorted())
  const held = new Set(required.filter(({ status }) => status === 'SUCCESS').map(({ scenario }) => scenario))
  expect([...held].filter((scenario) => !notApplicable.includes(scenario))).toHaveLength(scenarios)
})

test.each([
  ['server-initialize', '2025-11-25'],
  ['ping', '2025-11-25'],
  ['tools-list', '2025-11-25'],
  ['dns-rebinding-protection', '2025-11-25'],
  ['tools-list', '2026-07-28'],
  ['http-header-validation', '2026-07-28'],
  ['input-required-result-unsupported-methods', '2026-07-28'],
])('%s of revision %s holds for the notes themselves', async (scenario, revision) => {
  const openNotebook = createNotebooks()
  const server = await startGuarded(noteTools, (auth, verifier) => createNotesMcp(verifier, auth, openNotebook))
  const run = await server.runTool(['--scenario', scenario, '--spec-version', revision])
  expect(run.code, run.output).toBe(0)
  expect(run.found.length).toBeGreaterThan(0)
  expect(run.found.filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO')).toEqual([])
})

test('without a token the suite gets nowhere', async () => {
  const server = await startGuarded({ '*': [] }, createCatalogue, false)
  expect((await server.runTool(['--scenario', 'ping', '--spec-version', '2025-11-25'])).code).toBe(1)
})

/** The example's listener on a port of its own, and the suite to run against it. */
async function startGuarded(
  tools: Readonly<Record<string, readonly string[]>>,
  createMcp: (auth: AuthInfo, verifier: Verifier) => McpServer,
  addsToken = true,
) {
  const issuer = await startIssuer()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await issuer.close()
  })
  const address = server.address()
  const url = `http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}/mcp`
  const verifier = createVerifier({ issuer: issuer.url, resource: url, tools, now: () => issuer.clock.now })
  const listener = createMcpListener(verifier, (auth) => createMcp(auth, verifier))
  const authorization = `Bearer ${await issuer.mint({ aud: url })}`
  server.on('request', (request, response) => {
    if (addsToken) {
      request.headers.authorization = authorization
      request.rawHeaders.push('Authorization', authorization)
    }
    listener(request, response)
  })
  return { runTool: (args: readonly string[]) => runTool(url, args) }
}

/** Runs it, and reads what it has written down. */
async function runTool(url: string, args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'test-server-conformance-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const all = ['server', '--url', url, ...args, '--output-dir', folder]
  const child = spawn(process.execPath, [tool, ...all], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill())
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const found = globSync('server-*/checks.json', { cwd: folder }).flatMap((file) => {
    const scenario = file.replace(/^server-(.*)-\d{4}-\d\d-\d\dT.*$/, '$1')
    return checks.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))).map((check) => ({ scenario, ...check }))
  })
  return { code, output, found }
}
