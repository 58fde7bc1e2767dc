import type { Audit, AuditRecord } from '../audit/record.ts'

/** An event of a person's history, or several alike of one day in one. */
export interface HistoryEntry {
  readonly event: AuditRecord
  /** How many events this one stands for. */
  readonly count: number
}

/** A part of the history, newest first. */
export interface HistoryPart {
  readonly entries: readonly HistoryEntry[]
  /** Id to go on below; undefined at the end. */
  readonly next: string | undefined
}

// Ours: a client that refreshes every five minutes would bury everything else, so its refreshes of a day are one entry.
const foldedTypes: ReadonlySet<string> = new Set(['token.refreshed', 'token.refresh_grace'])
const entriesOnPage = 40
const chunk = 200
// Ours: how many events one page reads at most; beyond it shows what it has and goes on with the next.
const mostRead = 1000

/**
 * Reads a part of one person's history, and of nobody else's.
 *
 * @param accountId whose; taken from the session (G21)
 * @param before    id of an event: only older ones
 */
export async function readHistory(
  audit: Pick<Audit, 'list'>,
  accountId: string,
  before: string | undefined,
): Promise<HistoryPart> {
  const folded = new Map<string, { event: AuditRecord; count: number }>()
  const entries: { event: AuditRecord; count: number }[] = []
  let last = before
  for (let read = 0; read < mostRead; read += chunk) {
    const events = await audit.list({ accountId, before: last, limit: chunk })
    for (const event of events) {
      const key = foldKey(event)
      const known = key === undefined ? undefined : folded.get(key)
      if (known === undefined && isShown(event)) {
        if (entries.length === entriesOnPage) return { entries, next: last }
        const entry = { event, count: 1 }
        entries.push(entry)
        if (key !== undefined) folded.set(key, entry)
      } else if (known !== undefined) known.count += 1
      last = event.id
    }
    if (events.length < chunk) return { entries, next: undefined }
  }
  return { entries, next: last }
}

/** Reuse of credentials since a moment: what a person must see first (C06). */
export async function readAlarms(
  audit: Pick<Audit, 'list'>,
  accountId: string,
  since: Date,
): Promise<readonly AuditRecord[]> {
  const events = await audit.list({ accountId, type: 'refresh.reused', limit: 3 })
  return events.filter(({ at }) => at >= since)
}

/** Is this an event that a person must not overlook: a credential that came back and ended a connection? */
export function isAlarm({ type, detail }: Pick<AuditRecord, 'type' | 'detail'>): boolean {
  return type === 'refresh.reused' || (type === 'code.replayed' && detail.revoked !== false)
}

function foldKey({ type, at, clientId, resource, grantId }: AuditRecord): string | undefined {
  if (!foldedTypes.has(type)) return undefined
  return JSON.stringify([at.toISOString().slice(0, 10), clientId, resource, grantId])
}

// A code is a step on the way: the permission before it and the token after it say what happened.
function isShown({ type, detail }: AuditRecord): boolean {
  return type !== 'code.issued' || detail.remembered === true
}
