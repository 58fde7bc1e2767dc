import { keptSeconds, type Revocation } from './revocation.ts'

/** A part of the list, as a document says it. */
export interface RevocationPage {
  /** From the beginning: everything that may still matter. */
  readonly isComplete: boolean
  readonly lines: readonly Revocation[]
  /** Where the next question goes on; printable, without space. */
  readonly cursor: string
  readonly hasMore: boolean
}

/**
 * Ours: how long a row may be on its way, from the clock of the process that writes it to the eyes of one that reads. Processes
 * commit in another order than they look at the clock, and clocks differ: each answer begins so much before its cursor, and tells some
 * lines twice, which does no harm.
 */
export const overlapMs = 60_000

/** Ours: 5,000 lines are some 400 kB; the verifier takes 4 MiB, and 64 documents to a question. */
export const linesOnPage = 5000

/**
 * The part of the list behind a cursor.
 *
 * A cursor is `<milliseconds>`: everything written before has been told, but for the overlap; or `<milliseconds>.<count>` in the
 * middle of a long answer: so many lines of this millisecond have been told. It counts by the clocks of all processes, so it is good at
 * each of them.
 *
 * @param list  the oldest first
 * @param since undefined, malformed, from before the oldest line that is kept, or from the future: everything is told
 */
export function pageOf(
  list: readonly Revocation[],
  since: string | undefined,
  now: Date,
  most: number = linesOnPage,
): RevocationPage {
  const place = placeOf(since, now)
  const start = place === undefined ? 0 : startOf(list, place)
  const lines = list.slice(start, start + most)
  const last = lines.at(-1)
  if (last !== undefined && start + lines.length < list.length) {
    const told = start + lines.length - firstSince(list, last.createdAtMs)
    return { isComplete: place === undefined, lines, cursor: `${last.createdAtMs}.${told}`, hasMore: true }
  }
  // With nothing new it moves once a minute, so that the same question is asked again and answered with 304.
  const quiet = Math.floor((now.getTime() - overlapMs) / overlapMs) * overlapMs
  const cursor = Math.max(quiet, last?.createdAtMs ?? 0, place?.atMs ?? 0)
  return { isComplete: place === undefined, lines, cursor: String(cursor), hasMore: false }
}

interface Place {
  readonly atMs: number
  /** Lines of this very millisecond that have been told; undefined: nothing is under way, the overlap counts. */
  readonly told: number | undefined
}

function placeOf(since: string | undefined, now: Date): Place | undefined {
  const found = /^(\d{1,15})(?:\.(\d{1,9}))?$/.exec(since ?? '')
  if (found === null) return undefined
  const atMs = Number(found[1])
  // Of a database that was put back, or of nobody: we do not know what that one has been told.
  if (atMs < now.getTime() - keptSeconds * 1000 || atMs > now.getTime() + overlapMs) return undefined
  return { atMs, told: found[2] === undefined ? undefined : Number(found[2]) }
}

function startOf(list: readonly Revocation[], { atMs, told }: Place): number {
  return told === undefined ? firstSince(list, atMs - overlapMs) : firstSince(list, atMs) + told
}

function firstSince(list: readonly Revocation[], atMs: number): number {
  const index = list.findIndex(({ createdAtMs }) => createdAtMs >= atMs)
  return index === -1 ? list.length : index
}
