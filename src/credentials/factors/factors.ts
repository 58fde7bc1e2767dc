import { createSealer, deriveKey } from '../../crypto/seal.ts'
import type { Database, Statement } from '../../db/database.ts'
import { type Ceremonies, createCeremonies } from '../passkeys/ceremony.ts'
import { createChallenges } from '../passkeys/challenge.ts'
import { createPasskeyStore, type PasskeyStore } from '../passkeys/store.ts'
import { createRecoveryStore, type RecoveryStore } from '../recovery/store.ts'
import { createTotpStore, type TotpStore } from '../totp/store.ts'
import { type EnrolledFactors, readEnrolled } from './store.ts'

/** All second factors, as the rooms above need them. */
export interface Factors {
  readonly totp: TotpStore
  readonly passkeys: PasskeyStore
  readonly recovery: RecoveryStore
  /** Null: the address of this server is a number, and browsers keep no passkeys for those. */
  readonly ceremonies: Ceremonies | null
  /** How an authenticator app names this server. */
  readonly place: string
  /** What an account can prove beside its password; a passkey that no browser would use here is none. */
  enrolled(accountId: string): Promise<EnrolledFactors>
  /** Whether a sign-in to this account has to prove more than one factor. */
  needsMore(accountId: string): Promise<boolean>
  /** Effects: all of an account's factors go. */
  removal(accountId: string): readonly Statement[]
}

/** What they are made from. */
export interface FactorParts {
  readonly database: Pick<Database, 'sql'>
  /** First seals and signs, all open. */
  readonly secrets: readonly Uint8Array[]
  readonly issuer: string
  readonly product: string
  /** `SECOND_FACTOR=required`. */
  readonly everybody?: boolean
}

/** Opens the factors of a server. */
export function createFactors({ database, secrets, issuer, product, everybody = false }: FactorParts): Factors {
  const totp = createTotpStore(database, createSealer(secrets, 'totp seeds'))
  const passkeys = createPasskeyStore(database)
  const recovery = createRecoveryStore(database)
  const keys = secrets.map((secret) => deriveKey(secret, 'passkey challenges', 32))
  const ceremonies = createCeremonies(issuer, product, createChallenges(keys))
  async function enrolled(accountId: string): Promise<EnrolledFactors> {
    const found = await readEnrolled(database, accountId)
    return ceremonies === null ? { ...found, passkeys: false } : found
  }
  return {
    totp,
    passkeys,
    recovery,
    ceremonies,
    // An app shows it beside the address of the person; a colon would end it there.
    place: `${product} (${new URL(issuer).host})`.replaceAll(':', ' '),
    enrolled,
    async needsMore(accountId) {
      if (everybody) return true
      const { totp: hasApp, passkeys: hasPasskeys } = await enrolled(accountId)
      return hasApp || hasPasskeys
    },
    removal: (accountId) => [
      totp.removeStatement(accountId),
      passkeys.removeAllStatement(accountId),
      recovery.removeStatement(accountId),
    ],
  }
}
