import pg from 'pg'
import { openPostgresqlModels } from './client.ts'
import { ConditionFailed, errorCode } from './errors.ts'
import type { Database, DatabaseOptions } from './interface.ts'
import { NulFreeClient } from './nul-free-client.ts'
import { numberPlaceholders } from './placeholders.ts'
import type { Sql, SqlValue, Statement, UnitOfWork } from './sql.ts'
import { conditionFailedState, planUnit, statementName, type UnitPlan } from './unit-statement.ts'

const connections = 10
const attempts = 4
// deadlock_detected, serialization_failure: everything was undone, so the unit may simply be tried again.
const retryable = new Set(['40P01', '40001'])

/** Numbers and booleans as SQLite gives them: int8 and numeric counts as number, true as 1. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === pg.types.builtins.INT8) return Number
    if (oid === pg.types.builtins.BOOL) return (value: string) => (value === 't' ? 1 : 0)
    return pg.types.getTypeParser(oid, format)
  },
}

interface Query {
  readonly text: string
  readonly name: string
}

/** Opens a pool on a PostgreSQL server, shared by prepared statements, units and Prisma. */
export async function openPostgresql(url: string, options: DatabaseOptions): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: connections, types, Client: NulFreeClient })
  // An idle connection that the server closes is replaced at the next use; without a listener it would end the process.
  pool.on('error', (error) => options.logger?.error({ err: error }, 'database connection lost'))
  try {
    await pool.query('SELECT 1')
  } catch (error) {
    await pool.end()
    throw error
  }
  let commits = 0
  const committed = (): void => {
    commits += 1
  }

  const queries = new Map<string, Query>()
  function prepare(text: string): Query {
    let found = queries.get(text)
    if (!found) {
      const numbered = numberPlaceholders(text).text
      found = { text: numbered, name: statementName('s', numbered) }
      queries.set(text, found)
    }
    return found
  }
  async function query(on: pg.Pool | pg.PoolClient, { text, params }: Statement): Promise<pg.QueryResult> {
    return on.query({ ...prepare(text), values: [...params] })
  }

  const sql: Sql = {
    all: async <Row>(text: string, params: readonly SqlValue[] = []) => {
      const result = await query(pool, { text, params })
      if (result.command !== 'SELECT') committed()
      return result.rows as Row[]
    },
    get: async <Row>(text: string, params: readonly SqlValue[] = []) => {
      const result = await query(pool, { text, params })
      if (result.command !== 'SELECT') committed()
      return result.rows[0] as Row | undefined
    },
    run: async (text, params = []) => {
      const result = await query(pool, { text, params })
      committed()
      return result.rowCount ?? 0
    },
  }

  const plans = new Map<string, UnitPlan>()
  function planOf(unit: UnitOfWork): UnitPlan {
    const shape = `${unit.conditions.length}\n${[...unit.conditions, ...unit.effects].map((part) => part.text).join('\n')}`
    let plan = plans.get(shape)
    if (!plan) {
      plan = planUnit(unit)
      plans.set(shape, plan)
    }
    return plan
  }

  async function inSequence(unit: UnitOfWork): Promise<boolean> {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      for (const condition of unit.conditions) {
        if (((await query(client, condition)).rowCount ?? 0) === 0) throw new ConditionFailed()
      }
      for (const effect of unit.effects) await query(client, effect)
      await client.query('COMMIT')
      return true
    } catch (error) {
      // A connection whose ROLLBACK fails must not go back into the pool with a transaction open.
      await client.query('ROLLBACK').catch((cause: Error) => {
        broken = cause
      })
      if (error instanceof ConditionFailed) return false
      throw error
    } finally {
      client.release(broken)
    }
  }

  async function once(unit: UnitOfWork): Promise<boolean> {
    const parts = [...unit.conditions, ...unit.effects]
    const [only] = parts
    if (!only) return true
    if (parts.length === 1) {
      const changed = (await query(pool, only)).rowCount ?? 0
      return changed > 0 || unit.conditions.length === 0
    }
    const plan = planOf(unit)
    if (plan.kind === 'sequence') return inSequence(unit)
    try {
      await pool.query({ name: plan.name, text: plan.text, values: parts.flatMap((part) => part.params) })
      return true
    } catch (error) {
      if (errorCode(error) === conditionFailedState) return false
      throw error
    }
  }

  async function commit(unit: UnitOfWork): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const done = await once(unit)
        if (done) committed()
        return done
      } catch (error) {
        if (attempt === attempts || !retryable.has(errorCode(error) ?? '')) throw error
      }
    }
  }

  let closing: Promise<void> | undefined
  const prisma = await openPostgresqlModels(pool, committed)
  return {
    kind: 'postgresql',
    prisma: prisma.models,
    sql,
    commit,
    transaction: prisma.transaction,
    get commits() {
      return commits
    },
    close() {
      closing ??= prisma.close().then(() => pool.end())
      return closing
    },
  }
}
