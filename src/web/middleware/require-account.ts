import type { Context, Middleware } from 'koa'
import { AppError } from '../../runtime/app-error.ts'
import { seeOther } from '../context.ts'
import { returnName, returnTarget } from '../navigation.ts'

/** Middleware: for signed-in people; others are sent to the sign-in and come back to the page they wanted. */
export function requireAccount(): Middleware {
  return async function checkAccount(ctx, next) {
    if (ctx.state.session === undefined) return askToSignIn(ctx)
    await next()
  }
}

/**
 * Middleware: for administrators. A member gets 404, as if the page were not there; who has proved too little is sent to
 * where more is proved.
 */
export function requireAdmin(): Middleware {
  return async function checkAdmin(ctx, next) {
    if (ctx.state.session === undefined) return askToSignIn(ctx)
    if (ctx.state.session.account.role !== 'admin') {
      throw new AppError('not_found', 404, 'There is no page at this address, or it is not for your account.', {
        words: 'no_page_for_you',
      })
    }
    // G19: a password alone opens nothing of the console. That page knows whether a factor is asked for or set up.
    if (ctx.state.session.lacksSecondFactor) return seeOther(ctx, secondFactorPage(ctx))
    await next()
  }
}

function secondFactorPage(ctx: Context): string {
  const target = isForm(ctx) ? null : returnTarget(ownPath(ctx))
  return `/account/security/second-factor${target === null ? '' : `?return_to=${target}`}`
}

function askToSignIn(ctx: Context): void {
  // A form that was posted after the session had ended is not sent again by itself.
  if (isForm(ctx)) {
    throw new AppError('signed_out', 401, 'You have been signed out in the meantime. Sign in and send the form again.')
  }
  const name = returnName(ownPath(ctx))
  seeOther(ctx, name === null ? '/sign-in' : `/sign-in?return_to=${name}`)
}

function isForm(ctx: Context): boolean {
  return ctx.method !== 'GET' && ctx.method !== 'HEAD'
}

function ownPath(ctx: Context): string {
  const { basePath } = ctx.state.render
  return ctx.path.startsWith(`${basePath}/`) ? ctx.path.slice(basePath.length) : ctx.path
}
