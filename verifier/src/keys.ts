import type { CryptoKey } from 'jose'
import { discoverJwksUri } from './discovery.ts'
import { type Fetch, fetchJson } from './json-fetch.ts'
import { importKeySet, type SigningAlgorithm, type VerificationKey } from './key-set.ts'
import { createSharedRun } from './shared-run.ts'

/** The issuer's keys cannot be had, and there are none from before that are still good. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError'
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number, cause: unknown) {
    super('the keys of the issuer are not available', { cause })
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** What an operator may want to log or count about keys. */
export interface KeysEvent {
  readonly kind: 'refresh_failed'
  readonly cause: unknown
  /** Age of the keys that go on being used, null when there are none. */
  readonly keysAgeSeconds: number | null
}

/** How keys are fetched and how long they are kept. */
export interface KeysOptions {
  readonly issuer: string
  readonly jwksUri: string | undefined
  readonly algorithms: readonly SigningAlgorithm[]
  readonly keysMaxAgeSeconds: number
  readonly keysStaleSeconds: number
  readonly keysCooldownSeconds: number
  readonly fetchTimeoutSeconds: number
  readonly fetch: Fetch
  readonly now: () => Date
  readonly onKeysEvent: (event: KeysEvent) => void
}

/** The public keys of one issuer. */
export interface Keys {
  /**
   * Finds the key that a token names.
   *
   * @returns undefined when the issuer has no such key; a promise only when the issuer has to be asked
   * @throws KeysUnavailableError when that cannot be known at the moment
   */
  find(kid: string | undefined, algorithm: string): CryptoKey | undefined | Promise<CryptoKey | undefined>
  /** Fetches the keys unless fresh ones are there. @throws KeysUnavailableError */
  load(): Promise<void>
  /** Forgets all keys: the next token is checked against a new set. */
  forget(): void
  /** Goes up when the keys change or are forgotten; not when the same ones are fetched again. */
  readonly version: number
  /** Until when the keys serve without another look at the issuer, seconds since 1970; 0 when there are none. */
  readonly goodUntilSeconds: number
  readonly counts: KeysCounts
}

/** Numbers of fetches since the verifier was made. */
export interface KeysCounts {
  readonly fetches: number
  readonly failedFetches: number
}

// Ours: metadata and key sets are a few kilobytes.
const maxDocumentBytes = 65_536
// Ours: without any keys nothing works, so we knock often, but not with every request of a crowd.
const coldRetrySeconds = 1
// Three places where metadata may be, and the key set.
const mostFetchesInOne = 4

/**
 * Keeps the keys of one issuer. However many callers wait, there is one fetch at a time.
 *
 * Keys older than `keysMaxAgeSeconds` are fetched anew before the next token is judged, so that a withdrawn key dies then; when
 * that fails, the old ones serve up to `keysStaleSeconds` after they were fetched. A key id that is not known leads to one fetch
 * in `keysCooldownSeconds`, so that made-up ids cannot be used to flood the issuer.
 */
export function createKeys(options: KeysOptions): Keys {
  const limits = { timeoutMilliseconds: options.fetchTimeoutSeconds * 1000, maxBytes: maxDocumentBytes }
  let known: KnownKeys | undefined
  let failure: { readonly at: number; readonly cause: unknown } | undefined
  let missedAt: number | undefined // when an unknown key id last made us fetch
  let jwksUri = options.jwksUri
  const fetching = createSharedRun(
    () => fetchKeys(generation),
    mostFetchesInOne * limits.timeoutMilliseconds + 1000,
    options.now,
  )
  let generation = 0 // goes up when keys are forgotten
  let version = 0
  let fetches = 0
  let failedFetches = 0

  const nowSeconds = (): number => options.now().getTime() / 1000
  const ageSeconds = (): number => (known === undefined ? Number.POSITIVE_INFINITY : nowSeconds() - known.fetchedAt)
  // Younger than nothing: the clock was set back since, and nobody knows how old they are.
  const isFresh = (): boolean => ageSeconds() >= 0 && ageSeconds() < options.keysMaxAgeSeconds
  const isUsable = (): boolean => ageSeconds() < options.keysStaleSeconds

  // The outcome is in `known` and `failure`, for all who wait.
  async function fetchKeys(startedIn: number): Promise<void> {
    fetches += 1
    try {
      const uri = jwksUri ?? (await discoverJwksUri(options.fetch, options.issuer, limits))
      const { status, document } = await fetchJson(options.fetch, uri, limits)
      if (status !== 200) throw new Error(`${uri} answered ${status}`)
      // The same set again keeps its keys, and all that was decided with them.
      const text = JSON.stringify(document)
      const keys = text === known?.text ? known.keys : await importKeySet(document, options.algorithms)
      if (startedIn !== generation) return // asked before the keys were to be forgotten: this may be what was to be forgotten
      jwksUri = uri
      if (text !== known?.text) version += 1
      known = { keys, text, fetchedAt: nowSeconds() }
      failure = undefined
    } catch (cause) {
      failedFetches += 1
      if (startedIn !== generation) return
      jwksUri = options.jwksUri // it may have moved: discover again
      failure = { at: nowSeconds(), cause }
      options.onKeysEvent({ kind: 'refresh_failed', cause, keysAgeSeconds: known === undefined ? null : ageSeconds() })
    }
  }

  function retryInSeconds(): number {
    if (failure === undefined || failure.at > nowSeconds()) return 0
    const pause = isUsable() ? options.keysCooldownSeconds : coldRetrySeconds
    return Math.max(0, failure.at + pause - nowSeconds())
  }

  function unavailable(): KeysUnavailableError {
    return new KeysUnavailableError(Math.max(1, Math.ceil(retryInSeconds())), failure?.cause)
  }

  /** @returns whether a fetch was made, or waited for, on the way */
  async function load(): Promise<boolean> {
    if (isFresh()) return false
    const asks = fetching.isRunning || retryInSeconds() === 0
    if (asks) await fetching.join()
    if (!isUsable()) throw unavailable()
    return asks
  }

  function find(kid: string | undefined, algorithm: string): CryptoKey | undefined | Promise<CryptoKey | undefined> {
    if (known !== undefined && isFresh()) {
      const found = choose(known.keys, kid, algorithm)
      if (found !== 'unknown') return found
    }
    return look(kid, algorithm)
  }

  async function look(kid: string | undefined, algorithm: string): Promise<CryptoKey | undefined> {
    const isNew = await load()
    const first = choose(known?.keys ?? [], kid, algorithm)
    if (first !== 'unknown') return first
    if (!fetching.isRunning) {
      // The last look failed: the key may well exist, and a 401 would make the client throw a good token away.
      if (retryInSeconds() > 0) throw unavailable()
      // A set fetched for this very token needs no second look; it counts as the one look in the cool-down, though.
      if (!isNew && isCoolingDown()) return undefined
      missedAt = nowSeconds()
      if (isNew) return undefined
    }
    await fetching.join()
    if (failure !== undefined) throw unavailable()
    const second = choose(known?.keys ?? [], kid, algorithm)
    return second === 'unknown' ? undefined : second
  }

  function goodUntilSeconds(): number {
    if (known === undefined) return 0
    const nextLook = Math.max(
      known.fetchedAt + options.keysMaxAgeSeconds,
      failure === undefined ? 0 : failure.at + options.keysCooldownSeconds,
    )
    return Math.min(nextLook, known.fetchedAt + options.keysStaleSeconds)
  }

  function isCoolingDown(): boolean {
    const since = missedAt === undefined ? Number.NaN : nowSeconds() - missedAt
    return since >= 0 && since < options.keysCooldownSeconds
  }

  return {
    find,
    load: async () => {
      await load()
    },
    forget: () => {
      generation += 1
      version += 1
      fetching.drop()
      known = undefined
      failure = undefined
      missedAt = undefined
      jwksUri = options.jwksUri
    },
    get version() {
      return version
    },
    get goodUntilSeconds() {
      return goodUntilSeconds()
    },
    get counts() {
      return { fetches, failedFetches }
    },
  }
}

interface KnownKeys {
  readonly keys: readonly VerificationKey[]
  /** The set as fetched, to see whether the next one is another. */
  readonly text: string
  readonly fetchedAt: number
}

/** @returns 'unknown' only when a newer set could hold the key; undefined when the set is clear that no key fits */
function choose(
  keys: readonly VerificationKey[],
  kid: string | undefined,
  algorithm: string,
): CryptoKey | undefined | 'unknown' {
  const named = kid === undefined ? keys : keys.filter((key) => key.kid === kid)
  const fitting = named.filter((key) => key.algorithm === algorithm)
  if (fitting.length === 1) return fitting[0]?.key
  // Several and no name: guessing would mean trying keys until one fits.
  if (fitting.length > 1) return undefined
  // RFC 8725 §3.1: the key is there, for another algorithm.
  return kid !== undefined && named.length > 0 ? undefined : 'unknown'
}
