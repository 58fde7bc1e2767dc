import type { AuditRow } from './chain.ts'

const delayMilliseconds = 250
// Few sizes, so that few texts are prepared; large ones, because every batch is a commit and waits for the disk.
const batchSizes = [256, 64, 8, 1] as const
// Ours: when the database is away, memory does not grow for ever; the newest are kept out then, and the log says so.
const mostWaiting = 10_000

/** Rows that are written a little later, several in one commit. */
export interface Soon {
  add(row: AuditRow): void
  flush(): Promise<void>
}

/**
 * Collects rows and writes them after a quarter of a second.
 *
 * @param write one commit of these rows; when it throws they stay and are tried again with the next ones
 */
export function createSoon(
  write: (rows: readonly AuditRow[]) => Promise<unknown>,
  logger?: { error(details: object, message: string): void },
): Soon {
  let waiting: AuditRow[] = []
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let dropped = 0

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(
        0,
        batchSizes.find((size) => size <= waiting.length),
      )
      await write(batch)
      waiting = waiting.slice(batch.length)
    }
    if (dropped > 0) logger?.error({ events: dropped }, 'audit events were lost: too many waited for the database')
    dropped = 0
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    // One at a time, or two would write the same rows.
    if (running) await running
    if (waiting.length === 0) return
    running = writeAll()
      .catch((error: unknown) => {
        logger?.error({ err: error, events: waiting.length }, 'audit events could not be written, trying again')
        schedule()
      })
      .finally(() => {
        running = undefined
      })
    await running
  }

  function schedule(): void {
    timer ??= setTimeout(flush, delayMilliseconds).unref()
  }

  return {
    add(row) {
      if (waiting.length >= mostWaiting) dropped += 1
      else waiting.push(row)
      schedule()
    },
    flush,
  }
}
