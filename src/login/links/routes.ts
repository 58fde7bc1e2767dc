import type Router from '@koa/router'
import type { Context } from 'koa'
import { normaliseEmail } from '../../accounts/account.ts'
import type { ForgottenRequests } from '../../accounts/links/forgotten.ts'
import type { LinkPurpose } from '../../accounts/links/link.ts'
import { openLink, type RedemptionDesk } from '../../accounts/links/redeem.ts'
import type { Passwords } from '../../credentials/password.ts'
import type { WaysIn } from '../../oauth/interaction.ts'
import { AppError } from '../../runtime/app-error.ts'
import { field, readForm } from '../../web/body.ts'
import { seeOther } from '../../web/context.ts'
import type { Completion } from '../complete.ts'
import { withPasswordsOnly } from '../password/allowed.ts'
import { choosePassword } from './choose-password.ts'
import { choosePasswordPage, forgottenPage } from './page.ts'

/** What the pages of links need. */
export interface LinkRoutesDeps {
  readonly accounts: RedemptionDesk & { readonly product: string }
  /** Undefined without a mail server. */
  readonly forgotten: ForgottenRequests | undefined
  readonly passwords: Passwords
  readonly completion: Pick<Completion, 'complete'>
  readonly waysIn: () => Promise<Pick<WaysIn, 'password'>>
  /** Runs when a password was chosen, in the browser in which it was. */
  readonly afterChoice: (ctx: Context, account: { readonly email: string }) => Promise<void>
}

/** `/invitation/<token>`, `/reset/<token>`, `/forgot-password`. Opening a link uses nothing up, sending its form does. */
export function linkRoutes(router: Router, deps: LinkRoutesDeps): void {
  choiceRoutes(router, deps, 'invitation', async (ctx, account) => {
    await deps.completion.complete(ctx, { kind: 'own' }, { accountId: account.id, amr: ['pwd'] })
  })
  // Not signed in by a letter: the new password is used once, and what a sign-in asks for beside it is asked, too.
  choiceRoutes(router, deps, 'reset', async (ctx) => seeOther(ctx, '/sign-in?done=reset'))
  forgottenRoutes(router, deps)
}

type Account = NonNullable<Awaited<ReturnType<typeof openLink>>>['account']

function choiceRoutes(
  router: Router,
  { accounts, passwords, afterChoice, waysIn }: LinkRoutesDeps,
  purpose: LinkPurpose,
  goOn: (ctx: Context, account: Account) => Promise<void>,
): void {
  const facts = (ctx: Context, token: string, account: Account) => {
    const action = `${ctx.state.render.basePath}/${purpose}/${encodeURIComponent(token)}`
    return { purpose, account, action, product: accounts.product }
  }

  router.get(`/${purpose}/:token`, withPasswordsOnly(waysIn), async (ctx) => {
    const token = ctx.params.token ?? ''
    const open = await openLink(accounts, purpose, token)
    if (open === null) throw linkClosed(purpose)
    const page = choosePasswordPage(ctx.state.messages, facts(ctx, token, open.account))
    ctx.state.render(ctx, 'login/choose-password', page)
  })

  router.post(`/${purpose}/:token`, withPasswordsOnly(waysIn), async (ctx) => {
    const token = ctx.params.token ?? ''
    const password = field(await readForm(ctx), 'password')
    const source = { address: ctx.state.address, requestId: ctx.state.requestId }
    const result = await choosePassword(accounts, passwords, { purpose, token }, password, source)
    if (result.state === 'closed') throw linkClosed(purpose)
    if (result.state === 'done') {
      await afterChoice(ctx, result.account)
      return goOn(ctx, result.account)
    }
    const { account, fault } = result
    const page = choosePasswordPage(ctx.state.messages, { ...facts(ctx, token, account), fault })
    ctx.state.render(ctx, 'login/choose-password', page, 400)
  })
}

function forgottenRoutes(router: Router, { forgotten, waysIn }: LinkRoutesDeps): void {
  router.get('/forgot-password', withPasswordsOnly(waysIn), (ctx) => {
    const page = forgottenPage(ctx.state.messages, { state: forgotten === undefined ? 'by_hand' : 'ask' })
    ctx.state.render(ctx, 'login/forgot-password', page)
  })
  if (forgotten === undefined) return

  router.post('/forgot-password', withPasswordsOnly(waysIn), async (ctx) => {
    const given = field(await readForm(ctx), 'email')
    const email = normaliseEmail(given)
    if (email === null) {
      const page = forgottenPage(ctx.state.messages, { state: 'ask', email: given, fault: 'not_an_address' })
      return ctx.state.render(ctx, 'login/forgot-password', page, 400)
    }
    // G14: what follows from it happens beside the answer, which is the same for every address.
    const source = { address: ctx.state.address, requestId: ctx.state.requestId }
    forgotten.ask(email, ctx.state.locale, source)
    ctx.state.render(ctx, 'login/forgot-password', forgottenPage(ctx.state.messages, { state: 'asked' }))
  })
}

function linkClosed(purpose: LinkPurpose): AppError {
  return purpose === 'invitation'
    ? new AppError('link_closed', 404, 'This invitation does not work.', { words: 'invitation_closed' })
    : new AppError('link_closed', 404, 'This link does not work.', { words: 'reset_closed' })
}
