import type { Audit } from './audit/record.ts'
import type { Config } from './config/config.ts'
import { limitTable } from './config/limit-table.ts'
import { hmacBase64url } from './crypto/digest.ts'
import { deriveKey } from './crypto/seal.ts'
import type { Database } from './db/database.ts'
import { createLimits, type Limits, noLimits } from './limits/limits.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Clock } from './runtime/clock.ts'

/** Opens the limits of the settings, and joins them to the audit book and the metrics. */
export async function openLimits(parts: {
  readonly config: Pick<Config, 'rateLimits' | 'limits'>
  readonly database: Database
  readonly secrets: readonly Uint8Array[]
  readonly clock: Clock
  readonly audit: Pick<Audit, 'recordSoon'>
  readonly metrics: Pick<Metrics, 'limited'>
}): Promise<Limits> {
  const { audit, clock, config, database, metrics, secrets } = parts
  const [newest] = secrets
  if (!config.rateLimits || newest === undefined) return noLimits
  // The library comes with its stores for a dozen databases: it is loaded where something is counted.
  const [{ memoryCounter }, { sharedCounter }] = await Promise.all([
    import('./limits/counter.ts'),
    import('./limits/store.ts'),
  ])
  const key = deriveKey(newest, 'limits', 32)
  const digest = (text: string): string => hmacBase64url(key, text)
  return createLimits(
    config.limits,
    (limit, by, rule) => {
      // An embedded database has one process, and its memory is all there is to count together.
      const isShared = limitTable[limit].counted === 'together' && database.kind === 'postgresql'
      return isShared ? sharedCounter(database, `${limit}.${by}`, rule, digest, clock) : memoryCounter(rule)
    },
    {
      refused: ({ limit }) => metrics.limited(limit),
      reached: ({ limit, by }, { address }) =>
        audit.recordSoon({ type: 'limit.reached', actor: 'system', address, detail: { limit, by } }),
    },
  )
}
