import type { AuditEvent } from '../../audit/events.ts'
import type { Clock } from '../../runtime/clock.ts'
import { type CleanUpRule, ruleWords } from '../clean-up/clean-up.ts'
import { type ExpiryStore, listSize, type Place } from './store.ts'

/** What the job needs. */
export interface ExpiryDesk {
  readonly expiry: ExpiryStore
  readonly clients: { forget(id: string): void }
  readonly audit: { record(event: AuditEvent): Promise<void> }
  readonly clock: Clock
  /** Of settings; 0: that kind stays. */
  readonly unusedHours: number
  readonly idleDays: number
}

/** What one run did. */
export interface ExpiryRun {
  readonly removed: number
  readonly tombstones: number
  readonly tokens: number
}

// Ours: a run looks at so many clients that a flood of a day is gone in the next, and holds nobody up for longer than a request.
const stretch = 2000
const dayMs = 86_400_000
// Ours: longer than any connection lives by default, so that a person who comes back finds a page that says what to do.
const tombstoneDays = 180
// Ours: so long one may still look up what a token was for.
const tokenDays = 90

/**
 * Makes the job that takes away clients that nobody uses (D01): never used after a day, idle after a quarter, never one with a live
 * connection. Each call looks at the next stretch of all clients, so that its cost does not grow with their number; several processes
 * at it do no harm. What goes leaves a tombstone, and tombstones go after their own time.
 *
 * Writes one `client.cleaned_up` for each run that removed something.
 */
export function createExpiry(desk: ExpiryDesk): () => Promise<ExpiryRun> {
  const rule: CleanUpRule = {
    ...(desk.unusedHours > 0 ? { unusedHours: desk.unusedHours } : {}),
    ...(desk.idleDays > 0 ? { idleDays: desk.idleDays } : {}),
  }
  const isOn = desk.unusedHours > 0 || desk.idleDays > 0
  let place: Place | undefined

  async function removeUnused(now: Date): Promise<number> {
    const { ids, next } = await desk.expiry.meant(rule, now, place, stretch)
    let removed = 0
    try {
      for (let at = 0; at < ids.length; at += listSize) {
        const batch = ids.slice(at, at + listSize)
        removed += await desk.expiry.remove(rule, now, batch)
        for (const id of batch) desk.clients.forget(id)
      }
      place = next
    } finally {
      const detail = { count: removed, reason: ruleWords(rule) }
      if (removed > 0) await desk.audit.record({ type: 'client.cleaned_up', actor: 'system', detail })
    }
    return removed
  }

  return async function expire() {
    const now = desk.clock.now()
    const before = (days: number) => new Date(now.getTime() - days * dayMs)
    const removed = isOn ? await removeUnused(now) : 0
    const tombstones = await desk.expiry.dropTombstones(before(tombstoneDays), listSize)
    return { removed, tombstones, tokens: await desk.expiry.dropTokens(before(tokenDays)) }
  }
}
