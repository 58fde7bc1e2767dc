import { z } from 'zod'
import { methodOf, normalisePasskeyName } from '../../credentials/passkeys/passkey.ts'
import { newRecoveryCodes, recoveryDigest } from '../../credentials/recovery/code.ts'
import { newSeed, stepOf } from '../../credentials/totp/totp.ts'
import type { Sealer } from '../../crypto/seal.ts'
import type { Statement } from '../../db/database.ts'
import type { FactorDesk, FactorSource } from './check.ts'

/** What setting a factor up needs. */
export interface EnrolDesk extends FactorDesk {
  /** Seals what a form carries while its seed waits for the first code. */
  readonly forms: Sealer
}

/** Who sets a factor up. */
export interface Enroller {
  readonly accountId: string
  /** Only where there is none yet: somebody whose sign-in has proved one factor (G19). */
  readonly onlyFirst: boolean
  /** Further conditions of the same commit, such as the end of the sign-in under way. */
  readonly conditions?: readonly Statement[]
}

/** What became of it. */
export type EnrolOutcome =
  | {
      readonly state: 'enrolled'
      /** RFC 8176. */
      readonly method: string
      /** Shown once, where these are the account's first. */
      readonly recoveryCodes: readonly string[] | undefined
    }
  | { readonly state: 'wrong' | 'too_late' | 'no_name' }

// Ours: time to fetch an app and let it look at the picture.
const enrolmentSeconds = 1800
const carried = z.object({ accountId: z.string(), seed: z.string(), until: z.number() })

/** A seed that waits for its first code: sealed in the form, so that beginning writes nothing and takes nothing away. */
export interface Enrolment {
  readonly seed: string
  /** For the hidden field `enrolment`. */
  readonly box: string
}

/** Begins with a new seed. */
export function beginTotp({ forms, clock }: Pick<EnrolDesk, 'forms' | 'clock'>, accountId: string): Enrolment {
  const seed = newSeed()
  const until = clock.now().getTime() + enrolmentSeconds * 1000
  return { seed, box: forms.seal(JSON.stringify({ accountId, seed, until })) }
}

/** The seed of a form, or null: another account's, too old, or not of ours. */
export function openTotp({ forms, clock }: Pick<EnrolDesk, 'forms' | 'clock'>, accountId: string, box: string) {
  const text = forms.open(box)
  const content = text === null ? undefined : carried.parse(JSON.parse(text))
  if (content?.accountId !== accountId || content.until <= clock.now().getTime()) return null
  return { seed: content.seed, box }
}

/** Confirms an authenticator app by its first code, which has counted then. Writes app, recovery codes and audit row. */
export async function enrolTotp(
  desk: EnrolDesk,
  who: Enroller,
  { seed }: Pick<Enrolment, 'seed'>,
  code: string,
  source: FactorSource,
): Promise<EnrolOutcome> {
  const now = desk.clock.now()
  const step = stepOf(seed, code, now)
  if (step === null) return { state: 'wrong' }
  const added = desk.factors.totp.enrolStatement(who.accountId, seed, step, now, who.onlyFirst)
  return finish(desk, who, added, 'account.authenticator_added', 'otp', source)
}

/** Stores a new passkey. Writes key, recovery codes and audit row. @param name as typed; empty: a name is found */
export async function enrolPasskey(
  desk: EnrolDesk,
  who: Enroller,
  input: { readonly answer: string; readonly name: string; readonly browserDigest: string },
  source: FactorSource,
): Promise<EnrolOutcome> {
  const { ceremonies, passkeys } = desk.factors
  const now = desk.clock.now()
  const name = normalisePasskeyName(input.name)
  if (name === null) return { state: 'no_name' }
  const use = { purpose: registeringPurpose(who.accountId), browserDigest: input.browserDigest }
  const found = (await ceremonies?.checkNew(input.answer, who.accountId, use, now)) ?? null
  if (found === null) return { state: 'wrong' }
  const { challenge } = found
  const passkey = { ...found.passkey, name, createdAt: now, lastUsedAt: undefined }
  const spent = passkeys.spendStatement(challenge.digest, 'register', challenge.browserDigest, challenge.expiresAt)
  const together = { ...who, conditions: [spent, ...(who.conditions ?? [])] }
  const added = passkeys.addStatement(passkey, who.onlyFirst)
  return finish(desk, together, added, 'account.passkey_added', methodOf(passkey), source)
}

/** What a challenge for a new passkey is good for. */
export function registeringPurpose(accountId: string): string {
  return `register:${accountId}`
}

/** New recovery codes in place of the old ones; the only moment at which they are known. */
export async function renewRecoveryCodes(
  desk: EnrolDesk,
  accountId: string,
  source: FactorSource,
): Promise<readonly string[]> {
  const made = makeRecoveryCodes(desk, accountId, source)
  await desk.commit({ conditions: [], effects: made.effects })
  return made.codes
}

async function finish(
  desk: EnrolDesk,
  { accountId, conditions = [] }: Enroller,
  added: Statement,
  type: 'account.authenticator_added' | 'account.passkey_added',
  method: string,
  source: FactorSource,
): Promise<EnrolOutcome> {
  // Whoever has codes keeps them: a second device is no reason to void the paper in the drawer.
  const made =
    (await desk.factors.recovery.summary(accountId)) === null ? makeRecoveryCodes(desk, accountId, source) : undefined
  const event = desk.audit.statement({ ...source, type, actor: `account:${accountId}`, accountId })
  const effects = [event, ...(made?.effects ?? [])]
  if (!(await desk.commit({ conditions: [added, ...conditions], effects }))) return { state: 'too_late' }
  return { state: 'enrolled', method, recoveryCodes: made?.codes }
}

function makeRecoveryCodes({ factors, audit, clock }: EnrolDesk, accountId: string, source: FactorSource) {
  const codes = newRecoveryCodes()
  const digests = codes.flatMap((code) => recoveryDigest(accountId, code) ?? [])
  const event = { ...source, type: 'account.recovery_codes_made', actor: `account:${accountId}`, accountId } as const
  return {
    codes,
    effects: [...factors.recovery.replaceStatements(accountId, digests, clock.now()), audit.statement(event)],
  }
}
