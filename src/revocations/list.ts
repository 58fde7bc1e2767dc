import type { Clock } from '../runtime/clock.ts'
import { overlapMs } from './page.ts'
import { keptSeconds, type Revocation } from './revocation.ts'
import type { RevocationStore } from './store.ts'

/** The list as this process knows it. */
export interface RevocationList {
  /**
   * Everything that is kept, as it was at most a second ago, the oldest first. The same array while nothing is new.
   *
   * @throws the database's error: a list that may be old is not told as new
   */
  current(): Promise<readonly Revocation[]>
}

// Ours: however many verifiers ask, the database is asked once a second, by those who come.
const freshMs = 1000

/** Keeps the list in memory and follows the rows, its own and those of other processes. */
export function createRevocationList(store: Pick<RevocationStore, 'since'>, clock: Clock): RevocationList {
  let list: readonly Revocation[] = []
  let known = new Set<string>()
  let readAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<readonly Revocation[]> | undefined

  async function read(): Promise<readonly Revocation[]> {
    const nowMs = clock.now().getTime()
    const oldestMs = nowMs - keptSeconds * 1000
    // Also a row whose process looked at the clock before this one did, and committed after.
    const fromMs = Math.max(oldestMs, Math.min(readAtMs, nowMs) - overlapMs)
    const fresh = (await store.since(fromMs)).filter((line) => !known.has(nameOf(line)))
    const kept = list.filter(({ createdAtMs }) => createdAtMs >= oldestMs)
    if (fresh.length > 0 || kept.length < list.length) {
      list = [...kept, ...fresh].sort((one, other) => one.createdAtMs - other.createdAtMs)
      known = new Set(list.map(nameOf))
    }
    readAtMs = nowMs
    return list
  }

  return {
    async current() {
      const ageMs = clock.now().getTime() - readAtMs
      if (ageMs >= 0 && ageMs < freshMs) return list
      reading ??= read().finally(() => {
        reading = undefined
      })
      return reading
    },
  }
}

function nameOf({ lines, moment }: Revocation): string {
  return `${moment}\n${lines}`
}
