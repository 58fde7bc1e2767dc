// The database room: connections, prepared statements, the unit of work, migrations. Nothing above knows which of
// the two databases runs. Stores own their SQL and their models; this room owns how it is carried out.
import type { Database, DatabaseAddress, DatabaseOptions } from './interface.ts'
import { openPostgresql } from './postgresql.ts'
import { openSqlite } from './sqlite.ts'

export type { Database, DatabaseAddress, DatabaseOptions, Models, TransactionModels } from './interface.ts'
export { type MigrateOptions, migrate } from './migrate.ts'
export { MigrationError } from './migration-files.ts'
export type { Sql, SqlValue, Statement, UnitOfWork } from './sql.ts'
export { statement } from './sql.ts'

/**
 * Opens a database that has been migrated already.
 *
 * @throws the driver's error when the file cannot be opened or the server cannot be reached
 */
export async function openDatabase(address: DatabaseAddress, options: DatabaseOptions = {}): Promise<Database> {
  return address.kind === 'sqlite' ? openSqlite(address.file, options) : openPostgresql(address.url, options)
}
