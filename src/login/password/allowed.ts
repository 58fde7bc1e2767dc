import type { WaysIn } from '../../oauth/interaction.ts'
import { AppError } from '../../runtime/app-error.ts'

/**
 * Refuses what belongs to passwords where they are switched off (`PASSWORD_SIGN_IN`): nothing is looked up or hashed then. The
 * setup link stands outside of it, or a new server had no first administrator.
 *
 * @throws AppError `passwords_off` (403)
 */
export async function requirePasswords(waysIn: () => Promise<Pick<WaysIn, 'password'>>): Promise<void> {
  if ((await waysIn()).password) return
  throw new AppError('passwords_off', 403, 'Signing in with a password of this server is switched off.')
}

/** The same in front of a route. */
export function withPasswordsOnly(waysIn: () => Promise<Pick<WaysIn, 'password'>>) {
  return async function passwordsOnly(_ctx: unknown, next: () => Promise<unknown>): Promise<void> {
    await requirePasswords(waysIn)
    await next()
  }
}
