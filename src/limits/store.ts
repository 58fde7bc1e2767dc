import { RateLimiterPostgres } from 'rate-limiter-flexible'
import type { LimitRule } from '../config/limit-table.ts'
import type { Database } from '../db/database.ts'
import type { Clock } from '../runtime/clock.ts'
import { BoundedMemoryLimiter, type Counter, counterWith } from './counter.ts'

interface LibraryQuery {
  readonly text: string
  readonly values: readonly (string | number | null)[]
}

/**
 * Counts in the table `rate_limit`, for all processes together: one statement of the library's for each count. While the
 * database is away this process counts in its own memory; who is refused is not counted again before the wait is over, so
 * that a flood does not become a flood of commits.
 *
 * @param name begins every key of this rule
 * @param digest hides whose key it is
 */
export function sharedCounter(
  { sql }: Pick<Database, 'sql'>,
  name: string,
  rule: LimitRule,
  digest: (text: string) => string,
  clock: Clock,
): Counter {
  const limiter = new RateLimiterPostgres({
    // Our own pool, with our own statements' cache; the library's texts number their places, ours are in order.
    storeClient: {
      async query({ text, values }: LibraryQuery) {
        const places: (string | number | null)[] = []
        const inOrder = text.replace(/\$(\d+)/g, (_, place: string) => {
          places.push(values[Number(place) - 1] ?? null)
          return '?'
        })
        const rows = await sql.all(inOrder, places)
        return { rows, rowCount: rows.length }
      },
    },
    storeType: 'client',
    tableName: 'rate_limit',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: name,
    points: rule.points,
    duration: rule.windowSeconds,
    insuranceLimiter: new BoundedMemoryLimiter(rule),
  })
  return rememberingRefusals(counterWith(limiter, rule), digest, clock)
}

// Ours: so many refused keys are remembered; beyond them a refusal costs a statement again.
const mostRefused = 10_000

function rememberingRefusals(counter: Counter, digest: (text: string) => string, clock: Clock): Counter {
  const refusedUntil = new Map<string, number>()
  return {
    async count(key) {
      const now = clock.now().getTime()
      const until = refusedUntil.get(key)
      if (until !== undefined) {
        const waitMilliseconds = until - now
        if (waitMilliseconds > 0) return { waitMilliseconds, isFirst: false }
        refusedUntil.delete(key)
      }
      const count = await counter.count(digest(key))
      if (count.waitMilliseconds > 0) {
        refusedUntil.set(key, now + count.waitMilliseconds)
        const [oldest] = refusedUntil.keys()
        if (refusedUntil.size > mostRefused && oldest !== undefined) refusedUntil.delete(oldest)
      }
      return count
    },
  }
}
