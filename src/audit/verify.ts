import type { Database } from '../db/database.ts'
import { genesis, hashRow, headOf } from './chain.ts'
import { findHead, findSealedAfter } from './store.ts'

export type Verdict =
  | {
      readonly ok: true
      /** How many links were looked at. */
      readonly count: number
      /** Places looked at; `from` is 1 and `until` the last place unless there were limits. */
      readonly from: number
      readonly until: number
      /** The last place of the chain. */
      readonly end: number
    }
  | { readonly ok: false; readonly position: number; readonly reason: string }

const pageSize = 1000

/** For a look that must not take long: the newest places only, and no longer than this. */
export interface VerifyLimits {
  readonly newest: number
  readonly milliseconds: number
}

/**
 * Walks the whole chain.
 *
 * Finds an edited event, one taken out, two exchanged, one put between, and a tail cut off (up to the last sealing).
 * Not found: an event removed before it was sealed, and a whole database set back to an earlier copy.
 * Safe while another process seals.
 *
 * @param chainKeys every key that places were given with; each link must fit one of them
 * @param limits begin at a later place, taking the event before it as it stands; stop when the time is over
 * @returns how many events are in the chain, or the first place that is not right and why
 */
export async function verifyChain(
  database: Database,
  chainKeys: readonly Uint8Array[],
  limits?: VerifyLimits,
): Promise<Verdict> {
  const begunAt = performance.now()
  const start = limits === undefined ? 0 : Math.max(0, ((await findHead(database))?.position ?? 0) - limits.newest)
  let position = start
  let hash = start === 0 ? genesis : ((await findSealedAfter(database, start - 1, 1))[0]?.hash ?? genesis)
  for (;;) {
    const head = await findHead(database)
    const end = head?.position ?? 0
    if (head && !chainKeys.some((key) => headOf(key, head.position, head.hash).seal === head.seal)) {
      return { ok: false, position: end, reason: 'the note of the last place was edited' }
    }
    while (position < end) {
      if (limits !== undefined && performance.now() - begunAt > limits.milliseconds) {
        return { ok: true, count: position - start, from: start + 1, until: position, end }
      }
      // SQLite answers at once: without this pause nobody else would be served during the walk.
      await new Promise((resolve) => setImmediate(resolve))
      const page = await findSealedAfter(database, position, Math.min(pageSize, end - position))
      if (page.length === 0) return { ok: false, position: position + 1, reason: 'the end of the chain is missing' }
      for (const row of page) {
        const expected = position + 1
        const previous = hash
        if (row.position !== expected) return { ok: false, position: expected, reason: 'an event is missing' }
        if (row.previous_hash !== previous) {
          return { ok: false, position: expected, reason: 'the event does not follow the one before it' }
        }
        if (!chainKeys.some((key) => hashRow(key, expected, previous, row) === row.hash)) {
          return { ok: false, position: expected, reason: 'the event was edited' }
        }
        position = expected
        hash = row.hash
      }
    }
    if (head && head.hash !== hash) {
      return { ok: false, position: end, reason: 'the last event is not the one that was noted' }
    }
    const beyond = await findSealedAfter(database, end, 1)
    if (beyond.length === 0) return { ok: true, count: end - start, from: start + 1, until: end, end }
    // Either the chain grew while we walked, or somebody gave a row a place by hand.
    if (((await findHead(database))?.position ?? 0) === end) {
      return { ok: false, position: end + 1, reason: 'an event has a place that was never given' }
    }
  }
}
