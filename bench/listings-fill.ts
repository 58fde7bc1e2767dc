// Fills a migrated database with raw inserts, a few thousand rows at a time, and chains the audit book as the server would.
import Sqlite from 'better-sqlite3'
import pg from 'pg'
import { chainRows, genesis, headOf, type SealedRow } from '../src/audit/chain.ts'
import { deriveKey } from '../src/crypto/seal.ts'
import { migrate, type SqlValue } from '../src/db/database.ts'
import { eventsOf, type Fill } from './listings-rows.ts'
import { type TableRows, tablesOf } from './listings-tables.ts'

/** The secret of the servers that the benchmark starts; the chain is made with a key from it. */
const chainKey = deriveKey(Buffer.alloc(32, 7), 'audit chain', 32)
const batch = 5000

/** Rows of a size, written at once. */
interface Writer {
  write(table: Pick<TableRows, 'table' | 'columns'>, rows: readonly (readonly SqlValue[])[]): Promise<void>
  close(): Promise<void>
}

const eventColumns =
  'id at:bigint type actor account_id client_id resource grant_id address request_id detail position:bigint previous_hash hash'

/**
 * Migrates a database and fills it.
 *
 * @param url as in SALLYPORT_DATABASE_URL
 * @returns the id of an event
 */
export async function fillDatabase(url: string, fill: Fill, now: number, passwordHash: string): Promise<string> {
  const file = url.startsWith('file:') ? url.slice('file:'.length) : undefined
  await migrate(file === undefined ? { kind: 'postgresql', url } : { kind: 'sqlite', file })
  const writer = file === undefined ? await openPostgresql(url) : openSqlite(file)
  try {
    for (const table of tablesOf(fill, now, passwordHash)) {
      for (const rows of inBatches(table.rows())) await writer.write(table, rows)
    }
    let anEvent = ''
    let last: Pick<SealedRow, 'position' | 'hash'> = { position: 0, hash: genesis }
    for (const rows of inBatches(eventsOf(fill, now))) {
      const sealed = chainRows(chainKey, last, rows)
      last = sealed.at(-1) ?? last
      anEvent = rows.at(-1)?.id ?? anEvent
      await writer.write({ table: 'audit_event', columns: eventColumns }, sealed.map(valuesOf))
    }
    const head = headOf(chainKey, last.position, last.hash)
    const columns = 'id position:bigint hash seal'
    if (last.position > 0) {
      await writer.write({ table: 'audit_head', columns }, [['head', head.position, head.hash, head.seal]])
    }
    return anEvent
  } finally {
    await writer.close()
  }
}

function valuesOf(row: SealedRow): readonly SqlValue[] {
  const facts = [row.id, row.at, row.type, row.actor, row.account_id, row.client_id, row.resource, row.grant_id]
  return [...facts, row.address, row.request_id, row.detail, row.position, row.previous_hash, row.hash]
}

function columnsOf(columns: string): readonly (readonly [string, string])[] {
  return columns.split(' ').map((column) => {
    const [name = '', type = 'text'] = column.split(':')
    return [name, type] as const
  })
}

function* inBatches<Row>(rows: Iterable<Row>): Generator<readonly Row[]> {
  let part: Row[] = []
  for (const row of rows) {
    part.push(row)
    if (part.length < batch) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

function openSqlite(file: string): Writer {
  const connection = new Sqlite(file)
  // Nobody pulls the plug while a benchmark fills its database.
  for (const pragma of ['journal_mode = WAL', 'synchronous = OFF', 'cache_size = -400000']) connection.pragma(pragma)
  return {
    async write({ table, columns }, rows) {
      const names = columnsOf(columns).map(([name]) => name)
      const insert = connection.prepare(
        `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      )
      connection.transaction(() => {
        for (const row of rows) insert.run(...row)
      })()
    },
    async close() {
      connection.pragma('wal_checkpoint(TRUNCATE)')
      connection.close()
    },
  }
}

async function openPostgresql(url: string): Promise<Writer> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('SET synchronous_commit = off')
  return {
    async write({ table, columns }, rows) {
      const entries = columnsOf(columns)
      const arrays = entries.map(([, type], place) =>
        rows.map((row) => (type === 'boolean' ? Boolean(row[place]) : (row[place] ?? null))),
      )
      const typed = entries.map(([, type], place) => `$${place + 1}::${type}[]`)
      await client.query(
        `INSERT INTO ${table} (${entries.map(([name]) => name).join(', ')}) SELECT * FROM unnest(${typed.join(', ')})`,
        arrays,
      )
    },
    async close() {
      // As autovacuum would have done on the way here.
      await client.query('VACUUM ANALYZE')
      await client.end()
    },
  }
}
