import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A folder that holds what a fresh clone holds, with the installed packages of this one. */
export interface CleanCopy {
  readonly folder: string
  readonly dataDir: string
  remove(): void
}

/** Copies every file that git knows or would take into an empty folder; packages are linked, not installed again. */
export function makeCleanCopy(): CleanCopy {
  const base = mkdtempSync(join(tmpdir(), 'sallyport-clean-'))
  const folder = join(base, 'copy')
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const path of list
    .split('\0')
    .filter((name) => !name.startsWith('test/') && existsSync(join(root, name)) && name !== '')) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(root, path), join(folder, path), { recursive: true, verbatimSymlinks: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return { folder, dataDir: join(base, 'data'), remove: () => rmSync(base, { recursive: true, force: true }) }
}

/** A port of loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A server process and what it has printed. */
export interface RunningServer {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Sends a signal and waits for the end. @returns the exit code */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts a server by a command of ours and waits until it has told what comes next. */
export async function startServer(
  command: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<RunningServer> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { cwd, env: commandEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>()
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
    if (err.includes('next: ')) resolve()
  })
  child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${err}${out}`)))
  await ready
  return {
    child,
    stdout: () => out,
    stderr: () => err,
    async stop(signal = 'SIGTERM') {
      const ended = once(child, 'exit')
      child.kill(signal)
      const [code] = await ended
      return typeof code === 'number' ? code : null
    },
  }
}

/** The environment of a command: nothing of ours but the path, with this Node first. */
export function commandEnvironment(env: Record<string, string>): NodeJS.ProcessEnv {
  const bin = join(root, 'node_modules', '.bin')
  return {
    PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
    HOME: process.env.HOME ?? '/',
    ...env,
  }
}
