import { AppError } from '../runtime/app-error.ts'

/** How many hashes are being made, and how many wait for their turn. */
export interface HashLoad {
  readonly running: number
  readonly waiting: number
}

/** Runs work in turn. */
export interface HashQueue {
  <Result>(work: () => Promise<Result>): Promise<Result>
  load(): HashLoad
}

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

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    await takeTurn()
    try {
      return await work()
    } finally {
      const next = line.shift()
      if (next === undefined) active -= 1
      else next()
    }
  }
  return Object.assign(inTurn, { load: (): HashLoad => ({ running: active, waiting: line.length }) })
}
