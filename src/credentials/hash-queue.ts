import { AppError } from '../runtime/app-error.ts'

/** Runs work in turn. */
export type HashQueue = <Result>(work: () => Promise<Result>) => Promise<Result>

/**
 * Makes a bounded line: each hash in flight holds its memory, and a line without an end would answer nobody in time.
 *
 * @throws AppError `busy` (503, with Retry-After) from a call that finds the line full; its work is not begun
 */
export function createHashQueue({
  running,
  waiting,
}: {
  readonly running: number
  readonly waiting: number
}): HashQueue {
  const line: (() => void)[] = []
  let active = 0

  async function takeTurn(): Promise<void> {
    if (active < running) {
      active += 1
      return
    }
    if (line.length >= waiting) {
      throw new AppError('busy', 503, 'Many people are signing in just now. Please try again in a few seconds.')
    }
    // The one who leaves hands over the place, so `active` stays as it is.
    await new Promise<void>((resolve) => line.push(resolve))
  }

  return async function inTurn(work) {
    await takeTurn()
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next === undefined) active -= 1
      else next()
    }
  }
}
