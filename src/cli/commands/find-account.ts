import { type Account, normaliseEmail } from '../../accounts/account.ts'
import type { Rooms } from '../../rooms.ts'
import { CommandFault } from '../faults.ts'

/** The account with an e-mail address. @throws CommandFault when there is none */
export async function findAccount({ accounts }: Rooms, text: string): Promise<Account> {
  const email = normaliseEmail(text)
  const account = email === null ? null : await accounts.store.findByEmail(email)
  if (account === null)
    throw new CommandFault(`there is no account for ${JSON.stringify(text)}`, 'sallyport user list shows all accounts')
  return account
}
