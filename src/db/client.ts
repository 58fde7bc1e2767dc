import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import type { Models, TransactionModels } from './interface.ts'
import type { WriterGate } from './writer-gate.ts'

/** Prisma as the rest of the room uses it. */
export interface PrismaSide {
  readonly models: Models
  transaction<T>(work: (tx: TransactionModels) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const writeOperations = new Set([
  'create',
  'createMany',
  'createManyAndReturn',
  'update',
  'updateMany',
  'updateManyAndReturn',
  'upsert',
  'delete',
  'deleteMany',
  '$executeRaw',
  '$executeRawUnsafe',
])

/**
 * Opens Prisma on a SQLite file, on a connection of its own, with its writes behind the gate.
 *
 * @param onCommit called once for every write or transaction that was committed
 */
export async function openSqliteModels(
  file: string,
  pragmas: readonly string[],
  gate: WriterGate,
  onCommit: () => void,
): Promise<PrismaSide> {
  // Loaded here: a process uses one of the two, and each is tens of milliseconds and megabytes.
  const { PrismaBetterSqlite3 } = await import('@prisma/adapter-better-sqlite3')
  const { PrismaClient } = await import('./generated/sqlite/client.ts')
  const base = new PrismaClient({
    adapter: new PrismaBetterSqlite3({ url: `file:${file}`, timeout: 5000 }, { timestampFormat: 'unixepoch-ms' }),
  })
  for (const pragma of pragmas) await base.$queryRawUnsafe(`PRAGMA ${pragma}`)
  const guarded = base.$extends({
    query: {
      async $allOperations({ operation, args, query }) {
        if (writeOperations.has(operation)) {
          return gate.run(async () => {
            const result = await query(args)
            onCommit()
            return result
          })
        }
        // Prisma has one connection here: a read beside an open transaction of its own would see rows not committed.
        return gate.busy ? gate.run(() => query(args)) : query(args)
      },
    },
  })
  return {
    models: guarded as unknown as Models,
    transaction: (work) =>
      gate.run(async () => {
        const result = await base.$transaction(work)
        onCommit()
        return result
      }),
    close: () => base.$disconnect(),
  }
}

/**
 * Opens Prisma on a PostgreSQL pool that it shares with our statements.
 * The client generated for PostgreSQL differs from the SQLite one in types that no store uses; the cast is here alone.
 */
export async function openPostgresqlModels(pool: Pool, onCommit: () => void): Promise<PrismaSide> {
  const { PrismaPg } = await import('@prisma/adapter-pg')
  const { PrismaClient } = await import('./generated/postgresql/client.ts')
  const names = new Map<string, string>()
  const base = new PrismaClient({
    adapter: new PrismaPg(pool, {
      statementNameGenerator: ({ sql }) => {
        let name = names.get(sql)
        if (!name) {
          name = `p_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`
          names.set(sql, name)
        }
        return name
      },
    }),
  })
  const counted = base.$extends({
    query: {
      async $allOperations({ operation, args, query }) {
        const result = await query(args)
        if (writeOperations.has(operation)) onCommit()
        return result
      },
    },
  })
  return {
    models: counted as unknown as Models,
    transaction: async (work) => {
      const result = await base.$transaction((tx) => work(tx as unknown as TransactionModels))
      onCommit()
      return result
    },
    close: () => base.$disconnect(),
  }
}
