import { randomBytes } from 'node:crypto'

// Crockford's base 32: digits before letters, one case, so that every collation of both databases sorts it alike.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const timeCharacters = 10
const randomCharacters = 16

/**
 * Makes ids that sort by time, and within one process also by order of making.
 *
 * 10 characters of milliseconds, then 16 of randomness (80 bits). Within one millisecond the random part is counted up.
 */
export function createEventIds(): (now: Date) => string {
  let lastTime = -1
  let last: number[] = []
  return (now) => {
    const time = Math.max(now.getTime(), lastTime)
    last = time === lastTime ? successor(last) : Array.from(randomBytes(randomCharacters), (byte) => byte & 31)
    // The top bit stays free, so that counting up cannot overflow.
    if (time !== lastTime) last[0] = (last[0] ?? 0) & 15
    lastTime = time
    return timePart(time) + last.map((digit) => alphabet[digit]).join('')
  }
}

/** Below every id that is made at this moment or later, above those made before: for windows of time without an index of their own. */
export function firstIdAt(at: Date): string {
  return timePart(at.getTime())
}

function timePart(milliseconds: number): string {
  let rest = milliseconds
  let text = ''
  for (let index = 0; index < timeCharacters; index += 1) {
    text = alphabet[rest % 32] + text
    rest = Math.floor(rest / 32)
  }
  return text
}

function successor(digits: readonly number[]): number[] {
  const next = [...digits]
  for (let index = next.length - 1; index >= 0; index -= 1) {
    const digit = next[index] ?? 0
    next[index] = (digit + 1) % 32
    if (digit < 31) break
  }
  return next
}
