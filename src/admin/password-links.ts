import type { Middleware } from 'koa'
import { AppError } from '../runtime/app-error.ts'

/** Middleware: a link to choose a password opens nothing where passwords are switched off, so none is made. */
export function requirePasswordSignIn(isOn: boolean): Middleware {
  return async function passwordsOnly(_ctx, next) {
    if (!isOn) {
      throw new AppError('passwords_off', 409, 'Passwords are switched off, so such a link would open nothing.', {
        words: 'passwords_off_links',
      })
    }
    await next()
  }
}
