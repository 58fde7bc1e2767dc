// Fresh PostgreSQL databases for tests, on the server of the run (postgres-server.ts). Without that file in vitest's
// `globalSetup`, each test file gets a server of its own.
import { randomBytes } from 'node:crypto'
import { get } from 'node:http'
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
