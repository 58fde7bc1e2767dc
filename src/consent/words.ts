import type { Risk } from './decision.ts'
import type { Reason } from './policy.ts'

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

/** Heading and badge of each risk class on every page that lists permissions. */
export const riskWords: Readonly<
  Record<Risk, { readonly title: string; readonly badge: string; readonly tone: string }>
> = {
  read: { title: 'Read', badge: 'reads only', tone: 'plain' },
  write: { title: 'Change', badge: 'changes data', tone: 'plain' },
  destructive: { title: 'Cannot be undone', badge: 'cannot be undone', tone: 'stop' },
}

/** Why the page is there again, one sentence each; the first time explains itself. */
export const reasonWords: Readonly<Record<Reason, string | undefined>> = {
  'new-client': undefined,
  'new-resource': 'You allowed this client before, but not for this MCP server.',
  'new-redirect-host': 'You allowed this client before, but then the answer went to another place.',
  'changed-document': 'This client describes itself differently since you last allowed it.',
  expired: 'What you allowed earlier has ended.',
  'new-scope': 'It asks for more than you allowed before.',
  'cross-site-start': 'Another website sent you here, so you are asked again. Allow only if you wanted this.',
  'unproven-local-client': 'Any program on this computer could ask under this name, so you are asked every time.',
  'asked-by-client': 'The client wanted you to see this page again.',
}
