import type { AuditEvent } from '../../audit/events.ts'
import type { Locale } from '../../messages/messages.ts'
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
