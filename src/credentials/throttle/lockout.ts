// How failures turn into waiting. Pure: rows in, rows out; the store beside it writes them, the guard asks for them.

/** How failures of one key turn into waiting. */
export interface LockoutPolicy {
  /** Failures that cost nothing but the attempt; the last of them begins the first wait. */
  readonly free: number
  /** Seconds to wait after the failure that used up the free ones, after the next one, and so on; the last repeats. */
  readonly delaysSeconds: readonly number[]
  /** Seconds after which one failure is forgotten. */
  readonly decaySeconds: number
}

/** What is kept of one key. */
export interface Lockout {
  /** Failures that are not forgotten as of `since`; attempts in progress are among them. */
  readonly failures: number
  readonly since: Date
  /** Undefined: it may be tried at once. */
  readonly blockedUntil: Date | undefined
  /** When everything will have been forgotten. */
  readonly expiresAt: Date
}

/** Whether an attempt may be made. */
export type Reservation =
  | { readonly ok: true; readonly next: Lockout }
  | { readonly ok: false; readonly blockedUntil: Date }

// ASVS 6.3.1, NIST SP 800-63B §5.2.2. Ours: a quarter of an hour at most. Longer waits would stop few more guesses (96 a day
// are left to one who never tires) and be felt by the victim of somebody else's guessing alone.
const backOff = [15, 30, 60, 120, 240, 480, 900] as const

/**
 * What is counted, and how (threat G15):
 * pair: an account from one network · account: an account from everywhere, so that many addresses do not help ·
 * address: one network over all accounts · everyone: all of it, with waits of seconds only: who floods the whole server
 * must not shut it · browser: a browser that signed in to this account before, counted by itself and by nothing else.
 */
export const lockoutPolicies = {
  pair: { free: 5, delaysSeconds: backOff, decaySeconds: 900 },
  account: { free: 20, delaysSeconds: backOff, decaySeconds: 900 },
  address: { free: 30, delaysSeconds: backOff, decaySeconds: 60 },
  everyone: { free: 300, delaysSeconds: [2, 5, 10], decaySeconds: 1 },
  browser: { free: 10, delaysSeconds: backOff, decaySeconds: 900 },
} as const satisfies Readonly<Record<string, LockoutPolicy>>

/** What is counted. */
export type LockoutKind = keyof typeof lockoutPolicies

/**
 * Codes of an account from everywhere. Ours: of a million codes three are right at any moment, and whoever guesses them has
 * the password already. 24 guesses a day are one chance in 14,000.
 */
export const codePolicy: LockoutPolicy = {
  free: 10,
  delaysSeconds: [...backOff, 1800, 3600],
  decaySeconds: 3600,
}

/** Seconds to wait after so many failures. */
export function delayAfter({ free, delaysSeconds }: LockoutPolicy, failures: number): number {
  if (failures < free) return 0
  return delaysSeconds[Math.min(failures - free, delaysSeconds.length - 1)] ?? 0
}

/** Failures that still count. */
export function remaining({ decaySeconds }: LockoutPolicy, lockout: Lockout | undefined, now: Date): number {
  return lockout === undefined ? 0 : Math.max(0, lockout.failures - forgotten(decaySeconds, lockout, now))
}

/** Until when this key has to wait; undefined when it may be tried. */
export function waitUntil(lockout: Lockout | undefined, now: Date): Date | undefined {
  const until = lockout?.blockedUntil
  return until !== undefined && until > now ? until : undefined
}

/**
 * Takes an attempt as failed before it is made. A hash takes long enough for a hundred guesses to begin beside it: were
 * failures counted afterwards, all of them would be let through (threat G16).
 *
 * @returns what to store, or until when there is nothing to try
 */
export function reserve(policy: LockoutPolicy, lockout: Lockout | undefined, now: Date): Reservation {
  const blockedUntil = waitUntil(lockout, now)
  if (blockedUntil !== undefined) return { ok: false, blockedUntil }
  const kept = remaining(policy, lockout, now)
  const failures = kept + 1
  const delay = delayAfter(policy, failures)
  // What has begun to be forgotten goes on: an attempt just before the end of the time must not start it anew.
  const since =
    lockout === undefined || kept === 0
      ? now
      : after(lockout.since, forgotten(policy.decaySeconds, lockout, now) * policy.decaySeconds)
  const next = {
    failures,
    since,
    blockedUntil: delay === 0 ? undefined : after(now, delay),
    expiresAt: after(since, Math.max(failures * policy.decaySeconds, delay)),
  }
  return { ok: true, next }
}

function forgotten(decaySeconds: number, { since }: Lockout, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - since.getTime()) / (decaySeconds * 1000)))
}

function after(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000)
}
