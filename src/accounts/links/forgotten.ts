import type { AuditEvent } from '../../audit/events.ts'
import type { Locale } from '../../messages/messages.ts'
import type { Logger } from '../../runtime/logger.ts'
import { isActive } from '../account.ts'
import { type LinkDesk, newLink, sendLink } from './send.ts'

/** What requests for a new password need. */
export interface ForgottenDesk extends LinkDesk {
  readonly record: (event: AuditEvent) => Promise<void>
}

// Ours: nobody fills another person's mailbox faster than this, and a link that got lost is asked for again soon enough.
const pauseMilliseconds = 120_000

/**
 * Sends a link for a new password to whoever has this address, if anybody does. Whether somebody does is seen in the
 * audit book alone: run it beside the answer, not before it, so that its time tells nothing either (threat G14).
 *
 * @param email normalised
 */
export async function sendForgotten(
  desk: ForgottenDesk,
  email: string,
  locale: Locale,
  source: { readonly address: string; readonly requestId: string },
): Promise<void> {
  const account = await desk.store.findByEmail(email)
  if (account === null || !isActive(account)) return
  const now = desk.clock.now()
  const made = newLink('reset', account.id, now)
  const facts = { ...source, accountId: account.id } as const
  // Who asks has not signed in: it is nobody's act.
  const event: AuditEvent = {
    ...facts,
    type: 'account.reset_requested',
    actor: 'system',
    detail: { method: 'own_page' },
  }
  const since = new Date(now.getTime() - pauseMilliseconds)
  if (!(await desk.links.addUnlessSince(made.link, since, [desk.auditStatement(event)]))) return
  const { delivery } = await sendLink(desk, account, made, locale)
  if (delivery.state !== 'failed') return
  // The person waits in vain; the administrators find it here.
  await desk.record({
    ...facts,
    type: 'mail.failed',
    actor: 'system',
    detail: { purpose: 'reset', reason: delivery.fault },
  })
}

/** Takes requests for a new password and works them off beside the answers. */
export interface ForgottenRequests {
  /** Returns at once and tells nothing: known and unknown addresses take the same time (threat G14). */
  ask(email: string, locale: Locale, source: { readonly address: string; readonly requestId: string }): void
  /** Resolves when everything that was asked for is worked off. */
  settled(): Promise<void>
}

// Ours: a few letters at a time, and a queue that a flood cannot make endless.
const mostAtOnce = 4
const mostWaiting = 200

/** Makes the desk that requests are handed to. */
export function createForgottenRequests(
  desk: ForgottenDesk,
  logger: Pick<Logger, 'warn' | 'error'>,
): ForgottenRequests {
  const waiting: (() => Promise<void>)[] = []
  const running = new Set<Promise<void>>()

  function next(): void {
    const work = running.size < mostAtOnce ? waiting.shift() : undefined
    if (work === undefined) return
    const done = work()
      .catch((error: unknown) => logger.error({ err: error }, 'a request for a new password failed'))
      .finally(() => {
        running.delete(done)
        next()
      })
    running.add(done)
  }

  return {
    ask(email, locale, source) {
      if (waiting.length >= mostWaiting) {
        logger.warn({ requestId: source.requestId }, 'too many requests for a new password: one was dropped')
        return
      }
      waiting.push(() => sendForgotten(desk, email, locale, source))
      // After the answer: its time must not depend on what is found.
      setImmediate(next)
    },
    async settled() {
      while (waiting.length > 0 || running.size > 0) {
        next()
        await Promise.all(running)
      }
    },
  }
}
