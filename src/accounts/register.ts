import type { Actor, AuditEvent } from '../audit/events.ts'
import { sha256Base64url } from '../crypto/digest.ts'
import { randomSecret } from '../crypto/random.ts'
import type { Statement } from '../db/database.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Account, NewAccount } from './account.ts'
import type { AccountStore } from './store.ts'

/** What registering needs; an audit row is written in the commit of the change it tells of. */
export interface AccountDesk {
  readonly store: AccountStore
  readonly auditStatement: (event: AuditEvent) => Statement
  readonly clock: Clock
  /** Of rooms above, run after an administrator became a member: what needs the role ends. */
  readonly afterDemotion?: (accountId: string, by: Registrar) => Promise<void>
}

/** Who does it, for the audit book. */
export interface Registrar {
  readonly actor: Actor
  readonly address?: string
  readonly requestId?: string
}

/** What became of a setup. */
export type SetupOutcome =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly reason: 'closed' | 'email_taken' }

/**
 * Makes the link of this start for the first administrator; the one of an earlier start is dead afterwards.
 *
 * @returns the token, 43 characters, 256 random bits, of which only the digest is stored; null once an administrator exists
 */
export async function openSetup({ store, clock }: Pick<AccountDesk, 'store' | 'clock'>): Promise<string | null> {
  if ((await store.countAdmins()) > 0) return null
  const token = randomSecret()
  await store.replaceSetupLink(sha256Base64url(token), clock.now())
  return token
}

/** Is this the living setup link, and is there still no administrator? Uses nothing up (threat G20). */
export async function isSetupOpen({ store }: Pick<AccountDesk, 'store'>, token: string): Promise<boolean> {
  return (await store.isSetupLink(sha256Base64url(token))) && (await store.countAdmins()) === 0
}

/**
 * Creates the first administrator by the setup link. Of any number of attempts at once one succeeds; a refused one leaves
 * the link alive (threat G20).
 */
export async function registerFirstAdministrator(
  { store, auditStatement, clock }: AccountDesk,
  token: string,
  account: Omit<NewAccount, 'role'>,
  by: Omit<Registrar, 'actor'>,
): Promise<SetupOutcome> {
  const effects = (id: string): Statement[] => {
    const facts = { ...by, actor: `account:${id}`, accountId: id } as const
    return [
      auditStatement({ ...facts, type: 'account.created', detail: { role: 'admin', method: 'setup_link' } }),
      auditStatement({ ...facts, type: 'setup.completed' }),
    ]
  }
  const created = await store.createFirstAdmin(sha256Base64url(token), account, clock.now(), effects)
  return typeof created === 'string' ? { ok: false, reason: created } : { ok: true, account: created }
}

/**
 * Creates the administrator named by the settings, for unattended installs. Only on an empty database: the settings never
 * overwrite or add to what people did since.
 *
 * @param hashPassword called only when the account is needed
 * @returns null when there are accounts already, or another process was first
 */
export async function registerConfiguredAdministrator(
  desk: AccountDesk,
  email: string,
  hashPassword: () => Promise<string>,
): Promise<Account | null> {
  if ((await desk.store.count()) > 0) return null
  const name = email.split('@')[0] ?? email
  const account: NewAccount = { email, name, role: 'admin', passwordHash: await hashPassword() }
  return registerAccount(desk, account, { actor: 'system' }, 'settings')
}

/**
 * Creates an account on behalf of an administrator or the operator.
 *
 * @param account e-mail address and name are normalised already
 * @param method  how, for the audit book
 * @returns null when the e-mail address is taken
 */
export function registerAccount(
  { store, auditStatement, clock }: AccountDesk,
  account: NewAccount,
  by: Registrar,
  method: string,
): Promise<Account | null> {
  return store.create(account, clock.now(), (id) => [
    auditStatement({ ...by, type: 'account.created', accountId: id, detail: { role: account.role, method } }),
  ])
}
