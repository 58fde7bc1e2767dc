// Room: limits. So many requests of a kind in so long, by the named table of config/limit-table.ts. It counts and says when
// to come back; the doors (door.ts) ask it, the composition hangs them in front of the protocol and the pages. What can be
// guessed at is counted by credentials/throttle besides. Serves no path.
import type { LimitKind, LimitName, LimitRule, Limits as LimitTable } from '../config/limit-table.ts'
import { networkOf } from '../net/network.ts'
import type { Counter } from './counter.ts'

/** Whose request it is; what a limit counts by and is not told is not counted. */
export interface LimitSubject {
  /** The caller's address, as the trusted proxies tell it. */
  readonly address: string
  /** Id of the person who is signed in, or an e-mail address as it was typed. */
  readonly account?: string | undefined
  readonly client?: string | undefined
}

/** A limit that is used up. */
export interface LimitRefusal {
  readonly limit: LimitName
  readonly by: LimitKind
  readonly rule: LimitRule
  /** Whole seconds, at least one. */
  readonly retryAfterSeconds: number
}

/** The limits of this process. */
export interface Limits {
  /** Counts one request. @returns the limit that is used up, or null: go on */
  take(name: LimitName, subject: LimitSubject): Promise<LimitRefusal | null>
}

/** What is told of refusals. */
export interface LimitListeners {
  /** Every refusal; for counting. */
  readonly refused?: (refusal: LimitRefusal) => void
  /** The first refusal of a key in its window, and of all of them at most a hundred a minute: a flood must not fill a book. */
  readonly reached?: (refusal: LimitRefusal, subject: LimitSubject) => void
}

/** No limits at all. */
export const noLimits: Limits = { take: async () => null }

// Ours: a person who reads the book has seen enough of one minute.
const mostNoted = 100
const noteWindowMilliseconds = 60_000

/**
 * Makes the limits of a table.
 *
 * @param counterOf makes what counts one rule; asked once for each
 */
export function createLimits(
  table: LimitTable,
  counterOf: (limit: LimitName, by: LimitKind, rule: LimitRule) => Counter,
  { refused, reached }: LimitListeners = {},
): Limits {
  const steps = new Map(
    Object.entries(table).map(([name, limit]) => [
      name,
      Object.entries(limit?.by ?? {}).map(([by, rule]) => {
        const [limitName, kind] = [name as LimitName, by as LimitKind]
        return { by: kind, rule, counter: counterOf(limitName, kind, rule) }
      }),
    ]),
  )
  const mayNote = createNoteGate()

  return {
    async take(name, subject) {
      for (const { by, rule, counter } of steps.get(name) ?? []) {
        const key = keyOf(by, subject)
        if (key === undefined) continue
        const { waitMilliseconds, isFirst } = await counter.count(key)
        if (waitMilliseconds === 0) continue
        const retryAfterSeconds = Math.max(1, Math.ceil(waitMilliseconds / 1000))
        const refusal = { limit: name, by, rule, retryAfterSeconds }
        refused?.(refusal)
        if (isFirst && mayNote()) reached?.(refusal, subject)
        return refusal
      }
      return null
    },
  }
}

function keyOf(by: LimitKind, { address, account, client }: LimitSubject): string | undefined {
  if (by === 'everyone') return 'all'
  // An IPv6 subscriber has 2^64 addresses; of IPv4, every spelling of one address is one (G15, D01).
  if (by === 'address') return networkOf(address)
  // What a stranger wrote is cut: a key must not be a way to fill the memory.
  return (by === 'account' ? account?.trim().normalize('NFC').toLowerCase() : client)?.slice(0, 254)
}

function createNoteGate(): () => boolean {
  let windowAt = Number.NEGATIVE_INFINITY
  let noted = 0
  return function mayNote() {
    const at = performance.now()
    if (at - windowAt >= noteWindowMilliseconds) {
      windowAt = at
      noted = 0
    }
    noted += 1
    return noted <= mostNoted
  }
}
