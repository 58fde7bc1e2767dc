// A person's own pages and the console on a real koa and a real database. Only the session is played: a header names who
// is signed in. Grants are the rows that the protocol room would write.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import { onTestFinished } from 'vitest'
import { createAccountStore } from '../../src/accounts/store.ts'
import { createGrantLookup } from '../../src/admin/grants/store.ts'
import { createNameStore } from '../../src/admin/names/store.ts'
import { createOverviewStore } from '../../src/admin/overview/store.ts'
import { adminRoutes } from '../../src/admin/routes.ts'
import { type Audit, createAudit } from '../../src/audit/record.ts'
import { createApprovalStore } from '../../src/clients/approvals/store.ts'
import { createBlockedHostStore } from '../../src/clients/blocked-hosts/store.ts'
import type { CleanUpDesk } from '../../src/clients/clean-up/clean-up.ts'
import { createCleanUpStore } from '../../src/clients/clean-up/store.ts'
import { type ClientOrigin, makeClient } from '../../src/clients/client.ts'
import { createDirectory } from '../../src/clients/directory/store.ts'
import { createInitialAccessTokenStore } from '../../src/clients/initial-access-tokens/store.ts'
import { createIntrospectorStore } from '../../src/clients/introspects/store.ts'
import { createKnownNames } from '../../src/clients/known-names/store.ts'
import { DocumentError } from '../../src/clients/metadata-document.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'
import { type ClientStore, createClientStore } from '../../src/clients/store.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Consent } from '../../src/consent/consent.ts'
import { createConsentDirectory } from '../../src/consent/directory/store.ts'
import { type RevocationDesk, revokeAllOfClient } from '../../src/consent/revoke.ts'
import { type ConsentStore, createConsentStore } from '../../src/consent/store.ts'
import { createFactors } from '../../src/credentials/factors/factors.ts'
import { createSealer } from '../../src/crypto/seal.ts'
import type { Database } from '../../src/db/database.ts'
import { probeDatabase } from '../../src/db/probe.ts'
import { createDoctor } from '../../src/doctor/doctor.ts'
import { createIdentityStore } from '../../src/federation/identities/store.ts'
import { createUpstreamInspector } from '../../src/federation/inspect.ts'
import { createUpstreamStore } from '../../src/federation/upstreams/store.ts'
import { createKeyRing } from '../../src/keys/ring.ts'
import { accountRoutes } from '../../src/me/routes.ts'
import { createConnectionStore } from '../../src/me/store.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { createConnectionChanges } from '../../src/provider/adapter/connection-changes.ts'
import { createResource, type ResourceDesk } from '../../src/resources/change.ts'
import { createResourceInspector } from '../../src/resources/inspector.ts'
import { createResourceRegistry } from '../../src/resources/registry.ts'
import type { Resource } from '../../src/resources/resource.ts'
import { createResourceStore } from '../../src/resources/store.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { SignedIn } from '../../src/web/context.ts'
import { createCookieJar } from '../../src/web/cookies.ts'
import { createFormGuard, crossSite } from '../../src/web/forms.ts'
import { createLanguages } from '../../src/web/language.ts'
import { errorHandler } from '../../src/web/middleware/error-handler.ts'
import { requestId } from '../../src/web/middleware/request-id.ts'
import { pageTools } from '../../src/web/page-tools.ts'
import { createRenderer } from '../../src/web/render.ts'
import { createAssets } from '../../src/web/static.ts'
import { Browser } from '../consent/browser.ts'
import { addGrant } from '../consent/room.ts'
import { openTestDatabase } from '../support/database.ts'

export interface House {
  readonly database: Database
  readonly audit: Audit
  readonly clients: ClientStore
  readonly clientDesk: CleanUpDesk
  readonly consents: ConsentStore
  readonly resources: ResourceDesk
  readonly notes: Resource
  /** Accounts whose sessions were all ended. */
  readonly endedSessions: string[]
  /** A browser in which this person is signed in; undefined: nobody. */
  browserOf(person: Person | undefined): Browser
  addClient(
    id: string,
    over?: { name?: string; redirectUri?: string; origin?: ClientOrigin; setByFile?: boolean },
  ): Promise<void>
  /** A consent with one connection under the same id. */
  connect(id: string, over?: Partial<Consent>): Promise<Consent>
  grantIds(): Promise<readonly string[]>
  eventTypes(): Promise<readonly string[]>
}

export type Person = 'ada' | 'bob' | 'root'

const issuer = 'http://localhost:8414'

function upstreamParts(database: Database, audit: Audit) {
  const identities = createIdentityStore(database)
  const sealer = createSealer([new Uint8Array(32)], 'upstream secrets')
  const store = createUpstreamStore(database, sealer, systemClock)
  return {
    identities,
    upstreams: { store, identities, passwords: true, auditStatement: audit.statement },
    upstreamInspector: createUpstreamInspector({
      clock: systemClock,
      fetch: createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [] }),
    }),
  }
}

export async function openHouse(): Promise<House> {
  const database = await openTestDatabase()
  const audit = createAudit(database, systemClock, new Uint8Array(32))
  const clients = createClientStore(database, systemClock)
  const consents = createConsentStore(database)
  const resourceStore = createResourceStore(database)
  const registry = createResourceRegistry(resourceStore, systemClock)
  const resources: ResourceDesk = { store: resourceStore, registry, clock: systemClock, record: audit.record }
  const notes = await createResource(
    resources,
    {
      identifier: 'https://notes.example/mcp',
      name: 'Acme Notes',
      scopes: [
        { name: 'notes:read', description: 'Read your notes', risk: 'read', isDefault: true },
        { name: 'notes:write', description: 'Change your notes', risk: 'write' },
      ],
    },
    { actor: 'system' },
  )
  const revocation: RevocationDesk = {
    store: consents,
    revokeGrants: async (ids) => {
      for (const id of ids) {
        await database.sql.run('DELETE FROM refresh_family WHERE grant_id = ?', [id])
        await database.sql.run('DELETE FROM protocol_grant WHERE id = ?', [id])
      }
    },
    auditStatement: audit.statement,
    clock: systemClock,
  }
  const clientDesk: CleanUpDesk = {
    store: clients,
    approvals: createApprovalStore(database),
    cleanUps: createCleanUpStore(database),
    registration: 'approval',
    isPinned: () => false,
    auditStatement: audit.statement,
    clock: systemClock,
    endEverything: (id, author) => revokeAllOfClient(revocation, id, author),
  }
  const endedSessions: string[] = []
  const app = new Koa()
  app.use(
    pageTools({
      render: createRenderer({ issuer, assets: createAssets() }),
      forms: createFormGuard({ issuer, secrets: [new Uint8Array(32)], cookies: createCookieJar(issuer) }),
      languages: createLanguages(createCookieJar(issuer)),
    }),
  )
  app.use(requestId(() => '192.0.2.7'))
  const logger = { info() {}, warn() {}, error: (details: { err?: unknown }) => console.error(details.err) }
  app.use(errorHandler(logger as never))
  app.use((ctx, next) => {
    ctx.state.session = sessionOf(ctx.get('x-person'))
    return next()
  })
  app.use(crossSite())
  app.use(
    accountRoutes({
      desk: {
        ...revocation,
        store: consents,
        connections: createConnectionStore(database),
        changes: createConnectionChanges(database, systemClock),
        record: audit.record,
      },
      issuer,
      audit,
      findAccount: async () => null,
      factors: createFactors({ database, secrets: [new Uint8Array(32)], issuer, product: 'Sallyport' }),
      identities: createIdentityStore(database),
      removeAccount: async () => false,
      limits: { sessionIdleSeconds: 1800, sessionAbsoluteSeconds: 43_200 },
      findClient: clients.find,
      allResources: registry.all,
      sessions: {
        list: async () => [
          { uid: 'here', createdAt: new Date(0), usedAt: new Date(0), expiresAt: new Date(0) },
          { uid: 'there', createdAt: new Date(0), usedAt: new Date(0), expiresAt: new Date(0) },
        ],
        endAll: async (accountId) => endedSessions.push(accountId),
        signOut: async () => {},
        end: async (accountId, uid) => accountId === 'ada' && uid === 'there',
      },
    }).routes(),
  )
  app.use(
    adminRoutes({
      issuer,
      config: loadConfig({}),
      resources,
      inspector: createResourceInspector({
        issuer,
        clock: systemClock,
        fetch: createGuardedFetch({ userAgent: 'test', allowedInternalHosts: [], loopback: true }),
      }),
      doctor: createDoctor({
        guardedFetch: createGuardedFetch({
          userAgent: 'test',
          allowedInternalHosts: [],
          loopback: true,
          asClient: true,
        }),
        clock: systemClock,
      }),
      overview: createOverviewStore(database),
      keys: createKeyRing({
        database,
        sealer: createSealer([new Uint8Array(32)], 'signing-keys'),
        clock: systemClock,
        audit,
      }),
      accounts: createAccountStore(database),
      probeDatabase: () => probeDatabase(database),
      clients,
      clientDirectory: createDirectory(database, systemClock),
      introspectors: createIntrospectorStore(database),
      clientDesk,
      registration: {
        tokenDesk: {
          tokens: createInitialAccessTokenStore(database),
          auditStatement: audit.statement,
          clock: systemClock,
        },
        dryRunDesk: {
          rule: {
            mode: 'approval',
            hosts: [],
            documents: { mode: 'on', hosts: [], pinned: new Map(), issuer },
          },
          clients,
          names: createKnownNames(database, systemClock),
          readDocument: async () => {
            throw new DocumentError('unreachable', 'there is no network here')
          },
          clock: systemClock,
        },
      },
      hostDesk: {
        ...clientDesk,
        blockedHosts: createBlockedHostStore(database),
        memory: { forget() {} },
      },
      consents,
      consentDirectory: createConsentDirectory(database),
      ...upstreamParts(database, audit),
      revocation,
      audit,
      names: createNameStore(database),
      grantOf: createGrantLookup(database, audit, systemClock),
      clock: systemClock,
      logger: { error() {} },
    }).routes(),
  )
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    database,
    audit,
    clients,
    clientDesk,
    consents,
    resources,
    notes,
    endedSessions,
    browserOf: (person) => new Browser(origin, person === undefined ? {} : { 'x-person': person }),
    async addClient(
      id,
      { name = 'Claude', redirectUri = 'https://app.example/cb', origin: from = 'registered', setByFile } = {},
    ) {
      const checked = normaliseClientMetadata({ client_name: name, redirect_uris: [redirectUri] }, { origin: from })
      if (!checked.ok) throw new Error(checked.description)
      await clients.save(
        makeClient({ id, origin: from, metadata: checked.metadata, now: systemClock.now(), setByFile }),
      )
    },
    async connect(id, over = {}) {
      const consent: Consent = {
        id,
        accountId: 'ada',
        clientId: 'client-1',
        redirectHost: 'app.example',
        resourceId: notes.id,
        scopes: ['notes:read'],
        metadataDigest: 'digest',
        stayConnected: true,
        grantedAt: systemClock.now(),
        expiresAt: undefined,
        revokedAt: undefined,
        ...over,
      }
      await consents.grant(consent)
      await addGrant(database, { ...consent, id, consentId: id, resource: notes.identifier })
      return consent
    },
    async grantIds() {
      const rows = await database.sql.all<{ id: string }>('SELECT id FROM protocol_grant ORDER BY id')
      return rows.map((row) => row.id)
    },
    async eventTypes() {
      const rows = await database.sql.all<{ type: string }>('SELECT type FROM audit_event ORDER BY id')
      return rows.map((row) => row.type).filter((type) => type !== 'resource.created')
    },
  }
}

function sessionOf(person: string): SignedIn | undefined {
  if (person === '') return undefined
  return {
    account: {
      id: person,
      email: `${person}@acme.example`,
      name: person,
      role: person === 'root' ? 'admin' : 'member',
    },
    sessionUid: 'here',
    authTime: systemClock.now(),
    amr: ['pwd'],
    lacksSecondFactor: false,
  }
}
