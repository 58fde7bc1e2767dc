import type { AuditEvent } from '../../audit/events.ts'
import { randomId, randomSecret } from '../../crypto/random.ts'
import type { Statement } from '../../db/database.ts'
import { AppError } from '../../runtime/app-error.ts'
import type { Clock } from '../../runtime/clock.ts'
import { cleanText } from '../claimed-text.ts'
import type { InitialAccessTokenStore } from './store.ts'

/** A token that lets its bearer register clients (RFC 7591 §3). The token itself is known only to whom it was given. */
export interface InitialAccessToken {
  readonly id: string
  /** What it is for, in the words of whoever made it. */
  readonly note: string
  /** null: as many as one likes. */
  readonly usesLeft: number | null
  readonly used: number
  /** `account:<id>` or `operator`. */
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | null
}

/** Why a token is good no more. */
export type InvitationState = 'good' | 'used_up' | 'expired' | 'revoked'

/** Whether it still lets somebody in. */
export function stateOfToken(
  token: Pick<InitialAccessToken, 'usesLeft' | 'expiresAt' | 'revokedAt'>,
  now: Date,
): InvitationState {
  if (token.revokedAt !== null) return 'revoked'
  if (token.expiresAt.getTime() <= now.getTime()) return 'expired'
  return token.usesLeft !== null && token.usesLeft <= 0 ? 'used_up' : 'good'
}

/** What is asked for. */
export interface TokenDraft {
  readonly note: string
  /** 1 to 10,000; null: no limit. */
  readonly uses: number | null
  /** 1 to 365. */
  readonly days: number
}

/** What making and revoking need. */
export interface TokenDesk {
  readonly tokens: InitialAccessTokenStore
  readonly auditStatement: (event: AuditEvent) => Statement
  readonly clock: Clock
}

/** Who does it, for the audit book. */
export interface TokenAuthor {
  readonly actor: `account:${string}` | 'operator'
  readonly address?: string
  readonly requestId?: string
}

const dayMs = 86_400_000
// 32 random bytes = 256 bits; the mark lets scanners of repositories find one that was left lying about.
const mark = 'sallyport_iat_'

/**
 * Makes an initial access token.
 *
 * @returns the row, and the token in the clear: show it once, it cannot be read again
 * Writes the digest and `registration_token.created`.
 * @throws AppError `bad_request` (400) when note, number or days are out of range
 */
export async function makeToken(
  desk: TokenDesk,
  draft: TokenDraft,
  author: TokenAuthor,
): Promise<{ readonly row: InitialAccessToken; readonly token: string }> {
  const { uses, days } = draft
  const note = noteOf(draft.note)
  if (note === undefined) throw badRequest('Say in up to 100 characters what the token is for.', 'token_note')
  if (uses !== null && !isWhole(uses, 10_000)) throw badRequest('Uses go from 1 to 10000.', 'token_uses')
  if (!isWhole(days, 365)) throw badRequest('Days go from 1 to 365.', 'token_days')
  const now = desk.clock.now()
  const token = `${mark}${randomSecret()}`
  const row: InitialAccessToken = {
    id: randomId(),
    note,
    usesLeft: uses,
    used: 0,
    createdBy: author.actor,
    createdAt: now,
    expiresAt: new Date(now.getTime() + days * dayMs),
    revokedAt: null,
  }
  const detail = { tokenId: row.id, note, uses: uses ?? 'unlimited', expiresAt: row.expiresAt.toISOString() }
  await desk.tokens.save(row, token, [desk.auditStatement({ ...author, type: 'registration_token.created', detail })])
  return { row, token }
}

/**
 * Revokes a token: nobody registers with it any more. Clients that did stay.
 *
 * Writes `registration_token.revoked`.
 * @throws AppError `not_found` (404) when there is none, or it was revoked before
 */
export async function revokeToken(desk: TokenDesk, id: string, author: TokenAuthor): Promise<void> {
  const event = desk.auditStatement({ ...author, type: 'registration_token.revoked', detail: { tokenId: id } })
  if (await desk.tokens.revoke(id, desk.clock.now(), [event])) return
  throw new AppError('not_found', 404, 'There is no such registration token (any more).', { words: 'token_not_found' })
}

function noteOf(text: string): string | undefined {
  // The same care as for names of clients: it stands in lists beside them.
  return text.length > 400 || [...text].length > 100 ? undefined : cleanText(text, 'note')
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most
}

function badRequest(message: string, words: 'token_note' | 'token_uses' | 'token_days'): AppError {
  return new AppError('bad_request', 400, message, { words })
}
