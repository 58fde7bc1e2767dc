/** Keeps people away from an upstream that does not answer, so that nobody waits for it again and again (threat H12). */
export interface Breaker {
  /** May it be asked now? While it rests nobody may; after that one at a time, until it answers. */
  mayAsk(id: string, now: Date): boolean
  /** It answered, whatever it said. */
  answered(id: string): void
  /** It did not answer, or with garbage. */
  failed(id: string, now: Date): void
}

// Ours: one lost packet is no outage, and half a minute is what a person waits before trying again.
const failuresToRest = 3
const restMs = 30_000

interface Record {
  readonly failures: number
  readonly restsUntil: number
}

/** Makes the breaker of this process. It holds one small record for each upstream, never one for a person. */
export function createBreaker(): Breaker {
  const records = new Map<string, Record>()
  return {
    mayAsk(id, now) {
      const record = records.get(id)
      if (record === undefined || record.failures < failuresToRest) return true
      if (now.getTime() < record.restsUntil) return false
      // Half open: this one tries, the others wait for what becomes of it.
      records.set(id, { ...record, restsUntil: now.getTime() + restMs })
      return true
    },
    answered(id) {
      records.delete(id)
    },
    failed(id, now) {
      const failures = (records.get(id)?.failures ?? 0) + 1
      records.set(id, { failures, restsUntil: now.getTime() + restMs })
    },
  }
}
