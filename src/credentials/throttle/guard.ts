// In front of everything that can be guessed: passwords, codes, the own password once more. Counts in the database, so that
// a restart forgets nothing and several processes count together. It knows no account: whoever is tried is counted alike.
import { hmacBase64url } from '../../crypto/digest.ts'
import type { Statement } from '../../db/database.ts'
import { networkOf } from '../../net/network.ts'
import { AppError } from '../../runtime/app-error.ts'
import type { Clock } from '../../runtime/clock.ts'
import { createHashQueue } from '../hash-queue.ts'
import {
  codePolicy,
  type Lockout,
  type LockoutKind,
  type LockoutPolicy,
  lockoutPolicies,
  remaining,
  reserve,
  waitUntil,
} from './lockout.ts'
import type { LockoutStore, Swap } from './store.ts'

/** What is guessed at; each is counted by itself. */
export type ProofPurpose = 'sign_in' | 'second_factor' | 'own_password'

/** Whose proof is tried, from where. */
export interface ProofSubject {
  readonly purpose: ProofPurpose
  /** E-mail address as it was typed, or that of the account; need not exist (threat G14). */
  readonly account: string
  /** The caller's address, as the trusted proxies tell it. */
  readonly address: string
  /** Handle of a browser that signed in to this account before (`KnownBrowsers`); it is counted by itself. */
  readonly browser?: string | undefined
}

/** What became of an attempt. */
export type ProofOutcome<Value> =
  | { readonly state: 'proved'; readonly value: Value }
  | { readonly state: 'refused' }
  /** Nothing was tried. */
  | { readonly state: 'wait'; readonly until: Date }

/** How an account stands. */
export interface LockoutStanding {
  readonly failures: number
  /** The latest wait, over all that is counted of this account; undefined: nobody has to wait. */
  readonly blockedUntil: Date | undefined
}

/** The outcome of what cannot be guessed and so is not counted: a passkey is a way in however much is guessed (threat G15). */
export function outcomeOf<Value>(value: Value | null): ProofOutcome<Value> {
  return value === null ? { state: 'refused' } : { state: 'proved', value }
}

/** The guard in front of what can be guessed. */
export interface ProofGuard {
  /**
   * Carries out one attempt, or tells how long to wait. The failure is counted before `prove` begins and taken back when it
   * succeeds (threat G16); when it throws, nothing was learned and nothing is counted.
   *
   * @param prove null: wrong
   */
  attempt<Value>(subject: ProofSubject, prove: () => Promise<Value | null>): Promise<ProofOutcome<Value>>
  /** How an account stands, for administrators. */
  standing(account: string): Promise<LockoutStanding>
  /** Forgets every failure of an account, with these writes in the same commit. False when there was none. */
  clear(account: string, effects?: readonly Statement[]): Promise<boolean>
  /**
   * Forgets the failures that were about its password. Codes stay counted: who can read somebody's letters has one factor, and
   * would ask for one letter after another to go on guessing at the other (G16).
   */
  clearPassword(account: string): Promise<boolean>
}

/** What the guard stands on. */
export interface ProofGuardDesk {
  readonly store: LockoutStore
  /** Key of the digests under which accounts and networks are counted, 32 bytes. */
  readonly key: Uint8Array
  readonly clock: Clock
  /** An attempt was refused without being tried; for counting. */
  readonly onRefusal?: (kind: LockoutKind, subject: ProofSubject) => void
  /** A failure began a wait; for the audit book. At most one for each attempt that was tried. */
  readonly onBlock?: (kind: LockoutKind, subject: ProofSubject, until: Date) => void
}

const purposes: readonly ProofPurpose[] = ['sign_in', 'second_factor', 'own_password']
const passwordPurposes: readonly ProofPurpose[] = ['sign_in', 'own_password']
// Ours: attempts of one process are counted in turn, so that only other processes can come between; more than these wait
// for nothing, because the hashes behind them wait, too.
const mostWaiting = 256
const mostTries = 20

interface Counted {
  readonly kind: LockoutKind
  readonly policy: LockoutPolicy
  readonly key: string
}

/** Makes the guard over its rows. */
export function createProofGuard({ store, key, clock, onRefusal, onBlock }: ProofGuardDesk): ProofGuard {
  const inTurn = createHashQueue({ running: 1, waiting: mostWaiting })
  const digest = (text: string): string => hmacBase64url(key, text)

  function countedOf({ purpose, account, address, browser }: ProofSubject): readonly Counted[] {
    // OWASP, device cookies: who guesses from elsewhere, even from everywhere, does not shut this browser out (G15).
    if (browser !== undefined)
      return [{ kind: 'browser', policy: browserPolicyOf(purpose), key: `${purpose}:browser:${digest(browser)}` }]
    const who = digest(accountName(account))
    const from = digest(networkOf(address))
    return [
      { kind: 'pair', policy: lockoutPolicies.pair, key: `${purpose}:pair:${who}:${from}` },
      { kind: 'account', policy: accountPolicyOf(purpose), key: `${purpose}:account:${who}` },
      { kind: 'address', policy: lockoutPolicies.address, key: `${purpose}:address:${from}` },
      { kind: 'everyone', policy: lockoutPolicies.everyone, key: `${purpose}:everyone` },
    ]
  }

  async function take(counted: readonly Counted[], now: Date): Promise<Taken> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const rows = await store.find(counted.map((one) => one.key))
      const judged = judge(counted, rows, now)
      if (!judged.ok || (await store.swap(judged.changes))) return judged
    }
    throw new AppError('busy', 503, 'Many people are signing in just now. Please try again in a few seconds.')
  }

  /** The account is clear again; of the networks and of everyone, only this attempt is taken back. */
  async function giveBack(counted: readonly Counted[], changes: readonly Swap[], isProved: boolean): Promise<void> {
    const cleared = new Set(isProved ? counted.filter(({ kind }) => isOfAccount(kind)).map((one) => one.key) : [])
    await store.giveBack(
      changes.filter((change) => !cleared.has(change.key)),
      [...cleared],
    )
  }

  return {
    async attempt(subject, prove) {
      const now = clock.now()
      const counted = countedOf(subject)
      // Who has to wait is told so at once, and takes no turn from others.
      const early = judge(counted, await store.find(counted.map((one) => one.key)), now)
      const taken = early.ok ? await inTurn(() => take(counted, now)) : early
      if (!taken.ok) {
        onRefusal?.(taken.kind, subject)
        return { state: 'wait', until: taken.until }
      }
      const value = await prove().catch(async (error: unknown) => {
        await giveBack(counted, taken.changes, false)
        throw error
      })
      if (value !== null) {
        const own = subject.browser === undefined ? [] : countedOf({ ...subject, browser: undefined }).slice(0, 2)
        await giveBack([...counted, ...own], taken.changes, true)
        return { state: 'proved', value }
      }
      for (const [index, { to }] of taken.changes.entries()) {
        const kind = counted[index]?.kind
        if (kind !== undefined && to.blockedUntil !== undefined) onBlock?.(kind, subject, to.blockedUntil)
      }
      return { state: 'refused' }
    },

    async standing(account) {
      const now = clock.now()
      const rows = await store.beginningWith(prefixesOf(digest(accountName(account))))
      const totals = [...rows].filter(([rowKey]) => rowKey.includes(':account:'))
      const waits = [...rows.values()].map((row) => waitUntil(row, now)).filter((until) => until !== undefined)
      return {
        failures: totals.reduce(
          (sum, [rowKey, row]) => sum + remaining(accountPolicyOf(rowKey.split(':')[0]), row, now),
          0,
        ),
        blockedUntil: waits.toSorted((a, b) => b.getTime() - a.getTime())[0],
      }
    },

    clear: (account, effects = []) => store.forget(prefixesOf(digest(accountName(account))), effects),
    clearPassword: (account) => store.forget(prefixesOf(digest(accountName(account)), passwordPurposes), []),
  }
}

type Taken =
  | { readonly ok: true; readonly changes: readonly Swap[] }
  | { readonly ok: false; readonly kind: LockoutKind; readonly until: Date }

/** All of them let it through, or the one that lasts longest says until when not. */
function judge(counted: readonly Counted[], rows: ReadonlyMap<string, Lockout>, now: Date): Taken {
  const changes: Swap[] = []
  let longest: { readonly kind: LockoutKind; readonly until: Date } | undefined
  for (const { kind, key, policy } of counted) {
    const from = rows.get(key)
    const reserved = reserve(policy, from, now)
    if (reserved.ok) changes.push({ key, from, to: reserved.next })
    else if (longest === undefined || reserved.blockedUntil > longest.until) {
      longest = { kind, until: reserved.blockedUntil }
    }
  }
  return longest === undefined ? { ok: true, changes } : { ok: false, ...longest }
}

function accountPolicyOf(purpose: string | undefined): LockoutPolicy {
  return purpose === 'second_factor' ? codePolicy : lockoutPolicies.account
}

// Codes are few, whoever guesses: the laptop that was left behind is no better a place for it.
function browserPolicyOf(purpose: ProofPurpose): LockoutPolicy {
  return purpose === 'second_factor' ? codePolicy : lockoutPolicies.browser
}

function isOfAccount(kind: LockoutKind): boolean {
  return kind === 'pair' || kind === 'account' || kind === 'browser'
}

function prefixesOf(who: string, of: readonly ProofPurpose[] = purposes): readonly string[] {
  return of.flatMap((purpose) => [`${purpose}:pair:${who}:`, `${purpose}:account:${who}`])
}

/** One spelling for each account, also for what is no e-mail address at all; never longer than an address can be. */
function accountName(text: string): string {
  return text.trim().normalize('NFC').toLowerCase().slice(0, 254)
}
