import type { AuditEvent } from '../audit/events.ts'
import type { Move, SigningKey } from './key.ts'

/** Who rotates keys, for the audit book. */
export interface KeyAuthor {
  readonly actor: `account:${string}` | 'operator' | 'system'
  readonly address?: string
  readonly requestId?: string
}

/** The audit events that tell of moves and of new keys. */
export function eventsOf(moves: readonly Move[], created: readonly SigningKey[], author: KeyAuthor): AuditEvent[] {
  const events: AuditEvent[] = created.map((key) => ({ ...author, type: 'key.created', detail: detailOf(key) }))
  const started = [...created, ...moves.flatMap(({ to }) => (to === null ? [] : [to]))]
  for (const key of started) {
    if (key.state === 'current') events.push({ ...author, type: 'key.activated', detail: detailOf(key) })
    if (key.state === 'retired') events.push({ ...author, type: 'key.retired', detail: detailOf(key) })
  }
  for (const { from, to } of moves) {
    if (to === null) events.push({ ...author, type: 'key.removed', detail: detailOf(from) })
  }
  return events
}

function detailOf({ kid, alg }: SigningKey): { kid: string; alg: string } {
  return { kid, alg }
}
