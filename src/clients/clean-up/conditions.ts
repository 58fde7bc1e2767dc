import type { SqlValue } from '../../db/database.ts'
import { neverUsed, type Where } from '../directory/conditions.ts'
import type { CleanUpRule } from './clean-up.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

// What stays whatever a rule says: what an operator added or an administrator let in, what is blocked (removed, its document would
// raise it again), what somebody waits for, and what is connected. A refresh family is looked at beside its grant: losing a client
// under a living connection is the one fault that no clean-up may make.
const mayGo = `c.origin <> 'operator' AND c.state IN ('active', 'pending') AND c.allowed_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM client_approval p WHERE p.client_id = c.id AND p.state = 'pending')
  AND NOT EXISTS (SELECT 1 FROM protocol_grant g WHERE g.client_id = c.id AND g.expires_at > ?)
  AND NOT EXISTS (SELECT 1 FROM protocol_grant g JOIN refresh_family f ON f.grant_id = g.id
                   WHERE g.client_id = c.id AND f.expires_at > ?)`

// One that was let in for a person who has not come back yet has a use.
const isUnused = `c.created_at < ? AND c.last_used_at IS NULL AND ${neverUsed}
  AND NOT EXISTS (SELECT 1 FROM client_approval p WHERE p.client_id = c.id AND p.state = 'allowed')`

const isIdle = `c.created_at < ? AND coalesce(c.last_used_at, 0) < ?
  AND (c.last_used_at IS NOT NULL OR EXISTS (SELECT 1 FROM consent n WHERE n.client_id = c.id))
  AND NOT EXISTS (SELECT 1 FROM consent n WHERE n.client_id = c.id AND n.granted_at >= ?)
  AND NOT EXISTS (SELECT 1 FROM protocol_grant g WHERE g.client_id = c.id AND g.created_at >= ?)`

/** Of a client that a rule means: whether it was used at all. */
export const wasUsed = `(c.last_used_at IS NOT NULL OR EXISTS (SELECT 1 FROM consent n WHERE n.client_id = c.id))`

/** The condition of a rule at a moment, for a table `client c`. */
export function meantBy({ unusedHours, idleDays }: CleanUpRule, asOf: Date): Where {
  const now = asOf.getTime()
  const kinds: string[] = []
  const params: SqlValue[] = [now, now]
  if (unusedHours !== undefined) {
    kinds.push(`(${isUnused})`)
    params.push(now - unusedHours * hourMs)
  }
  if (idleDays !== undefined) {
    kinds.push(`(${isIdle})`)
    const since = now - idleDays * dayMs
    params.push(since, since, since, since)
  }
  return { text: `${mayGo} AND (${kinds.join(' OR ')})`, params }
}
