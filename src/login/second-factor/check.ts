import type { Account } from '../../accounts/account.ts'
import type { AccountStore } from '../../accounts/store.ts'
import type { Actor, AuditEvent } from '../../audit/events.ts'
import type { Factors } from '../../credentials/factors/factors.ts'
import { methodOf } from '../../credentials/passkeys/passkey.ts'
import { recoveryDigest } from '../../credentials/recovery/code.ts'
import { stepOf } from '../../credentials/totp/totp.ts'
import type { Database, Statement } from '../../db/database.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Way } from '../next-step.ts'
import type { PendingSignIn, PendingStore } from '../pending/store.ts'

/** What checking a second factor needs. */
export interface FactorDesk {
  readonly accounts: Pick<AccountStore, 'arrivalStatement' | 'find'>
  readonly factors: Factors
  readonly pending: PendingStore
  readonly commit: Database['commit']
  readonly audit: { statement(event: AuditEvent): Statement; recordSoon(event: AuditEvent): void }
  readonly clock: Clock
}

/** Where it comes from, for the audit book. */
export interface FactorSource {
  readonly address: string
  readonly requestId: string
  /** The client whose authorization waits. */
  readonly clientId?: string
}

/** What was sent: a code of the app or a recovery code as typed, or the answer of a passkey as JSON text. */
export type FactorAnswer =
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'passkey'; readonly answer: string; readonly browserDigest: string }

/** What became of it. `ended`: no guesses left, or the sign-in is over; it begins anew. */
export type FactorOutcome =
  | { readonly state: 'proved'; readonly method: string }
  | { readonly state: 'wrong' }
  | { readonly state: 'ended' }

/** What a passkey challenge of this sign-in is good for. */
export function provingPurpose({ digest }: Pick<PendingSignIn, 'digest'>): string {
  return `prove:${digest}`
}

/** What a passkey challenge of the sign-in page is good for. */
export const signInPurpose = 'sign_in'

interface Proof {
  readonly method: string
  readonly way: Way
  readonly conditions: readonly Statement[]
}

/**
 * Checks a second factor of a sign-in under way, and ends that sign-in when it is right, in one commit: a code that was used
 * up has let somebody in, and a sign-in lets in once. The guess is counted before anything is compared (threat G16).
 *
 * @param ways those that would do here; others are not looked at
 */
export async function checkSecondFactor(
  desk: FactorDesk,
  pending: PendingSignIn,
  ways: readonly Way[],
  answer: FactorAnswer,
  source: FactorSource,
): Promise<FactorOutcome> {
  const { accountId, digest } = pending
  const now = desk.clock.now()
  if (!(await desk.pending.takeGuess(digest, now))) {
    await desk.pending.drop(digest)
    return { state: 'ended' }
  }
  const facts = { ...source, actor: `account:${accountId}`, accountId } as const
  const proof = await proofOf(desk, pending, ways, answer, now)
  const conditions = proof && [...proof.conditions, desk.pending.finishStatement(digest, now)]
  const detail = { method: proof?.way ?? answer.kind }
  const effects = [desk.audit.statement({ ...facts, type: 'session.second_factor_proved', detail })]
  if (conditions !== null && (await desk.commit({ conditions, effects }))) {
    return { state: 'proved', method: proof?.method ?? 'otp' }
  }
  const reason = 'wrong_second_factor'
  desk.audit.recordSoon({ ...facts, type: 'session.sign_in_refused', detail: { ...detail, reason } })
  return { state: 'wrong' }
}

/** Compares, and says by which conditions the proof counts once. */
async function proofOf(
  { factors, clock }: Pick<FactorDesk, 'factors' | 'clock'>,
  pending: PendingSignIn,
  ways: readonly Way[],
  answer: FactorAnswer,
  now: Date,
): Promise<Proof | null> {
  const { accountId } = pending
  if (answer.kind === 'passkey') {
    if (!ways.includes('passkey') || factors.ceremonies === null) return null
    const use = { purpose: provingPurpose(pending), browserDigest: answer.browserDigest }
    const find = async (id: string) => {
      const passkey = await factors.passkeys.find(id)
      return passkey?.accountId === accountId ? passkey : null
    }
    const found = await factors.ceremonies.check(answer.answer, find, use, clock.now())
    if (found === null) return null
    return { method: methodOf(found), way: 'passkey', conditions: passkeyConditions(factors, found, now) }
  }
  const seed = ways.includes('totp') ? await factors.totp.seed(accountId) : null
  const step = seed === null ? null : stepOf(seed, answer.code, now)
  if (step !== null) {
    return { method: 'otp', way: 'totp', conditions: [factors.totp.useStatement(accountId, step, now)] }
  }
  const digest = ways.includes('recovery') ? recoveryDigest(accountId, answer.code) : null
  if (digest === null) return null
  // RFC 8176 §2: a code that is good once is a one-time password, on paper as in an app.
  return { method: 'otp', way: 'recovery', conditions: [factors.recovery.useStatement(accountId, digest, now)] }
}

type Found = NonNullable<Awaited<ReturnType<NonNullable<Factors['ceremonies']>['check']>>>

function passkeyConditions({ passkeys }: Pick<Factors, 'passkeys'>, found: Found, now: Date): readonly Statement[] {
  const { passkey, counter, backedUp, challenge } = found
  return [
    passkeys.spendStatement(challenge.digest, 'authenticate', challenge.browserDigest, challenge.expiresAt),
    passkeys.useStatement(passkey.id, counter, backedUp, now),
  ]
}

/**
 * Checks a passkey that stands alone: it says who it is, and its authenticator has recognised its owner.
 *
 * Writes the moment of the sign-in, with its audit row.
 * @returns the account and the methods (RFC 8176), or null; only the audit book knows why
 */
export async function checkPasskeySignIn(
  desk: FactorDesk,
  answer: string,
  browserDigest: string,
  source: FactorSource,
): Promise<{ readonly account: Account; readonly method: string } | null> {
  const { accounts, audit, factors } = desk
  const now = desk.clock.now()
  const use = { purpose: signInPurpose, browserDigest }
  const found = (await factors.ceremonies?.check(answer, factors.passkeys.find, use, now)) ?? null
  const accountId = found?.passkey.accountId
  const actor: Actor = accountId === undefined ? 'system' : `account:${accountId}`
  const facts = { ...source, actor, accountId }
  const refuse = (reason: string): null => {
    const detail = { reason, method: 'passkey' }
    audit.recordSoon({ ...facts, type: 'session.sign_in_refused', detail })
    return null
  }
  if (found === null || accountId === undefined) return refuse('unknown_passkey')
  // Alone it must be both: something one has, and a finger, a face or a PIN (WebAuthn L2 §6.4).
  if (!found.userVerified) return refuse('owner_not_verified')
  const isIn = await desk.commit({
    conditions: [...passkeyConditions(factors, found, now), accounts.arrivalStatement(accountId, now)],
    effects: [audit.statement({ ...facts, type: 'session.signed_in', detail: { method: 'passkey' } })],
  })
  const account = isIn ? await accounts.find(accountId) : null
  return account === null ? refuse('used_up_or_disabled') : { account, method: methodOf(found) }
}
