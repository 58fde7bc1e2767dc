import type { Account } from '../accounts/account.ts'
import type { AccountStore } from '../accounts/store.ts'
import type { CompleteSignIn, InteractionPort } from '../oauth/interaction.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Clock } from '../runtime/clock.ts'
import { type PageContext, type SessionPort, seeOther } from '../web/context.ts'
import { continuePage } from '../web/continue-page.ts'
import { returnPath } from '../web/navigation.ts'
import type { BrowserMemory } from './known-browser.ts'

/** What finishing a sign-in needs. */
export interface CompletionDesk {
  readonly accounts: Pick<AccountStore, 'find'>
  readonly interactions: Pick<InteractionPort<PageContext>, 'finishSignIn'>
  readonly sessions: Pick<SessionPort, 'signIn'>
  readonly browsers: Pick<BrowserMemory, 'remember'>
  readonly clock: Clock
}

/** The one way from a proved identity into a session, whichever way it was proved. */
export function createCompletion({
  accounts,
  interactions,
  sessions,
  browsers,
  clock,
}: CompletionDesk): CompleteSignIn<PageContext> {
  return async function complete(ctx, place, { accountId, amr }) {
    const account = await accounts.find(accountId)
    if (account === null) throw new AppError('not_found', 404, 'This account is not here any more.')
    browsers.remember(ctx, account.email)
    if (place.kind === 'authorization') {
      const result = { accountId, amr, authTime: clock.now() }
      continuePage(ctx, await interactions.finishSignIn(ctx, place.authorization.uid, result))
      return
    }
    await sessions.signIn(ctx, { accountId, amr })
    seeOther(ctx, destination(place.returnTo, account.role))
  }
}

/** Where somebody who is signed in goes. G26: names of ours only; anything else is as if nothing had been said. */
export function destination(wanted: string | undefined, role: Account['role']): string {
  return returnPath(wanted) ?? (role === 'admin' ? '/admin' : '/account/connections')
}
