import type { AuditEvent } from '../audit/events.ts'
import type { Registrar } from './register.ts'

/** What signing somebody out needs. */
export interface SignOutDesk {
  readonly sessions: { endAll(accountId: string): Promise<number> }
  readonly record: (event: AuditEvent) => Promise<void>
}

/**
 * Signs a person out of every browser. Clients that they connected stay connected: those end with their connections.
 *
 * @returns how many sessions ended
 */
export async function signOutEverywhere(
  { sessions, record }: SignOutDesk,
  accountId: string,
  by: Registrar,
): Promise<number> {
  const count = await sessions.endAll(accountId)
  await record({ ...by, type: 'session.ended_all', accountId, detail: { count } })
  return count
}
