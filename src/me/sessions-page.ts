import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { SessionSummary } from '../web/context.ts'
import type { PageLocals } from '../web/render.ts'
import { deviceWords, networkWords } from './words.ts'

/** How long sessions last, from the settings (G27). */
export interface SessionLimits {
  readonly sessionIdleSeconds: number
  readonly sessionAbsoluteSeconds: number
}

/** The page `/account/sessions`. */
export interface SessionsPage extends PageLocals {
  readonly limits: string
  readonly ended: boolean
  readonly sessions: readonly {
    readonly uid: string
    readonly current: boolean
    readonly device: string
    readonly network: string
    readonly since: Moment
    readonly used: Moment
    readonly ends: Moment
  }[]
}

/** Makes the list of a person's sessions; the one of this browser comes first. */
export function sessionsPage(
  messages: Messages,
  format: Format,
  input: {
    readonly sessions: readonly SessionSummary[]
    readonly currentUid: string
    readonly limits: SessionLimits
    readonly ended: boolean
    readonly now: Date
  },
): SessionsPage {
  const { sessions: words } = messages.me
  const { currentUid, limits, now } = input
  const isCurrent = ({ uid }: SessionSummary) => uid === currentUid
  const ordered = [...input.sessions.filter(isCurrent), ...input.sessions.filter((session) => !isCurrent(session))]
  return {
    title: words.heading,
    page: 'sessions',
    area: 'account',
    limits: fill(words.limits, {
      idle: format.duration(limits.sessionIdleSeconds),
      absolute: format.duration(limits.sessionAbsoluteSeconds),
    }),
    ended: input.ended,
    sessions: ordered.map((session) => ({
      uid: session.uid,
      current: isCurrent(session),
      device: deviceWords(messages, session.device),
      network: networkWords(messages, session.address) ?? words.unknownPlace,
      since: format.dateTime(session.createdAt),
      used: format.relative(session.usedAt, now),
      ends: format.relative(session.expiresAt, now),
    })),
  }
}
