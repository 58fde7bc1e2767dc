// Prisma's schema engine as WebAssembly: for authoring migrations and for tests, never for the running server.
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import type { DiffTarget, MigrationList, SchemaContainer, SchemaEngine } from '@prisma/schema-engine-wasm'

/** The two databases, by the names that the folders in prisma/ have. */
export const providers = ['sqlite', 'postgresql'] as const
export type Provider = (typeof providers)[number]

/** Folder of the schemas and migrations. */
export const schemaFolder = join(import.meta.dirname, '..', 'prisma')

/** Excludes nothing. */
export const noFilters = { externalTables: [], externalEnums: [] }

/** The models as they are in prisma/models, one text. */
export function currentModels(): string {
  const folder = join(schemaFolder, 'models')
  return readdirSync(folder)
    .filter((name) => name.endsWith('.prisma'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').trimEnd())
    .join('\n\n')
    .concat('\n')
}

/** A whole schema for one database out of a text of models. */
export function schemaOf(provider: Provider, models: string): SchemaContainer[] {
  const head = readFileSync(join(schemaFolder, provider, 'schema.prisma'), 'utf8')
  return [{ path: 'schema.prisma', content: `${head}\n${models}` }]
}

let loaded: Promise<typeof import('@prisma/schema-engine-wasm')> | undefined

/**
 * Starts an engine.
 *
 * @param adapter a scratch database; without one the engine can only compare schema texts
 */
export async function startEngine(
  provider: Provider,
  adapter: SqlMigrationAwareDriverAdapterFactory = offline(provider),
): Promise<SchemaEngine> {
  loaded ??= load()
  const { SchemaEngine } = await loaded
  const datamodels = schemaOf(provider, currentModels()).map(({ path, content }): [string, string] => [path, content])
  return SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(adapter))
}

/** The SQL that leads from one schema to another; empty when they are alike. */
export async function difference(engine: SchemaEngine, from: DiffTarget, to: DiffTarget): Promise<string> {
  const result = await engine.diff({
    from,
    to,
    script: true,
    exitCode: true,
    filters: noFilters,
  })
  return result.exitCode === 2 ? (result.stdout ?? '') : ''
}

/** The migrations of one database in the form that the engine reads. */
export function migrationList(provider: Provider): MigrationList {
  const baseDir = join(schemaFolder, provider, 'migrations')
  const names = readdirSync(baseDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: readFileSync(join(baseDir, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: names.map((path) => ({
      path,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(join(baseDir, path, 'migration.sql'), 'utf8') },
      },
    })),
  }
}

// Node does not import .wasm files without a flag, so the glue code is given its instance by hand.
async function load(): Promise<typeof import('@prisma/schema-engine-wasm')> {
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const bytes = await readFile(script.replace(/\.js$/, '.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue as never })
  const { __wbg_set_wasm } = glue as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void }
  __wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start === 'function') start()
  return glue
}

/** A database that only says which version it is: enough to compare two schema texts without any server. */
function offline(provider: Provider): SqlMigrationAwareDriverAdapterFactory {
  const kind = { provider: provider === 'sqlite' ? 'sqlite' : 'postgres', adapterName: 'offline' } as const
  const refuse = (): never => {
    throw new Error('no database behind this engine')
  }
  const adapter: SqlDriverAdapter = {
    ...kind,
    queryRaw: async () => ({
      columnNames: ['exists', 'version', 'numeric_version'],
      columnTypes: [5, 7, 0],
      rows: [[true, 'PostgreSQL 18.0', 180000]],
    }),
    executeRaw: async () => 0,
    executeScript: async () => refuse(),
    startTransaction: async () => refuse(),
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: false }),
    dispose: async () => {},
  }
  return { ...kind, connect: async () => adapter, connectToShadowDb: async () => adapter }
}
