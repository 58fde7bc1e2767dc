import type { AuditEventType } from '../audit/events.ts'
import type { Audit, AuditPage, AuditRecord } from '../audit/record.ts'

/** Events that tell of something that did not work. */
export const failureTypes: readonly AuditEventType[] = [
  'token.refused',
  'authorization.refused',
  'client.registration_refused',
  'client.document_refused',
  'session.sign_in_refused',
  'refresh.reused',
  'code.replayed',
  'mail.failed',
]

const millisecondsOfDay = 86_400_000

/** The newest failures of the last day, of each kind at most so many: one kind that floods leaves the others in sight. */
export async function recentFailures(
  audit: Pick<Audit, 'list'>,
  now: Date,
  limit: number,
): Promise<readonly AuditRecord[]> {
  const since = new Date(now.getTime() - millisecondsOfDay)
  const found = await Promise.all(failureTypes.map((type) => audit.list({ type, since, limit })))
  return found.flat().sort((one, other) => (one.id < other.id ? 1 : -1))
}

/** Everything that was written under the id of a request, as far back as the time allows. */
export function eventsOfRequest(
  audit: Pick<Audit, 'search'>,
  requestId: string,
  before: string | undefined,
  milliseconds: number,
): Promise<AuditPage> {
  return audit.search({ requestId, before, limit: 20 }, milliseconds)
}
