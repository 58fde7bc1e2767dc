import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import pg from 'pg'
import { errorCode } from './errors.ts'
import type { DatabaseAddress } from './interface.ts'
import {
  type AppliedMigration,
  MigrationError,
  type MigrationFile,
  pendingMigrations,
  readMigrations,
} from './migration-files.ts'

export interface MigrateOptions {
  readonly logger?: { info(details: object, message: string): void }
  /** Folder with sqlite/migrations and postgresql/migrations; the package's own by default. */
  readonly folder?: string
}

// Prisma's own lock number, so that a `prisma migrate deploy` at the same time waits too.
const advisoryLock = 72707369
const lockWaitMilliseconds = 60_000
const lockRetryMilliseconds = 25

// Prisma's own bookkeeping, to the letter: a stock `prisma migrate deploy` finds nothing to do after us.
const bookkeeping = {
  sqlite: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`,
  postgresql: `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"              VARCHAR(64) NOT NULL,
    "finished_at"           TIMESTAMPTZ,
    "migration_name"        VARCHAR(255) NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        TIMESTAMPTZ,
    "started_at"            TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count"   INTEGER NOT NULL DEFAULT 0
)`,
}

const selectApplied = `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
  FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name`

interface AppliedRow {
  migration_name: string
  checksum: string
  finished: unknown
}

/**
 * Brings a database to the schema of this version, in one transaction: all pending migrations or none.
 * Several processes may do so at once: one works, the others wait and then find nothing to do.
 *
 * @returns names of the migrations applied by this call
 * @throws MigrationError when the database and this version do not fit together, or a migration fails
 */
export async function migrate(address: DatabaseAddress, options: MigrateOptions = {}): Promise<string[]> {
  const files = readMigrations(address.kind, options.folder)
  const pending =
    address.kind === 'sqlite' ? await migrateSqlite(address.file, files) : await migratePostgresql(address.url, files)
  const names = pending.map((file) => file.name)
  if (names.length > 0) options.logger?.info({ migrations: names }, 'database migrated')
  return names
}

async function migrateSqlite(file: string, files: readonly MigrationFile[]): Promise<readonly MigrationFile[]> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // The log files beside it inherit the mode of the database file.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  const connection = new Sqlite(file, { timeout: 0 })
  try {
    await useWriteAheadLog(connection)
    connection.pragma(`busy_timeout = ${lockWaitMilliseconds}`)
    connection.pragma('synchronous = FULL')
    // Outside of the transaction, where alone it works: with foreign keys on, a rebuild drops the old parent table,
    // and that deletes every child row by ON DELETE CASCADE.
    connection.pragma('foreign_keys = OFF')
    connection.exec('BEGIN IMMEDIATE')
    try {
      connection.exec(bookkeeping.sqlite)
      const pending = pendingMigrations(files, connection.prepare<[], AppliedRow>(selectApplied).all().map(toApplied))
      // Milliseconds as a number: how Prisma keeps its instants in SQLite.
      const insert = connection.prepare(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
         SELECT ?, ?, ?, at, at, 1 FROM (SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) AS at)`,
      )
      for (const migration of pending) {
        runOne(migration, () => connection.exec(migration.sql))
        insert.run(randomUUID(), migration.checksum, migration.name)
      }
      const broken = pending.length > 0 ? connection.pragma('foreign_key_check') : []
      if (Array.isArray(broken) && broken.length > 0) {
        throw new MigrationError(
          `after the migration ${broken.length} rows would point to nothing`,
          'nothing was changed; report this together with the version',
        )
      }
      connection.exec('COMMIT')
      return pending
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK')
      throw error
    }
  } finally {
    connection.close()
  }
}

/** Changing the journal mode does not always wait for a lock, so several first starts at once try again. */
async function useWriteAheadLog(connection: Sqlite.Database): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      connection.pragma('journal_mode = WAL')
      return
    } catch (error) {
      const busy = errorCode(error)?.startsWith('SQLITE_BUSY')
      if (!busy || attempt * lockRetryMilliseconds >= lockWaitMilliseconds) throw error
      await wait(lockRetryMilliseconds)
    }
  }
}

async function migratePostgresql(url: string, files: readonly MigrationFile[]): Promise<readonly MigrationFile[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT pg_advisory_xact_lock(${advisoryLock})`)
    await client.query(bookkeeping.postgresql)
    const applied = await client.query<AppliedRow>(selectApplied)
    const pending = pendingMigrations(files, applied.rows.map(toApplied))
    for (const migration of pending) {
      try {
        // Without parameters: the simple protocol takes many statements at once.
        await client.query(migration.sql)
      } catch (error) {
        throw failed(migration, error)
      }
      await client.query(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
         VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
        [randomUUID(), migration.checksum, migration.name],
      )
    }
    await client.query('COMMIT')
    return pending
  } finally {
    // Closing the connection undoes what was not committed.
    await client.end()
  }
}

function toApplied(row: AppliedRow): AppliedMigration {
  return { name: row.migration_name, checksum: row.checksum, finished: Boolean(row.finished) }
}

function runOne(migration: MigrationFile, run: () => void): void {
  try {
    run()
  } catch (error) {
    throw failed(migration, error)
  }
}

function failed(migration: MigrationFile, cause: unknown): MigrationError {
  return new MigrationError(
    `the migration ${migration.name} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    'nothing was changed; report this together with the version',
    { cause },
  )
}
