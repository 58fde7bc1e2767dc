import type { Role } from './account.ts'
import type { AccountDesk, Registrar } from './register.ts'

/**
 * Gives an account a role. It counts from its next request on: rights are read with each of them, not kept in the session.
 * Who is no administrator any more loses what they had allowed on MCP servers for administrators.
 *
 * @returns false when nothing changed: unknown, the role already, or the last active administrator
 */
export async function setRole(desk: AccountDesk, id: string, role: Role, by: Registrar): Promise<boolean> {
  const event = desk.auditStatement({ ...by, type: 'account.role_changed', accountId: id, detail: { role } })
  if (!(await desk.store.setRole(id, role, [event]))) return false
  // After the write: nothing new can be made by the old role while what it made is taken away.
  if (role !== 'admin') await desk.afterDemotion?.(id, by)
  return true
}
