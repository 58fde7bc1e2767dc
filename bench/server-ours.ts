// Our server, whole, as a child of the benchmark: the database is migrated, people sign in and consent over HTTP.
import { registerAccount } from '../src/accounts/register.ts'
import { createApp } from '../src/app.ts'
import { makeOperatorClient } from '../src/clients/operator-client.ts'
import { loadConfig } from '../src/config/load.ts'
import { migrate } from '../src/db/database.ts'
import { createResource } from '../src/resources/change.ts'
import { createLogger } from '../src/runtime/logger.ts'
import { answerDriver, given } from './child.ts'
import { person, resource } from './people.ts'

const port = Number(given('PORT'))
const issuer = `http://127.0.0.1:${port}`
const config = loadConfig({
  SALLYPORT_ISSUER: issuer,
  SALLYPORT_HOST: '127.0.0.1',
  SALLYPORT_PORT: String(port),
  SALLYPORT_DATA_DIR: given('DATA_DIR'),
  SALLYPORT_DATABASE_URL: given('DATABASE_URL'),
  SALLYPORT_SQLITE_SYNCHRONOUS: given('SYNCHRONOUS'),
  SALLYPORT_LOG_LEVEL: given('LOG_LEVEL'),
  SALLYPORT_RATE_LIMITS: 'off',
  // Listings of the console are measured with a session that a password began.
  SALLYPORT_ADMIN_SECOND_FACTOR: 'optional',
})
// Lines are made and handed over in full; nobody's disk or terminal is measured.
const logger = createLogger({ level: config.logLevel, pretty: false, destination: { write: () => true } })
await migrate(config.database, { logger })
const app = await createApp({ config, secrets: [Buffer.alloc(32, 7)], logger })
const { accounts, audit, clients, clock, database, passwords, resources } = app.rooms
const author = { actor: 'operator' } as const

await createResource(
  resources,
  {
    identifier: resource,
    name: 'Notes',
    aliases: [],
    tokenLifetimeSeconds: 300,
    signingAlg: 'ES256',
    scopes: [
      { name: 'notes:read', description: 'Read your notes', risk: 'read', isDefault: true },
      { name: 'notes:write', description: 'Change your notes', risk: 'write', isDefault: false },
    ],
  },
  author,
)
const passwordHash = await passwords.hash(person.password)
for (let index = 0; index < Number(given('PEOPLE')); index += 1) {
  const account = { email: person.email(index), name: `Person ${index}`, role: 'member', passwordHash } as const
  await registerAccount(accounts, account, author, 'bench')
}
const { client, madeSecret = '' } = makeOperatorClient(
  {
    clientId: 'machine',
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    resources: new Map([[resource, ['notes:read']]]),
  },
  clock.now(),
)
await clients.save(client)
await app.listen()

answerDriver(
  {
    port,
    jwksPath: '/jwks',
    resource,
    redirectUri: person.redirectUri,
    machine: { id: client.id, secret: madeSecret },
  },
  {
    async settle() {
      // The audit chain is sealed by a job: what an operation costs later is part of what it costs.
      await audit.seal()
      if (database.kind === 'sqlite') await database.sql.all('PRAGMA wal_checkpoint(PASSIVE)')
    },
    close: () => app.close(),
  },
)
