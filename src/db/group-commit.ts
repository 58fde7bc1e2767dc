import type { Database as Connection } from 'better-sqlite3'
import type { Statement, UnitOfWork } from './sql.ts'
import type { WriterGate } from './writer-gate.ts'

interface Waiting {
  readonly unit: UnitOfWork
  readonly resolve: (committed: boolean) => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets units that finish in the same turn of the event loop share one SQLite commit, and so one fsync.
 *
 * A unit whose condition fails is left out without touching the others. A statement that throws undoes the whole
 * batch; then each unit is tried alone, and only the guilty one is rejected.
 * Nothing here may read an AsyncLocalStorage: the batch runs in the context of whoever came first.
 *
 * @param change runs one prepared statement and returns the number of rows changed
 */
export function createGroupCommit(
  connection: Connection,
  change: (statement: Statement) => number,
  gate: WriterGate,
  onCommit: () => void,
): (unit: UnitOfWork) => Promise<boolean> {
  const begin = connection.prepare('BEGIN IMMEDIATE')
  const end = connection.prepare('COMMIT')
  const undo = connection.prepare('ROLLBACK')
  const mark = connection.prepare('SAVEPOINT unit')
  const keep = connection.prepare('RELEASE unit')
  const back = connection.prepare('ROLLBACK TO unit')
  let waiting: Waiting[] = []

  function apply(unit: UnitOfWork): boolean {
    // With one condition a failure has written nothing yet; only several need a point to return to.
    const several = unit.conditions.length > 1
    if (several) mark.run()
    for (const condition of unit.conditions) {
      if (change(condition) > 0) continue
      if (several) {
        back.run()
        keep.run()
      }
      return false
    }
    for (const effect of unit.effects) change(effect)
    if (several) keep.run()
    return true
  }

  function together(batch: readonly Waiting[]): boolean[] {
    try {
      const outcomes = batch.map(({ unit }) => apply(unit))
      if (outcomes.includes(true)) {
        end.run()
        onCommit()
      } else undo.run()
      return outcomes
    } catch (error) {
      if (connection.inTransaction) undo.run()
      throw error
    }
  }

  function flushNow(): void {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    let outcomes: boolean[] = []
    try {
      begin.run()
    } catch (error) {
      // Another process holds the file for longer than we wait: trying one by one would wait as often.
      for (const { reject } of batch) reject(error)
      return
    }
    try {
      outcomes = together(batch)
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error)
      else for (const one of batch) alone(one)
      return
    }
    for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] === true)
  }

  function alone(one: Waiting): void {
    try {
      begin.run()
      one.resolve(together([one])[0] === true)
    } catch (error) {
      one.reject(error)
    }
  }

  function flush(): void {
    if (gate.busy) void gate.run(flushNow)
    else flushNow()
  }

  return (unit) =>
    new Promise((resolve, reject) => {
      waiting.push({ unit, resolve, reject })
      if (waiting.length === 1) setImmediate(flush)
    })
}
