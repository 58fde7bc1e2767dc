// `npm run demo [-- --browser] [-- --port <n> --notes-port <n>]`: a server of its own on a temporary folder, the example MCP
// server, and a real MCP client on its way through everything, told in a person's words.
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { startNotesServer } from '../examples/mcp-server/server.ts'
import { createOwnAnswers, createPersonAnswers } from './demo/answers.ts'
import { requireFreePort } from './demo/ports.ts'
import { startServer } from './demo/server.ts'
import { Voice } from './demo/voice.ts'
import { walk } from './demo/walk.ts'

const usage = `usage: npm run demo [-- options]

  --browser          you answer in your browser, instead of the demo
  --port <n>         port of the server (8414)
  --notes-port <n>   port of the example MCP server (9728)
`

const cleanups: (() => Promise<void> | void)[] = []
process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options === null) return 2
  if (options.help) {
    process.stdout.write(usage)
    return 0
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stopEarly())
  try {
    await run(options)
    return 0
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    await cleanUp()
  }
}

interface Options {
  readonly help: boolean
  readonly browser: boolean
  readonly port: number
  readonly notesPort: number
}

async function run({ browser, port, notesPort }: Options): Promise<void> {
  const voice = new Voice(process.stdout)
  const other = `npm run demo -- --port ${port + 1} --notes-port ${notesPort + 1}`
  await requireFreePort(port, `the server cannot start there\nhint: stop what runs on it, or: ${other}`)
  await requireFreePort(
    notesPort,
    `the example MCP server cannot start there\nhint: stop what runs on it, or: ${other}`,
  )

  const server = await startServer({ port, notesPort, atEnd: (stop) => cleanups.push(stop) })
  const notes = await startNotesServer({ issuer: server.issuer, port: notesPort })
  cleanups.push(notes.close)
  const answers = browser
    ? await createPersonAnswers(server, process.stdout, process.stdout.isTTY)
    : createOwnAnswers(server)
  cleanups.push(answers.close)
  await walk({ server, notesUrl: notes.url, answers, voice })
  if (browser && process.stdin.isTTY) await pressReturn()
}

function readOptions(args: readonly string[]): Options | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        browser: { type: 'boolean', default: false },
        port: { type: 'string', default: '8414' },
        'notes-port': { type: 'string', default: '9728' },
      },
    })
    const [port, notesPort] = [values.port, values['notes-port']].map(Number)
    if (!isPort(port) || !isPort(notesPort)) throw new Error('a port is a number from 1 to 65535')
    return { help: values.help, browser: values.browser, port, notesPort }
  } catch (error) {
    process.stderr.write(
      `demo: ${error instanceof Error ? error.message : String(error)}\nhint: npm run demo -- --help\n`,
    )
    return null
  }
}

function isPort(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value > 0 && value < 65_536
}

function pressReturn(): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  return new Promise((resolve) => {
    lines.question('\nLook around as long as you like; press Return and everything is gone. ', () => {
      lines.close()
      resolve()
    })
  })
}

async function stopEarly(): Promise<void> {
  await cleanUp()
  process.exit(130)
}

/** Last started, first stopped; each once, and one that fails keeps no other from its turn. */
async function cleanUp(): Promise<void> {
  for (let stop = cleanups.pop(); stop !== undefined; stop = cleanups.pop()) {
    try {
      await stop()
    } catch (error) {
      process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
}
