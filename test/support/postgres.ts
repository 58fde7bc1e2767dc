// Fresh PostgreSQL databases for tests, on the server of the run (postgres-server.ts). Without that file in vitest's
// `globalSetup`, each test file gets a server of its own.
import { randomBytes } from 'node:crypto'
import { get } from 'node:http'
import pg from 'pg'
import { afterAll } from 'vitest'
import {
  controlVariable,
  maintain,
  type PostgresServer,
  startServer,
  templateName,
  withDatabase,
} from './postgres-server.ts'

let server: Promise<PostgresServer> | undefined
afterAll(async () => {
  const reached = await server?.catch(() => undefined)
  await reached?.stop()
})

/**
 * A fresh, migrated database on the server of this run; dropped with the server.
 *
 * @param options.migrated false for an empty one
 * @returns its URL
 */
export async function freshPostgresUrl(options: { migrated?: boolean } = {}): Promise<string> {
  server ??= reachServer()
  const { url } = await server
  const name = `test_${randomBytes(8).toString('hex')}`
  await maintain(url, `CREATE DATABASE ${name}${options.migrated === false ? '' : ` TEMPLATE ${templateName}`}`)
  return withDatabase(url, name)
}

const used: string[] = []

/** Gives back a database that nobody is connected to any more, for `emptyPostgresUrl` of a later test. */
export function recyclePostgresUrl(url: string): void {
  used.push(url)
}

/** A migrated database without rows: one that was given back, or a fresh one. Emptying is much cheaper than copying. */
export async function emptyPostgresUrl(): Promise<string> {
  const url = used.pop()
  if (url === undefined) return freshPostgresUrl()
  await emptyAll(url)
  return url
}

async function emptyAll(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`,
    )
    await client.query(rows.map(({ name }) => `DELETE FROM ${name}`).join(';'))
  } finally {
    await client.end()
  }
}

async function reachServer(): Promise<PostgresServer> {
  const control = process.env[controlVariable]
  return control ? { url: await ask(control), stop: async () => {} } : startServer()
}

function ask(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        body += part
      })
      response.on('end', () => (response.statusCode === 200 ? resolve(body) : reject(new Error(body))))
    }).on('error', reject)
  })
}
