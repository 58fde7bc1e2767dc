import { normaliseEmail } from '../../accounts/account.ts'
import type { AccountStore } from '../../accounts/store.ts'

/**
 * The account that a filter means: an e-mail address, or an id as rows link to it. The id may be of an account that is
 * gone: what it did is still in the book.
 *
 * @returns null when it is an address that nobody has
 */
export async function personOf(accounts: Pick<AccountStore, 'findByEmail'>, text: string): Promise<string | null> {
  if (!text.includes('@')) return text
  const email = normaliseEmail(text)
  return email === null ? null : ((await accounts.findByEmail(email))?.id ?? null)
}
