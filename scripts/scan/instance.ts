import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Browser } from '../../test/support/browser.ts'

/** A server that is there to be attacked, and what an attacker may hold of it. */
export interface ScannedInstance {
  readonly issuer: string
  /** Folder of the scan: database, reports of the scanners. Goes with the instance. */
  readonly folder: string
  /** The browser of a signed-in administrator. */
  readonly admin: Browser
  /** A browser that has an authorization in progress, and its page. */
  readonly interaction: { readonly browser: Browser; readonly path: string }
  readonly clientId: string
  readonly registrationToken: string
  /** Requests since the start. */
  requests(): Promise<number>
  /** Patterns of the routes that were reached since the start. */
  routes(): Promise<string[]>
  /** Answers of 500 and above since the start, as the metrics count them. */
  faults(): Promise<string[]>
  stop(): Promise<void>
}

const root = join(import.meta.dirname, '..', '..')
const resource = 'http://localhost:9728/mcp'
const email = 'admin@scan.example'
const password = 'a long word for the scanners'

/** Starts a server on a temporary database, without limits (a scanner is a flood), with an administrator, a client, a request. */
export async function startInstance(databaseUrl: string | undefined): Promise<ScannedInstance> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-scan-'))
  const [port, metricsPort] = [await freePort(), await freePort()]
  const issuer = `http://localhost:${port}`
  const env = {
    PATH: process.env.PATH ?? '',
    SALLYPORT_PORT: String(port),
    SALLYPORT_METRICS_PORT: String(metricsPort),
    SALLYPORT_DATA_DIR: join(folder, 'data'),
    SALLYPORT_ADMIN_EMAIL: email,
    SALLYPORT_ADMIN_PASSWORD: password,
    SALLYPORT_ADMIN_SECOND_FACTOR: 'optional',
    SALLYPORT_RATE_LIMITS: 'off',
    SALLYPORT_SQLITE_SYNCHRONOUS: 'NORMAL',
    ...(databaseUrl === undefined ? {} : { SALLYPORT_DATABASE_URL: databaseUrl }),
  }
  // Before the start: a running server looks at its MCP servers every few seconds only.
  const scope = ['--read', 'notes:read=Read your notes', '--default', 'notes:read']
  execFileSync(process.execPath, ['src/cli/main.ts', 'resource', 'add', resource, '--name', 'Notes', ...scope], {
    cwd: root,
    env,
  })
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await until(child, 'next: ')

  const admin = new Browser(issuer)
  await admin.submit(await admin.open('/sign-in'), { email, password })
  const client = await register(issuer)
  const visitor = new Browser(issuer)
  const query = new URLSearchParams({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1:4321/callback',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  })
  const page = await visitor.open(`/authorize?${query}`)

  async function counts(): Promise<string[]> {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    return text.split('\n').filter((line) => line.startsWith('sallyport_http_requests_total{'))
  }

  return {
    issuer,
    folder,
    admin,
    interaction: { browser: visitor, path: new URL(page.url).pathname },
    clientId: client.client_id,
    registrationToken: client.registration_access_token,
    async requests() {
      return (await counts()).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
    async routes() {
      const found = (await counts()).map((line) => /route="([^"]*)"/.exec(line)?.[1] ?? '')
      return [...new Set(found)].sort()
    },
    async faults() {
      return (await counts()).filter((line) => /status="5\d\d"/.test(line))
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function register(issuer: string): Promise<{ client_id: string; registration_access_token: string }> {
  const answer = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Scanned',
      redirect_uris: ['http://127.0.0.1:4321/callback'],
      token_endpoint_auth_method: 'none',
    }),
  })
  return answer.json() as Promise<{ client_id: string; registration_access_token: string }>
}

async function until(child: ChildProcess, text: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
    if (said.includes(text)) resolve()
  })
  child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)))
  await promise
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
