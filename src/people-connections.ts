import { connectionDesk } from './connection-desk.ts'
import { type RevocationTarget, revokeMine } from './me/revoke.ts'
import type { Rooms } from './rooms.ts'

/** A connection of a person as administrators see it; a name is undefined when its row is gone. */
export interface NamedConnection {
  readonly grantId: string
  readonly claimedName: string | undefined
  readonly provenHost: string | undefined
  readonly resourceName: string | undefined
  readonly scopes: readonly string[]
  readonly since: Date
  readonly usedAt: Date | undefined
}

/** Lists and ends the connections of one person, for the console and the command line. */
export interface PeopleConnections {
  list(accountId: string): Promise<readonly NamedConnection[]>
  /** @throws AppError `not_found` when it is not a connection of this account */
  end(accountId: string, grantId: string, by: Parameters<typeof revokeMine>[3]): Promise<void>
}

/** The same acts that a person's own page has, for any account. */
export function peopleConnections(rooms: Rooms): PeopleConnections {
  const desk = connectionDesk(rooms)
  return {
    async list(accountId) {
      const connections = await desk.connections.list(accountId, rooms.clock.now())
      return Promise.all(
        connections.map(async ({ grantId, clientId, resource, scopes, since, usedAt }) => {
          const [client, server] = await Promise.all([
            rooms.clients.find(clientId),
            resource === undefined ? null : rooms.registry.find(resource),
          ])
          const claimedName = client?.claimedName
          const provenHost = client?.provenHost ?? undefined
          return { grantId, claimedName, provenHost, resourceName: server?.name, scopes, since, usedAt }
        }),
      )
    },
    async end(accountId, grantId, by) {
      const target: RevocationTarget = { kind: 'connection', grantId }
      await revokeMine(desk, accountId, target, by)
    },
  }
}
