// Room: login. Proving who one is: sign-in inside an authorization and for the own pages, by password or passkey, further
// factors, sign-out, the first administrator's setup, invitations, forgotten passwords, and what a person changes of all that.
// Serves /interaction/:uid/sign-in and …/second-factor, /sign-in and below, /logout, /setup/:token, /invitation/:token,
// /reset/:token, /forgot-password, /account/security and below. complete.ts decides what follows a proved identity, pending/
// keeps what is proved so far. Hashes, codes and keys are checked in credentials/, rows of people kept in accounts/, sessions by
// the port of the protocol's side.
import { type Account, isActive, normaliseEmail } from '../accounts/account.ts'
import type { AccountStore } from '../accounts/store.ts'
import type { AuditEvent } from '../audit/events.ts'
import type { Passwords } from '../credentials/password.ts'
import type { Statement } from '../db/database.ts'

/** What checking a sign-in needs. */
export interface SignInDesk {
  readonly accounts: AccountStore
  readonly passwords: Passwords
  readonly audit: {
    statement(event: AuditEvent): Statement
    recordSoon(event: AuditEvent): void
  }
  /** Whether a further factor is asked for afterwards: the audit book and the person are not told of a sign-in then. */
  readonly needsMore: (accountId: string) => Promise<boolean>
}

/** Where a sign-in comes from, for the audit book. */
export interface SignInSource {
  readonly address: string
  readonly requestId: string
  /** The client whose authorization waits for this sign-in. */
  readonly clientId?: string
}

/**
 * Checks an e-mail address and a password. Unknown, wrong and disabled cost the same work and give the same null; only the
 * audit book knows the difference (threat G14).
 *
 * Writes the moment of the sign-in, and the hash again when it was made with less than today's parameters (threat G18).
 * @returns the account, or null
 * @throws AppError `busy` (503) when too many sign-ins are waiting
 */
export async function checkSignIn(
  { accounts, passwords, audit, needsMore }: SignInDesk,
  input: { readonly email: string; readonly password: string },
  source: SignInSource,
  now: Date,
): Promise<Account | null> {
  const email = normaliseEmail(input.email)
  const found = await accounts.findForSignIn(email ?? '')
  const matches = await passwords.verify(found?.passwordHash, input.password)
  const refusal = refusalOf(found?.account, matches)
  const account = found?.account
  const stored = found?.passwordHash
  const refuse = (reason: string): null => {
    const accountId = account?.id
    audit.recordSoon({
      ...source,
      type: 'session.sign_in_refused',
      actor: accountId === undefined ? 'system' : `account:${accountId}`,
      accountId,
      detail: { reason, method: 'pwd' },
    })
    return null
  }
  if (refusal !== null || account === undefined || stored === undefined) return refuse(refusal ?? 'unknown')
  const rehashed = passwords.needsRehash(stored) ? await passwords.hash(input.password) : undefined
  const event = audit.statement({
    ...source,
    type: (await needsMore(account.id)) ? 'session.first_factor_proved' : 'session.signed_in',
    actor: `account:${account.id}`,
    accountId: account.id,
    detail: { method: 'pwd' },
  })
  // Changed or disabled while the hash was being computed: the old password opens nothing, and is not written back (C14).
  const isInTime = await accounts.rememberSignIn(account.id, stored, now, rehashed, [event])
  return isInTime ? account : refuse('changed_meanwhile')
}

function refusalOf(account: Account | undefined, matches: boolean): 'unknown' | 'wrong_password' | 'disabled' | null {
  if (account === undefined) return 'unknown'
  if (!matches) return 'wrong_password'
  return isActive(account) ? null : 'disabled'
}
