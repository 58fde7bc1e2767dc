/*
 * Follows the issuer's list of what it has revoked. Owns the list, when it is asked for, and what holds while it cannot be had. No timer: the
 * list is asked for while requests come in, so that nothing runs in an idle process, and Workers can do it too.
 */
import { compactVerify } from 'jose'
import type { AccessTokenClaims } from './claims.ts'
import { decodeSegment, splitCompactToken } from './compact-token.ts'
import { type FetchLimits, fetchText } from './json-fetch.ts'
import type { Keys } from './keys.ts'
import { marksOfToken, type RevocationDocument, readRevocationDocument } from './revocation-document.ts'
import type { RevocationsSettings, VerifierSettings } from './settings.ts'
import { createSharedRun } from './shared-run.ts'
import { judgeHeader } from './token-header.ts'

/** What an operator may want to log or count about revocations. */
export interface RevocationsEvent {
  readonly kind: 'refresh_failed'
  readonly cause: unknown
  /** For how long the list at hand is still current; 0 or less: it is not any more. Null when there is none. */
  readonly currentForSeconds: number | null
}

/** What is known about a token. */
export type Standing = 'good' | 'revoked' | 'unknown'

/** The list of one issuer. */
export interface Revocations {
  /** @returns `unknown` when the list is not current and the operator wants that to count */
  judge(claims: AccessTokenClaims): Promise<Standing>
  /** How many marks are on the list. */
  readonly size: number
}

// Ours: 43 characters and a number are some 60 bytes; the list at hand then takes some 15 MB.
const maxMarks = 100_000
const maxDocumentBytes = 4_194_304
// Ours: how many documents one question may lead to, and after how many times of one no more of them is begun. The next question goes on.
const maxPages = 64
const mostTimesOfOne = 4

/** Starts with an empty list; the first token leads to the first question. */
export function createRevocations(settings: VerifierSettings, feed: RevocationsSettings, keys: Keys): Revocations {
  const limits: FetchLimits = { timeoutMilliseconds: settings.fetchTimeoutSeconds * 1000, maxBytes: maxDocumentBytes }
  const headerPolicy = { algorithms: settings.algorithms, acceptTypes: ['revocations+jwt'] }
  const list = new Map<string, number>()
  const marks = new WeakMap<AccessTokenClaims, readonly string[]>()
  let cursor: string | undefined
  let etag: string | undefined
  let expiresAt: number | undefined // of the newest document
  let checkedAt: number | undefined // when the issuer last told us where we are
  let attemptedAt: number | undefined
  let failedAt: number | undefined // when the last question came to nothing
  const asking = createSharedRun(ask, (mostTimesOfOne + 2) * limits.timeoutMilliseconds, settings.now)

  const nowSeconds = (): number => settings.now().getTime() / 1000

  async function freshen(): Promise<void> {
    const now = nowSeconds()
    if (isWithin(checkedAt, now, feed.pollSeconds)) return
    if (!asking.isRunning && isWithin(attemptedAt, now, feed.pollSeconds)) return
    const asked = asking.join()
    // Under traffic nobody waits: the answer serves the next request. After a pause the list is too old to go by, and the request
    // waits; unless the issuer has just failed to answer, which must not slow everybody down. Just: an hour ago it was another hour.
    if (isWithin(checkedAt, now, 2 * feed.pollSeconds)) return
    if (isWithin(failedAt, now, 2 * (feed.pollSeconds + settings.fetchTimeoutSeconds))) return
    await asked
  }

  // The outcome is in the variables above, for all who wait.
  async function ask(): Promise<void> {
    const now = nowSeconds()
    attemptedAt = now
    try {
      for (let page = 0; await askOnce(); page++) {
        if (page === maxPages) throw new Error('the list does not end')
        if (!isWithin(now, nowSeconds(), mostTimesOfOne * settings.fetchTimeoutSeconds)) {
          throw new Error('the list takes too long')
        }
      }
      checkedAt = now
      failedAt = undefined
    } catch (cause) {
      failedAt = nowSeconds()
      // Whatever went wrong, the next question is a whole one.
      etag = undefined
      const currentForSeconds = expiresAt === undefined ? null : Math.floor(expiresAt - now)
      feed.onEvent({ kind: 'refresh_failed', cause, currentForSeconds })
    }
  }

  /** @returns whether more is waiting */
  async function askOnce(): Promise<boolean> {
    const url = new URL(feed.url)
    if (cursor !== undefined) url.searchParams.set('since', cursor)
    // A document that is nearly over must be replaced, and "not modified" would not do that.
    const isKnown = etag !== undefined && expiresAt !== undefined && expiresAt > nowSeconds() + feed.pollSeconds
    const answer = await fetchText(settings.fetch, url.href, limits, {
      headers: { accept: 'application/jwt', ...(isKnown && etag !== undefined && { 'if-none-match': etag }) },
    })
    if (answer.status === 304 && isKnown) return false
    if (answer.text === undefined) throw new Error(`${url.href} answered ${answer.status}`)
    // By the clock of now: the tenth page of a slow issuer is not from the future.
    const document = await readDocument(answer.text.trim(), nowSeconds())
    take(document, nowSeconds())
    // The tag is of this address: another cursor is another address.
    etag = document.cursor === cursor ? answer.etag : undefined
    cursor = document.cursor
    return document.hasMore
  }

  async function readDocument(text: string, now: number): Promise<RevocationDocument> {
    const split = splitCompactToken(text, maxDocumentBytes)
    const decoded = split.ok ? decodeSegment(split.header) : split
    if (!split.ok || !decoded.ok) throw new Error('the revocations are not a signed document')
    // The type keeps everything else that the issuer signs from being taken for a list, and a list from being taken for a token.
    const header = judgeHeader(decoded.members, headerPolicy)
    if (!header.ok) throw new Error(`the revocations are not acceptable: ${header.reason}`)
    const key = await keys.find(header.kid, header.algorithm)
    if (key === undefined) throw new Error('the revocations are signed with an unknown key')
    await compactVerify(text, key, { algorithms: [header.algorithm] })
    const payload = decodeSegment(split.payload)
    if (!payload.ok) throw new Error(`the revocations are malformed: ${payload.reason}`)
    const { issuer, clockSkewSeconds } = settings
    return readRevocationDocument(payload.members, { issuer, since: cursor, nowSeconds: now, clockSkewSeconds })
  }

  // Only ever adds: no document can take a revocation back, so an old one that is served again does no harm.
  function take(document: RevocationDocument, now: number): void {
    for (const [mark, before] of list) {
      // Every token from before that moment has expired by itself.
      if (before + settings.maxLifetimeSeconds + settings.clockSkewSeconds < now) list.delete(mark)
    }
    for (const [mark, before] of document.revoked) list.set(mark, Math.max(before, list.get(mark) ?? 0))
    if (list.size > maxMarks) throw new Error(`more than ${maxMarks} revocations`)
    // With more of it waiting, the list says nothing about the present yet.
    if (!document.hasMore) expiresAt = Math.max(expiresAt ?? 0, document.expiresAt)
  }

  async function isListed(claims: AccessTokenClaims): Promise<boolean> {
    if (list.size === 0) return false
    let known = marks.get(claims)
    if (known === undefined) {
      known = await marksOfToken(claims, settings.audience)
      marks.set(claims, known)
    }
    return known.some((mark) => claims.iat < (list.get(mark) ?? 0))
  }

  return {
    async judge(claims) {
      await freshen()
      if (await isListed(claims)) return 'revoked'
      const isCurrent = expiresAt !== undefined && nowSeconds() < expiresAt
      return isCurrent || feed.whenStale === 'accept' ? 'good' : 'unknown'
    },
    get size() {
      return list.size
    },
  }
}

function isWithin(since: number | undefined, now: number, seconds: number): boolean {
  return since !== undefined && now >= since && now - since < seconds
}
