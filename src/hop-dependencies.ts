import { clientCard, redirectKind } from './consent/client-card.ts'
import { destinationOf } from './consent/destination.ts'
import { createSealer } from './crypto/seal.ts'
import { createHopCookies } from './federation/hop-cookies.ts'
import { createUpstreamProtocol } from './federation/protocol.ts'
import type { FederationRoutesDeps } from './federation/routes.ts'
import { createStateStore } from './federation/states/store.ts'
import { createTokenStore } from './federation/tokens/store.ts'
import type { Protocol } from './provider/protocol.ts'
import type { Rooms } from './rooms.ts'
import { AppError } from './runtime/app-error.ts'
import { createCookieJar } from './web/cookies.ts'

/** Hands the hop to a provider upstream what it needs, and the page before it the same client card that consent shows. */
export function hopDependencies(
  rooms: Rooms,
  { interactions }: Pick<Protocol, 'interactions'>,
  complete: FederationRoutesDeps['complete'],
): FederationRoutesDeps {
  const { audit, clients, clock, config, database, egress, federation, logger, registry, secrets } = rooms
  return {
    issuer: config.issuer,
    audit,
    clock,
    logger,
    interactions,
    complete,
    people: federation.people,
    upstreams: federation.upstreams.store,
    isWaiting: interactions.isWaiting,
    states: createStateStore(database, createSealer(secrets, 'upstream states')),
    tokens: createTokenStore(database, createSealer(secrets, 'upstream tokens')),
    cookies: createHopCookies(createCookieJar(config.issuer)),
    protocol: createUpstreamProtocol({
      fetch: egress.upstreams,
      clock,
      allowedInternalHosts: config.egressAllowedHosts,
      // Decision 0016: an issuer on loopback is a development one, and so are the servers beside it.
      loopback: new URL(config.issuer).protocol === 'http:',
    }),
    async whoAsks(ctx, { clientId, redirectUri, resource }) {
      const [client, server] = await Promise.all([clients.find(clientId), registry.find(resource)])
      if (client === null) throw new AppError('unknown_client', 400, 'This client is not registered here any more.')
      const { messages } = ctx.state
      const card = clientCard(client, redirectKind(redirectUri), messages)
      return {
        client: card,
        destination: destinationOf(redirectUri, card, messages),
        server: { name: server?.name ?? resource, address: resource.replace(/^https?:\/\//, '') },
      }
    },
  }
}
