import { revokeClient } from '../revocations/store.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Client } from './client.ts'
import { canonicalJson } from './metadata.ts'
import { makeOperatorClient, type OperatorClientDraft } from './operator-client.ts'
import type { ClientStore } from './store.ts'

/** Ids of clients that the file brought in, changed and took away; the grants of the last are to be revoked. */
export interface ClientSyncOutcome {
  readonly created: readonly string[]
  readonly updated: readonly string[]
  readonly removed: readonly string[]
}

/**
 * Makes the operator's clients say what the file says: new ones come in, changed ones change, and what the file held before and
 * holds no more leaves a tombstone. A client that an operator made and the file now names belongs to the file from then on; a blocked
 * one stays blocked. Running it again changes nothing.
 *
 * @throws AppError `invalid_client` (400) naming every fault; nothing is written then
 */
export async function syncFileClients(
  store: ClientStore,
  drafts: readonly OperatorClientDraft[],
  now: Date,
): Promise<ClientSyncOutcome> {
  const wanted = await checkAll(store, drafts, now)
  const created: string[] = []
  const updated: string[] = []
  for (const client of wanted) {
    const before = await store.find(client.id)
    const isNew = before === null || before.state === 'removed'
    if (!isNew && saysTheSame(before, client)) continue
    // What is out may be more than it is allowed now, or was got by a secret that is not good any more.
    await store.save(client, isNew ? [] : [revokeClient(client.id, now)])
    if (isNew) created.push(client.id)
    else updated.push(client.id)
  }
  const named = new Set(wanted.map(({ id }) => id))
  const gone = (await store.listSetByFile()).filter(({ id }) => !named.has(id))
  for (const { id } of gone) await store.remove(id)
  return { created, updated, removed: gone.map(({ id }) => id) }
}

async function checkAll(
  store: ClientStore,
  drafts: readonly OperatorClientDraft[],
  now: Date,
): Promise<readonly Client[]> {
  const faults: string[] = []
  const clients: Client[] = []
  for (const draft of drafts) {
    const fault = await refusal(store, draft, clients, now)
    if (fault !== null) faults.push(fault)
  }
  if (faults.length > 0) throw new AppError('invalid_client', 400, faults.join('; '))
  return clients
}

async function refusal(
  store: ClientStore,
  draft: OperatorClientDraft,
  clients: Client[],
  now: Date,
): Promise<string | null> {
  try {
    const { client, madeSecret } = makeOperatorClient({ ...draft, setByFile: true }, now)
    // A secret that only we know is of no use to a file, and would change at each start.
    if (madeSecret !== undefined) return `client ${client.id}: client_secret_file is missing`
    if (clients.some(({ id }) => id === client.id)) return `client ${client.id}: is there twice`
    const before = await store.find(client.id)
    if (before !== null && before.origin !== 'operator') return `client ${client.id}: this id belongs to another client`
    clients.push(client)
    return null
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

function saysTheSame(one: Client, other: Client): boolean {
  const facts = ({ metadata, secretDigest, resourceCeiling, introspects, setByFile }: Client) =>
    canonicalJson({ metadata, secretDigest, resourceCeiling, introspects, setByFile })
  return facts(one) === facts(other)
}
