import type { MyDesk } from './me/revoke.ts'
import { createConnectionStore } from './me/store.ts'
import { createConnectionChanges } from './provider/adapter/connection-changes.ts'
import type { Rooms } from './rooms.ts'

/** What the acts on a person's connections need; their own page and the command line share it. */
export function connectionDesk({ audit, consents, database }: Rooms): MyDesk {
  return {
    ...consents,
    connections: createConnectionStore(database),
    changes: createConnectionChanges(database),
    record: audit.record,
  }
}
