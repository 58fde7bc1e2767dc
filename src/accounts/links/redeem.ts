import type { AuditEvent } from '../../audit/events.ts'
import { sha256Base64url } from '../../crypto/digest.ts'
import type { Account } from '../account.ts'
import { type ClosingDesk, endHoldings } from '../close.ts'
import type { LinkPurpose, OpenLink } from './link.ts'
import type { LinkStore } from './store.ts'

/** What redeeming needs. */
export interface RedemptionDesk extends ClosingDesk {
  readonly links: LinkStore
}

/** The living link behind a token, or null. Uses nothing up: a letter may be looked through by a scanner first. */
export function openLink(
  { links, clock }: Pick<RedemptionDesk, 'links' | 'clock'>,
  purpose: LinkPurpose,
  token: string,
): Promise<OpenLink | null> {
  return links.find(sha256Base64url(token), purpose, clock.now())
}

/**
 * Uses a link up and gives its account this password, in one commit: of any number of attempts at once one succeeds. After
 * a reset the sessions and connections of the account end: whoever knew the old password holds nothing (threat C14).
 *
 * @returns the account, or null when the link is unknown, used or over
 */
export async function redeemLink(
  desk: RedemptionDesk,
  purpose: LinkPurpose,
  token: string,
  passwordHash: string,
  source: { readonly address: string; readonly requestId: string },
): Promise<Account | null> {
  const open = await openLink(desk, purpose, token)
  if (open === null) return null
  const { id } = open.account
  const facts = { ...source, actor: `account:${id}`, accountId: id } as const
  const event: AuditEvent =
    purpose === 'invitation'
      ? { ...facts, type: 'account.invitation_accepted' }
      : { ...facts, type: 'account.password_changed', detail: { method: 'reset_link' } }
  const link = { digest: sha256Base64url(token), purpose, accountId: id }
  if (!(await desk.links.redeem(link, passwordHash, desk.clock.now(), [desk.auditStatement(event)]))) return null
  if (purpose === 'reset') await endHoldings(desk, id)
  return open.account
}
