import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { missingMigration } from '../../scripts/migration.ts'
import {
  currentModels,
  difference,
  migrationList,
  noFilters,
  schemaOf,
  startEngine,
} from '../../scripts/schema-engine.ts'
import { type DatabaseAddress, migrate } from '../../src/db/database.ts'
import { readMigrations } from '../../src/db/migration-files.ts'
import { databaseKinds, freshDatabaseAddress, scratchFile } from '../support/database.ts'
import { freshPostgresUrl } from '../support/postgres.ts'

function adapterFor(address: DatabaseAddress): SqlMigrationAwareDriverAdapterFactory {
  if (address.kind === 'sqlite') return new PrismaBetterSqlite3({ url: `file:${address.file}` })
  // In single fields: given as one string, the adapter would run its scratch work in the same database.
  const url = new URL(address.url)
  return new PrismaPg({
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    password: url.password,
    database: url.pathname.slice(1),
  })
}

/** Works with an engine on a database, then closes its connections: on SQLite it would keep the file locked. */
async function withEngine<T>(address: DatabaseAddress, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  const factory = adapterFor(address)
  const opened: SqlDriverAdapter[] = []
  const engine = await startEngine(address.kind, {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    async connect() {
      const adapter = await factory.connect()
      opened.push(adapter)
      return adapter
    },
  })
  try {
    return await work(engine)
  } finally {
    engine.free()
    for (const adapter of opened) await adapter.dispose()
  }
}

test('every migration of one database has its twin of the same name', () => {
  const [sqlite, postgresql] = databaseKinds.map((kind) => readMigrations(kind).map((file) => file.name))
  expect(sqlite).toEqual(postgresql)
  expect(sqlite?.length).toBeGreaterThan(0)
})

describe.each(databaseKinds)('the schema on %s', (kind) => {
  test('no migration is missing', async () => {
    expect(await missingMigration(kind), 'run: npm run migration -- --name what_changes').toBe('')
  })

  test('a change of the models is seen as a missing migration', async () => {
    const engine = await startEngine(kind)
    const changed = currentModels().replace('model SetupLink {', 'model SetupLink {\n  note String?')
    const sql = await difference(
      engine,
      { tag: 'schemaDatamodel', files: schemaOf(kind, currentModels()) },
      { tag: 'schemaDatamodel', files: schemaOf(kind, changed) },
    )
    expect(sql).toMatch(/ALTER TABLE "setup_link" ADD COLUMN .*"note" TEXT/)
  })

  test('a stock engine finds nothing to do after our runner', async () => {
    const migrationsList = migrationList(kind)
    const [history, applied] = await withEngine(await freshDatabaseAddress(kind), async (engine) => [
      await engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters: noFilters }),
      await engine.applyMigrations({ migrationsList, filters: noFilters }),
    ])
    expect(history).toMatchObject({
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    })
    expect(applied).toEqual({ appliedMigrationNames: [] })
  })

  test('our runner finds nothing to do after a stock engine', async () => {
    const address: DatabaseAddress =
      kind === 'sqlite' ? { kind, file: scratchFile() } : { kind, url: await freshPostgresUrl({ migrated: false }) }
    const { appliedMigrationNames } = await withEngine(address, (engine) =>
      engine.applyMigrations({ migrationsList: migrationList(kind), filters: noFilters }),
    )
    expect(appliedMigrationNames).toEqual(readMigrations(kind).map((file) => file.name))
    expect(await migrate(address)).toEqual([])
  })
})

test('the migrations of SQLite lead to the models', async () => {
  const files = schemaOf('sqlite', currentModels())
  const sql = await withEngine(await freshDatabaseAddress('sqlite'), (engine) =>
    difference(engine, { tag: 'schemaDatasource', files, configDir: '.' }, { tag: 'schemaDatamodel', files }),
  )
  expect(sql).toBe('')
})

test('the migrations of PostgreSQL lead to the models', async () => {
  const engine = await startEngine('postgresql')
  const whole = await difference(
    engine,
    { tag: 'schemaDatamodel', files: schemaOf('postgresql', '') },
    { tag: 'schemaDatamodel', files: schemaOf('postgresql', currentModels()) },
  )
  const made = await freshPostgresUrl({ migrated: false })
  await withClient(made, (client) => client.query(whole))
  expect(await catalogue(await freshPostgresUrl())).toEqual(await catalogue(made))
})

/** Everything that the schema of a PostgreSQL database consists of for us: columns, indices, constraints. */
async function catalogue(url: string): Promise<unknown> {
  return withClient(url, async (client) => {
    const columns = await client.query(`SELECT table_name, column_name, data_type, is_nullable, column_default
      FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' ORDER BY 1, 2`)
    const indices = await client.query(`SELECT tablename, indexname, indexdef FROM pg_indexes
      WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' ORDER BY 1, 2`)
    const constraints = await client.query(`SELECT conrelid::regclass::text AS on_table, conname,
      pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE connamespace = 'public'::regnamespace
      AND conrelid::regclass::text <> '_prisma_migrations' ORDER BY 1, 2`)
    return { columns: columns.rows, indices: indices.rows, constraints: constraints.rows }
  })
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
