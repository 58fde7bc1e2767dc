import type { Context } from 'koa'
import type { Format } from '../messages/format.ts'

/** Says when to come back (RFC 9110 §10.2.3), in whole seconds and never in none. */
export function retryAfter(ctx: Context, seconds: number): void {
  ctx.set('Retry-After', String(Math.max(1, Math.ceil(seconds))))
}

/** The same for people: seconds for a minute or two, then whole minutes, rounded up, so that nobody comes too early. */
export function waitWords(format: Format, seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds))
  return format.duration(whole <= 90 ? whole : Math.ceil(whole / 60) * 60)
}
