import { AppError } from '../../runtime/app-error.ts'
import { type ClientAuthor, type ClientDesk, changeable } from '../change.ts'
import { type Client, redirectHosts } from '../client.ts'

/**
 * Lets a client in for everyone: whoever waits may go on, whoever comes later is not held up. For a client that is active already
 * it says that an administrator vouches for it.
 *
 * @throws AppError `not_found` (404), `set_by_file`, `client_state` (409)
 */
export async function allowForEveryone(
  desk: ClientDesk,
  id: string,
  author: ClientAuthor,
  reason?: string,
): Promise<void> {
  const client = await changeable(desk, id)
  const detail = { for: 'everyone', reason } as const
  const event = desk.auditStatement({ ...author, type: 'client.allowed', clientId: client.id, detail })
  if (await desk.store.allow(client.id, [event, desk.approvals.dropStatement(client.id)])) return
  throw new AppError('client_state', 409, 'This client is blocked, or was let in for everyone before.', {
    words: 'client_not_waiting',
  })
}

/**
 * Lets a waiting client in for one of those who asked; it waits on for all others.
 *
 * @throws AppError `not_found` (404), `set_by_file`, `client_state` (409)
 */
export async function allowForPerson(
  desk: ClientDesk,
  id: string,
  accountId: string,
  author: ClientAuthor,
  reason?: string,
): Promise<void> {
  const client = await changeable(desk, id)
  const now = desk.clock.now()
  const written = await desk.store.decide(client.id, desk.approvals.allowStatement(client.id, accountId, now), [
    desk.auditStatement({
      ...author,
      type: 'client.allowed',
      accountId,
      clientId: client.id,
      detail: { for: 'person', reason },
    }),
  ])
  if (written) return
  throw new AppError('client_state', 409, 'This person does not wait for this client (any more).', {
    words: 'approval_not_waiting',
  })
}

/**
 * Refuses a waiting client for good: it is blocked, and nobody waits for it any more.
 *
 * @throws AppError `not_found` (404), `set_by_file`, `client_state` (409)
 */
export async function rejectClient(desk: ClientDesk, id: string, author: ClientAuthor, reason?: string): Promise<void> {
  const client = await changeable(desk, id)
  const event = desk.auditStatement({ ...author, type: 'client.rejected', clientId: client.id, detail: { reason } })
  const also = [event, desk.approvals.dropStatement(client.id)]
  // One that had come in before clients had to wait is still active.
  const isUndecided = client.state === 'pending' || (desk.registration === 'approval' && client.allowedAt === null)
  if (!isUndecided || client.origin === 'operator' || !(await desk.store.block(client.id, also))) {
    throw new AppError('client_state', 409, 'This client does not wait (any more).', { words: 'client_not_waiting' })
  }
  // People for whom alone it had been let in lose it, too.
  await desk.endEverything(client.id, author)
}

/** What the audit book says when somebody asks for a client that waits. */
export function askedEvent(client: Client, accountId: string) {
  return {
    type: 'client.approval_asked',
    actor: `account:${accountId}`,
    accountId,
    clientId: client.id,
    detail: { origin: client.origin, clientName: client.claimedName, redirectHosts: redirectHosts(client.metadata) },
  } as const
}
