import type { Context, Middleware } from 'koa'
import { AppError } from '../../runtime/app-error.ts'
import { seeOther } from '../context.ts'
import { returnName } from '../navigation.ts'

/** Middleware: for signed-in people; others are sent to the sign-in and come back to the page they wanted. */
export function requireAccount(): Middleware {
  return async function checkAccount(ctx, next) {
    if (ctx.state.session === undefined) return askToSignIn(ctx)
    await next()
  }
}

/** Middleware: for administrators. A member gets 404, as if the page were not there. */
export function requireAdmin(): Middleware {
  return async function checkAdmin(ctx, next) {
    if (ctx.state.session === undefined) return askToSignIn(ctx)
    if (ctx.state.session.account.role !== 'admin') {
      throw new AppError('not_found', 404, 'There is no page at this address, or it is not for your account.', {
        words: 'no_page_for_you',
      })
    }
    await next()
  }
}

function askToSignIn(ctx: Context): void {
  // A form that was posted after the session had ended is not sent again by itself.
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
    throw new AppError('signed_out', 401, 'You have been signed out in the meantime. Sign in and send the form again.')
  }
  const { basePath } = ctx.state.render
  const path = ctx.path.startsWith(`${basePath}/`) ? ctx.path.slice(basePath.length) : ctx.path
  const name = returnName(path)
  seeOther(ctx, name === null ? '/sign-in' : `/sign-in?return_to=${name}`)
}
