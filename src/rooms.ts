import { openAccountRooms } from './account-rooms.ts'
import { createAccountStore } from './accounts/store.ts'
import { createAudit } from './audit/record.ts'
import { createAdmissions } from './clients/approvals/approval.ts'
import { createApprovalStore } from './clients/approvals/store.ts'
import { type BlockedHosts, createBlockedHosts } from './clients/blocked-hosts/blocked-host.ts'
import { createBlockedHostStore } from './clients/blocked-hosts/store.ts'
import type { CleanUpDesk } from './clients/clean-up/clean-up.ts'
import { createCleanUpStore } from './clients/clean-up/store.ts'
import { createDirectory as createClientDirectory } from './clients/directory/store.ts'
import { mayFetchLogo } from './clients/document-policy.ts'
import { createInitialAccessTokenStore } from './clients/initial-access-tokens/store.ts'
import type { EntryRule } from './clients/registration-policy.ts'
import { createClientStore } from './clients/store.ts'
import { syncFileClients } from './clients/sync.ts'
import type { Config } from './config/config.ts'
import type { Consent } from './consent/consent.ts'
import { revokeAllOfClient, revokeAllOfResource, revokeLostAccess } from './consent/revoke.ts'
import { createConsentStore } from './consent/store.ts'
import { createFactors } from './credentials/factors/factors.ts'
import { createPasswords } from './credentials/password.ts'
import { createKnownBrowsers } from './credentials/throttle/known-browser.ts'
import { createSealer, deriveKey } from './crypto/seal.ts'
import { openDatabase } from './db/database.ts'
import { openEgress } from './egress-ways.ts'
import { createIdentityStore } from './federation/identities/store.ts'
import { syncFileUpstreams } from './federation/sync.ts'
import { openFederationRooms } from './federation-rooms.ts'
import { createKeyRing } from './keys/ring.ts'
import { createPendingStore } from './login/pending/store.ts'
import { createLogos } from './logos/logo.ts'
import { createLogoStore } from './logos/store.ts'
import { silentMetrics } from './metrics/metrics.ts'
import { openProofGuard } from './proof-guard.ts'
import { revokeGrants } from './provider/adapter/connection-rows.ts'
import { deleteSessions } from './provider/adapter/session-rows.ts'
import { createAccessCheck } from './resources/access.ts'
import { createResourceInspector } from './resources/inspector.ts'
import { createResourceRegistry } from './resources/registry.ts'
import { createResourceStore } from './resources/store.ts'
import { syncFileResources } from './resources/sync.ts'
import type { Rooms, RoomsOptions } from './rooms-interface.ts'

export type { Rooms, RoomsOptions } from './rooms-interface.ts'

/** Opens the rooms on a migrated database. Starts nothing and listens nowhere. */
export async function openRooms({
  config,
  secrets,
  logger,
  clock,
  metrics = silentMetrics,
  egressStage,
}: RoomsOptions): Promise<Rooms> {
  const database = await openDatabase(config.database, { synchronous: config.sqliteSynchronous, logger })
  const [newest, ...older] = secrets
  if (newest === undefined) throw new RangeError('at least one secret is needed')
  const chainKey = (secret: Uint8Array) => deriveKey(secret, 'audit chain', 32)
  const audit = createAudit(database, clock, [chainKey(newest), ...older.map(chainKey)], {
    logger,
    written: metrics.event,
  })
  const clients = createClientStore(database, clock)
  const store = createResourceStore(database)
  const registry = createResourceRegistry(store, clock)
  const consents = {
    store: createConsentStore(database),
    revokeGrants: (grantIds: readonly string[]) =>
      revokeGrants(
        { database, clock },
        grantIds.map((grantId) => ({ grantId })),
      ),
    auditStatement: audit.statement,
    clock,
  }
  const approvals = createApprovalStore(database, config.registration)
  const blockedHostStore = createBlockedHostStore(database)
  const blockedHosts = createBlockedHosts(blockedHostStore, clock)
  const entryRule = entryRuleOf(config, blockedHosts)
  const endClient = (clientId: string) => revokeGrants({ database, clock }, [{ clientId }])
  const clientDesk: CleanUpDesk = {
    store: clients,
    cleanUps: createCleanUpStore(database),
    approvals,
    registration: config.registration,
    isPinned: (clientId) => config.file.metadataDocuments.has(clientId),
    auditStatement: audit.statement,
    clock,
    async endEverything(clientId, author) {
      const count = await revokeAllOfClient(consents, clientId, author)
      // Grants of a client that acts for itself have no consent behind them.
      await endClient(clientId)
      return count
    },
  }
  const sessions = {
    endAll: (accountId: string, exceptUid?: string) => deleteSessions(database, accountId, clock.now(), exceptUid),
  }
  const revokeConnections = (accountId: string) => revokeGrants({ database, clock }, [{ accountId }])
  const egress = openEgress(config, { logger, metrics }, egressStage)
  const logos = createLogos({
    store: createLogoStore(database),
    guardedFetch: egress.logos,
    mayFetch: (uri) => mayFetchLogo(entryRule.documents, uri),
    clock,
    logger,
  })
  const sealer = createSealer(secrets, 'signing-keys')
  const accounts = createAccountStore(database)
  const identities = createIdentityStore(database)
  const mayUse = createAccessCheck(accounts.findState)
  const factors = createFactors({
    ...{ database, secrets, issuer: config.issuer, product: config.brandName },
    everybody: config.secondFactor === 'required',
  })
  const pending = createPendingStore(database)
  const people = openAccountRooms({
    ...{ config, database, audit, clock, logger, sessions, revokeConnections },
    store: accounts,
    belongings: [identities.removal, factors.removal],
    pending,
    async afterDemotion(accountId, by) {
      const mayStill = async ({ resourceId }: Pick<Consent, 'resourceId'>) => {
        const resource = await store.find(resourceId)
        return resource === null || mayUse(resource, accountId)
      }
      await revokeLostAccess(consents, { accountId }, mayStill, by)
    },
  })
  return {
    config,
    clock,
    logger,
    secrets,
    metrics,
    database,
    audit,
    ...people,
    sessions,
    revokeConnections,
    passwords: createPasswords(undefined, [config.brandName, new URL(config.issuer).hostname]),
    factors,
    pending,
    guard: openProofGuard({ database, secret: newest, clock, accounts, audit, metrics, logger }),
    knownBrowsers: createKnownBrowsers(secrets),
    clients,
    logos,
    approvals,
    admissions: createAdmissions({ clients, approvals, rule: entryRule }),
    entryRule,
    initialAccessTokens: createInitialAccessTokenStore(database),
    clientDesk,
    blockedHosts,
    hostDesk: { ...clientDesk, blockedHosts: blockedHostStore, memory: blockedHosts },
    clientDirectory: createClientDirectory(database, clock),
    registry,
    resources: {
      store,
      registry,
      clock,
      record: audit.record,
      beforeRemoval: async ({ id }) => void (await revokeAllOfResource(consents, id, { actor: 'system' })),
      async afterNarrowing(resource, author) {
        const mayStill = ({ accountId }: Pick<Consent, 'accountId'>) => mayUse(resource, accountId)
        await revokeLostAccess(consents, { resourceId: resource.id }, mayStill, author)
      },
    },
    inspector: createResourceInspector({
      issuer: config.issuer,
      clock,
      fetch: egress.resources,
    }),
    egress,
    keys: createKeyRing({ database, sealer, clock, audit }),
    consents,
    federation: openFederationRooms({
      ...{ config, secrets, database, identities, audit, clock },
      accounts: people.accounts,
      needsMore: factors.needsMore,
      fetch: egress.upstreams,
    }),
    endClient,
    async close() {
      await people.forgotten?.settled()
      await logos.settled()
      await audit.seal()
      await database.close()
    },
  }
}

/** Makes the rows say what the YAML file says: MCP servers first, then the clients whose ceilings name them, then upstreams. */
export async function syncFromFile({
  config,
  resources,
  clients,
  clientDesk,
  clock,
  federation,
  registry,
  logger,
}: Rooms): Promise<void> {
  await syncFileResources(resources, config.file.resources)
  const { removed } = await syncFileClients(clients, config.file.clients, clock.now())
  // Consents too: a client that comes back under its old id must ask anew.
  for (const clientId of removed) await clientDesk.endEverything(clientId, { actor: 'system' })
  await syncFileUpstreams(federation.upstreams, config.file.upstreams)
  for (const { clientId, introspects = [] } of config.file.clients) {
    for (const resource of introspects) {
      if ((await registry.find(resource)) !== null) continue
      const hint = 'correct introspects in the file, or register the server'
      logger.warn({ clientId, resource, hint }, 'a client may ask about tokens of an MCP server that is not registered')
    }
  }
}

function entryRuleOf(config: Config, blockedHosts: Pick<BlockedHosts, 'covers'>): EntryRule {
  return {
    mode: config.registration,
    hosts: config.registrationHosts,
    documents: {
      mode: config.clientMetadataDocuments,
      hosts: config.metadataDocumentHosts,
      internalHosts: config.egressAllowedHosts,
      isBlocked: blockedHosts.covers,
      pinned: config.file.metadataDocuments,
      issuer: config.issuer,
    },
  }
}
