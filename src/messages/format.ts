import type { Locale } from './messages.ts'

/** An instant for people and for machines. */
export interface Moment {
  /** For `<time datetime>`. */
  readonly iso: string
  readonly words: string
}

/** How a language writes moments, numbers and spans. Moments are in UTC and say so: the server does not know the person's zone. */
export interface Format {
  /** A day: `3 March 2026`. */
  date(at: Date): Moment
  /** A moment to the minute: `3 March 2026, 14:05 UTC`. */
  dateTime(at: Date): Moment
  /** `12,345`. */
  number(value: number): string
  /** A span in its largest whole unit: `5 minutes`, `1 hour`, `90 seconds`, `30 days`. */
  duration(seconds: number): string
  /** How long ago or ahead, roughly: `3 days ago`, `in 5 minutes`, `now`. */
  relative(at: Date, now: Date): Moment
  /** `a, b and c`. */
  list(items: readonly string[]): string
}

// en-GB: days before months, as words, so that nobody reads 3/4 the other way round.
const regions: Readonly<Record<Locale, string>> = { en: 'en-GB', de: 'de-DE' }

const spans = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

const made = new Map<Locale, Format>()

/** The way of writing of a language; made once. */
export function formatFor(locale: Locale): Format {
  const known = made.get(locale)
  if (known !== undefined) return known
  const format = createFormat(regions[locale])
  made.set(locale, format)
  return format
}

function createFormat(region: string): Format {
  const day = new Intl.DateTimeFormat(region, { dateStyle: 'long', timeZone: 'UTC' })
  const clock = new Intl.DateTimeFormat(region, { timeStyle: 'short', hourCycle: 'h23', timeZone: 'UTC' })
  const number = new Intl.NumberFormat(region)
  const relative = new Intl.RelativeTimeFormat(region, { numeric: 'auto' })
  const list = new Intl.ListFormat(region)
  const units = new Map<string, Intl.NumberFormat>()

  /** Made once for each unit: making one takes longer than a whole row of a list. */
  function inUnit(unit: string): Intl.NumberFormat {
    const known = units.get(unit)
    if (known !== undefined) return known
    const format = new Intl.NumberFormat(region, { style: 'unit', unit, unitDisplay: 'long' })
    units.set(unit, format)
    return format
  }

  return {
    date: (at) => ({ iso: at.toISOString(), words: day.format(at) }),
    dateTime: (at) => ({ iso: at.toISOString(), words: `${day.format(at)}, ${clock.format(at)} UTC` }),
    number: (value) => number.format(value),
    duration(seconds) {
      // Months and years are of unequal length: a span is told in days at most.
      const [unit, length] = spans.slice(2).find(([, each]) => seconds >= each && seconds % each === 0) ?? ['second', 1]
      return inUnit(unit).format(seconds / length)
    },
    relative(at, now) {
      const seconds = (at.getTime() - now.getTime()) / 1000
      const [unit, length] = spans.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1]
      return { iso: at.toISOString(), words: relative.format(Math.trunc(seconds / length), unit) }
    },
    list: (items) => list.format(items),
  }
}
