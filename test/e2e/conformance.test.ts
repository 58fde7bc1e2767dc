// The official conformance suite for authorization servers, as published, with a person who answers without a window.
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { freePort, notes, startApp } from '../support/app.ts'
import { register } from '../support/flow.ts'
import { Person } from '../support/person.ts'

const tool = join(import.meta.dirname, '../../node_modules/@modelcontextprotocol/conformance/dist/index.js')
const checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }))

// Without --resource the server has to find the one MCP server by itself; the tool never sends a scope.
test.each([
  ['2025-03-26', undefined],
  ['2025-06-18', notes.identifier],
  ['2025-11-25', notes.identifier],
  ['2026-07-28', notes.identifier],
  ['2026-07-28', undefined],
])('every check of revision %s holds, no warning, resource %s', async (version, resource) => {
  const app = await startApp({ settings: { CLIENT_METADATA_DOCUMENTS: 'pinned' } })
  const person = new Person(app.issuer, await app.person())
  const port = await freePort()
  const client = await register(app, { redirect_uris: ['http://127.0.0.1/callback'] })
  const folder = mkdtempSync(join(tmpdir(), 'test-conformance-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))

  const run = await runTool(
    [
      ...['--url', app.issuer, '--client-id', client.client_id, '--port', String(port)],
      ...['--spec-version', version, '--output-dir', folder],
      ...(resource === undefined ? [] : ['--resource', resource]),
    ],
    async (url) => void (await fetch(await person.answer(url))),
  )

  // Client documents are a matter of revision 2025-11-25 and later.
  const expected = [
    'authorization-code-grant',
    'authorization-server-metadata',
    ...(version < '2025-11' ? [] : ['authorization-server-metadata-cimd']),
  ]
  expect(run.output).toContain(`Total: ${expected.length} passed, 0 failed`)
  expect(run.output).not.toMatch(/warning|skipped/i)
  expect(run.code).toBe(0)
  const found = globSync('**/checks.json', { cwd: folder }).flatMap((file) =>
    checks.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))),
  )
  expect(found.filter(({ status }) => status !== 'SUCCESS')).toEqual([])
  expect(found.map(({ id }) => id).sort()).toEqual(expected)
})

/** Runs it; the authorization URL that it prints goes to the person. */
function runTool(args: readonly string[], visit: (url: string) => Promise<void>) {
  const child = spawn(process.execPath, [tool, 'authorization', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill())
  let output = ''
  let visiting: Promise<void> | undefined
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      const url = /(http:\/\/\S+\/authorize\?\S+)\s/.exec(output)?.[1]
      // The URL is printed before anybody listens for the answer.
      if (url === undefined || visiting !== undefined || !output.includes('Callback server started')) return
      visiting = visit(url)
      visiting.catch(reject)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
