/** What a prepared statement takes and gives. Booleans travel as 1 and 0 on both databases, instants as milliseconds. */
export type SqlValue = string | number | bigint | null

/** One statement with `?` placeholders (both databases) and snake_case columns. */
export interface Statement {
  readonly text: string
  readonly params: readonly SqlValue[]
}

/** Prepared, cached statements straight on the driver: the hot path. Texts must be few and constant; values go in params. */
export interface Sql {
  /** All rows. `INSERT/UPDATE/DELETE … RETURNING` is allowed and waits for its turn like any write. */
  all<Row>(text: string, params?: readonly SqlValue[]): Promise<Row[]>
  /** The first row, or undefined. */
  get<Row>(text: string, params?: readonly SqlValue[]): Promise<Row | undefined>
  /** Runs one write in a commit of its own; returns the number of rows changed. */
  run(text: string, params?: readonly SqlValue[]): Promise<number>
}

/**
 * Writes that belong together.
 *
 * `conditions`: each is one `UPDATE`, `DELETE` or `INSERT … ON CONFLICT DO NOTHING` that must change at least one row.
 * `effects`: one `INSERT`, `UPDATE` or `DELETE` each, of any count of rows, run after the conditions in their order.
 * No statement carries `RETURNING`, ends in `;` or starts with `WITH`. A literal `?` may only stand inside quotes.
 */
export interface UnitOfWork {
  readonly conditions: readonly Statement[]
  readonly effects: readonly Statement[]
}

/**
 * Makes a statement value.
 *
 * @param text   `?` placeholders
 * @param params one value for each placeholder
 */
export function statement(text: string, ...params: readonly SqlValue[]): Statement {
  return { text, params }
}
