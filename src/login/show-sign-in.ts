import type { AuthorizationInProgress, WaysIn } from '../oauth/interaction.ts'
import type { Clock } from '../runtime/clock.ts'
import type { PageContext } from '../web/context.ts'
import { letOwnScripts } from '../web/middleware/security-headers.ts'
import { returnPath } from '../web/navigation.ts'
import { type AskingParties, type SignInAgain, type SignInFault, signInPage } from './page.ts'
import { passkeyWay } from './passkey-sign-in.ts'
import type { FactorDesk } from './second-factor/check.ts'

/** What the sign-in page is made from. */
export interface SignInPageDeps {
  /** Who waits for the sign-in: the client as it calls itself, the MCP server as it is named here. */
  readonly whoAsks: (authorization: AuthorizationInProgress) => Promise<AskingParties>
  /** Which ways the page offers. */
  readonly waysIn: () => Promise<WaysIn>
  readonly secondFactors: Pick<FactorDesk, 'factors'>
  readonly clock: Clock
}

/** Shows the sign-in page of an authorization: for the consent page, when somebody else wants to sign in. */
export function createSignInPage(
  deps: SignInPageDeps,
): (ctx: PageContext, authorization: AuthorizationInProgress) => Promise<void> {
  return (ctx, authorization) => showSignIn(deps, ctx, authorization, authorization.loginHint ?? '')
}

/** Shows the sign-in page of an authorization. */
export async function showSignIn(
  deps: SignInPageDeps,
  ctx: PageContext,
  authorization: AuthorizationInProgress,
  email: string,
  fault?: SignInFault,
): Promise<void> {
  const action = `${ctx.state.render.basePath}/interaction/${encodeURIComponent(authorization.uid)}/sign-in`
  const [asking, ways] = await Promise.all([deps.whoAsks(authorization), deps.waysIn()])
  const passkey = await passkeyWay({ ...deps, ...deps.secondFactors }, ctx, action)
  letOwnScripts(ctx)
  const page = signInPage(ctx.state.messages, { action, asking, ways, passkey, email, fault })
  ctx.state.render(ctx, 'login/sign-in', page, statusOf(fault))
}

/** Shows the sign-in page of our own pages. */
export async function showOwnSignIn(
  deps: SignInPageDeps,
  ctx: PageContext,
  facts: {
    readonly email: string
    readonly wanted: string | undefined
    readonly again?: SignInAgain
    readonly wasReset?: boolean
    readonly fault?: SignInFault
  },
): Promise<void> {
  const action = `${ctx.state.render.basePath}/sign-in`
  letOwnScripts(ctx)
  const page = signInPage(ctx.state.messages, {
    ...facts,
    ways: await deps.waysIn(),
    passkey: await passkeyWay({ ...deps, ...deps.secondFactors }, ctx, action),
    action,
    returnTo: returnPath(facts.wanted) === null ? undefined : facts.wanted,
  })
  ctx.state.render(ctx, 'login/sign-in', page, statusOf(facts.fault))
}

function statusOf(fault: SignInFault | undefined): number {
  // RFC 6585 §4: 429 to whoever has to wait, whether there is such an account or not (G14).
  return fault === undefined ? 200 : { refused: 401, passkey: 401, missing: 400, wait: 429 }[fault.fault]
}
