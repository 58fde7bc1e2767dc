import type { Clock } from '../runtime/clock.ts'

/** A small memory of rows that are read much more often than written. */
export interface Cache<Value> {
  get(key: string): Value | undefined
  /**
   * Remembers what was read, unless something was forgotten since `begin`: then the read may be older than the write.
   *
   * @param begun what `begin` returned before the read
   */
  set(key: string, value: Value, begun: number): void
  begin(): number
  forget(key: string): void
}

/**
 * Makes a cache that drops the longest unused entry when it is full, and every entry after its time, so that other processes'
 * writes are seen soon.
 */
export function createCache<Value>(clock: Clock, options: { maximum: number; lifetimeMs: number }): Cache<Value> {
  const entries = new Map<string, { readonly value: Value; readonly until: number }>()
  let writes = 0
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      if (entry.until <= clock.now().getTime()) return undefined
      entries.set(key, entry) // A Map keeps the order of insertion: the first key is the longest unused.
      return entry.value
    },
    set(key, value, begun) {
      if (begun !== writes) return
      entries.delete(key)
      entries.set(key, { value, until: clock.now().getTime() + options.lifetimeMs })
      const [oldest] = entries.keys()
      if (entries.size > options.maximum && oldest !== undefined) entries.delete(oldest)
    },
    begin: () => writes,
    forget(key) {
      writes += 1
      entries.delete(key)
    },
  }
}
