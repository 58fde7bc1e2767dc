import type { AuditEvent } from '../../audit/events.ts'
import { sha256Base64url } from '../../crypto/digest.ts'
import { randomSecret } from '../../crypto/random.ts'
import { writeLetter } from '../../mail/letter.ts'
import type { Mailer, MailFault } from '../../mail/mail.ts'
import type { Locale } from '../../messages/messages.ts'
import { type Account, isInvited } from '../account.ts'
import type { AccountDesk, Registrar } from '../register.ts'
import { type AccountLink, type LinkPurpose, linkLifetimeSeconds, linkUrl } from './link.ts'
import type { LinkStore } from './store.ts'

/** What links and their letters need. */
export interface LinkDesk extends AccountDesk {
  readonly links: LinkStore
  /** Undefined: no mail server is set, links are copied. */
  readonly mailer: Mailer | undefined
  readonly issuer: string
  /** How this server calls itself in a letter. */
  readonly product: string
  /** `#rrggbb`; ours when absent. */
  readonly accent: string | undefined
}

/** What became of a letter. */
export type Delivery =
  | { readonly state: 'sent' }
  | { readonly state: 'failed'; readonly fault: MailFault }
  /** There is no mail server: somebody hands the link over. */
  | { readonly state: 'to_be_copied' }

/** A link that was made for a person. */
export interface MadeLink {
  readonly account: Account
  readonly purpose: LinkPurpose
  /** Holds the secret. It is shown once, to whoever asked for it, and stored nowhere. */
  readonly url: string
  readonly endsAt: Date
  readonly delivery: Delivery
}

/** How a link is asked for. */
export interface LinkRequest {
  readonly locale: Locale
  /** For the audit book: `console`, `command_line`, `own_page`. */
  readonly method: string
}

/** A new token with the row that stands for it: 256 random bits, of which only the digest is kept. */
export function newLink(purpose: LinkPurpose, accountId: string, now: Date): { token: string; link: AccountLink } {
  const token = randomSecret()
  const expiresAt = new Date(now.getTime() + linkLifetimeSeconds[purpose] * 1000)
  return { token, link: { digest: sha256Base64url(token), purpose, accountId, createdAt: now, expiresAt } }
}

/**
 * Makes a link for a person who cannot sign in, in place of an earlier one: the invitation once more while they have not
 * accepted it, otherwise one for a new password. Sends it where there is a mail server.
 *
 * @returns null when there is no such account, or it is disabled
 */
export async function makeLink(
  desk: LinkDesk,
  accountId: string,
  by: Registrar,
  { locale, method }: LinkRequest,
): Promise<MadeLink | null> {
  const account = await desk.store.find(accountId)
  if (account === null) return null
  const purpose: LinkPurpose = isInvited(account) ? 'invitation' : 'reset'
  const { token, link } = newLink(purpose, accountId, desk.clock.now())
  const event: AuditEvent =
    purpose === 'invitation'
      ? { ...by, type: 'account.invited', accountId, detail: { role: account.role, method } }
      : { ...by, type: 'account.reset_requested', accountId, detail: { method } }
  if (!(await desk.links.replace(link, [desk.auditStatement(event)]))) return null
  return sendLink(desk, account, { token, link }, locale)
}

/** Sends a link that is stored. @returns it with what became of the letter */
export async function sendLink(
  desk: Pick<LinkDesk, 'mailer' | 'issuer' | 'product' | 'accent'>,
  account: Account,
  { token, link }: { readonly token: string; readonly link: AccountLink },
  locale: Locale,
): Promise<MadeLink> {
  const { purpose, expiresAt: endsAt } = link
  const url = linkUrl(desk.issuer, purpose, token)
  const made = { account, purpose, url, endsAt }
  if (desk.mailer === undefined) return { ...made, delivery: { state: 'to_be_copied' } }
  const letter = writeLetter({
    kind: purpose,
    locale,
    to: { name: account.name, address: account.email },
    url,
    endsAt,
    product: desk.product,
    issuerHost: new URL(desk.issuer).host,
    accent: desk.accent,
  })
  const fault = await desk.mailer.send(letter)
  return { ...made, delivery: fault === null ? { state: 'sent' } : { state: 'failed', fault } }
}
