import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Sqlite from 'better-sqlite3'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { schemaFolder } from '../../scripts/schema-engine.ts'
import { type DatabaseAddress, MigrationError, migrate } from '../../src/db/database.ts'
import { type MigrationFile, pendingMigrations, readMigrations } from '../../src/db/migration-files.ts'
import { type DatabaseKind, databaseKinds, freshDatabaseAddress, scratchFile } from '../support/database.ts'
import { freshPostgresUrl } from '../support/postgres.ts'

const run = promisify(execFile)

async function emptyAddress(kind: DatabaseKind): Promise<DatabaseAddress> {
  return kind === 'sqlite' ? { kind, file: scratchFile() } : { kind, url: await freshPostgresUrl({ migrated: false }) }
}

async function query(address: DatabaseAddress, text: string): Promise<unknown[]> {
  if (address.kind === 'sqlite') {
    const connection = new Sqlite(address.file)
    try {
      const prepared = connection.prepare(text)
      return prepared.reader ? prepared.all() : [prepared.run()]
    } finally {
      connection.close()
    }
  }
  const client = new pg.Client({ connectionString: address.url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** A folder of migrations of our own, on top of the released ones or alone. */
function folderWith(migrations: Record<string, string>, released = false): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-migrations-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const kind of databaseKinds) {
    const base = join(folder, kind, 'migrations')
    if (released) cpSync(join(schemaFolder, kind, 'migrations'), base, { recursive: true })
    for (const [name, sql] of Object.entries(migrations)) {
      mkdirSync(join(base, name), { recursive: true })
      writeFileSync(join(base, name, 'migration.sql'), sql)
    }
  }
  return folder
}

describe.each(databaseKinds)('migrating %s', (kind) => {
  test('an empty database gets every migration, once', async () => {
    const address = await emptyAddress(kind)
    const names = readMigrations(kind).map((file) => file.name)
    expect(await migrate(address)).toEqual(names)
    expect(await migrate(address)).toEqual([])
    expect(await query(address, 'SELECT id FROM account')).toEqual([])
  })

  test('of several processes at once one migrates and the others wait', { timeout: 60_000 }, async () => {
    const address = await emptyAddress(kind)
    const module = JSON.stringify(join(import.meta.dirname, '../../src/db/migrate.ts'))
    const script = `import { migrate } from ${module}
      process.stdout.write(JSON.stringify(await migrate(${JSON.stringify(address)})))`
    const start = () => run(process.execPath, ['--input-type=module', '-e', script])
    const results = await Promise.all([start(), start(), start()])
    const applied = results.map(({ stdout }) => JSON.parse(stdout).length)
    expect(applied.sort()).toEqual([0, 0, readMigrations(kind).length])
    expect(await query(address, 'SELECT id FROM account')).toEqual([])
  })

  test('an edited migration is refused', async () => {
    const address = await freshDatabaseAddress(kind)
    await query(address, `UPDATE _prisma_migrations SET checksum = 'other'`)
    await expect(migrate(address)).rejects.toThrow(/was edited after it had been applied/)
  })

  test('a database of a newer version is refused', async () => {
    const address = await freshDatabaseAddress(kind)
    await query(address, `UPDATE _prisma_migrations SET migration_name = '29990101000000_future'`)
    await expect(migrate(address)).rejects.toThrow(/29990101000000_future.*newer than this version/)
  })

  test('a migration that began and never finished is refused, one that was rolled back is tried again', async () => {
    const address = await emptyAddress(kind)
    const folder = folderWith({ '20300101000000_more': 'CREATE TABLE more (id TEXT PRIMARY KEY);' }, true)
    await migrate(address, { folder })
    await query(address, `UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%_more'`)
    await expect(migrate(address, { folder })).rejects.toThrow(/never finished/)
    await query(address, `UPDATE _prisma_migrations SET rolled_back_at = started_at WHERE migration_name LIKE '%_more'`)
    await query(address, 'DROP TABLE more')
    expect(await migrate(address, { folder })).toEqual(['20300101000000_more'])
  })

  test('when one migration fails none is applied, and the message says which', async () => {
    const address = await emptyAddress(kind)
    const folder = folderWith({
      '1_good': 'CREATE TABLE good (id TEXT PRIMARY KEY);',
      '2_bad': 'INSERT INTO nowhere VALUES (1);',
    })
    await expect(migrate(address, { folder })).rejects.toThrow(/the migration 2_bad failed: .*nowhere/)
    await expect(query(address, 'SELECT id FROM good')).rejects.toThrow(/good/)
    await migrate(address, { folder: folderWith({ '1_good': 'CREATE TABLE good (id TEXT PRIMARY KEY);' }) })
  })
})

const parentAndChild = `CREATE TABLE parent (id TEXT PRIMARY KEY);
CREATE TABLE child (id TEXT PRIMARY KEY, parent_id TEXT NOT NULL REFERENCES parent (id) ON DELETE CASCADE);
INSERT INTO parent VALUES ('p');
INSERT INTO child VALUES ('c', 'p');`

test('a rebuild of a parent table on SQLite keeps the rows of its children', async () => {
  const address = await emptyAddress('sqlite')
  await migrate(address, { folder: folderWith({ '1_make': parentAndChild }) })
  // What the engine writes for a changed column; its own PRAGMAs do nothing inside a transaction.
  const rebuild = `PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_parent" ("id" TEXT NOT NULL PRIMARY KEY, "name" TEXT);
INSERT INTO "new_parent" ("id") SELECT "id" FROM "parent";
DROP TABLE "parent";
ALTER TABLE "new_parent" RENAME TO "parent";
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;`
  await migrate(address, { folder: folderWith({ '1_make': parentAndChild, '2_rebuild': rebuild }) })
  expect(await query(address, 'SELECT * FROM child')).toEqual([{ id: 'c', parent_id: 'p' }])
  expect(await query(address, 'SELECT * FROM parent')).toEqual([{ id: 'p', name: null }])
})

test('a SQLite migration that leaves rows pointing to nothing is undone', async () => {
  const address = await emptyAddress('sqlite')
  await migrate(address, { folder: folderWith({ '1_make': parentAndChild }) })
  const folder = folderWith({ '1_make': parentAndChild, '2_lose': 'DELETE FROM parent;' })
  await expect(migrate(address, { folder })).rejects.toThrow(/1 rows would point to nothing/)
  expect(await query(address, 'SELECT * FROM parent')).toEqual([{ id: 'p' }])
})

test('a migration older than the last applied one is refused', () => {
  const file = (name: string): MigrationFile => ({ name, sql: '', checksum: name })
  const applied = (name: string) => ({ name, checksum: name, finished: true })
  expect(pendingMigrations([file('1'), file('2'), file('3')], [applied('1')])).toEqual([file('2'), file('3')])
  expect(() => pendingMigrations([file('1'), file('2')], [applied('2')])).toThrow(MigrationError)
})

test('a new SQLite file is readable by its owner alone', async () => {
  const address = await emptyAddress('sqlite')
  await migrate(address)
  const { statSync } = await import('node:fs')
  expect(statSync(address.kind === 'sqlite' ? address.file : '').mode & 0o077).toBe(0)
})
