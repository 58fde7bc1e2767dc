/** A bounded memory in which every entry has an end. Times are seconds since 1970. */
export interface ExpiringMap<Value> {
  /** The value, unless its time is over or has not come (a clock that was set back makes nothing live longer). */
  get(key: string, nowSeconds: number): Value | undefined
  /** Keeps a value from now until a moment. When the memory is full, the oldest entry goes. */
  set(key: string, value: Value, nowSeconds: number, untilSeconds: number): void
  clear(): void
  readonly size: number
}

interface Entry<Value> {
  readonly value: Value
  readonly sinceSeconds: number
  readonly untilSeconds: number
}

/**
 * Makes an {@link ExpiringMap}.
 *
 * @param capacity how many entries it holds at most; 0 holds none
 */
export function createExpiringMap<Value>(capacity: number): ExpiringMap<Value> {
  const entries = new Map<string, Entry<Value>>() // in the order in which they were set
  // One walk for good, as an iterator of a map sees what is added later: a new one for each entry that goes would step over the places of
  // all that went before. What it has passed is gone or was set anew, so the next it finds is always the oldest.
  const oldestFirst = entries.keys()
  return {
    get(key, nowSeconds) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (nowSeconds >= entry.sinceSeconds && nowSeconds < entry.untilSeconds) return entry.value
      entries.delete(key)
      return undefined
    },
    set(key, value, nowSeconds, untilSeconds) {
      if (capacity <= 0 || untilSeconds <= nowSeconds) return
      entries.delete(key)
      if (entries.size >= capacity) {
        const oldest = oldestFirst.next().value
        if (oldest !== undefined) entries.delete(oldest)
      }
      entries.set(key, { value, sinceSeconds: nowSeconds, untilSeconds })
    },
    clear: () => entries.clear(),
    get size() {
      return entries.size
    },
  }
}
