import type { PrismaClient, Prisma as PrismaTypes } from './generated/sqlite/client.ts'
import type { Sql, UnitOfWork } from './sql.ts'

/** Where the rows are: a file of ours or a PostgreSQL server. */
export type DatabaseAddress =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgresql'; readonly url: string }

/** Prisma's models. Transactions go through `Database.transaction`, which knows about the other writers. */
export type Models = Omit<PrismaClient, '$transaction' | '$extends' | '$connect' | '$disconnect' | '$on'>

/** Prisma's models inside a transaction. */
export type TransactionModels = PrismaTypes.TransactionClient

export interface Database {
  readonly kind: 'sqlite' | 'postgresql'
  readonly prisma: Models
  readonly sql: Sql
  /**
   * Commits a unit of work: all of it or nothing, in one commit.
   *
   * @returns false when a condition changed no row; nothing is written then, and nobody else's unit is harmed
   * @throws the driver's error when a statement fails (see `isUniqueViolation`); nothing is written then
   * Never call it inside `transaction`: on SQLite it would wait for itself.
   */
  commit(unit: UnitOfWork): Promise<boolean>
  /**
   * Runs Prisma calls in one transaction. `work` uses only the client it is given, and waits for nothing but it.
   */
  transaction<T>(work: (tx: TransactionModels) => Promise<T>): Promise<T>
  /** Write commits so far; units that shared a commit count once. For tests and metrics. */
  readonly commits: number
  /** Waits for what is being written, then closes; a second call waits for the first. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  /** SQLite only. FULL: an answered token is never lost, not even by a power cut. */
  readonly synchronous?: 'FULL' | 'NORMAL'
  readonly logger?: { error(details: object, message: string): void }
}
