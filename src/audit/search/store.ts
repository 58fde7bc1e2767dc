import type { Sql, SqlValue } from '../../db/database.ts'
import type { AuditRow } from '../chain.ts'
import { firstIdAt } from '../event-id.ts'

/** Which events. Every member narrows. */
export interface AuditFilter {
  readonly type?: string | undefined
  readonly accountId?: string | undefined
  readonly clientId?: string | undefined
  /** Canonical identifier of an MCP server. */
  readonly resource?: string | undefined
  readonly requestId?: string | undefined
  /** From this moment on. */
  readonly since?: Date | undefined
  /** Before this moment. */
  readonly until?: Date | undefined
  /** Id of an event: only older ones. */
  readonly before?: string | undefined
}

/** A row as listed and exported; the last three are null until it is sealed. */
export interface ExportRow extends AuditRow {
  readonly position: number | null
  readonly previous_hash: string | null
  readonly hash: string | null
}

/** What a search found. */
export interface Search {
  /** Newest first. */
  readonly rows: readonly ExportRow[]
  readonly next: string | undefined
  readonly isCut: boolean
}

const columns =
  'id, at, type, actor, account_id, client_id, resource, grant_id, address, request_id, detail, position, previous_hash, hash'

// What an index leads to, the narrowest first: one of them leads the search, the others sift what it finds.
const leads = [
  ['account_id', 'accountId'],
  ['client_id', 'clientId'],
  ['type', 'type'],
  ['resource', 'resource'],
] as const

/** Ours: so many rows are sifted at a time; a few milliseconds on SQLite, whose reads hold everybody up. */
const stretch = 5_000

/** One event by its id. */
export function findEvent(sql: Sql, id: string): Promise<ExportRow | undefined> {
  return sql.get<ExportRow>(`SELECT ${columns} FROM audit_event WHERE id = ?`, [id])
}

/**
 * Events, newest first, in stretches of bounded size: however long the book is and however rare what is looked for, no
 * single query reads more than one stretch.
 *
 * @param milliseconds stop after this time; without it the search goes on to the end of the book
 */
export async function findEvents(
  sql: Sql,
  filter: AuditFilter,
  limit: number,
  milliseconds = Number.POSITIVE_INFINITY,
): Promise<Search> {
  const begunAt = performance.now()
  const { lead, sieve } = sort(filter)
  const floor = filter.since === undefined ? '' : firstIdAt(filter.since)
  const rows: ExportRow[] = []
  let before = ceiling(filter)
  for (;;) {
    const end = sieve.length === 0 ? undefined : await endOfStretch(sql, lead, before, floor)
    const where = [...lead, ...sieve, { condition: 'id >= ?', value: end ?? floor }, ...below(before)]
    rows.push(
      ...(await sql.all<ExportRow>(
        `SELECT ${columns} FROM audit_event WHERE ${where.map(({ condition }) => condition).join(' AND ')}
          ORDER BY id DESC LIMIT ?`,
        [...where.map(({ value }) => value), limit + 1 - rows.length],
      )),
    )
    if (rows.length > limit) return { rows: rows.slice(0, limit), next: rows[limit - 1]?.id, isCut: false }
    if (end === undefined) return { rows, next: undefined, isCut: false }
    if (performance.now() - begunAt > milliseconds) return { rows, next: end, isCut: true }
    before = end
    await new Promise((resolve) => setImmediate(resolve))
  }
}

interface Condition {
  readonly condition: string
  readonly value: SqlValue
}

/** The id that ends the stretch below an id; undefined when fewer rows than a stretch are left. */
async function endOfStretch(
  sql: Sql,
  lead: readonly Condition[],
  before: string | undefined,
  floor: string,
): Promise<string | undefined> {
  const where = [...lead, { condition: 'id >= ?', value: floor }, ...below(before)]
  const row = await sql.get<{ id: string }>(
    `SELECT id FROM audit_event WHERE ${where.map(({ condition }) => condition).join(' AND ')}
      ORDER BY id DESC LIMIT 1 OFFSET ${stretch - 1}`,
    where.map(({ value }) => value),
  )
  return row?.id
}

function sort(filter: AuditFilter): { readonly lead: readonly Condition[]; readonly sieve: readonly Condition[] } {
  const wanted = leads.flatMap(([column, name]) => {
    const value = filter[name]
    return value === undefined ? [] : [{ column, value }]
  })
  const [first, ...others] = wanted
  const request = filter.requestId === undefined ? [] : [{ condition: 'request_id = ?', value: filter.requestId }]
  return {
    lead: first === undefined ? [] : [{ condition: `${first.column} = ?`, value: first.value }],
    // As an expression, so that no database lets another index lead: the stretch is bounded along this one alone.
    sieve: [...others.map(({ column, value }) => ({ condition: `coalesce(${column}, '') = ?`, value })), ...request],
  }
}

function below(before: string | undefined): readonly Condition[] {
  return before === undefined ? [] : [{ condition: 'id < ?', value: before }]
}

/** The lower of the two ends: ids sort by time. */
function ceiling({ before, until }: AuditFilter): string | undefined {
  const end = until === undefined ? undefined : firstIdAt(until)
  return before !== undefined && end !== undefined ? (before < end ? before : end) : (before ?? end)
}
