/**
 * Where used proofs are remembered. An implementation for several instances is one conditional write: Redis `SET key 1 NX EX …`, or
 * an insert into a table with a unique key.
 */
export interface ReplayStore {
  /**
   * Remembers an id, unless it is known.
   *
   * @param id 43 characters of base64url, the same for the same proof
   * @param untilSeconds when it may be forgotten, seconds since 1970
   * @param nowSeconds the moment of the request, seconds since 1970
   * @returns whether the id is new; of several callers with one id exactly one gets true
   * @throws anything when that cannot be known: the request is then answered 503
   */
  remember(id: string, untilSeconds: number, nowSeconds: number): boolean | Promise<boolean>
}

/**
 * Makes a store in the memory of this process. It forgets nothing early: when it is full, it throws. Only who holds a good token and its key
 * can fill it.
 *
 * @param capacity how many proofs it holds; default 100,000, which is some 1,600 requests a second at the default age, and 15 MB
 * @see RFC 9449 §11.1
 */
export function createMemoryReplays(capacity = 100_000): ReplayStore & { readonly size: number } {
  const ends = new Map<string, number>() // in the order of arrival, which is that of the ends, but for clocks
  function forgetOver(nowSeconds: number): void {
    for (const [id, untilSeconds] of ends) {
      if (untilSeconds > nowSeconds) return
      ends.delete(id)
    }
  }
  return {
    remember(id, untilSeconds, nowSeconds) {
      forgetOver(nowSeconds)
      if (ends.has(id)) return false
      if (ends.size >= capacity) throw new Error(`${capacity} proofs are remembered, and none of them is over`)
      ends.set(id, untilSeconds)
      return true
    },
    get size() {
      return ends.size
    },
  }
}
