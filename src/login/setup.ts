import { type Account, normaliseEmail, normaliseName } from '../accounts/account.ts'
import { type AccountDesk, isSetupOpen, registerFirstAdministrator } from '../accounts/register.ts'
import type { PasswordFault, Passwords } from '../credentials/password.ts'

/** The form of the setup page as it was sent. */
export interface SetupInput {
  readonly name: string
  readonly email: string
  readonly password: string
}

/** What is wrong with which field. */
export interface SetupFaults {
  readonly name?: 'empty'
  readonly email?: 'not_an_address' | 'taken'
  readonly password?: PasswordFault
}

/** What became of a setup form. */
export type SetupResult =
  | { readonly state: 'done'; readonly account: Account }
  | { readonly state: 'refused'; readonly faults: SetupFaults }
  | { readonly state: 'closed' }

/**
 * Sets up the first administrator. A refused form leaves the link alive; nothing is hashed for a dead one (threat G20).
 *
 * @param token from the address, as printed at the start
 */
export async function setUp(
  desk: AccountDesk,
  passwords: Passwords,
  token: string,
  input: SetupInput,
  source: { readonly address: string; readonly requestId: string },
): Promise<SetupResult> {
  if (!(await isSetupOpen(desk, token))) return { state: 'closed' }
  const name = normaliseName(input.name)
  const email = normaliseEmail(input.email)
  const password = passwords.fault(input.password, [input.email, input.name])
  if (name === null || email === null || password !== null) {
    return {
      state: 'refused',
      faults: {
        name: name === null ? 'empty' : undefined,
        email: email === null ? 'not_an_address' : undefined,
        password: password ?? undefined,
      },
    }
  }
  const passwordHash = await passwords.hash(input.password)
  const outcome = await registerFirstAdministrator(desk, token, { name, email, passwordHash }, source)
  if (outcome.ok) return { state: 'done', account: outcome.account }
  return outcome.reason === 'closed' ? { state: 'closed' } : { state: 'refused', faults: { email: 'taken' } }
}
