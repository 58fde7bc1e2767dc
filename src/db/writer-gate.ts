/**
 * One writer at a time within this process.
 *
 * SQLite has one writer, and we have two connections (our statements and Prisma's). Prisma's transactions stay open
 * across awaits; our own `BEGIN IMMEDIATE` is synchronous, so meeting an open one would stop the event loop that has
 * to finish it. Hence every write passes here first.
 */
export interface WriterGate {
  /** Is somebody inside? If not, a synchronous write needs no turn: nothing can come between. */
  readonly busy: boolean
  /** Runs when everyone before is done. Not re-entrant. */
  run<T>(work: () => Promise<T> | T): Promise<T>
}

/** Makes a gate; first come, first served. */
export function createWriterGate(): WriterGate {
  const waiting: (() => void)[] = []
  let busy = false

  async function run<T>(work: () => Promise<T> | T): Promise<T> {
    if (busy) await new Promise<void>((resolve) => waiting.push(resolve))
    busy = true
    try {
      return await work()
    } finally {
      // The turn is handed over without a moment of "free" between, or a newcomer would slip in beside the next one.
      const next = waiting.shift()
      if (next) next()
      else busy = false
    }
  }

  return {
    get busy() {
      return busy
    },
    run,
  }
}
