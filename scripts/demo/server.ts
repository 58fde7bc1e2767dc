import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server of the demo's own. */
export interface DemoServer {
  readonly issuer: string
  /** The one account there is. */
  readonly person: { readonly email: string; readonly password: string }
}

/** Where it runs, and who ends it. */
export interface DemoServerOptions {
  readonly port: number
  readonly notesPort: number
  /** Gets what ends the process and removes its folder, before there is anything to end. */
  readonly atEnd: (stop: () => Promise<void>) => void
}

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

/**
 * Starts the server as an operator does: a process, settings in its environment, MCP servers in a file. Everything lies in a
 * temporary folder.
 *
 * @throws Error with what the server said when it does not come up
 */
export async function startServer({ port, notesPort, atEnd }: DemoServerOptions): Promise<DemoServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-demo-'))
  const issuer = `http://localhost:${port}`
  const person = { email: 'you@example.test', password: randomBytes(12).toString('base64url') }
  const config = join(folder, 'sallyport.yaml')
  // JSON is YAML, too.
  writeFileSync(config, JSON.stringify({ resources: [notesResource(notesPort)] }, undefined, 2))
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...withoutSettings(process.env),
      SALLYPORT_ISSUER: issuer,
      SALLYPORT_PORT: String(port),
      SALLYPORT_DATA_DIR: folder,
      SALLYPORT_DATABASE_URL: `file:${join(folder, 'demo.db')}`,
      SALLYPORT_CONFIG: config,
      SALLYPORT_ADMIN_EMAIL: person.email,
      SALLYPORT_ADMIN_PASSWORD: person.password,
      // Who looks around in the console of a server that is thrown away need not set anything up for it.
      SALLYPORT_ADMIN_SECOND_FACTOR: 'optional',
      SALLYPORT_LOG_LEVEL: 'error',
    },
  })
  atEnd(async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  })
  await untilItListens(child, issuer)
  return { issuer, person }
}

function notesResource(port: number) {
  return {
    identifier: `http://localhost:${port}/mcp`,
    name: 'Notes',
    scopes: {
      'notes:read': {
        description: 'Read your notes',
        risk: 'read',
        default: true,
        tools: ['search_notes', 'read_note'],
      },
      'notes:write': { description: 'Change your notes', risk: 'write', tools: ['write_note'] },
    },
  }
}

// Settings of the person's own server are not for this one.
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = ([name]: [string, unknown]) =>
    !name.startsWith('SALLYPORT_') && name !== 'PORT' && name !== 'DATABASE_URL'
  return Object.fromEntries(Object.entries(env).filter(foreign))
}

function untilItListens(child: ChildProcess, issuer: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      // The banner comes when the port is open.
      if (said.includes(issuer)) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`the server did not start\n${said.trim()}`)))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  await ended
}
