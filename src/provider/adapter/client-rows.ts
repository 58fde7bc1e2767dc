import { type Client, clientFromPayload, payloadOf } from '../../clients/client.ts'
import type { FirstState } from '../../clients/registration-policy.ts'
import type { Statement } from '../../db/database.ts'
import { currentUnit } from '../unit.ts'
import { type ModelRows, type RowsDependencies, write } from './model-rows.ts'
import type { Payload } from './payload.ts'

/** What the rows of clients ask of `clients/store.ts`. */
export interface ClientRowsDependencies {
  /** The state in which a client that registers itself begins. */
  readonly firstState: FirstState
  readonly clients: {
    find(id: string): Promise<Client | null>
    upsertStatement(client: Client): Statement
    removeStatement(id: string): Statement
  }
}

/** Self-registered and operators' clients for the library; metadata documents come by their own way. */
export function clientRows(dependencies: RowsDependencies & ClientRowsDependencies): ModelRows {
  const { clients, clock, firstState } = dependencies
  return {
    // Blocked and removed clients are unknown to the protocol: 401 `invalid_client`, on which clients register anew, and a
    // page that says which of these it is. A client that waits is known: it keeps its id, and goes no further than the
    // prompt of approval-prompt.ts.
    async find(id) {
      const client = await clients.find(id)
      const isKnown = client?.state === 'active' || client?.state === 'pending'
      if (!isKnown || client.origin === 'document') return undefined
      // Parse boundary: our metadata is what the library calls a client's metadata.
      return { ...payloadOf(client), response_modes: ['query'] } as Payload
    },

    async upsert(id, payload) {
      // Only a request to /register comes here, and it has brought what the client says into the form that is kept.
      const unit = currentUnit()
      const metadata = unit?.clientMetadata
      if (metadata === undefined) throw new TypeError('a client is saved outside a registration')
      const client = clientFromPayload(id, { ...payload }, metadata, clock.now(), {
        state: firstState,
        invitedBy: unit?.invitedBy ?? null,
      })
      await write(dependencies, 'write', `client:${id}`, clients.upsertStatement(client))
    },

    async destroy(id) {
      await write(dependencies, 'write', `client:${id}`, clients.removeStatement(id))
    },
  }
}
