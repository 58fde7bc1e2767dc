import type { Resource } from './resource.ts'

/** As much of a person as the question needs. */
export interface Visitor {
  readonly id: string
  readonly role: 'member' | 'admin'
}

/**
 * May this person use this MCP server? Asked before the consent page, before a remembered consent counts, and at every
 * code and refresh: who was taken off a list gets no further token.
 */
export function mayUse(resource: Pick<Resource, 'access' | 'members'>, visitor: Visitor): boolean {
  switch (resource.access) {
    case 'everyone':
      return true
    case 'admins':
      return visitor.role === 'admin'
    case 'listed':
      return resource.members.includes(visitor.id)
  }
}

/** Does a change shut somebody out who was let in before? Unsure counts as yes: then it is looked at person by person. */
export function narrows(
  before: Pick<Resource, 'access' | 'members'>,
  after: Pick<Resource, 'access' | 'members'>,
): boolean {
  if (after.access === 'everyone') return false
  if (before.access !== after.access) return true
  return before.members.some((member) => !after.members.includes(member))
}

/** Who may use what, by the account's id: for the protocol, which has no more than that. */
export type AccessCheck = (resource: Pick<Resource, 'access' | 'members'>, accountId: string) => Promise<boolean>

/**
 * Makes the question for ids. A server for everyone costs no look-up.
 *
 * @param findState the account's present role and state; an account that is gone or disabled may use nothing that is restricted
 */
export function createAccessCheck(
  findState: (id: string) => Promise<{ readonly role: Visitor['role']; readonly state: string } | null>,
): AccessCheck {
  return async function checkAccess(resource, accountId) {
    if (resource.access === 'everyone') return true
    const account = await findState(accountId)
    return account?.state === 'active' && mayUse(resource, { id: accountId, role: account.role })
  }
}
