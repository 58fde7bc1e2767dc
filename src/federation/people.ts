import type { Account, Role } from '../accounts/account.ts'
import type { AccountDesk } from '../accounts/register.ts'
import { setRole } from '../accounts/role.ts'
import type { AuditEvent } from '../audit/events.ts'
import { isUniqueViolation } from '../db/errors.ts'
import type { Identity, IdentityStore, RemainingWays } from './identities/store.ts'
import { type Admission, type AdmissionRefusal, admit, mayLink } from './rules.ts'
import { tokenRemoval } from './tokens/store.ts'
import type { Upstream, UpstreamPerson } from './upstream.ts'

/** What signing people of an upstream in needs. */
export interface FederationDesk {
  readonly accounts: AccountDesk
  readonly identities: IdentityStore
  /** Do passwords of ours count? */
  readonly passwords: boolean
  /** Writes an event a moment later, for refusals. */
  readonly recordSoon: (event: AuditEvent) => void
  /** Whether a further factor is asked for afterwards: nobody is told of a sign-in then. */
  readonly needsMore: (accountId: string) => Promise<boolean>
}

/** Where a sign-in comes from, for the audit book. */
export interface FederationSource {
  readonly address?: string
  readonly requestId?: string
  /** The client whose authorization waits for this sign-in. */
  readonly clientId?: string
}

/** Why nobody was signed in. */
export type SignInRefusal = AdmissionRefusal | 'email_taken' | 'account_disabled'

/** What became of a sign-in. */
export type PersonOutcome =
  | { readonly ok: true; readonly accountId: string; readonly isNew: boolean }
  | { readonly ok: false; readonly reason: SignInRefusal }

/** Why nothing was linked: `taken` by another account, `linked_already` to this one, `gone` meanwhile. */
export type LinkRefusal = AdmissionRefusal | 'taken' | 'linked_already' | 'gone'

/** What became of linking. */
export type LinkOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: LinkRefusal }

/**
 * Finds the account of somebody who proved who they are at an upstream, or makes one where the rules say so. Accounts are
 * found by (issuer, subject) and by nothing else: an e-mail address that somebody has here already is a refusal, never a link
 * (H09). Gives and takes the administrators' role where groups decide on it; the last active administrator stays one.
 *
 * Writes the moment of the sign-in with its audit row, or a refusal into the audit book.
 */
export async function signInPerson(
  desk: FederationDesk,
  upstream: Upstream,
  person: UpstreamPerson,
  source: FederationSource,
): Promise<PersonOutcome> {
  const identity = await desk.identities.find(person.issuer, person.subject)
  const admission = admit(upstream, person, identity !== null)
  const outcome = await carryOut(desk, upstream, person, source, identity, admission)
  if (!outcome.ok) {
    const accountId = identity?.accountId
    desk.recordSoon({
      ...source,
      type: 'session.sign_in_refused',
      actor: accountId === undefined ? 'system' : `account:${accountId}`,
      accountId,
      detail: { reason: outcome.reason, method: 'upstream', upstream: upstream.id },
    })
  }
  return outcome
}

async function carryOut(
  desk: FederationDesk,
  upstream: Upstream,
  person: UpstreamPerson,
  source: FederationSource,
  identity: Identity | null,
  admission: Admission,
): Promise<PersonOutcome> {
  if (!admission.ok) return admission
  if (identity !== null) return await welcomeBack(desk, upstream, person, source, identity, admission.role)
  if (admission.email === null) return { ok: false, reason: 'no_email' }
  const { email, name, role = 'member' } = admission
  const created = await createPerson(desk, upstream, person, source, { email, name, role })
  if (created !== null) return { ok: true, accountId: created.id, isNew: true }
  // The same person in two tabs: the other one made the account a moment ago.
  const other = await desk.identities.find(person.issuer, person.subject)
  if (other !== null) return await welcomeBack(desk, upstream, person, source, other, admission.role)
  // H09: whoever has this address here signs in to that account first, and links from there.
  return { ok: false, reason: 'email_taken' }
}

/** The account with its identity, or null when either is there already. */
async function createPerson(
  { accounts, identities, needsMore }: FederationDesk,
  upstream: Upstream,
  person: UpstreamPerson,
  source: FederationSource,
  { email, name, role }: { readonly email: string; readonly name: string; readonly role: Role },
): Promise<Account | null> {
  const { store, clock, auditStatement } = accounts
  const now = clock.now()
  const method = 'upstream'
  // Nobody has a factor of an account that is not there yet; the settings may want one all the same.
  const type = (await needsMore('')) ? 'session.first_factor_proved' : 'session.signed_in'
  try {
    return await store.create({ email, name, role, passwordHash: undefined }, now, (accountId) => {
      const facts = { ...source, actor: `account:${accountId}`, accountId } as const
      const where = { upstream: upstream.id }
      return [
        identities.addition(newIdentity(upstream, person, accountId), now),
        store.arrivalStatement(accountId, now),
        auditStatement({ ...facts, type: 'account.created', detail: { role, method } }),
        auditStatement({ ...facts, type: 'identity.linked', detail: { ...where, method: 'first_sign_in' } }),
        auditStatement({ ...facts, type, detail: { ...where, method } }),
      ]
    })
  } catch (error) {
    if (isUniqueViolation(error)) return null
    throw error
  }
}

async function welcomeBack(
  desk: FederationDesk,
  upstream: Upstream,
  person: UpstreamPerson,
  source: FederationSource,
  identity: Identity,
  role: Role | undefined,
): Promise<PersonOutcome> {
  const { store, clock, auditStatement } = desk.accounts
  const { accountId } = identity
  const now = clock.now()
  const event = auditStatement({
    ...source,
    type: (await desk.needsMore(accountId)) ? 'session.first_factor_proved' : 'session.signed_in',
    actor: `account:${accountId}`,
    accountId,
    detail: { method: 'upstream', upstream: upstream.id },
  })
  // C14: disabled or removed by now is decided by the write itself.
  const effects = [desk.identities.use(identity.id, labelOf(person), now), event]
  if (!(await store.rememberArrival(accountId, now, effects))) return { ok: false, reason: 'account_disabled' }
  if (role !== undefined) {
    const { address, requestId } = source
    await setRole(desk.accounts, accountId, role, {
      actor: 'system',
      ...(address === undefined ? {} : { address }),
      ...(requestId === undefined ? {} : { requestId }),
    })
  }
  return { ok: true, accountId, isNew: false }
}

/** Links a person of an upstream to the account that is signed in here. The rules of the upstream count for them, too. */
export async function linkPerson(
  desk: FederationDesk,
  accountId: string,
  upstream: Upstream,
  person: UpstreamPerson,
  source: FederationSource = {},
): Promise<LinkOutcome> {
  const refused = mayLink(upstream, person)
  if (refused !== null) return { ok: false, reason: refused }
  const { clock, auditStatement } = desk.accounts
  const event = auditStatement({
    ...source,
    type: 'identity.linked',
    actor: `account:${accountId}`,
    accountId,
    detail: { upstream: upstream.id, method: 'own_page' },
  })
  const outcome = await desk.identities.link(newIdentity(upstream, person, accountId), clock.now(), [event])
  if (outcome === 'linked') return { ok: true }
  if (outcome === 'gone') return { ok: false, reason: 'gone' }
  const other = await desk.identities.find(person.issuer, person.subject)
  return { ok: false, reason: other?.accountId === accountId ? 'linked_already' : 'taken' }
}

/** Who takes a link away, for the audit book. */
export interface Unlinker extends FederationSource {
  readonly actor: AuditEvent['actor']
  readonly method: 'own_page' | 'console' | 'cli'
}

/** What became of unlinking. */
export type UnlinkOutcome = 'unlinked' | 'last_way_in' | 'unknown'

/**
 * Takes a link of an account away. The last way in stays: without a password, a passkey and another identity the account could
 * never be signed in to again.
 *
 * @param evenTheLast an operator at the machine may
 */
export async function unlinkIdentity(
  desk: FederationDesk,
  accountId: string,
  identityId: string,
  { method, ...by }: Unlinker,
  evenTheLast = false,
): Promise<UnlinkOutcome> {
  const identity = (await desk.identities.ofAccount(accountId)).find(({ id }) => id === identityId)
  if (identity === undefined) return 'unknown'
  const ways: RemainingWays | undefined = evenTheLast ? undefined : { passwords: desk.passwords }
  const event = desk.accounts.auditStatement({
    ...by,
    type: 'identity.unlinked',
    accountId,
    detail: { upstream: identity.upstreamId, method },
  })
  return (await desk.identities.unlink(identityId, accountId, ways, [tokenRemoval(accountId, identity), event]))
    ? 'unlinked'
    : 'last_way_in'
}

function newIdentity(upstream: Upstream, person: UpstreamPerson, accountId: string) {
  const { issuer, subject } = person
  return { issuer, subject, upstreamId: upstream.id, accountId, label: labelOf(person) }
}

function labelOf({ email, claims, name, subject }: UpstreamPerson): string {
  const username = claims.preferred_username ?? claims.login
  return email ?? (typeof username === 'string' && username !== '' ? username : (name ?? subject))
}
