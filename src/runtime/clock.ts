// Room: runtime. What every process needs and no protocol knows: the time, the log, periodic jobs, errors for people.
// Imports nothing of ours; serves no path.

/** The only source of time: rooms take the moment from here and pass it down as a value. */
export interface Clock {
  /** The present moment. */
  now(): Date
}

/** The clock of the machine. It asks `Date` at every call, so tests move it with fake timers for `Date` alone. */
export const systemClock: Clock = {
  now: () => new Date(),
}
