import type { WaysIn } from '../../oauth/interaction.ts'
import { type PageContext, signedIn } from '../../web/context.ts'
import type { ChangeFault, PasswordDesk } from '../change-password.ts'
import type { FactorRoutesDeps } from '../second-factor/halfway.ts'
import { type Holdings, type SecurityDone, type SecurityFault, securityPage } from './page.ts'

/** What a person's page about signing in needs. */
export type SecurityRoutesDeps = FactorRoutesDeps & PasswordDesk & { readonly waysIn: () => Promise<WaysIn> }

/** Shows the page, with what was done or what is wrong. */
export async function showSecurity(
  deps: SecurityRoutesDeps,
  ctx: PageContext,
  state: { readonly done?: SecurityDone; readonly fault?: ChangeFault; readonly factorFault?: SecurityFault },
  status = 200,
): Promise<void> {
  const holdings = await holdingsOf(deps, signedIn(ctx).account.id)
  ctx.state.render(ctx, 'login/security', securityPage(ctx.state.messages, ctx.state.format, holdings, state), status)
}

async function holdingsOf({ accounts, factors, waysIn }: SecurityRoutesDeps, accountId: string): Promise<Holdings> {
  const [passwordHash, passkeys, app, recovery, ways] = await Promise.all([
    accounts.passwordHash(accountId),
    factors.passkeys.list(accountId),
    factors.totp.find(accountId),
    factors.recovery.summary(accountId),
    waysIn(),
  ])
  return {
    // Where passwords let nobody in, there is none to change.
    hasPassword: passwordHash !== undefined && ways.password,
    withUpstreams: ways.upstreams.length > 0,
    withPasskeys: factors.ceremonies !== null,
    passkeys,
    app,
    recovery,
  }
}
