import type Router from '@koa/router'
import type { Context } from 'koa'
import { isSetupOpen } from '../../accounts/register.ts'
import { AppError } from '../../runtime/app-error.ts'
import { field, readForm } from '../../web/body.ts'
import { seeOther, signedIn } from '../../web/context.ts'
import { requireAccount } from '../../web/middleware/require-account.ts'
import { retryAfter, waitWords } from '../../web/retry-after.ts'
import { changePassword } from '../change-password.ts'
import { securityPage, setupPage } from '../page.ts'
import type { LoginRoutesDeps } from '../routes.ts'
import { setUp } from '../setup.ts'

const ownPassword = ['pwd'] as const // RFC 8176 §2

/** `/setup/<token>`: the first administrator. */
export function setupRoutes(router: Router, deps: LoginRoutesDeps): void {
  const desk = { store: deps.accounts, auditStatement: deps.audit.statement, clock: deps.clock }

  router.get('/setup/:token', async (ctx) => {
    const token = ctx.params.token ?? ''
    if (!(await isSetupOpen(desk, token))) throw setupClosed()
    const page = setupPage(ctx.state.messages, setupAction(ctx, token), await deps.waysIn())
    ctx.state.render(ctx, 'setup/first-administrator', page)
  })

  router.post('/setup/:token', async (ctx) => {
    const token = ctx.params.token ?? ''
    const form = await readForm(ctx)
    const input = { name: field(form, 'name'), email: field(form, 'email'), password: field(form, 'password') }
    const result = await setUp(desk, deps.passwords, token, input, source(ctx))
    if (result.state === 'closed') throw setupClosed()
    if (result.state === 'refused') {
      const page = setupPage(ctx.state.messages, setupAction(ctx, token), await deps.waysIn(), input, result.faults)
      return ctx.state.render(ctx, 'setup/first-administrator', page, 400)
    }
    await deps.sessions.signIn(ctx, { accountId: result.account.id, amr: ownPassword })
    // Where passwords let nobody in, another way has to be added while this session lasts.
    seeOther(ctx, (await deps.waysIn()).password ? '/admin' : '/account/security')
  })
}

/** `/account/security`: the change of one’s own password. */
export function securityRoutes(router: Router, deps: LoginRoutesDeps): void {
  router.get('/account/security', requireAccount(), async (ctx) => {
    ctx.state.render(ctx, 'login/security', securityPage(ctx.state.messages, { done: ctx.query.done === 'password' }))
  })

  router.post('/account/security', requireAccount(), async (ctx) => {
    const form = await readForm(ctx)
    const { account, sessionUid } = signedIn(ctx)
    const person = { accountId: account.id, email: account.email, name: account.name, sessionUid }
    const input = { current: field(form, 'current_password'), password: field(form, 'password') }
    const now = deps.clock.now()
    const subject = { purpose: 'own_password', account: account.email, address: ctx.state.address } as const
    // G15: whoever sits at an open browser does not guess here either.
    const outcome = await deps.guard.attempt(subject, async () => {
      const fault = await changePassword(deps, person, input, source(ctx), now)
      return fault === 'wrong_current' ? null : { fault }
    })
    if (outcome.state === 'wait') throw tooManyFailures(ctx, outcome.until, now)
    const fault = outcome.state === 'refused' ? 'wrong_current' : outcome.value.fault
    if (fault === null) return seeOther(ctx, '/account/security?done=password')
    ctx.state.render(
      ctx,
      'login/security',
      securityPage(ctx.state.messages, { fault }),
      fault === 'wrong_current' ? 401 : 400,
    )
  })
}

function tooManyFailures(ctx: Context, until: Date, now: Date): AppError {
  const seconds = (until.getTime() - now.getTime()) / 1000
  retryAfter(ctx, seconds)
  return new AppError('too_many_requests', 429, 'Too many attempts have failed. Please try again later.', {
    words: 'too_many_failures',
    values: { wait: waitWords(ctx.state.format, seconds) },
  })
}

function setupClosed(): AppError {
  return new AppError('setup_closed', 404, 'This setup link does not work.')
}

function setupAction(ctx: Context, token: string): string {
  return `${ctx.state.render.basePath}/setup/${encodeURIComponent(token)}`
}

function source(ctx: Context): { readonly address: string; readonly requestId: string } {
  return { address: ctx.state.address, requestId: ctx.state.requestId }
}
