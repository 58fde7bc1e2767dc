// Authors migrations: `npm run migration -- --name add_something` writes one for each database from the difference
// between the schema of the last migration (prisma/released.prisma) and the models as they are now.
// `npm run migration -- --check` writes nothing and ends with 1 when a migration is missing.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  currentModels,
  difference,
  type Provider,
  providers,
  schemaFolder,
  schemaOf,
  startEngine,
} from './schema-engine.ts'

const releasedFile = join(schemaFolder, 'released.prisma')

/** The SQL that is not in any migration yet, for one database; empty when none is missing. */
export async function missingMigration(provider: Provider): Promise<string> {
  const released = existsSync(releasedFile) ? readFileSync(releasedFile, 'utf8') : ''
  const engine = await startEngine(provider)
  return difference(
    engine,
    { tag: 'schemaDatamodel', files: schemaOf(provider, released) },
    { tag: 'schemaDatamodel', files: schemaOf(provider, currentModels()) },
  )
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { name: { type: 'string' }, check: { type: 'boolean' } } })
  const scripts = await Promise.all(
    providers.map(async (provider) => ({ provider, sql: await missingMigration(provider) })),
  )
  const changed = scripts.some(({ sql }) => sql !== '')
  if (values.check) {
    if (changed) process.stderr.write('a migration is missing\nhint: npm run migration -- --name what_changes\n')
    return changed ? 1 : 0
  }
  if (!changed) {
    process.stdout.write('the migrations are up to date\n')
    return 0
  }
  if (!values.name || !/^[a-z0-9_]+$/.test(values.name)) {
    process.stderr.write(
      'the migration needs a name of a-z, 0-9 and _\nhint: npm run migration -- --name what_changes\n',
    )
    return 2
  }
  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  for (const { provider, sql } of scripts) {
    const folder = join(schemaFolder, provider, 'migrations', `${timestamp}_${values.name}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'migration.sql'), sql || '-- nothing to do on this database\n')
    writeFileSync(
      join(schemaFolder, provider, 'migrations', 'migration_lock.toml'),
      `# Do not edit; part of Prisma's own bookkeeping.\nprovider = "${provider}"\n`,
    )
    process.stdout.write(`${folder}\n`)
  }
  writeFileSync(releasedFile, currentModels())
  return 0
}

if (import.meta.main) process.exitCode = await main()
