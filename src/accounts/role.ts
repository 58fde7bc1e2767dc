import type { Role } from './account.ts'
import type { AccountDesk, Registrar } from './register.ts'

/**
 * Gives an account a role. It counts from its next request on: rights are read with each of them, not kept in the session.
 *
 * @returns false when nothing changed: unknown, the role already, or the last active administrator
 */
export function setRole(desk: AccountDesk, id: string, role: Role, by: Registrar): Promise<boolean> {
  const event = desk.auditStatement({ ...by, type: 'account.role_changed', accountId: id, detail: { role } })
  return desk.store.setRole(id, role, [event])
}
