/*
 * Asks the issuer whether a token is still active. Owns one question and its short memory; is asked only about tokens that have already
 * held, so that a stranger cannot make us knock.
 */
import type { AccessTokenClaims } from './claims.ts'
import { createExpiringMap } from './expiring-map.ts'
import { type FetchLimits, fetchJson } from './json-fetch.ts'
import type { VerifierSettings } from './settings.ts'
import { sha256 } from './sha256.ts'
import { createSharedRun, type SharedRun } from './shared-run.ts'
import { isRecord } from './strict-json.ts'

/** What the issuer says about a token; `unknown` when it says nothing that can be understood. */
export type Activity =
  | { readonly kind: 'active' }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'unknown'; readonly cause: unknown }

/** What an operator may want to log or count about introspection. */
export interface IntrospectionEvent {
  readonly kind: 'ask_failed'
  readonly cause: unknown
}

// Ours: an answer repeats the claims of a token at most.
const maxAnswerBytes = 65_536
const maxRemembered = 1000

/**
 * Makes the question.
 *
 * @returns a function of a token that has held, and its claims; several callers with one token share one request, "active" is believed for `cacheSeconds`,
 * "inactive" and failures never
 * @throws nothing
 * @see RFC 7662 §2
 */
export function createIntrospection(
  options: NonNullable<VerifierSettings['introspection']>,
  {
    claimNames,
    fetch,
    fetchTimeoutSeconds,
    now,
  }: Pick<VerifierSettings, 'claimNames' | 'fetch' | 'fetchTimeoutSeconds' | 'now'>,
): (token: string, claims: AccessTokenClaims) => Promise<Activity> {
  const limits: FetchLimits = { timeoutMilliseconds: fetchTimeoutSeconds * 1000, maxBytes: maxAnswerBytes }
  // One answer, and whatever makes `authorization`.
  const longestMilliseconds = 2 * limits.timeoutMilliseconds
  const remembered = createExpiringMap<Activity>(maxRemembered)
  const asking = new Map<string, SharedRun<Activity>>()
  const nowSeconds = (): number => now().getTime() / 1000

  async function ask(token: string, { jti }: AccessTokenClaims): Promise<Activity> {
    try {
      const { authorization } = options
      const { status, document } = await fetchJson(fetch, options.url, limits, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          authorization: typeof authorization === 'string' ? authorization : await authorization(),
        },
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
      })
      if (status !== 200) throw new Error(`${options.url} answered ${status}`)
      // RFC 7662 §2.2: a boolean. Anything else is not an answer.
      if (!isRecord(document) || typeof document.active !== 'boolean') throw new Error(`${options.url} says nothing`)
      // An answer that names its token must name ours: caches and proxies mix up what is asked with POST at one address.
      const named = document[claimNames.jti]
      if (typeof named === 'string' && named !== jti) throw new Error(`${options.url} speaks of another token`)
      return { kind: document.active ? 'active' : 'inactive' }
    } catch (cause) {
      options.onEvent({ kind: 'ask_failed', cause })
      return { kind: 'unknown', cause }
    }
  }

  async function askAnew(token: string, claims: AccessTokenClaims, digest: string): Promise<Activity> {
    // Believed from when it was asked, not from when the answer came.
    const askedAt = nowSeconds()
    const activity = await ask(token, claims)
    asking.delete(digest)
    if (activity.kind === 'active') remembered.set(digest, activity, askedAt, askedAt + options.cacheSeconds)
    return activity
  }

  return async function isActive(token, claims) {
    const digest = await sha256(token)
    const known = remembered.get(digest, nowSeconds())
    if (known !== undefined) return known
    const question =
      asking.get(digest) ?? createSharedRun(() => askAnew(token, claims, digest), longestMilliseconds, now)
    asking.set(digest, question)
    return question.join()
  }
}
