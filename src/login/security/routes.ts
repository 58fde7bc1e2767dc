import type Router from '@koa/router'
import type { Context } from 'koa'
import { AppError } from '../../runtime/app-error.ts'
import { field, readForm } from '../../web/body.ts'
import { seeOther, signedIn } from '../../web/context.ts'
import { requireAccount } from '../../web/middleware/require-account.ts'
import { retryAfter, waitWords } from '../../web/retry-after.ts'
import { changePassword } from '../change-password.ts'
import { withPasswordsOnly } from '../password/allowed.ts'
import { factorActs } from './acts/routes.ts'
import type { SecurityDone } from './page.ts'
import { factorSetup } from './setup/routes.ts'
import { type SecurityRoutesDeps, showSecurity } from './show.ts'

const doneWords: readonly SecurityDone[] = [
  'password',
  'authenticator',
  'authenticator_removed',
  'passkey',
  'passkey_renamed',
  'passkey_removed',
]

/** `/account/security` and below: with what somebody signs in, and every change of it. */
export function securityRoutes(router: Router, deps: SecurityRoutesDeps): void {
  router.get('/account/security', requireAccount(), async (ctx) => {
    await showSecurity(deps, ctx, { done: doneWords.find((word) => word === ctx.query.done) })
  })

  router.post('/account/security', requireAccount(), withPasswordsOnly(deps.waysIn), async (ctx) => {
    const form = await readForm(ctx)
    const { account, sessionUid } = signedIn(ctx)
    const person = { accountId: account.id, email: account.email, name: account.name, sessionUid }
    const input = { current: field(form, 'current_password'), password: field(form, 'password') }
    const source = { address: ctx.state.address, requestId: ctx.state.requestId }
    const now = deps.clock.now()
    const subject = { purpose: 'own_password', account: account.email, address: ctx.state.address } as const
    // G15: whoever sits at an open browser does not guess here either.
    const outcome = await deps.guard.attempt(subject, async () => {
      const fault = await changePassword(deps, person, input, source, now)
      return fault === 'wrong_current' ? null : { fault }
    })
    if (outcome.state === 'wait') throw tooManyFailures(ctx, outcome.until, now)
    const fault = outcome.state === 'refused' ? 'wrong_current' : outcome.value.fault
    if (fault === null) return seeOther(ctx, '/account/security?done=password')
    await showSecurity(deps, ctx, { fault }, fault === 'wrong_current' ? 401 : 400)
  })

  factorSetup(router, deps)
  factorActs(router, deps)
}

function tooManyFailures(ctx: Context, until: Date, now: Date): AppError {
  const seconds = (until.getTime() - now.getTime()) / 1000
  retryAfter(ctx, seconds)
  return new AppError('too_many_requests', 429, 'Too many attempts have failed. Please try again later.', {
    words: 'too_many_failures',
    values: { wait: waitWords(ctx.state.format, seconds) },
  })
}
