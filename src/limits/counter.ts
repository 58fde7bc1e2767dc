import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { LimitRule } from '../config/limit-table.ts'

/** What counting one request came to. */
export interface Count {
  /** 0: it is let through. */
  readonly waitMilliseconds: number
  /** The first one of its key and window that is not let through. */
  readonly isFirst: boolean
}

/** Counts requests by keys, each in windows of its own. */
export interface Counter {
  count(key: string): Promise<Count>
}

// Ours: a key takes about 400 bytes with its timer, so that is 20 MB for each rule at the very most. A million addresses
// push each other out; what they come to together is what `everyone` counts.
const mostKeys = 50_000

/**
 * The library's memory limiter with an end: by itself it keeps every key until its window is over, and a million new
 * addresses were 400 MB (threats D01, K07).
 */
export class BoundedMemoryLimiter extends RateLimiterMemory {
  // In the order in which their windows began. A key that the library has dropped meanwhile is dropped here in its turn.
  readonly #keys = new Set<string>()
  readonly #most: number

  constructor(rule: LimitRule, most = mostKeys) {
    super({ points: rule.points, duration: rule.windowSeconds, keyPrefix: '' })
    this.#most = most
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#keys.size
  }

  override async consume(key: string, points?: number): Promise<RateLimiterRes> {
    const result = await super.consume(key, points)
    if (result.isFirstInDuration) await this.#remember(key)
    return result
  }

  async #remember(key: string): Promise<void> {
    this.#keys.delete(key)
    this.#keys.add(key)
    if (this.#keys.size <= this.#most) return
    const [oldest] = this.#keys
    if (oldest === undefined) return
    this.#keys.delete(oldest)
    await this.delete(oldest)
  }
}

/** Counts in the memory of this process. */
export function memoryCounter(rule: LimitRule, most?: number): Counter {
  return counterWith(new BoundedMemoryLimiter(rule, most), rule)
}

/** Turns what a limiter of the library says (it rejects with its result) into a count. */
export function counterWith(
  limiter: { consume(key: string): Promise<RateLimiterRes> },
  { points }: LimitRule,
): Counter {
  return {
    async count(key) {
      try {
        await limiter.consume(key)
        return letThrough
      } catch (result) {
        if (!(result instanceof RateLimiterRes)) throw result
        return { waitMilliseconds: Math.max(1, result.msBeforeNext), isFirst: result.consumedPoints === points + 1 }
      }
    },
  }
}

const letThrough: Count = { waitMilliseconds: 0, isFirst: false }
