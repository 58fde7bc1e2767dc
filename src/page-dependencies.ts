import { createGrantLookup } from './admin/grants/store.ts'
import { createNameStore } from './admin/names/store.ts'
import { createOverviewStore, rememberOverview } from './admin/overview/store.ts'
import { allowForEveryone } from './clients/approvals/decide.ts'
import { blockClient } from './clients/change.ts'
import { createIntrospectorStore } from './clients/introspects/store.ts'
import { createKnownNames } from './clients/known-names/store.ts'
import { connectionDesk, removePerson } from './connection-desk.ts'
import type { AskingClient } from './consent/client-card.ts'
import { createConsentDirectory } from './consent/directory/store.ts'
import { createOwnBlocks } from './consent/own-blocks/store.ts'
import { probeDatabase } from './db/probe.ts'
import { createDoctor } from './doctor/doctor.ts'
import { dryRunDesk } from './dry-run-desk.ts'
import { createBrowserMemory } from './login/known-browser.ts'
import { peopleConnections } from './people-connections.ts'
import { deleteSession } from './provider/adapter/session-rows.ts'
import type { Protocol } from './provider/protocol.ts'
import type { Rooms } from './rooms.ts'
import type { RouterParts } from './router.ts'
import { openSignIn, resetDesk } from './sign-in-rooms.ts'
import { createCookieJar } from './web/cookies.ts'

/** Hands each room of pages the narrow functions that it needs. */
export function pageDependencies(
  rooms: Rooms,
  protocol: Protocol,
): Pick<RouterParts, 'login' | 'consent' | 'linked' | 'logos' | 'approval' | 'account' | 'admin' | 'people'> {
  const { audit, clients, clock, consents, database, logger, passwords, registry, revokeConnections } = rooms
  const accounts = rooms.accounts.store
  const { interactions, sessions, grants } = protocol
  const blocks = createOwnBlocks(database)
  const browsers = createBrowserMemory(createCookieJar(rooms.config.issuer), rooms.knownBrowsers, clock)
  const { completion, secondFactors } = openSignIn(rooms, protocol, browsers)
  const findClient = (clientId: string) => clients.find(clientId)
  return {
    login: {
      accounts,
      passwords,
      audit,
      clock,
      interactions,
      sessions,
      revokeConnections,
      guard: rooms.guard,
      browsers,
      links: { accounts: rooms.accounts, forgotten: rooms.forgotten },
      completion,
      secondFactors,
      needsMore: rooms.factors.needsMore,
      waysIn: async () => ({
        password: rooms.config.passwordSignIn,
        upstreams: await rooms.federation.upstreams.store.enabled(),
      }),
      async whoAsks({ clientId, resource }) {
        const [client, server] = await Promise.all([findClient(clientId), registry.find(resource)])
        return {
          claimedName: client?.claimedName ?? clientId,
          provenHost: client?.provenHost ?? undefined,
          resourceName: server?.name ?? resource,
          resource,
        }
      },
    },
    consent: {
      interactions,
      clock,
      logger,
      store: consents.store,
      findClient: rooms.admissions.clientFor,
      findResource: registry.find,
      findAccount: accounts.find,
      lookAlike: createKnownNames(database, clock).lookAlike,
      isBlocked: blocks.has,
      // A picture lends belief: only a client whose host is proven or that an administrator answers for has one.
      logoOf: async (client: AskingClient) =>
        client.origin === 'registered' && !client.allowedAt
          ? undefined
          : rooms.logos.addressOf({ id: client.id, logoUri: client.metadata?.logo_uri }),
      blockDesk: {
        blocks,
        revocation: consents,
        auditStatement: audit.statement,
        clock,
        blockForAll: (clientId, author, reason) => blockClient(rooms.clientDesk, clientId, author, reason),
        allowForAll: (clientId, author, reason) => allowForEveryone(rooms.clientDesk, clientId, author, reason),
      },
      desk: {
        interactions,
        grants,
        store: consents.store,
        revokeGrants: consents.revokeGrants,
        auditStatement: audit.statement,
        record: audit.record,
        // A remembered consent ends when a connection made from it would end at the latest.
        consentLifetimeSeconds: rooms.config.refreshAbsoluteSeconds,
      },
    },
    approval: {
      interactions,
      admissions: rooms.admissions,
      findClient,
      findAccount: accounts.find,
      resourceName: async (identifier) => (await registry.find(identifier))?.name ?? identifier,
    },
    linked: { desk: rooms.federation.people, upstreams: rooms.federation.upstreams.store },
    logos: rooms.logos,
    account: {
      issuer: rooms.config.issuer,
      desk: connectionDesk(rooms),
      audit,
      findClient,
      findAccount: accounts.find,
      identities: rooms.federation.identities,
      factors: rooms.factors,
      allResources: registry.all,
      removeAccount: (accountId, by) => removePerson(rooms, accountId, by, 'own_page'),
      sessions: { ...sessions, end: (accountId, uid) => deleteSession(database, accountId, uid) },
      limits: rooms.config,
    },
    people: {
      desk: rooms.accounts,
      sessions,
      federation: rooms.federation.people,
      upstreams: rooms.federation.upstreams.store,
      connections: peopleConnections(rooms),
      guard: rooms.guard,
      factors: resetDesk(rooms),
      remove: (accountId, by) => removePerson(rooms, accountId, by, 'console'),
    },
    admin: {
      issuer: rooms.config.issuer,
      config: rooms.config,
      resources: rooms.resources,
      inspector: rooms.inspector,
      doctor: createDoctor({ guardedFetch: rooms.egress.doctor, clock }),
      overview: rememberOverview(createOverviewStore(database), () => clock.now()),
      keys: rooms.keys,
      accounts,
      probeDatabase: () => probeDatabase(database),
      clients,
      clientDirectory: rooms.clientDirectory,
      introspectors: createIntrospectorStore(database),
      clientDesk: rooms.clientDesk,
      registration: {
        tokenDesk: { tokens: rooms.initialAccessTokens, auditStatement: audit.statement, clock },
        dryRunDesk: dryRunDesk(rooms),
      },
      hostDesk: rooms.hostDesk,
      consents: consents.store,
      consentDirectory: createConsentDirectory(database),
      revocation: consents,
      upstreams: rooms.federation.upstreams,
      upstreamInspector: rooms.federation.inspector,
      identities: rooms.federation.identities,
      audit,
      names: createNameStore(database),
      grantOf: createGrantLookup(database, audit, clock),
      clock,
      logger,
    },
  }
}
