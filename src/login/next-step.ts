import type { EnrolledFactors } from '../credentials/factors/store.ts'
import { covers, type Strength, strengthOf } from '../oauth/acr.ts'

/** A way to prove a second factor. */
export type Way = 'totp' | 'passkey' | 'recovery'

/** What follows what was proved. */
export type NextStep =
  | { readonly kind: 'done' }
  /** Prove one of these. */
  | { readonly kind: 'prove'; readonly ways: readonly Way[] }
  /** There is none that would do: set one of these up. */
  | { readonly kind: 'enrol'; readonly ways: readonly ('totp' | 'passkey')[] }

/**
 * Decides what a sign-in still lacks. Whoever has a second factor is asked for it always; who has none sets one up where one
 * is demanded.
 *
 * @param amr what was proved (RFC 8176)
 * @param enrolled what the account has
 * @param demand what the place asks for
 * @param withPasskeys whether this server can take passkeys at all
 */
export function nextStep(
  amr: readonly string[],
  enrolled: EnrolledFactors,
  demand: Strength,
  withPasskeys: boolean,
): NextStep {
  const has = strengthOf(amr)
  const hasFactor = enrolled.totp || enrolled.passkeys
  // A code could be passed on to another site; where that must not be, only a passkey is left (OpenID EAP ACR, `phr`).
  const onlyPasskey = demand === 'phishing_resistant'
  if (has === 'one' && hasFactor) {
    if (onlyPasskey && enrolled.passkeys) return { kind: 'prove', ways: ['passkey'] }
    const ways: readonly [Way, boolean][] = [
      ['totp', enrolled.totp],
      ['passkey', enrolled.passkeys],
      ['recovery', enrolled.recoveryCodes],
    ]
    return { kind: 'prove', ways: ways.filter(([, is]) => is).map(([way]) => way) }
  }
  if (covers(has, demand)) return { kind: 'done' }
  if (onlyPasskey && enrolled.passkeys) return { kind: 'prove', ways: ['passkey'] }
  if (onlyPasskey) return { kind: 'enrol', ways: ['passkey'] }
  return { kind: 'enrol', ways: withPasskeys ? ['passkey', 'totp'] : ['totp'] }
}
