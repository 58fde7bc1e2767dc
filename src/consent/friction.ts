import type { RedirectKind } from '../oauth/redirect-uri.ts'
import type { Identity } from './client-card.ts'

/** A client that people here know by a name that looks like the claimed one. */
export interface KnownClient {
  readonly id: string
  readonly claimedName: string
  readonly provenHost: string | undefined
}

/**
 * What stands between a person and Allow. `stop` is a page of its own before the question; `tick` a box that names the
 * host where the answer goes. Both are checked where the answer arrives, and need no script.
 */
export interface Friction {
  readonly stop: KnownClient | undefined
  /** A look-alike whose answer stays on this computer: said, not stopped. */
  readonly note: KnownClient | undefined
  /** The host to be acknowledged. */
  readonly tick: string | undefined
}

/**
 * Friction by risk: none for who is proven, added or let in by an administrator; a box before a stranger's website may act
 * as somebody (D10); a stop before one that bears the name of another (D11). A program on this computer that calls itself
 * like a known client is often that client in an older version: it is told apart in words.
 */
export function frictionOf(facts: {
  readonly identity: Identity
  readonly isVouchedFor: boolean
  readonly kind: RedirectKind
  readonly host: string
  readonly lookAlike: KnownClient | undefined
}): Friction {
  if (facts.isVouchedFor) return { stop: undefined, note: undefined, tick: undefined }
  const goesFar = facts.kind !== 'loopback'
  return {
    stop: goesFar ? facts.lookAlike : undefined,
    note: goesFar ? undefined : facts.lookAlike,
    tick: facts.identity === 'unverified' && facts.kind === 'https' ? facts.host : undefined,
  }
}
