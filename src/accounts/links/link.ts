import type { Account } from '../account.ts'

/** What a link lets a person do without a password. */
export type LinkPurpose = 'invitation' | 'reset'

/** How long a link lives, in seconds. Ours: a week for a holiday, an hour for somebody who waits for it. */
export const linkLifetimeSeconds: Readonly<Record<LinkPurpose, number>> = { invitation: 7 * 86_400, reset: 3600 }

/** A link as it is stored: never its token. */
export interface AccountLink {
  /** SHA-256 of the token's 256 random bits, base64url. */
  readonly digest: string
  readonly purpose: LinkPurpose
  readonly accountId: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** A living link and whose it is. */
export interface OpenLink {
  readonly account: Account
  readonly expiresAt: Date
}

/** The address of a link's page. */
export function linkUrl(issuer: string, purpose: LinkPurpose, token: string): string {
  return `${issuer}/${purpose}/${token}`
}
