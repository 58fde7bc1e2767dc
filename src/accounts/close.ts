import type { Statement } from '../db/database.ts'
import { revokeAccount } from '../revocations/store.ts'
import type { AccountDesk, Registrar } from './register.ts'

/** Ends what an account holds elsewhere: sessions, grants, consents. May run twice. */
export type CleanUp = (accountId: string) => Promise<void>

/** What ending an account needs. */
export interface ClosingDesk extends AccountDesk {
  /** Handed in by the composition, since what they end lives above this room. */
  readonly cleanUps: readonly CleanUp[]
  /** What goes with the row of a removed account, in the same commit: rows of rooms above that let it in. */
  readonly belongings?: readonly ((accountId: string) => readonly Statement[])[]
}

/**
 * Disables an account and ends its sessions and connections at once (threat C14). The state is written first: nothing new
 * can begin while the rest is ended.
 *
 * @returns false when nothing changed: unknown, disabled already, or the last active administrator
 */
export async function disableAccount(desk: ClosingDesk, id: string, by: Registrar, reason?: string): Promise<boolean> {
  const event = desk.auditStatement({ ...by, type: 'account.disabled', accountId: id, detail: { reason } })
  if (!(await desk.store.setState(id, 'disabled', [event, revokeAccount(id, desk.clock.now())]))) return false
  await endHoldings(desk, id)
  return true
}

/** Lets a disabled account sign in again; what was ended stays ended. */
export function enableAccount(desk: AccountDesk, id: string, by: Registrar): Promise<boolean> {
  return desk.store.setState(id, 'active', [desk.auditStatement({ ...by, type: 'account.enabled', accountId: id })])
}

/**
 * Removes an account with everything it holds. The row goes first, and with it every right; should a clean-up fail after
 * that, what is left belongs to nobody, and a second call ends it.
 *
 * @returns false when unknown or the last active administrator; the clean-ups of an unknown account run nevertheless
 */
export async function removeAccount(desk: ClosingDesk, id: string, by: Registrar, reason?: string): Promise<boolean> {
  const event = desk.auditStatement({ ...by, type: 'account.removed', accountId: id, detail: { reason } })
  const belongings = (desk.belongings ?? []).flatMap((rows) => rows(id))
  const removed = await desk.store.remove(id, [...belongings, event, revokeAccount(id, desk.clock.now())])
  if (removed || (await desk.store.findState(id)) === null) await endHoldings(desk, id)
  return removed
}

/** Ends sessions, grants and whatever else an account holds, as far as each can be ended. @throws AggregateError afterwards */
export async function endHoldings({ cleanUps }: Pick<ClosingDesk, 'cleanUps'>, id: string): Promise<void> {
  // One that fails must not keep the others from ending what they end.
  const results = await Promise.allSettled(cleanUps.map((end) => end(id)))
  const faults = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  if (faults.length > 0) throw new AggregateError(faults, 'ending an account was not completed')
}
