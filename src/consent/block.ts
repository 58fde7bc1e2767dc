import type { AuditEvent } from '../audit/events.ts'
import type { Statement } from '../db/database.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Caller } from './answer.ts'
import type { Asked } from './asked.ts'
import type { OwnBlocks } from './own-blocks/store.ts'
import { type RevocationDesk, revokeConsent } from './revoke.ts'

/** Who acts on a client, for the audit book. */
interface Author extends Caller {
  readonly actor: `account:${string}`
}

/** What shutting clients out and letting them in needs. */
export interface BlockDesk {
  readonly blocks: OwnBlocks
  readonly revocation: RevocationDesk & { readonly store: { listForClient: ListForClient } }
  readonly auditStatement: (event: AuditEvent) => Statement
  readonly clock: Clock
  /** Blocks a client for everyone and ends what it holds; the act of the console. */
  readonly blockForAll: (clientId: string, author: Author, reason: string) => Promise<unknown>
  /** Lets a client in for everyone; the act of the console. */
  readonly allowForAll: (clientId: string, author: Author, reason: string) => Promise<unknown>
}

type ListForClient = (accountId: string, clientId: string) => Promise<readonly Parameters<typeof revokeConsent>[1][]>

const onConsentPage = 'on the consent page'

/**
 * “Block this client”: an administrator blocks it for everyone; anybody else shuts it out for themselves, and the audit
 * book tells the administrators (`client.reported`). What the person had allowed it ends either way.
 *
 * @returns for whom it is blocked now
 * @throws AppError of the console's act, for example for a client of the configuration file
 */
export async function blockHere(desk: BlockDesk, asked: Asked, caller: Caller): Promise<'everyone' | 'you'> {
  const { account, client, key } = asked
  const author: Author = { actor: `account:${account.id}`, ...caller }
  if (account.role === 'admin') {
    await desk.blockForAll(client.id, author, onConsentPage)
    return 'everyone'
  }
  const detail = { clientName: client.claimedName, redirectHost: key.redirectHost }
  const event = { ...author, type: 'client.reported', accountId: account.id, clientId: client.id, detail } as const
  // The block first: nothing can be allowed any more while the rest ends.
  await desk.blocks.add(client.id, account.id, desk.clock.now(), [desk.auditStatement(event)])
  for (const consent of await desk.revocation.store.listForClient(account.id, client.id)) {
    await revokeConsent(desk.revocation, consent, author)
  }
  return 'you'
}

/** Lifts a person's own block. */
export async function unblockHere(desk: BlockDesk, asked: Asked, caller: Caller): Promise<void> {
  const { account, client } = asked
  const event = {
    actor: `account:${account.id}`,
    ...caller,
    type: 'client.unblocked',
    accountId: account.id,
    clientId: client.id,
    detail: { reason: onConsentPage },
  } as const
  await desk.blocks.remove(client.id, account.id, [desk.auditStatement(event)])
}

/**
 * “Allow for everyone”: an administrator vouches for a client.
 *
 * @returns false when the person is no administrator; nothing happened then
 */
export async function vouchHere(desk: BlockDesk, asked: Asked, caller: Caller): Promise<boolean> {
  if (asked.account.role !== 'admin') return false
  if (asked.client.origin === 'operator' || asked.client.allowedAt) return true
  await desk.allowForAll(asked.client.id, { actor: `account:${asked.account.id}`, ...caller }, onConsentPage)
  return true
}
