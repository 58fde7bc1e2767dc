import type { Database, SqlValue, Statement } from '../db/database.ts'
import { type AuditRow, type ChainHead, genesis, type SealedRow } from './chain.ts'

const columns = 'id, at, type, actor, account_id, client_id, resource, grant_id, address, request_id, detail'
const oneRow = '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
const insert = `INSERT INTO audit_event (${columns}) VALUES ${oneRow}`
const selectUnsealed = `SELECT ${columns} FROM audit_event WHERE position IS NULL ORDER BY id LIMIT ?`
const selectSealed = `SELECT ${columns}, position, previous_hash, hash FROM audit_event
  WHERE position > ? ORDER BY position LIMIT ?`
const selectHead = `SELECT position, hash, seal FROM audit_head WHERE id = 'head'`
const makeHead = `INSERT INTO audit_head (id, position, hash, seal) VALUES ('head', ?, ?, ?) ON CONFLICT DO NOTHING`
// The hash too: a head that somebody set back must not be lengthened by the process that remembers another one.
const moveHead = `UPDATE audit_head SET position = ?, hash = ?, seal = ?
  WHERE id = 'head' AND position = ? AND hash = ?`

/** Sizes of the sealing statement, so that few texts are prepared; the rest of a size is filled with NULL. */
const sealSizes = [16, 256] as const

/** How many rows one sealing takes at most. */
export const sealBatch = 256

/** The row as a plain INSERT, fit to stand among the effects of any unit. */
export function insertStatement(row: AuditRow): Statement {
  return { text: insert, params: valuesOf(row) }
}

/** Several rows in one INSERT; the caller keeps to few sizes, because each is a text of its own. */
export function insertManyStatement(rows: readonly AuditRow[]): Statement {
  const [, ...others] = rows
  return { text: `${insert}${`, ${oneRow}`.repeat(others.length)}`, params: rows.flatMap(valuesOf) }
}

function valuesOf(row: AuditRow): SqlValue[] {
  return [
    row.id,
    row.at,
    row.type,
    row.actor,
    row.account_id,
    row.client_id,
    row.resource,
    row.grant_id,
    row.address,
    row.request_id,
    row.detail,
  ]
}

/** Rows without a place yet, oldest first. */
export function findUnsealed(database: Database): Promise<AuditRow[]> {
  return database.sql.all<AuditRow>(selectUnsealed, [sealBatch])
}

/** Rows with a place above one, in order of their places. */
export function findSealedAfter(database: Database, position: number, limit: number): Promise<SealedRow[]> {
  return database.sql.all<SealedRow>(selectSealed, [position, limit])
}

/** The note of the last place, or undefined when nothing was ever sealed. */
export function findHead(database: Database): Promise<ChainHead | undefined> {
  return database.sql.get<ChainHead>(selectHead)
}

/**
 * Writes places and the new head in one commit.
 *
 * @param before the head that the places were computed from
 * @returns false when another process sealed meanwhile; nothing is written then
 */
export function saveSealed(
  database: Database,
  before: { readonly position: number; readonly hash: string },
  rows: readonly SealedRow[],
  head: ChainHead,
): Promise<boolean> {
  const start: Statement = { text: makeHead, params: [head.position, head.hash, head.seal] }
  const move: Statement = {
    text: moveHead,
    params: [head.position, head.hash, head.seal, before.position, before.hash],
  }
  return database.commit({
    conditions: [before.position === 0 && before.hash === genesis ? start : move],
    effects: [sealStatement(rows)],
  })
}

function sealStatement(rows: readonly SealedRow[]): Statement {
  const size = sealSizes.find((candidate) => candidate >= rows.length) ?? sealBatch
  const params: SqlValue[] = []
  for (let index = 0; index < size; index += 1) {
    const row = rows[index]
    params.push(row?.id ?? null, row?.position ?? null, row?.previous_hash ?? null, row?.hash ?? null)
  }
  // Both databases call the columns of VALUES column1, column2, …; the casts of the first row type all of them.
  const values = [
    '(CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS TEXT))',
    ...Array.from({ length: size - 1 }, () => '(?, ?, ?, ?)'),
  ]
  return {
    text: `UPDATE audit_event SET position = v.column2, previous_hash = v.column3, hash = v.column4
  FROM (VALUES ${values.join(', ')}) AS v WHERE audit_event.id = v.column1 AND audit_event.position IS NULL`,
    params,
  }
}
