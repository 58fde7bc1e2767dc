import { createHash } from 'node:crypto'
import { AppError } from '../../runtime/app-error.ts'
import type { ClientAuthor, ClientDesk } from '../change.ts'
import type { Client } from '../client.ts'
import type { CleanUpStore } from './store.ts'

/** Which clients may go. At least one member. */
export interface CleanUpRule {
  /** Never allowed anything by anybody, and older than this. */
  readonly unusedHours?: number
  /** Used once, without any live connection, and neither allowed nor used for this long. */
  readonly idleDays?: number
}

/** What a clean-up would do. */
export interface CleanUpPreview {
  readonly rule: CleanUpRule
  readonly asOf: Date
  readonly unused: number
  readonly idle: number
  /** Some of them, the oldest first. */
  readonly samples: readonly Client[]
  /** How many go at once: `limit` at most. */
  readonly count: number
  readonly limit: number
  /** Stands for exactly these clients; the act asks for it. */
  readonly token: string
}

/** What a clean-up needs. */
export interface CleanUpDesk extends ClientDesk {
  readonly cleanUps: CleanUpStore
}

// Ours: so many that nobody clicks twice for one flood, so few that no request runs for minutes.
const most = 10_000
const batch = 200
const longestPreviewMs = 60 * 60 * 1000

/**
 * Says which clients a rule would remove, and writes nothing. Never among them: clients that an operator added or let in for everyone,
 * that are blocked (removed, their document would raise them again), that somebody waits for, or that have a live connection.
 *
 * @param asOf the moment the rule is read at; now, for a preview
 * @throws AppError `bad_request` (400) when the rule is empty or out of range
 */
export async function previewCleanUp(
  desk: CleanUpDesk,
  rule: CleanUpRule,
  asOf = desk.clock.now(),
): Promise<CleanUpPreview> {
  requireRule(rule)
  const { ids, ...found } = await desk.cleanUps.preview(rule, asOf, most)
  return { rule, asOf, ...found, count: ids.length, limit: most, token: tokenOf(rule, asOf, ids) }
}

/**
 * Removes exactly what a preview showed. Each removal asks the rule once more in its own commit, so a client that somebody connects
 * at this very moment stays.
 *
 * @returns how many were removed
 * Writes a tombstone and `client.removed` for each, and one `client.cleaned_up`.
 * @throws AppError `clean_up_changed` (409) when the clients are others than in the preview, or it is older than an hour
 */
export async function cleanUp(
  desk: CleanUpDesk,
  rule: CleanUpRule,
  previewed: { readonly asOf: Date; readonly token: string },
  author: ClientAuthor,
): Promise<number> {
  requireRule(rule)
  const { asOf, token } = previewed
  const age = desk.clock.now().getTime() - asOf.getTime()
  const ids = age >= 0 && age <= longestPreviewMs ? await desk.cleanUps.ids(rule, asOf, most) : []
  if (ids.length === 0 || tokenOf(rule, asOf, ids) !== token) {
    throw new AppError('clean_up_changed', 409, 'other clients would be removed than the preview showed')
  }
  let removed = 0
  for (let at = 0; at < ids.length; at += batch) {
    const done = await Promise.all(ids.slice(at, at + batch).map((id) => removeOne(desk, rule, asOf, id, author)))
    removed += done.filter(Boolean).length
  }
  const detail = { count: removed, reason: ruleWords(rule) }
  await desk.store.note([desk.auditStatement({ ...author, type: 'client.cleaned_up', detail })])
  return removed
}

async function removeOne(
  desk: CleanUpDesk,
  rule: CleanUpRule,
  asOf: Date,
  id: string,
  author: ClientAuthor,
): Promise<boolean> {
  const detail = { reason: ruleWords(rule) }
  const event = desk.auditStatement({ ...author, type: 'client.removed', clientId: id, detail })
  const condition = desk.cleanUps.removeStatement(rule, asOf, id, desk.clock.now())
  if (!(await desk.store.decide(id, condition, [event]))) return false
  if (rule.idleDays !== undefined) await desk.endEverything(id, author)
  return true
}

function requireRule({ unusedHours, idleDays }: CleanUpRule): void {
  const inRange = (value: number | undefined, most: number) =>
    value === undefined || (Number.isInteger(value) && value >= 1 && value <= most)
  if (unusedHours === undefined && idleDays === undefined) {
    throw new AppError('bad_request', 400, 'Say which clients may go: never used, idle, or both.', {
      words: 'clean_up_empty',
    })
  }
  if (inRange(unusedHours, 87_600) && inRange(idleDays, 3650)) return
  throw new AppError('bad_request', 400, 'Hours and days must be whole numbers from 1 on.', {
    words: 'clean_up_range',
  })
}

/** A rule in the words of the audit book. */
export function ruleWords({ unusedHours, idleDays }: CleanUpRule): string {
  const words = [
    unusedHours === undefined ? '' : `unused for ${unusedHours} h`,
    idleDays === undefined ? '' : `idle for ${idleDays} d`,
  ]
  return words.filter((word) => word !== '').join(', ')
}

function tokenOf({ unusedHours, idleDays }: CleanUpRule, asOf: Date, ids: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify([unusedHours ?? null, idleDays ?? null, asOf.getTime()]))
  for (const id of ids) digest.update(`\n${id}`)
  return digest.digest('base64url')
}
