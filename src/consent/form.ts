import { AppError } from '../runtime/app-error.ts'
import type { Allowed } from './answer.ts'
import type { Asked } from './asked.ts'
import { grantedScopes, staysConnected } from './decision.ts'
import { readDuration } from './duration.ts'
import type { Chosen } from './page.ts'

/** What a posted consent form amounts to. */
export type Answer =
  | { readonly act: 'deny' }
  | { readonly act: 'allow'; readonly choice: Allowed }
  /** The stop page, again when its box was left empty. */
  | { readonly act: 'stop'; readonly isMissing: boolean }
  /** The question itself, after the stop page. */
  | { readonly act: 'ask' }
  /** The form comes back with what was chosen, because a box is missing. */
  | { readonly act: 'ask-again'; readonly chosen: Chosen }

const knownFields: ReadonlySet<string> = new Set([
  '_csrf',
  'decision',
  'scope',
  'stay_connected',
  'duration',
  'acknowledge',
  'despite',
  'by_hand',
])

/** Values and fields that no page of ours sends: somebody edited the form (G04). */
export interface Edits {
  readonly foreign: readonly string[]
  readonly unknownFields: readonly string[]
}

/** What of a form was not on the page. */
export function editsOf(form: URLSearchParams, asked: Asked): Edits {
  return {
    foreign: grantedScopes(form.getAll('scope'), asked.permissions).foreign,
    unknownFields: [...form.keys()].filter((name) => !knownFields.has(name)),
  }
}

/**
 * Reads a consent form against what the stores say is asked; pure. Fail closed: no answer, no known duration, no tick
 * where one is needed is no Allow.
 *
 * @throws AppError `bad_request` (400) for a form without a decision or with a duration that is not offered
 */
export function readAnswer(form: URLSearchParams, asked: Asked): Answer {
  const { friction, permissions, mayRefresh } = asked
  const decision = form.get('decision')
  if (decision === 'deny') return { act: 'deny' }
  const isAcknowledged = (host: string) => form.getAll('acknowledge').includes(host)
  if (decision === 'look' && friction.stop !== undefined) {
    return isAcknowledged(asked.key.redirectHost) ? { act: 'ask' } : { act: 'stop', isMissing: true }
  }
  if (decision !== 'allow') throw new AppError('bad_request', 400, 'Choose Allow or Deny.', { words: 'allow_or_deny' })
  // The page that warns of a look-alike was not passed.
  if (friction.stop !== undefined && form.get('despite') !== friction.stop.id) return { act: 'stop', isMissing: false }

  const { granted } = grantedScopes(form.getAll('scope'), permissions)
  // Nothing left of all that was asked is a no.
  if (permissions.length > 0 && granted.length === 0) return { act: 'deny' }
  const duration = readDuration(form.getAll('duration'))
  if (duration === null) {
    throw new AppError('bad_request', 400, 'Choose one of the durations.', { words: 'choose_duration' })
  }
  const stayConnected = staysConnected(form.getAll('stay_connected'), mayRefresh)
  // The browser holds Allow back while the box is empty (`required`, without script). A post without the field is a driver
  // that knows the stable fields alone; the form token says that it is this person's. A wrong host is a changed page.
  if (friction.tick !== undefined && form.has('acknowledge') && !isAcknowledged(friction.tick)) {
    return { act: 'ask-again', chosen: { ticked: granted, stayConnected, duration, fault: 'acknowledge' } }
  }
  return { act: 'allow', choice: { granted, stayConnected, duration, byHand: form.get('by_hand') === 'yes' } }
}
