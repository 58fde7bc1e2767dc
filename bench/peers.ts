// The servers that are measured: one process each, pinned to the first core where the machine lets us.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Question, Ready, Reply } from './child.ts'
import type { Target } from './operations.ts'

/** The peers in their order; the others are compared with `bare`. */
export const peerNames = ['bare', 'full', 'normal', 'postgresql', 'bare-postgresql', 'documents'] as const
export type PeerName = (typeof peerNames)[number]

/** What stands behind each name. */
export const peerWords: Readonly<Record<PeerName, string>> = {
  bare: 'oidc-provider on a map',
  full: 'ours, SQLite FULL',
  normal: 'ours, SQLite NORMAL',
  postgresql: 'ours, PostgreSQL',
  'bare-postgresql': 'oidc-provider on PostgreSQL',
  documents: 'node:http, ready documents',
}

/** Whether a word of the command line names a peer. */
export function isPeer(name: string): name is PeerName {
  return peerNames.some((known) => known === name)
}

/** A server process. */
export interface Peer {
  readonly name: PeerName
  readonly target: Target
  ask(what: Question['what']): Promise<unknown>
  /** CPU time of the server so far, in microseconds. */
  cpuMicroseconds(): Promise<number>
  stop(): Promise<void>
}

/** What a run gives its servers. */
export interface PeerSettings {
  readonly logLevel: string
  readonly people: number
  /** Makes an empty database; only asked where a peer wants one. */
  readonly freshPostgresqlUrl: () => Promise<string>
  /** Puts rows into the database before the server starts. */
  readonly prepare?: (databaseUrl: string) => Promise<void>
}

const hasTaskset = availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0

/** True when servers and driver each have a core. */
export const isPinned = hasTaskset

/** Puts this process, and what it starts, on the second core. */
export function pinDriver(): void {
  if (hasTaskset) spawnSync('taskset', ['-a', '-p', '-c', '1', String(process.pid)])
}

/** A command that runs on the first core. */
export function onServerCore(command: readonly string[]): [string, string[]] {
  const [first = '', ...rest] = hasTaskset ? ['taskset', '-c', '0', ...command] : command
  return [first, rest]
}

/** Starts a peer and waits until it listens. */
export async function startPeer(name: PeerName, settings: PeerSettings): Promise<Peer> {
  const file =
    name === 'documents' ? 'server-documents.ts' : name.startsWith('bare') ? 'server-bare.ts' : 'server-ours.ts'
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const onPostgresql = name === 'postgresql' || name === 'bare-postgresql'
  const ours = file === 'server-ours.ts'
  const url = onPostgresql ? await settings.freshPostgresqlUrl() : ours ? `file:${join(folder, 'bench.db')}` : ''
  await settings.prepare?.(url)
  const [command, args] = onServerCore([process.execPath, join(import.meta.dirname, file)])
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      // As in an image: some libraries look.
      NODE_ENV: 'production',
      BENCH_PORT: String(await freePort()),
      BENCH_DATA_DIR: folder,
      BENCH_DATABASE_URL: url,
      BENCH_SYNCHRONOUS: name === 'normal' ? 'NORMAL' : 'FULL',
      BENCH_LOG_LEVEL: settings.logLevel,
      BENCH_PEOPLE: String(settings.people),
    },
  })
  const target = await readiness(child, name)
  const ask = createAsker(child)
  return {
    name,
    target,
    ask,
    async cpuMicroseconds() {
      const { user, system } = (await ask('usage')) as NodeJS.CpuUsage
      return user + system
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      await ask('stop')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function readiness(child: ChildProcess, name: string): Promise<Target> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: Ready) => resolve(message.ready))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
  })
}

function createAsker(child: ChildProcess): Peer['ask'] {
  const waiting = new Map<number, (value: unknown) => void>()
  let last = 0
  child.on('message', ({ id, value }: Reply) => {
    waiting.get(id)?.(value)
    waiting.delete(id)
  })
  return (what) =>
    new Promise((resolve) => {
      last += 1
      waiting.set(last, resolve)
      const question: Question = { id: last, what }
      child.send(question)
    })
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
