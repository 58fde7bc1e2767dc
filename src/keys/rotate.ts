import type { AuditEvent } from '../audit/events.ts'
import type { Statement } from '../db/database.ts'
import type { KeyDesk } from './desk.ts'
import { changesAt, type KeyAlg, keyAlgs, type SigningKey } from './key.ts'
import type { KeyAuthor } from './key-events.ts'
import { eventsOf } from './key-events.ts'
import { dueSteps, mayActivate, successorOf, takeover } from './schedule.ts'

/** What a rotation did for one algorithm. */
export interface RotationReport {
  readonly alg: KeyAlg
  /** The key that signs from `activatesAt` on. */
  readonly kid: string
  /**
   * activated: it signs now · published: made and published, signs later · waiting: was published before, signs later ·
   * replaced: signs now, and every older key has been withdrawn.
   */
  readonly outcome: 'activated' | 'published' | 'waiting' | 'replaced'
  readonly activatesAt: Date
}

/**
 * Rotates one algorithm: a successor published long enough takes over now; else one is published, unless one is already,
 * and takes over when its time has come.
 */
export async function rotateAlg(
  desk: KeyDesk,
  keys: readonly SigningKey[],
  alg: KeyAlg,
  author: KeyAuthor,
): Promise<RotationReport> {
  const now = desk.clock.now()
  const successor = successorOf(keys, alg)
  if (successor === undefined) return await publish(desk, alg, author)
  const activatesAt = changesAt(successor, desk.policy)
  if (!mayActivate(successor, now, desk.policy)) return { alg, kid: successor.kid, outcome: 'waiting', activatesAt }
  const moves = takeover(keys, successor, now)
  await desk.store.save(moves, [], statements(desk, eventsOf(moves, [], author)))
  // Whoever was quicker did the same: the successor signs in either case.
  return { alg, kid: successor.kid, outcome: 'activated', activatesAt: now }
}

/**
 * Starts over after a compromise: a new key of every algorithm in use signs at once, every old key is destroyed.
 * Every access token that is out becomes invalid as verifiers learn of it; clients refresh and go on.
 *
 * Writes all of it in one commit.
 * @throws Error when another process changed the keys at the same moment; nothing is written then
 */
export async function startOver(
  desk: KeyDesk,
  keys: readonly SigningKey[],
  author: KeyAuthor,
): Promise<readonly RotationReport[]> {
  const algs = keyAlgs.filter((alg) => keys.some((key) => key.alg === alg && key.state === 'current'))
  const fresh = await Promise.all(algs.map((alg) => desk.make(alg, 'current')))
  const moves = keys.map((from) => ({ from, to: null }))
  const events = eventsOf(
    moves,
    fresh.map(({ key }) => key),
    author,
  )
  if (!(await desk.store.save(moves, fresh, statements(desk, events)))) {
    throw new Error('the signing keys changed meanwhile; nothing was done')
  }
  const now = desk.clock.now()
  return fresh.map(({ key }) => ({ alg: key.alg, kid: key.kid, outcome: 'replaced', activatesAt: now }))
}

/**
 * Does what is due at this moment. A step that another instance was quicker with is left alone.
 *
 * @returns how many steps were due
 */
export async function carryOutSteps(desk: KeyDesk, keys: readonly SigningKey[]): Promise<number> {
  const steps = dueSteps(keys, desk.clock.now(), desk.policy)
  const author: KeyAuthor = { actor: 'system' }
  for (const step of steps) {
    if (step.kind === 'publish') await publish(desk, step.alg, author)
    else await desk.store.save(step.moves, [], statements(desk, eventsOf(step.moves, [], author)))
  }
  return steps.length
}

async function publish(desk: KeyDesk, alg: KeyAlg, author: KeyAuthor): Promise<RotationReport> {
  const stored = await desk.make(alg, 'next')
  if (await desk.store.insertUnlessTaken(stored)) {
    for (const event of eventsOf([], [stored.key], author)) await desk.audit.record(event)
    return { alg, kid: stored.key.kid, outcome: 'published', activatesAt: changesAt(stored.key, desk.policy) }
  }
  // Another instance published one at the same moment; that one will sign.
  const other = successorOf(
    (await desk.store.list()).map(({ key }) => key),
    alg,
  )
  const key = other ?? stored.key
  return { alg, kid: key.kid, outcome: 'waiting', activatesAt: changesAt(key, desk.policy) }
}

function statements(desk: KeyDesk, events: readonly AuditEvent[]): Statement[] {
  return events.map((event) => desk.audit.statement(event))
}
