/*
 * One run of a piece of work at a time, however many wait for it.
 *
 * Workers end what a request has begun together with that request. A promise that is left of it never settles, or throws at whoever awaits it
 * in the name of another request. So a run is believed to be under way only for as long as it can take, and whoever waits in vain begins
 * another one, of its own.
 */

/** Work that is shared by all who wait for it. */
export interface SharedRun<Result> {
  /** Whether a run is under way. */
  readonly isRunning: boolean
  /** Waits for the run that is under way, or begins one. */
  join(): Promise<Result>
  /** Lets go of the run that is under way: the next call begins another. */
  drop(): void
}

/**
 * Makes work that can be shared.
 *
 * @param work must not throw: a run that does counts as lost for all but the one who began it
 * @param longestMilliseconds how long a run can take, by limits of its own
 * @param now only tells how old a run is
 */
export function createSharedRun<Result>(
  work: () => Promise<Result>,
  longestMilliseconds: number,
  now: () => Date,
): SharedRun<Result> {
  let current: { readonly result: Promise<Result>; readonly startedAt: number } | undefined

  function underWay(): Promise<Result> | undefined {
    if (current === undefined) return undefined
    const age = now().getTime() - current.startedAt
    return age >= 0 && age <= longestMilliseconds ? current.result : undefined
  }

  function begin(): Promise<Result> {
    const result = work().finally(() => drop(result))
    current = { result, startedAt: now().getTime() }
    return result
  }

  function drop(result = current?.result): void {
    if (current?.result === result) current = undefined
  }

  return {
    get isRunning() {
      return underWay() !== undefined
    },
    async join() {
      for (let theirs = underWay(); theirs !== undefined; theirs = underWay()) {
        const outcome = await outcomeOf(theirs, longestMilliseconds)
        if (outcome !== undefined) return outcome.result
        drop(theirs)
      }
      return begin()
    },
    drop: () => drop(),
  }
}

/** @returns undefined when it throws, or does not come in time. The timer belongs to the one who waits. */
async function outcomeOf<Result>(
  result: Promise<Result>,
  milliseconds: number,
): Promise<{ readonly result: Result } | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds)
  })
  try {
    return await Promise.race([result.then((value) => ({ result: value })), tooLate])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
