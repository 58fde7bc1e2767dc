import { createHash } from 'node:crypto'
import { numberPlaceholders, wordsOf } from './placeholders.ts'
import type { UnitOfWork } from './sql.ts'

/**
 * How a unit of work is carried out on PostgreSQL: as one statement (one round trip), or statement by statement.
 */
export type UnitPlan =
  | { readonly kind: 'single'; readonly name: string; readonly text: string }
  | { readonly kind: 'sequence' }

/**
 * The SQLSTATE with which a single statement says that a condition changed no row.
 * Raised by a division by zero, for which no table of ours has another use.
 */
export const conditionFailedState = '22012'

/**
 * Plans a unit by its shape (the texts alone).
 *
 * The single statement holds each part as a data-modifying CTE and divides by the smallest count of the conditions:
 * zero rows abort the statement, and with it every part, so nothing has to be guarded by itself. READ COMMITTED makes
 * a waiting condition look again at the row after the winner's commit, so losers see zero rows.
 *
 * All parts of such a statement see the rows as they were before it, and their order is not promised. So it is used
 * only where that cannot be told from running them in order: no part mentions a table that another one writes, except
 * that several plain INSERTs may go into one table. Everything else becomes a sequence inside BEGIN … COMMIT.
 */
export function planUnit(unit: UnitOfWork): UnitPlan {
  const parts = [...unit.conditions, ...unit.effects].map((part) => part.text)
  if (!independent(parts)) return { kind: 'sequence' }
  let next = 1
  const expressions = parts.map((part, index) => {
    const numbered = numberPlaceholders(part, next)
    next = numbered.next
    return `p${index} AS (${numbered.text}${index < unit.conditions.length ? ' RETURNING 1' : ''})`
  })
  const counts = unit.conditions.map((_, index) => `(SELECT count(*) FROM p${index})`)
  const result =
    counts.length === 0 ? '1' : counts.length === 1 ? `1 / ${counts[0]}` : `1 / least(${counts.join(', ')})`
  const text = `WITH ${expressions.join(', ')} SELECT ${result} AS done`
  return { kind: 'single', text, name: statementName('u', text) }
}

/** A name for a prepared statement: the same text has the same name on every connection. */
export function statementName(prefix: string, text: string): string {
  return `${prefix}_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}

function independent(parts: readonly string[]): boolean {
  const seen = parts.map((part) => {
    const words = wordsOf(part)
    const plainInsert = words[0] === 'insert' && !words.includes('conflict') && !words.includes('select')
    // INSERT INTO t, DELETE FROM t, UPDATE t
    const table = words[0] === 'update' ? words[1] : words[2]
    return { table, words: new Set(words), plainInsert }
  })
  return seen.every((one, index) =>
    seen.every(
      (other, otherIndex) =>
        index === otherIndex ||
        one.table === undefined ||
        !other.words.has(one.table) ||
        (one.plainInsert && other.plainInsert && one.table === other.table),
    ),
  )
}
