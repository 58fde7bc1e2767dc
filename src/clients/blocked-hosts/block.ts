import type { Statement } from '../../db/database.ts'
import { revokeClientsOn } from '../../revocations/store.ts'
import { AppError } from '../../runtime/app-error.ts'
import type { ClientAuthor, ClientDesk } from '../change.ts'
import { type BlockedHosts, readHost } from './blocked-host.ts'
import type { BlockedHostStore } from './store.ts'

/** What the acts on hosts need from outside; console and command line share it. */
export interface HostDesk extends Pick<ClientDesk, 'auditStatement' | 'clock' | 'endEverything'> {
  readonly blockedHosts: BlockedHostStore
  readonly memory: Pick<BlockedHosts, 'forget'>
}

/**
 * Blocks a host and everything below it: clients whose documents lie there are refused, what people allowed them is withdrawn, what
 * they hold ends (F15: a domain that was sold). Nothing of theirs is fetched any more.
 *
 * @param text a host name, or an address on it
 * @returns the host as it is kept, and how many consents were withdrawn
 * @throws AppError `invalid_host` (400), `host_blocked` (409)
 */
export async function blockHost(
  desk: HostDesk,
  text: string,
  author: ClientAuthor,
  reason?: string,
): Promise<{ readonly host: string; readonly consents: number }> {
  const host = hostIn(text)
  const event = desk.auditStatement({ ...author, type: 'host.blocked', detail: { host, reason } })
  const now = desk.clock.now()
  const listed = revokeClientsOn(host, now)
  if (!(await change(desk, (effects) => desk.blockedHosts.add(host, now, [listed, ...effects]), event))) {
    throw new AppError('host_blocked', 409, 'This host is blocked already.', { words: 'host_blocked' })
  }
  let consents = 0
  for (const clientId of await desk.blockedHosts.clientsOn(host)) {
    consents += await desk.endEverything(clientId, author)
  }
  return { host, consents }
}

/**
 * Lifts the block of a host. What was withdrawn stays withdrawn.
 *
 * @returns the host as it was kept
 * @throws AppError `invalid_host` (400), `host_not_blocked` (409)
 */
export async function unblockHost(
  desk: HostDesk,
  text: string,
  author: ClientAuthor,
  reason?: string,
): Promise<string> {
  const host = hostIn(text)
  const event = desk.auditStatement({ ...author, type: 'host.unblocked', detail: { host, reason } })
  if (await change(desk, (effects) => desk.blockedHosts.remove(host, effects), event)) return host
  throw new AppError('host_not_blocked', 409, 'This host is not blocked.', { words: 'host_not_blocked' })
}

async function change(
  { memory }: HostDesk,
  write: (effects: readonly Statement[]) => Promise<boolean>,
  event: Statement,
): Promise<boolean> {
  try {
    return await write([event])
  } finally {
    memory.forget()
  }
}

function hostIn(text: string): string {
  const host = readHost(text)
  if (host !== undefined) return host
  throw new AppError('invalid_host', 400, 'This is no host name like evil.example.', { words: 'invalid_host' })
}
