const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
const instant = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  hourCycle: 'h23',
  timeZone: 'UTC',
})

/** An instant for people and for machines. */
export interface Moment {
  /** For `<time datetime>`. */
  readonly iso: string
  readonly words: string
}

/** A day: `3 March 2026`. */
export function dayWords(at: Date): Moment {
  return { iso: at.toISOString(), words: day.format(at) }
}

/** A moment to the minute, with its zone: the server does not know the person's. */
export function momentWords(at: Date): Moment {
  return { iso: at.toISOString(), words: `${instant.format(at).replace(' at ', ', ')} UTC` }
}

/** A span as people say it: `5 minutes`, `1 hour`, `90 seconds`. */
export function spanWords(seconds: number): string {
  const [count, unit] =
    seconds % 3600 === 0
      ? [seconds / 3600, 'hour']
      : seconds % 60 === 0
        ? [seconds / 60, 'minute']
        : [seconds, 'second']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
