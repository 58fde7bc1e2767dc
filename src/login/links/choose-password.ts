import type { Account } from '../../accounts/account.ts'
import type { LinkPurpose } from '../../accounts/links/link.ts'
import { openLink, type RedemptionDesk, redeemLink } from '../../accounts/links/redeem.ts'
import type { PasswordFault, Passwords } from '../../credentials/password.ts'

/** What became of a new password that came by a link. */
export type ChoiceResult =
  | { readonly state: 'done'; readonly account: Account }
  /** The link is still good. */
  | { readonly state: 'refused'; readonly account: Account; readonly fault: PasswordFault }
  | { readonly state: 'closed' }

/**
 * Gives an account the password that its person chose through an invitation or a reset. A refused password leaves the link
 * alive; nothing is hashed for a dead one.
 *
 * @param token from the address, as it stood in the letter
 * @throws AppError `busy` (503) when too many passwords are being computed; the link is alive then
 */
export async function choosePassword(
  desk: RedemptionDesk,
  passwords: Passwords,
  link: { readonly purpose: LinkPurpose; readonly token: string },
  password: string,
  source: { readonly address: string; readonly requestId: string },
): Promise<ChoiceResult> {
  const open = await openLink(desk, link.purpose, link.token)
  if (open === null) return { state: 'closed' }
  const { account } = open
  const fault = passwords.fault(password, [account.email, account.name])
  if (fault !== null) return { state: 'refused', account, fault }
  const hash = await passwords.hash(password)
  const redeemed = await redeemLink(desk, link.purpose, link.token, hash, source)
  return redeemed === null ? { state: 'closed' } : { state: 'done', account: redeemed }
}
