import { removeAccount } from './accounts/close.ts'
import type { Registrar } from './accounts/register.ts'
import type { MyDesk } from './me/revoke.ts'
import { createConnectionStore, forgetPerson } from './me/store.ts'
import { createConnectionChanges } from './provider/adapter/connection-changes.ts'
import type { Rooms } from './rooms.ts'

/** What the acts on a person's connections need; their own page and the command line share it. */
export function connectionDesk({ audit, clock, consents, database }: Rooms): MyDesk {
  return {
    ...consents,
    connections: createConnectionStore(database),
    changes: createConnectionChanges(database, clock),
    record: audit.record,
  }
}

/**
 * Removes an account, ends all that it holds, and forgets what was kept of the person by its number.
 *
 * @returns false when unknown or the last active administrator: nothing has changed then
 */
export async function removePerson(
  { accounts, database }: Pick<Rooms, 'accounts' | 'database'>,
  accountId: string,
  by: Registrar,
  reason: string,
): Promise<boolean> {
  const removed = await removeAccount(accounts, accountId, by, reason)
  if (removed) await forgetPerson(database, accountId)
  return removed
}
