import type { DryRunDesk } from './clients/dry-run/dry-run.ts'
import { createKnownNames } from './clients/known-names/store.ts'
import type { ClientMetadata } from './clients/metadata.ts'
import { createDocumentSource } from './clients/metadata-document.ts'
import type { Rooms } from './rooms.ts'

/** What the dry run stands on, for the console and the command line: the rule and the ways of the server, and a memory of its own. */
export function dryRunDesk({ blockedHosts, clients, clock, database, egress, entryRule }: Rooms): DryRunDesk {
  return {
    rule: entryRule,
    clients: {
      async find(id) {
        await blockedHosts.refresh()
        return clients.find(id)
      },
    },
    names: createKnownNames(database, clock),
    async readDocument(clientId) {
      const source = createDocumentSource({ ...entryRule.documents, guardedFetch: egress.documents, clock })
      const { client_id: _clientId, ...metadata } = await (await source.document(clientId)).json()
      // Parse boundary: the source answers with what its normaliser made.
      return metadata as ClientMetadata
    },
    clock,
  }
}
