import type { Context, Middleware } from 'koa'
import type { Audit, AuditEvent } from '../audit/record.ts'
import type { Database, Statement } from '../db/database.ts'
import { coarseAddress } from '../net/coarse-address.ts'
import type { Logger } from '../runtime/logger.ts'
import type { RefreshRows } from './adapter/refresh-rows.ts'
import { sessionDigest } from './adapter/session-rows.ts'
import { runUnit, Unit, type UnitKind } from './unit.ts'
import { type Loss, leaveSessionCookie, lossEvents, refuseLost, refuseUnavailable } from './unit-refusal.ts'

/** What the middleware needs to carry a unit out. */
export interface UnitOfWorkDependencies {
  readonly database: Database
  readonly audit: Pick<Audit, 'statement' | 'recordSoon'>
  readonly refreshRows: Pick<RefreshRows, 'adopt' | 'graceHolds'>
  readonly logger: Pick<Logger, 'error' | 'warn'>
  /** Told of the events that were committed with their unit, for the metrics. */
  readonly committed?: (events: readonly AuditEvent[]) => void
  /** Answers a browser whose authorization was finished in another tab, or could not be written. */
  readonly renderLost: (ctx: Context, status: number, code: string) => void
}

const kinds: readonly (readonly [path: RegExp, kind: UnitKind])[] = [
  [/^\/token$/, 'token'],
  [/^\/(?:revoke|par|introspect)$/, 'direct'],
  [/^\/authorize(?:\/[^/]+)?$/, 'authorize'],
  [/^\/register(?:\/[^/]+)?$/, 'registration'],
]

/** The kind of unit for a path below the issuer, or null for what is no protocol endpoint in its one spelling. */
export function unitKindOf(path: string): UnitKind | null {
  return kinds.find(([pattern]) => pattern.test(path))?.[1] ?? null
}

/**
 * One unit of work, one commit for each protocol request. The library runs first and its writes are collected; when it is
 * done, and before the answer leaves, all of them are committed at once: conditions (compare-and-set) and effects.
 * A lost race turns the answer into a refusal, or for a refresh into the one successor. Nothing is open across an await.
 *
 * A path without a unit is 404: the library also takes other spellings (`/token/`), and there its writes would reach the
 * rows one by one, with nobody asking whether a code was still good.
 */
export function unitOfWork(dependencies: UnitOfWorkDependencies): Middleware {
  return async function unit(ctx, next) {
    const kind = unitKindOf(ctx.path)
    if (kind === null) return
    const unit = new Unit(kind, coarseAddress(ctx.state.address))
    await runUnit(unit, () => next())
    const outcome = await carryOut(unit, dependencies)
    if (outcome === 'done') finish(ctx, unit)
    else if (outcome === 'failed') refuseUnavailable(ctx, unit.kind, dependencies.renderLost)
    else {
      const { error, events } = lossEvents(ctx, unit, outcome)
      for (const event of events) dependencies.audit.recordSoon(event)
      refuseLost(ctx, unit.kind, error, dependencies.renderLost)
    }
  }
}

type Outcome = 'done' | 'failed' | Loss

async function carryOut(unit: Unit, dependencies: UnitOfWorkDependencies): Promise<Outcome> {
  const { logger, refreshRows } = dependencies
  try {
    if (unit.grace !== undefined && !unit.failed) {
      const replayed = await firstReplayed(unit.marks, dependencies)
      if (replayed !== null) return replayed
      // The window closes as soon as the successor is used, also while this request ran.
      if (!(await refreshRows.graceHolds(unit.grace))) return { lost: 'race' }
      recordSoon(unit, dependencies)
      return 'done'
    }
    return (await commit(unit, dependencies)) ? 'done' : await afterLoss(unit, dependencies)
  } catch (error) {
    logger.error({ err: error, unit: unit.kind }, 'the unit of work could not be committed')
    return 'failed'
  }
}

async function commit(unit: Unit, dependencies: UnitOfWorkDependencies): Promise<boolean> {
  const { conditions, effects } = unit.work()
  if (conditions.length === 0 && effects.length === 0) {
    recordSoon(unit, dependencies)
    return true
  }
  const events = unit.events.map((event) => dependencies.audit.statement(event))
  const isDone = await dependencies.database.commit({ conditions, effects: [...effects, ...events] })
  if (isDone) dependencies.committed?.(unit.events)
  return isDone
}

/** Nothing of the unit was written: why, and whether it can be answered nevertheless. */
async function afterLoss(unit: Unit, dependencies: UnitOfWorkDependencies): Promise<Outcome> {
  const { database, audit, refreshRows } = dependencies
  const replayed = await firstReplayed(unit.marks, dependencies)
  if (replayed !== null) return replayed
  if (unit.rotation !== undefined) {
    const successor = await refreshRows.adopt(unit.rotation.presented)
    if (successor === null) return { lost: 'race' }
    // The loser keeps the access token the library has just made and takes over the winner's successor.
    unit.refreshToken = successor
    for (const event of unit.events) {
      audit.recordSoon(event.type === 'token.refreshed' ? { ...event, type: 'token.refresh_grace' } : event)
    }
    return 'done'
  }
  const { session } = unit
  if (session !== undefined) {
    const digest = await sessionDigest(database, session.uid)
    // Signed out, or ended by an administrator, while this request ran: nothing may come of it (C14).
    if (digest === undefined) return { lost: 'session' }
    // Another tab of this browser has moved the session on. It stays as that one left it, and so does the cookie.
    if (digest !== session.digest && unit.writesSession) {
      unit.forget('session:')
      if (await commit(unit, dependencies)) return 'done'
    }
  }
  return { lost: 'race' }
}

/**
 * Writes the replay marks of a request whose unit does not write them: what was shown here is not good a second time,
 * and was not good if it had been shown before. One by one, to know which it was.
 */
async function firstReplayed(
  marks: readonly Statement[],
  { database }: Pick<UnitOfWorkDependencies, 'database'>,
): Promise<Loss | null> {
  let first: Loss | null = null
  for (const [index, mark] of marks.entries()) {
    const isNew = await database.commit({ conditions: [mark], effects: [] })
    if (!isNew) first ??= { lost: 'replay', index }
  }
  return first
}

function recordSoon(unit: Unit, { audit }: Pick<UnitOfWorkDependencies, 'audit'>): void {
  for (const event of unit.events) audit.recordSoon(event)
}

function finish(ctx: Context, unit: Unit): void {
  unit.afterCommit?.()
  if (unit.refreshToken !== undefined) showRefreshToken(ctx, unit.refreshToken)
  if (unit.kind === 'authorize' && !unit.writesSession) leaveSessionCookie(ctx)
}

function showRefreshToken(ctx: Context, token: string): void {
  const body: unknown = ctx.body
  if (typeof body === 'object' && body !== null && 'refresh_token' in body) body.refresh_token = token
}
