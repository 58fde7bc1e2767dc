/** How long a person allows something; `duration` of the form. */
export const durations = ['hour', 'day', 'month', 'revoked'] as const
export type Duration = (typeof durations)[number]

const hourMs = 3600 * 1000
const dayMs = 24 * hourMs

/**
 * When a choice ends. Today ends at midnight UTC: the server does not know the person's zone, and the page says so.
 *
 * @param longestSeconds what a connection lives at most; undefined: nothing bounds it
 * @returns undefined when only a revocation ends it
 */
export function endOf(duration: Duration, now: Date, longestSeconds: number | undefined): Date | undefined {
  const start = now.getTime()
  const longest = longestSeconds === undefined ? Number.POSITIVE_INFINITY : start + longestSeconds * 1000
  const end = Math.min(chosenEnd(duration, start), longest)
  return end === Number.POSITIVE_INFINITY ? undefined : new Date(end)
}

function chosenEnd(duration: Duration, start: number): number {
  switch (duration) {
    case 'hour':
      return start + hourMs
    case 'day':
      return (Math.floor(start / dayMs) + 1) * dayMs
    case 'month':
      return start + 30 * dayMs
    case 'revoked':
      return Number.POSITIVE_INFINITY
  }
}

/**
 * Reads the form's `duration`.
 *
 * @param values untrusted
 * @returns `revoked` for a form that does not know the field; null for what is no choice of ours, or more than one (G04)
 */
export function readDuration(values: readonly string[]): Duration | null {
  const [value, ...others] = values
  if (value === undefined) return 'revoked'
  return others.length > 0 ? null : (durations.find((duration) => duration === value) ?? null)
}

/** What the page proposes: a client that nobody vouches for is not allowed for longer than a person thinks of it. */
export function proposedDuration(isVouchedFor: boolean): Duration {
  return isVouchedFor ? 'revoked' : 'month'
}

/** The choices that make a difference: those that end before the longest one would. */
export function offeredDurations(now: Date, longestSeconds: number | undefined): readonly Duration[] {
  const last = endOf('revoked', now, longestSeconds)?.getTime() ?? Number.POSITIVE_INFINITY
  return durations.filter((duration) => duration === 'revoked' || chosenEnd(duration, now.getTime()) < last)
}
