/** Where a command reads and writes; tests give their own. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
}

/** A column of a listing. */
export interface Column<Row> {
  readonly title: string
  readonly of: (row: Row) => string | undefined
}

/** Writes one line to standard output. */
export function say(terminal: Terminal, line: string): void {
  terminal.stdout.write(`${printable(line)}\n`)
}

/** Writes a listing: JSON when asked for, aligned columns otherwise. */
export function list<Row>(
  terminal: Terminal,
  rows: readonly Row[],
  { json, columns, nothing }: { json: boolean; columns: readonly Column<Row>[]; nothing: string },
): undefined {
  if (json) return writeJson(terminal, rows)
  if (rows.length === 0) {
    terminal.stderr.write(`${nothing}\n`)
    return undefined
  }
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ of }) => printable(of(row) ?? '–'))),
  ]
  const widths = columns.map((_column, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)))
  for (const row of cells) {
    terminal.stdout.write(
      `${row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
  }
}

/** Writes a value as JSON; maps become objects. */
export function writeJson(terminal: Terminal, value: unknown): undefined {
  const text = JSON.stringify(
    value,
    (_name, member) => (member instanceof Map ? Object.fromEntries(member) : member),
    2,
  )
  // JSON spells the first control characters out by itself; a terminal also obeys those behind `~`, and those that are not seen.
  terminal.stdout.write(`${text.replaceAll(/[\u007f-\u009f\p{Cf}\u2028\u2029]/gu, inJson)}\n`)
}

function inJson(character: string): string {
  const units = Array.from({ length: character.length }, (_unit, at) => character.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** An instant as people at a terminal read it: UTC, to the minute. */
export function shortTime(at: Date | null | undefined): string | undefined {
  return at === null || at === undefined ? undefined : `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`
}

// A client names itself: escape sequences in its name would move the cursor and forge lines of a listing.
function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}
