import type { Account } from '../../accounts/account.ts'
import type { ProofGuard } from '../../credentials/throttle/guard.ts'
import { covers, strengthOf } from '../../oauth/acr.ts'
import type { AuthorizationInProgress, SignInPlace } from '../../oauth/interaction.ts'
import { type PageContext, type SessionPort, seeOther } from '../../web/context.ts'
import { isRecent } from '../../web/middleware/recent-sign-in.ts'
import { type Completion, destination, secondFactorPath } from '../complete.ts'
import type { BrowserMemory } from '../known-browser.ts'
import type { NextStep } from '../next-step.ts'
import { type PendingCookies, placeOf } from '../pending/cookie.ts'
import type { PendingSignIn } from '../pending/store.ts'
import type { EnrolDesk } from './enrol.ts'
import { endedPage } from './page.ts'

/** What the pages of further factors need. */
export interface FactorRoutesDeps extends EnrolDesk {
  readonly completion: Completion
  readonly cookies: PendingCookies
  readonly guard: Pick<ProofGuard, 'attempt'>
  readonly browsers: Pick<BrowserMemory, 'recognise'>
  readonly sessions: Pick<SessionPort, 'endAll' | 'signIn'>
  /** The authorization behind the address. @throws AppError when it is not this browser's (any more) */
  readonly authorizationHere: (ctx: PageContext, uid: string | undefined) => Promise<AuthorizationInProgress>
  /** Ends the authorization as the person wishes. */
  readonly cancel: (ctx: PageContext, authorization: AuthorizationInProgress) => Promise<void>
}

/** A sign-in under way, where it is, whose it is, and what is missing. */
export interface Halfway {
  readonly place: SignInPlace
  readonly pending: PendingSignIn
  readonly account: Account
  readonly step: Exclude<NextStep, { kind: 'done' }>
  /** Address of the page of the next factor, with the issuer's path. */
  readonly action: string
}

/**
 * The sign-in under way that this browser's cookie names, here; or a new one from a session that lacks a factor. Null when
 * there is none: the request is answered then.
 */
export async function halfway(deps: FactorRoutesDeps, ctx: PageContext, place: SignInPlace): Promise<Halfway | null> {
  const key = placeOf(place)
  const secret = deps.cookies.get(ctx, key)
  const pending = secret === undefined ? null : await deps.pending.find(secret, key, deps.clock.now())
  const account = pending && (await deps.accounts.find(pending.accountId))
  if (pending === null || account === null) {
    await beginFromSession(deps, ctx, place)
    return null
  }
  const whole: SignInPlace = place.kind === 'own' ? { kind: 'own', returnTo: pending.returnTo } : place
  const step = await deps.completion.stepFor(whole, account.id, pending.amr)
  // The factors went meanwhile, so what is left is no sign-in of two: it begins anew.
  if (step.kind === 'done') {
    await deps.pending.drop(pending.digest)
    showEnded(ctx, place)
    return null
  }
  return { place: whole, pending, account, step, action: `${ctx.state.render.basePath}${secondFactorPath(place)}` }
}

/** Step-up: the session has proved one factor, so that only the other one is asked. */
async function beginFromSession(deps: FactorRoutesDeps, ctx: PageContext, place: SignInPlace): Promise<void> {
  const session = ctx.state.session
  const isPost = ctx.method !== 'GET' && ctx.method !== 'HEAD'
  const isTheirs = place.kind === 'own' || place.authorization.accountId === session?.account.id
  // Only a page begins one: a form that was posted after its sign-in had ended is told so.
  if (session === undefined || isPost || !isTheirs) return showEnded(ctx, place)
  const { account, amr, authTime } = session
  const step = await deps.completion.stepFor(place, account.id, amr)
  if (step.kind === 'done') {
    if (place.kind === 'own') return seeOther(ctx, destination(place.returnTo, account.role))
    return showEnded(ctx, place)
  }
  // G22: an unattended browser is no place to add a factor from; its owner would be asked for somebody else's from then on.
  if (step.kind === 'enrol' && !isRecent(authTime, deps.clock.now())) return seeOther(ctx, signInAgainPath(place))
  await deps.completion.suspend(ctx, place, { accountId: account.id, amr, authTime })
  seeOther(ctx, `${secondFactorPath(place)}${step.kind === 'enrol' ? '/enrol' : ''}`)
}

/** Says that nothing is under way here any more, and where it begins. */
export function showEnded(ctx: PageContext, place: SignInPlace): void {
  const { messages, render } = ctx.state
  render(ctx, 'login/second-factor-ended', endedPage(messages, `${render.basePath}${signInPath(place)}`), 401)
}

function signInPath(place: SignInPlace): string {
  if (place.kind === 'authorization') return `/interaction/${place.authorization.uid}/sign-in`
  return place.returnTo === undefined ? '/sign-in' : `/sign-in?${new URLSearchParams({ return_to: place.returnTo })}`
}

/** Where somebody who is signed in says once more who they are; what follows asks for the factor again. */
function signInAgainPath(place: SignInPlace): string {
  if (place.kind === 'authorization') return signInPath(place)
  const returnTo: Record<string, string> = place.returnTo === undefined ? {} : { return_to: place.returnTo }
  return `/sign-in?${new URLSearchParams({ ...returnTo, again: '1' })}`
}

/** Does this sign-in hold two factors already, so that another one may be added to them? */
export function hasTwo({ amr }: Pick<PendingSignIn, 'amr'>): boolean {
  return covers(strengthOf(amr), 'two')
}

/** Will this be a sign-in, and not one factor more in a session that goes on? */
export function isNewHere(ctx: PageContext, accountId: string): boolean {
  return ctx.state.session?.account.id !== accountId
}
