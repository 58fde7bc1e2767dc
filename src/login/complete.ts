import type { Account } from '../accounts/account.ts'
import type { AccountStore } from '../accounts/store.ts'
import type { AuditEvent } from '../audit/events.ts'
import type { Factors } from '../credentials/factors/factors.ts'
import { oneFactor, type Strength, strongest } from '../oauth/acr.ts'
import type { CompleteSignIn, InteractionPort, ProvenIdentity, SignInPlace } from '../oauth/interaction.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Clock } from '../runtime/clock.ts'
import { type PageContext, type SessionPort, seeOther } from '../web/context.ts'
import { continuePage } from '../web/continue-page.ts'
import { returnPath } from '../web/navigation.ts'
import type { BrowserMemory } from './known-browser.ts'
import { type NextStep, nextStep } from './next-step.ts'
import { type PendingCookies, placeOf } from './pending/cookie.ts'
import type { PendingSignIn, PendingStore } from './pending/store.ts'

/** What finishing a sign-in needs. */
export interface CompletionDesk {
  readonly accounts: Pick<AccountStore, 'find'>
  readonly interactions: Pick<InteractionPort<PageContext>, 'finishSignIn'>
  readonly sessions: Pick<SessionPort, 'signIn'>
  readonly browsers: Pick<BrowserMemory, 'remember'>
  readonly factors: Pick<Factors, 'enrolled' | 'ceremonies'>
  readonly pending: Pick<PendingStore, 'begin'>
  readonly cookies: PendingCookies
  readonly audit: { recordSoon(event: AuditEvent): void }
  /** `SECOND_FACTOR`: is everybody to have one? */
  readonly secondFactor: 'optional' | 'required'
  readonly clock: Clock
}

/** What was proved, with the moment of its oldest part. */
export type ProvenSoFar = ProvenIdentity & {
  readonly authTime: Date
  /** The audit book has not been told of a sign-in yet: it was not one before. */
  readonly isToBeTold?: boolean
}

/** From a proved identity into a session, whichever way it was proved. */
export interface Completion {
  /** One factor was proved, in whatever way. Answers the request: signed in, or on to the next factor. */
  readonly complete: CompleteSignIn<PageContext>
  /** The same for whoever has proved several: what `amr` says is believed. */
  goOn(ctx: PageContext, place: SignInPlace, proven: ProvenSoFar): Promise<void>
  /** What is missing here. */
  stepFor(place: SignInPlace, accountId: string, amr: readonly string[]): Promise<NextStep>
  /** Stores what was proved so far and gives the browser its cookie; it opens nothing but the next factor (G19). */
  suspend(ctx: PageContext, place: SignInPlace, proven: ProvenSoFar): Promise<void>
  /** Everything is proved: the session begins. @returns the address of this origin at which it goes on */
  finish(ctx: PageContext, place: SignInPlace, proven: ProvenSoFar): Promise<string>
}

/** The one way from a proved identity into a session. */
export function createCompletion(desk: CompletionDesk): Completion {
  const { accounts, audit, browsers, clock, cookies, factors, interactions, pending, sessions } = desk

  async function required(accountId: string): Promise<Account> {
    const account = await accounts.find(accountId)
    if (account === null) {
      throw new AppError('not_found', 404, 'This account is not here any more.', { words: 'person_not_found' })
    }
    return account
  }

  function record(
    ctx: PageContext,
    place: SignInPlace,
    type: 'session.second_factor_asked' | 'session.signed_in',
    { accountId, amr }: ProvenIdentity,
  ): void {
    const { address, requestId } = ctx.state
    const clientId = place.kind === 'own' ? undefined : place.authorization.clientId
    const detail = { method: amr.join(' ') }
    audit.recordSoon({ type, actor: `account:${accountId}`, accountId, address, requestId, clientId, detail })
  }

  async function stepFor(place: SignInPlace, accountId: string, amr: readonly string[]): Promise<NextStep> {
    const enrolled = await factors.enrolled(accountId)
    return nextStep(amr, enrolled, demandOf(place, desk.secondFactor), factors.ceremonies !== null)
  }

  async function suspend(
    ctx: PageContext,
    place: SignInPlace,
    { accountId, amr, authTime }: ProvenSoFar,
  ): Promise<void> {
    const returnTo = place.kind === 'own' ? place.returnTo : undefined
    const key = placeOf(place)
    const suspended: Omit<PendingSignIn, 'digest'> = { accountId, amr, since: authTime, place: key, returnTo }
    cookies.set(ctx, key, await pending.begin(suspended, clock.now()))
    record(ctx, place, 'session.second_factor_asked', { accountId, amr })
  }

  async function finish(ctx: PageContext, place: SignInPlace, proven: ProvenSoFar): Promise<string> {
    const { accountId, amr, authTime } = proven
    const account = await required(accountId)
    if (proven.isToBeTold === true) record(ctx, place, 'session.signed_in', proven)
    browsers.remember(ctx, account.email, 'everything')
    cookies.drop(ctx, placeOf(place))
    if (place.kind === 'authorization') {
      return interactions.finishSignIn(ctx, place.authorization.uid, { accountId, amr, authTime })
    }
    await sessions.signIn(ctx, { accountId, amr, authTime })
    return `${ctx.state.render.basePath}${destination(place.returnTo, account.role)}`
  }

  async function goOn(ctx: PageContext, place: SignInPlace, proven: ProvenSoFar): Promise<void> {
    await required(proven.accountId)
    const step = await stepFor(place, proven.accountId, proven.amr)
    if (step.kind !== 'done') {
      await suspend(ctx, place, proven)
      return seeOther(ctx, secondFactorPath(place))
    }
    const target = await finish(ctx, place, proven)
    if (place.kind === 'authorization') return continuePage(ctx, target)
    seeOther(ctx, target.slice(ctx.state.render.basePath.length))
  }

  return {
    // What a provider upstream says of further factors of its own is not believed: it would be a way around ours.
    complete: (ctx, place, { accountId, amr, authTime }) =>
      goOn(ctx, place, { accountId, amr: oneFactor(amr), authTime: authTime ?? clock.now() }),
    goOn,
    stepFor,
    suspend,
    finish,
  }
}

/** Where the page of the next factor is. */
export function secondFactorPath(place: SignInPlace): string {
  return place.kind === 'own' ? '/sign-in/second-factor' : `/interaction/${place.authorization.uid}/second-factor`
}

/** Where somebody who is signed in goes. G26: names of ours only; anything else is as if nothing had been said. */
export function destination(wanted: string | undefined, role: Account['role']): string {
  return returnPath(wanted) ?? (role === 'admin' ? '/admin' : '/account/connections')
}

function demandOf(place: SignInPlace, everybody: CompletionDesk['secondFactor']): Strength {
  const demanded = everybody === 'required' ? 'two' : 'one'
  return place.kind === 'own' ? demanded : strongest(demanded, place.authorization.demand)
}
