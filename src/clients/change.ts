import type { AuditEvent } from '../audit/events.ts'
import type { Statement } from '../db/database.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Clock } from '../runtime/clock.ts'
import type { ApprovalStore } from './approvals/store.ts'
import { type Client, redirectHosts } from './client.ts'
import { makeOperatorClient, type OperatorClientDraft } from './operator-client.ts'
import { type RegistrationMode, stateAfterBlock } from './registration-policy.ts'
import type { ClientStore } from './store.ts'

/** Who changes something, for the audit book. */
export interface ClientAuthor {
  readonly actor: `account:${string}` | 'operator' | 'system'
  readonly address?: string
  readonly requestId?: string
}

/** What the acts on clients need from outside; console and command line share it. */
export interface ClientDesk {
  readonly store: ClientStore
  readonly approvals: ApprovalStore
  readonly registration: RegistrationMode
  /** Whether the operator gave this document. */
  readonly isPinned: (clientId: string) => boolean
  readonly auditStatement: (event: AuditEvent) => Statement
  readonly clock: Clock
  /** Withdraws every consent of a client and ends all that it holds. @returns how many consents were withdrawn */
  readonly endEverything: (clientId: string, author: ClientAuthor) => Promise<number>
}

/**
 * Adds an operator's client.
 *
 * @returns the client, and its secret in the clear when one was made: show it once
 * Writes the client and the event `client.registered`.
 * @throws AppError `invalid_client` (400), `client_exists` (409)
 */
export async function addClient(
  desk: ClientDesk,
  draft: OperatorClientDraft,
  author: ClientAuthor,
): Promise<{ readonly client: Client; readonly madeSecret: string | undefined }> {
  const made = makeOperatorClient(draft, desk.clock.now())
  const { client } = made
  // A tombstone keeps its id: consents and pages that name it must not speak of somebody else.
  if ((await desk.store.find(client.id)) !== null) throw taken(client.id)
  const detail = {
    origin: client.origin,
    clientName: client.claimedName,
    redirectHosts: redirectHosts(client.metadata),
    introspects: client.introspects.length === 0 ? undefined : client.introspects,
  }
  const event = desk.auditStatement({ ...author, type: 'client.registered', clientId: client.id, detail })
  if (!(await desk.store.save(client, [event]))) throw taken(client.id)
  return made
}

/**
 * Blocks a client: it is refused everywhere, what people allowed it is withdrawn, and what it holds ends.
 *
 * @returns how many consents were withdrawn
 * @throws AppError `not_found` (404), `set_by_file`, `client_state` (409)
 */
export async function blockClient(
  desk: ClientDesk,
  id: string,
  author: ClientAuthor,
  reason?: string,
): Promise<number> {
  const client = await changeable(desk, id)
  const event = desk.auditStatement({ ...author, type: 'client.blocked', clientId: client.id, detail: { reason } })
  if (!(await desk.store.block(client.id, [event, desk.approvals.dropStatement(client.id)]))) {
    throw new AppError('client_state', 409, 'This client is blocked already.', { words: 'client_blocked_already' })
  }
  return desk.endEverything(client.id, author)
}

/**
 * Lifts a block. A client that nobody had let in waits for an administrator again, where clients have to.
 *
 * @returns where it stands now
 * @throws AppError `not_found` (404), `set_by_file`, `client_state` (409)
 */
export async function unblockClient(
  desk: ClientDesk,
  id: string,
  author: ClientAuthor,
  reason?: string,
): Promise<'active' | 'pending'> {
  const client = await changeable(desk, id)
  const to = stateAfterBlock(desk.registration, { ...client, isPinned: desk.isPinned(client.id) })
  const event = desk.auditStatement({ ...author, type: 'client.unblocked', clientId: client.id, detail: { reason } })
  if (await desk.store.unblock(client.id, [event], to)) return to
  throw new AppError('client_state', 409, 'This client is not blocked.', { words: 'client_not_blocked' })
}

/**
 * Removes a client: a tombstone stays, everything people allowed it ends.
 *
 * @returns how many consents were withdrawn
 * @throws AppError `not_found` (404), `set_by_file` (409)
 */
export async function removeClient(
  desk: ClientDesk,
  id: string,
  author: ClientAuthor,
  reason?: string,
): Promise<number> {
  const client = await changeable(desk, id)
  const detail = { origin: client.origin, clientName: client.claimedName, reason }
  const event = desk.auditStatement({ ...author, type: 'client.removed', clientId: client.id, detail })
  // The client first: afterwards nothing new can be made of the consents that end next.
  if (!(await desk.store.remove(client.id, [event, desk.approvals.dropStatement(client.id)]))) throw notFound()
  return desk.endEverything(client.id, author)
}

/**
 * The client with this id, when it may be changed here.
 *
 * @throws AppError `not_found` (404), `set_by_file` (409)
 */
export async function changeable(desk: Pick<ClientDesk, 'store'>, id: string): Promise<Client> {
  const client = await desk.store.find(id)
  if (client === null || client.state === 'removed') throw notFound()
  if (client.setByFile) {
    throw new AppError('set_by_file', 409, 'This client is set by the configuration file. Change it there.', {
      words: 'client_set_by_file',
    })
  }
  return client
}

function notFound(): AppError {
  return new AppError('not_found', 404, 'This client is not registered here (any more).', {
    words: 'client_not_found',
  })
}

function taken(id: string): AppError {
  return new AppError('client_exists', 409, `the client_id ${id} is or was in use`, { words: 'client_exists' })
}
