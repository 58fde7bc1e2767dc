import type { AuditEvent } from '../audit/events.ts'
import type { Revoker } from '../consent/revoke.ts'
import type { Statement } from '../db/database.ts'
import { AppError } from '../runtime/app-error.ts'
import { type Connection, removedScopes } from './connection.ts'
import { type MyDesk, notFound } from './revoke.ts'

/** Changes a connection without ending it; the protocol's side carries it out. `effects` go in the same commit. */
export interface ConnectionChanges {
  pause(grantId: string, now: Date, effects: readonly Statement[]): Promise<boolean>
  resume(grantId: string, effects: readonly Statement[]): Promise<boolean>
  narrow(grantId: string, removed: readonly string[], effects: readonly Statement[]): Promise<boolean>
}

/**
 * Pauses one of a person's connections: it gets no new token, and nothing of it is lost. The client is also asked about
 * again at its next authorization, or it would come back in as a second connection that is not paused.
 *
 * @returns the connection; one that was paused already is left as it is
 * @throws AppError `not_found` (404)
 */
export async function pauseMine(desk: MyDesk, accountId: string, grantId: string, by: Revoker): Promise<Connection> {
  const connection = await mine(desk, accountId, grantId)
  const event = desk.auditStatement({ ...by, ...factsOf(connection), type: 'connection.paused' })
  await desk.changes.pause(grantId, desk.clock.now(), [event])
  return connection
}

/**
 * Lets a paused connection go on with the credentials that its client has.
 *
 * @throws AppError `not_found` (404)
 */
export async function resumeMine(desk: MyDesk, accountId: string, grantId: string, by: Revoker): Promise<Connection> {
  const connection = await mine(desk, accountId, grantId)
  const event = desk.auditStatement({ ...by, ...factsOf(connection), type: 'connection.resumed' })
  await desk.changes.resume(grantId, [event])
  return connection
}

/**
 * Takes scopes away from one of a person's connections, at once; never adds one.
 *
 * @param kept scopes that stay; what the connection does not hold is ignored
 * @throws AppError `not_found` (404); `bad_request` (400) when nothing would be left; `conflict` (409) when the connection
 *   was being used all the time
 */
export async function narrowMine(
  desk: MyDesk,
  accountId: string,
  grantId: string,
  kept: readonly string[],
  by: Revoker,
): Promise<Connection> {
  const connection = await mine(desk, accountId, grantId)
  const change = removedScopes(connection.scopes, kept)
  if (change === 'nothing') return connection
  if (change === 'everything') {
    throw new AppError('bad_request', 400, 'Nothing would be left. Revoke the connection instead.', {
      words: 'nothing_left_to_allow',
    })
  }
  const event: AuditEvent = {
    ...by,
    ...factsOf(connection),
    type: 'connection.narrowed',
    detail: { scopes: change.kept, removed: change.removed },
  }
  if (!(await desk.changes.narrow(grantId, change.removed, [desk.auditStatement(event)]))) {
    throw new AppError('conflict', 409, 'This connection is in use just now. Please try again.', {
      words: 'connection_in_use',
    })
  }
  return connection
}

async function mine(desk: MyDesk, accountId: string, grantId: string): Promise<Connection> {
  const connection = await desk.connections.find(accountId, grantId, desk.clock.now())
  if (connection === null) throw notFound()
  return connection
}

function factsOf({ accountId, clientId, resource, grantId }: Connection) {
  return { accountId, clientId, resource, grantId }
}
