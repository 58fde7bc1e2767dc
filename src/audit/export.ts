import type { ExportRow } from './search/store.ts'

/** The ways to write events into a file. */
export const exportFormats = ['jsonl', 'csv'] as const

/** One of them. */
export type ExportFormat = (typeof exportFormats)[number]

/** Of each format: what a browser is told it is. */
export const exportTypes: Readonly<Record<ExportFormat, string>> = {
  jsonl: 'application/jsonl; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
}

const columns = [
  'id',
  'at',
  'type',
  'actor',
  'person',
  'account_id',
  'client_id',
  'resource',
  'grant_id',
  'address',
  'request_id',
  'detail',
  'position',
] as const

/** One event as a line of JSON, every column of its row, with place and hash, so that a copy elsewhere can be compared. */
export function jsonLine(row: ExportRow): string {
  return `${JSON.stringify({ ...row, detail: JSON.parse(row.detail) })}\n`
}

/** The first line of a table. */
export const csvHead = `${columns.join(',')}\r\n`

/** One event as a line of a table (RFC 4180), with the e-mail address of the person where it is known. */
export function csvLine(row: ExportRow, email: string | undefined): string {
  const values = { ...row, at: new Date(Number(row.at)).toISOString(), person: email ?? '' }
  return `${columns.map((column) => csvCell(String(values[column] ?? ''))).join(',')}\r\n`
}

/**
 * A cell that no spreadsheet takes for a formula: names of clients and addresses are chosen by strangers, and an export
 * is opened by an administrator (threat G21, CWE-1236).
 */
export function csvCell(text: string): string {
  // Spaces before it do not help a formula that a spreadsheet trims, so they do not hide it here either.
  const safe = /^\s*[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}
