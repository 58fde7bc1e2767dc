import type Router from '@koa/router'
import type { Context } from 'koa'
import { isSetupOpen } from '../../accounts/register.ts'
import { AppError } from '../../runtime/app-error.ts'
import { field, readForm } from '../../web/body.ts'
import { setupPage } from '../page.ts'
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
    await deps.completion.complete(
      ctx,
      // Where passwords let nobody in, another way has to be added while this session lasts.
      { kind: 'own', returnTo: (await deps.waysIn()).password ? 'console' : 'security' },
      { accountId: result.account.id, amr: ownPassword },
    )
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
