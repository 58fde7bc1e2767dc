import type { Account, Role } from './account.ts'
import { type LinkDesk, type LinkRequest, type MadeLink, newLink, sendLink } from './links/send.ts'
import type { Registrar } from './register.ts'

/** Whom to invite. E-mail address and name are normalised already. */
export interface Invitee {
  readonly email: string
  readonly name: string
  readonly role: Role
}

/**
 * Makes an account without a password, and a link with which its person chooses one; both in one commit. Sends the link
 * where there is a mail server; a letter that fails leaves account and link standing, and the link can be copied.
 *
 * @returns null when the e-mail address is taken
 */
export async function invitePerson(
  desk: LinkDesk,
  invitee: Invitee,
  by: Registrar,
  { locale, method }: LinkRequest,
): Promise<MadeLink | null> {
  const now = desk.clock.now()
  const { role } = invitee
  let made: ReturnType<typeof newLink> | undefined
  const account: Account | null = await desk.store.create({ ...invitee, passwordHash: undefined }, now, (id) => {
    made = newLink('invitation', id, now)
    const facts = { ...by, accountId: id } as const
    return [
      desk.links.addition(made.link),
      desk.auditStatement({ ...facts, type: 'account.created', detail: { role, method: 'invitation' } }),
      desk.auditStatement({ ...facts, type: 'account.invited', detail: { role, method } }),
    ]
  })
  return account === null || made === undefined ? null : sendLink(desk, account, made, locale)
}
