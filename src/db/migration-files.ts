import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One migration as it lies in the package. */
export interface MigrationFile {
  readonly name: string
  readonly sql: string
  /** Hex SHA-256 of the file: what Prisma writes into its own table. */
  readonly checksum: string
}

/** One row of Prisma's table, as far as it matters here. */
export interface AppliedMigration {
  readonly name: string
  readonly checksum: string
  readonly finished: boolean
}

/** The database cannot be brought to the schema of this version; the message says why, the hint what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
  readonly hint: string
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}

// The same place seen from src/db and from dist/db.
const packagedFolder = join(import.meta.dirname, '..', '..', 'prisma')

/** Reads the migrations of one database, oldest first. */
export function readMigrations(kind: 'sqlite' | 'postgresql', folder = packagedFolder): readonly MigrationFile[] {
  const base = join(folder, kind, 'migrations')
  return readdirSync(base, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const bytes = readFileSync(join(base, name, 'migration.sql'))
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') }
    })
}

/**
 * Decides what is still to be applied.
 *
 * @param files   the migrations of this version, oldest first
 * @param applied rows of Prisma's table that were not rolled back
 * @throws MigrationError for an edited file, a failed migration, a database newer than this version, a gap
 */
export function pendingMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): readonly MigrationFile[] {
  const known = new Map(files.map((file) => [file.name, file]))
  for (const row of applied) {
    const file = known.get(row.name)
    if (!file) {
      throw new MigrationError(
        `the database holds the migration ${row.name}, which this version does not know: it is newer than this version`,
        'start the version that migrated it, or restore a backup from before',
      )
    }
    if (!row.finished) {
      throw new MigrationError(
        `the migration ${row.name} began and never finished`,
        'restore a backup, or resolve it with prisma migrate resolve',
      )
    }
    if (row.checksum !== file.checksum) {
      throw new MigrationError(
        `the migration ${row.name} was edited after it had been applied`,
        'restore the file as it was released',
      )
    }
  }
  const done = new Set(applied.map((row) => row.name))
  const pending = files.filter((file) => !done.has(file.name))
  const last = applied
    .map((row) => row.name)
    .sort()
    .at(-1)
  const late = pending.find((file) => last !== undefined && file.name < last)
  if (late) {
    throw new MigrationError(
      `the migration ${late.name} is older than ${last}, which is applied already`,
      'migrations are applied in their order: give the new one a later name',
    )
  }
  return pending
}
