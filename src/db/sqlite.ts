import Sqlite from 'better-sqlite3'
import { openSqliteModels } from './client.ts'
import { createGroupCommit } from './group-commit.ts'
import type { Database, DatabaseOptions } from './interface.ts'
import type { Sql, SqlValue, Statement } from './sql.ts'
import { createWriterGate } from './writer-gate.ts'

// A checkpoint runs inside somebody's commit and stops a whole batch; 8,000 pages make it rare (32 MB of log at most),
// and the idle checkpoint below usually comes first.
const autocheckpointPages = 8000
const idleCheckpointMilliseconds = 1000

/** The settings every connection of ours has, without the word PRAGMA. */
export function sqlitePragmas(synchronous: 'FULL' | 'NORMAL'): readonly string[] {
  return [
    'busy_timeout = 5000',
    'journal_mode = WAL',
    `synchronous = ${synchronous}`,
    'foreign_keys = ON',
    `wal_autocheckpoint = ${autocheckpointPages}`,
  ]
}

/** Opens a SQLite file: one connection for prepared statements and units, one for Prisma, one gate before both. */
export async function openSqlite(file: string, options: DatabaseOptions): Promise<Database> {
  const connection = new Sqlite(file)
  const pragmas = sqlitePragmas(options.synchronous ?? 'FULL')
  for (const pragma of pragmas) connection.pragma(pragma)
  const gate = createWriterGate()
  let commits = 0

  const idle = setTimeout(() => {
    if (connection.open && !gate.busy) connection.pragma('wal_checkpoint(PASSIVE)')
  }, idleCheckpointMilliseconds).unref()
  function committed(): void {
    commits += 1
    idle.refresh()
  }

  const prepared = new Map<string, Sqlite.Statement>()
  function prepare(text: string): Sqlite.Statement {
    let found = prepared.get(text)
    if (!found) {
      found = connection.prepare(text)
      prepared.set(text, found)
    }
    return found
  }

  /** Reads at once; a write (`… RETURNING`) waits until no transaction of Prisma's is open. */
  async function read<T>(text: string, work: (prepared: Sqlite.Statement) => T): Promise<T> {
    const found = prepare(text)
    return found.readonly ? work(found) : write(() => work(found))
  }
  async function write<T>(work: () => T): Promise<T> {
    const done = (): T => {
      const result = work()
      committed()
      return result
    }
    return gate.busy ? gate.run(done) : done()
  }

  const sql: Sql = {
    all: <Row>(text: string, params: readonly SqlValue[] = []) => read(text, (found) => found.all(...params) as Row[]),
    get: <Row>(text: string, params: readonly SqlValue[] = []) =>
      read(text, (found) => found.get(...params) as Row | undefined),
    run: (text, params = []) => write(() => prepare(text).run(...params).changes),
  }
  const change = ({ text, params }: Statement): number => prepare(text).run(...params).changes
  const commit = createGroupCommit(connection, change, gate, committed)
  const prisma = await openSqliteModels(file, pragmas, gate, committed)

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    clearTimeout(idle)
    // Whoever is still writing comes first.
    await gate.run(() => undefined)
    await prisma.close()
    connection.close()
  }

  return {
    kind: 'sqlite',
    prisma: prisma.models,
    sql,
    commit,
    transaction: prisma.transaction,
    get commits() {
      return commits
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}
