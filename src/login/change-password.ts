import type { AccountStore } from '../accounts/store.ts'
import type { AuditEvent } from '../audit/events.ts'
import type { PasswordFault, Passwords } from '../credentials/password.ts'
import type { Statement } from '../db/database.ts'

/** What a change of password needs. */
export interface PasswordDesk {
  readonly accounts: Pick<AccountStore, 'passwordHash' | 'setPassword'>
  readonly passwords: Passwords
  readonly audit: { statement(event: AuditEvent): Statement }
  readonly sessions: { endAll(accountId: string, exceptUid?: string): Promise<number> }
  /** Ends the refresh families and grants of an account; the protocol's side carries it out. */
  readonly revokeConnections: (accountId: string) => Promise<void>
}

/** Why the password stays as it is. */
export type ChangeFault = 'wrong_current' | PasswordFault

/**
 * Changes the password of the person who is signed in. Their other sessions and every connection end with it: whoever
 * knew the old password holds nothing afterwards (threat C14).
 *
 * @returns null when it was changed
 */
export async function changePassword(
  { accounts, passwords, audit, sessions, revokeConnections }: PasswordDesk,
  person: { readonly accountId: string; readonly email: string; readonly name: string; readonly sessionUid: string },
  input: { readonly current: string; readonly password: string },
  source: { readonly address: string; readonly requestId: string },
  now: Date,
): Promise<ChangeFault | null> {
  const { accountId } = person
  if (!(await passwords.verify(await accounts.passwordHash(accountId), input.current))) return 'wrong_current'
  const fault = passwords.fault(input.password, [person.email, person.name])
  if (fault !== null) return fault

  const event = audit.statement({
    ...source,
    type: 'account.password_changed',
    actor: `account:${accountId}`,
    accountId,
    detail: { method: 'own_page' },
  })
  await accounts.setPassword(accountId, await passwords.hash(input.password), now, [event])
  // Sessions first: a grant is only written while its session stands, so nothing new begins behind the revocation.
  await sessions.endAll(accountId, person.sessionUid)
  await revokeConnections(accountId)
  return null
}
