// The whole server on a port of its own, on a fresh database, with people and MCP servers.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { registerAccount } from '../../src/accounts/register.ts'
import { type App, type AppOptions, createApp } from '../../src/app.ts'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { EgressStage } from '../../src/net/egress.ts'
import { createResource } from '../../src/resources/change.ts'
import type { ResourceDraft } from '../../src/resources/resource.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { type DatabaseKind, freshDatabaseAddress } from './database.ts'

/** A person who can sign in. */
export interface TestPerson {
  readonly id: string
  readonly email: string
  readonly password: string
}

/** What a test may want to be different. */
export interface TestAppOptions {
  readonly database?: DatabaseKind
  /** Settings without their prefix. */
  readonly settings?: Readonly<Record<string, string>>
  /** MCP servers to begin with; the notes server when absent. */
  readonly resources?: readonly ResourceDraft[]
  /** Changes of the checked configuration, for what no setting says (pinned documents). */
  readonly adjust?: (config: Config) => Config
  /** Names and addresses for what this server fetches. */
  readonly egressStage?: EgressStage
  /** Another process on the same database and secret. */
  readonly beside?: TestApp
  /** Bounds on connections that a test can reach. */
  readonly patience?: AppOptions['patience']
  /** First seals and signs, all open. */
  readonly secrets?: readonly Uint8Array[]
}

/** A running server. */
export interface TestApp {
  readonly app: App
  readonly config: Config
  readonly issuer: string
  readonly address: Awaited<ReturnType<typeof freshDatabaseAddress>>
  readonly dataDir: string
  /** Everything that was logged so far. */
  log(): string
  person(name?: string, role?: 'member' | 'admin'): Promise<TestPerson>
  close(): Promise<void>
}

/** The MCP server that most tests are about. */
export const notes: ResourceDraft = {
  identifier: 'http://localhost:9728/mcp',
  name: 'Notes',
  aliases: [],
  tokenLifetimeSeconds: 300,
  signingAlg: 'ES256',
  scopes: [
    { name: 'notes:read', description: 'Read your notes', risk: 'read', isDefault: true },
    { name: 'notes:write', description: 'Change your notes', risk: 'write', isDefault: false },
    { name: 'notes:delete', description: 'Delete notes for good', risk: 'destructive', isDefault: false },
  ],
}

/** The secret of every test server. */
export const testSecret = Buffer.alloc(32, 7)
// One hash for everybody keeps the suite fast; its parameters are the real ones.
const password = 'correct horse battery staple'
let passwordHash: Promise<string> | undefined

/** Starts the server; inside a test it is closed when the test ends, in `beforeAll` close it yourself. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const dataDir = options.beside?.dataDir ?? mkdtempSync(join(tmpdir(), 'test-app-'))
  const address = options.beside?.address ?? (await freshDatabaseAddress(options.database))
  const port = await freePort()
  const issuer = options.settings?.ISSUER ?? options.beside?.issuer ?? `http://localhost:${port}`
  const settings = {
    ISSUER: issuer,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: dataDir,
    DATABASE_URL: address.kind === 'sqlite' ? `file:${address.file}` : address.url,
    SQLITE_SYNCHRONOUS: 'NORMAL',
    LOG_LEVEL: 'debug',
    // Tests of second factors ask for it; elsewhere an administrator signs in with a password.
    ADMIN_SECOND_FACTOR: 'optional',
    // Hundreds of requests from one address are a test's daily bread; tests of limits switch them on.
    RATE_LIMITS: 'off',
    ...options.settings,
  }
  const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`SALLYPORT_${name}`, value]))
  const config = (options.adjust ?? ((same) => same))(loadConfig(env))
  const lines: string[] = []
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const logger = createLogger({ level: config.logLevel, pretty: false, destination })
  const { patience, secrets = [testSecret] } = options
  const app = await createApp({ config, secrets, logger, patience, egressStage: options.egressStage })
  const author = { actor: 'operator' } as const
  if (options.beside === undefined) {
    for (const draft of options.resources ?? [notes]) await createResource(app.rooms.resources, draft, author)
  }
  await app.listen()
  let people = 0
  const running: TestApp = {
    app,
    config,
    issuer,
    address,
    dataDir,
    log: () => lines.join(''),
    async person(given, role = 'member') {
      people += 1
      const name = given ?? `person${people}`
      passwordHash ??= app.rooms.passwords.hash(password)
      const email = `${name}@example.test`
      const account = { email, name, role, passwordHash: await passwordHash }
      const made = await registerAccount(app.rooms.accounts, account, author, 'test')
      if (made === null) throw new Error(`${email} is taken`)
      return { id: made.id, email, password }
    },
    async close() {
      await app.close()
      if (options.beside === undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
  closeAfterTest(running)
  return running
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

function closeAfterTest(running: TestApp): void {
  try {
    onTestFinished(running.close)
  } catch {
    // Not inside a test: vitest says so by throwing.
  }
}
