// `npm run demo` as a stranger runs it: a process of its own, on ports and a temporary folder of its own.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/app.ts'
import { Person } from '../support/person.ts'

const script = join(import.meta.dirname, '../../scripts/demo.ts')

test('the demo walks to its end, says why each step matters, and leaves nothing behind', async () => {
  const demo = await startDemo()

  expect(await demo.ended).toBe(0)

  expect(demo.errors()).toBe('')
  const output = demo.output()
  expect(output.match(/^\d+\. .*$/gm)).toHaveLength(10)
  expect(output.match(/why: /g)?.length).toBeGreaterThanOrEqual(8)
  for (const told of ['client id', 'notes:read notes:write', 'written as note-3', 'refused: invalid_grant']) {
    expect(output).toContain(told)
  }
  expect(readdirSync(demo.folder)).toEqual([])
})

test('with --browser the person answers, and the demo waits for them', async () => {
  const demo = await startDemo('--browser')
  let answered = 0
  demo.onOutput(async (output) => {
    const pages = [...output.matchAll(/^ {3}(http:\/\/localhost:\d+\/authorize\?\S+)$/gm)]
    const url = pages[answered]?.[1]
    if (url === undefined) return
    answered += 1
    const [, email = '', password = ''] = /sign in as (\S+) with the password (\S+)/.exec(output) ?? []
    const callback = await new Person(new URL(url).origin, { email, password }).answer(url)
    expect((await fetch(callback)).status).toBe(200)
  })

  expect(await demo.ended).toBe(0)

  expect(answered).toBe(2)
  expect(demo.output()).toContain('written as note-3')
  expect(readdirSync(demo.folder)).toEqual([])
})

test.each(['--port', '--notes-port'])('a port of %s that is taken is named, with what to do', async (option) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void taken.close())
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? String(address.port) : ''

  const demo = await startDemo(option, port)

  expect(await demo.ended).toBe(1)
  expect(demo.errors()).toContain(`port ${port} is taken`)
  expect(demo.errors()).toContain('hint: ')
  expect(readdirSync(demo.folder)).toEqual([])
})

test('a demo that is stopped half-way takes its server and folder along', async () => {
  const demo = await startDemo('--browser')
  demo.onOutput(async (output) => void (output.includes('/authorize?') && demo.stop()))
  expect(await demo.ended).toBe(130)
  expect(readdirSync(demo.folder)).toEqual([])
  await expect(fetch(`${demo.issuer}/healthz`)).rejects.toThrow()
})

test('an option that the demo does not know is called wrong', async () => {
  const demo = await startDemo('--colour')
  expect(await demo.ended).toBe(2)
  expect(demo.errors()).toContain('hint: npm run demo -- --help')
})

async function startDemo(...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'test-demo-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  const ports = ['--port', String(port), '--notes-port', String(await freePort())]
  const child = spawn(process.execPath, [script, ...ports, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  })
  onTestFinished(() => void child.kill())
  let output = ''
  let errors = ''
  let listener: (output: string) => Promise<void> = async () => {}
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    void listener(output).catch((error: unknown) => {
      errors += String(error)
      child.kill()
    })
  })
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  return {
    folder,
    issuer: `http://localhost:${port}`,
    output: () => output,
    errors: () => errors,
    onOutput(next: typeof listener) {
      listener = next
    },
    stop: () => child.kill('SIGTERM'),
    ended: new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code))),
  }
}
