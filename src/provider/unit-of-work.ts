import type { Context, Middleware } from 'koa'
import type { Audit } from '../audit/record.ts'
import type { Database } from '../db/database.ts'
import type { Logger } from '../runtime/logger.ts'
import type { RefreshRows } from './adapter/refresh-rows.ts'
import { runUnit, Unit, type UnitKind } from './unit.ts'

/** What the middleware needs to carry a unit out. */
export interface UnitOfWorkDependencies {
  readonly database: Database
  readonly audit: Pick<Audit, 'statement' | 'recordSoon'>
  readonly refreshRows: Pick<RefreshRows, 'adopt' | 'graceHolds'>
  readonly logger: Pick<Logger, 'error' | 'warn'>
  /** Answers a browser whose authorization was finished in another tab, or could not be written. */
  readonly renderLost: (ctx: Context, status: number, code: string) => void
}

/** The kind of unit for a path below the issuer, or null where nothing is written. */
export function unitKindOf(path: string): UnitKind | null {
  if (path === '/token' || path === '/revoke' || path === '/par' || path === '/introspect') return 'token'
  if (path === '/authorize' || path.startsWith('/authorize/')) return 'authorize'
  if (path === '/register' || path.startsWith('/register/')) return 'registration'
  return null
}

/**
 * One unit of work, one commit for each protocol request. The library runs first and its writes are collected; when it is
 * done, and before the answer leaves, all of them are committed at once: conditions (compare-and-set) and effects.
 * A lost race turns the answer into a refusal, or for a refresh into the one successor. Nothing is open across an await.
 */
export function unitOfWork(dependencies: UnitOfWorkDependencies): Middleware {
  return async function unit(ctx, next) {
    const kind = unitKindOf(ctx.path)
    if (kind === null) return next()
    const unit = new Unit(kind)
    await runUnit(unit, () => next())
    const outcome = await carryOut(unit, dependencies)
    await answer(ctx, unit, outcome, dependencies)
  }
}

type Outcome = 'done' | 'lost' | 'failed'

async function carryOut(
  unit: Unit,
  { database, audit, refreshRows, logger }: UnitOfWorkDependencies,
): Promise<Outcome> {
  try {
    if (unit.grace !== undefined && !unit.failed) {
      // The window closes as soon as the successor is used, also while this request ran.
      if (!(await refreshRows.graceHolds(unit.grace))) return 'lost'
      for (const event of unit.events) audit.recordSoon(event)
      return 'done'
    }
    const work = unit.work()
    if (work.conditions.length === 0 && work.effects.length === 0) {
      for (const event of unit.events) audit.recordSoon(event)
      return 'done'
    }
    const events = unit.events.map((event) => audit.statement(event))
    return (await database.commit({ ...work, effects: [...work.effects, ...events] })) ? 'done' : 'lost'
  } catch (error) {
    logger.error({ err: error, unit: unit.kind }, 'the unit of work could not be committed')
    return 'failed'
  }
}

async function answer(
  ctx: Context,
  unit: Unit,
  outcome: Outcome,
  { audit, refreshRows, renderLost }: UnitOfWorkDependencies,
): Promise<void> {
  if (outcome === 'done') {
    unit.afterCommit?.()
    if (unit.refreshToken !== undefined) showRefreshToken(ctx, unit.refreshToken)
    return
  }
  if (outcome === 'lost' && unit.rotation !== undefined) {
    const successor = await refreshRows.adopt(unit.rotation.presented)
    if (successor !== null) {
      // The loser keeps the access token the library has just made and takes over the winner's successor.
      for (const event of unit.events) audit.recordSoon(event)
      showRefreshToken(ctx, successor)
      return
    }
  }
  // Neither a redirect with a code in it nor the cookie of a session that was not written may leave.
  ctx.remove('Location')
  ctx.remove('Set-Cookie')
  if (unit.kind === 'authorize') {
    if (outcome === 'lost') renderLost(ctx, 400, 'already_answered')
    else renderLost(ctx, 503, 'temporarily_unavailable')
    return
  }
  ctx.status = outcome === 'lost' ? 400 : 503
  if (outcome === 'failed') ctx.set('Retry-After', '5')
  ctx.body = outcome === 'lost' ? lostAnswer(unit) : unavailableAnswer
}

const unavailableAnswer = {
  error: 'temporarily_unavailable',
  error_description: 'the server cannot write at the moment, try again',
}

function lostAnswer(unit: Unit): { error: string; error_description: string } {
  if (unit.kind === 'registration') return { error: 'invalid_token', error_description: 'registration token was used' }
  return { error: 'invalid_grant', error_description: 'grant request is invalid' }
}

function showRefreshToken(ctx: Context, token: string): void {
  const body: unknown = ctx.body
  if (typeof body === 'object' && body !== null && 'refresh_token' in body) body.refresh_token = token
}
