import type { Middleware } from 'koa'
import { openSetup } from './accounts/register.ts'
import { createExpiry } from './clients/expiry/expiry.ts'
import { createExpiryStore } from './clients/expiry/store.ts'
import { takesRegistrations } from './clients/registration-policy.ts'
import type { Config } from './config/config.ts'
import { createConfiguredAdministrator } from './configured-administrator.ts'
import { relyingParty } from './credentials/passkeys/passkey.ts'
import { probeDatabase } from './db/probe.ts'
import { openDocuments } from './document-desk.ts'
import { requireWayIn } from './federation-rooms.ts'
import { hopDependencies } from './hop-dependencies.ts'
import type { Keyset } from './keys/keyset.ts'
import { keyTickSeconds } from './keys/ring.ts'
import { openLimits } from './limits-desk.ts'
import { drain, listen } from './listen.ts'
import { silentMetrics } from './metrics/metrics.ts'
import { keepMetrics, openMetrics } from './metrics-desk.ts'
import { createClientAddress } from './net/client-ip.ts'
import type { EgressStage } from './net/egress.ts'
import { supportedAcrs } from './oauth/acr.ts'
import { pageDependencies } from './page-dependencies.ts'
import { sweepExpired } from './provider/adapter/sweep.ts'
import type { ClientDocuments } from './provider/client-documents.ts'
import { discoveryDocument, protocolPaths } from './provider/discovery.ts'
import { fetchByLibrary, proveGuard } from './provider/guard-check.ts'
import { createProtocol } from './provider/protocol.ts'
import { openRevocations } from './revocation-feed.ts'
import { openRooms, type Rooms, syncFromFile } from './rooms.ts'
import { createPages } from './router.ts'
import { type Clock, systemClock } from './runtime/clock.ts'
import { createJobs, type Jobs } from './runtime/jobs.ts'
import type { Logger } from './runtime/logger.ts'
import { createFront, type FrontParts } from './server.ts'
import { createBrand } from './web/brand.ts'
import { createCookieJar } from './web/cookies.ts'
import { createFormGuard } from './web/forms.ts'
import { createLanguages, type Languages } from './web/language.ts'
import { accessLog } from './web/middleware/access-log.ts'
import { errorHandler } from './web/middleware/error-handler.ts'
import { requestId } from './web/middleware/request-id.ts'
import { securityHeaders } from './web/middleware/security-headers.ts'
import { pageTools } from './web/page-tools.ts'
import { createReadyDocuments, type ReadyDocuments } from './web/ready-documents.ts'
import { createRenderer, type Renderer } from './web/render.ts'
import { createAssets } from './web/static.ts'

/** What a server is built from. */
export interface AppOptions {
  readonly config: Config
  /** First seals and signs, all open. */
  readonly secrets: readonly Uint8Array[]
  readonly logger: Logger
  readonly clock?: Clock
  /** For tests: names and addresses of their own, to fetch from. */
  readonly egressStage?: EgressStage | undefined
  /** Other bounds on connections than ours; for tests. */
  readonly patience?: FrontParts['patience']
}

/** A server that is built and not yet listening. */
export interface App {
  readonly rooms: Rooms
  /** Listens on the configured host and port. @returns where, for example `http://127.0.0.1:8414` */
  listen(): Promise<{ readonly url: string }>
  /** The one-time link for the first administrator, a new one at each call; null once there is one. */
  setupLink(): Promise<string | null>
  /** Takes no new requests, lets those in progress end, closes everything. A second call waits for the first. */
  close(): Promise<void>
}

/** Builds the server on a migrated database: rooms, keys, protocol, pages, jobs. */
export async function createApp({
  config,
  secrets,
  logger,
  clock = systemClock,
  egressStage,
  patience,
}: AppOptions): Promise<App> {
  const kept = await keepMetrics(config)
  const rooms = await openRooms({ config, secrets, logger, clock, metrics: kept ?? silentMetrics, egressStage })
  await syncFromFile(rooms)
  await createConfiguredAdministrator(rooms)
  await requireWayIn(rooms)
  await rooms.keys.load()
  const keyset = await ensureKeys(rooms)
  const brand = createBrand({ name: config.brandName, logo: config.brandLogo, accent: config.brandAccent })
  const assets = createAssets(brand.files)
  const languages = createLanguages(createCookieJar(config.issuer))
  const front = createFrontMiddleware(rooms, createRenderer({ issuer: config.issuer, assets, brand }), languages)
  const limits = await openLimits(rooms)
  const documents = openDocuments(rooms, limits)
  const basePath = basePathOf(config.issuer)
  const protocol = createProtocol({
    ...rooms,
    accounts: rooms.accounts.store,
    consents: rooms.consents.store,
    documents,
    limits,
    keyset,
    ensureAlg: (alg) => rooms.keys.ensure([alg]),
    front,
    basePath,
  })
  await proveGuard({ library: fetchByLibrary(protocol.holder.current()), ...rooms.egress })
  const ready = createReadyDocuments()
  publish(ready, config, keyset, documents)
  rooms.keys.onChange((next) => {
    protocol.useKeys(next)
    publish(ready, config, next, documents)
  })

  let draining = false
  const dependencies = pageDependencies(rooms, protocol)
  const pages = createPages({
    front,
    languages,
    assets,
    limits,
    health: { probes: [{ name: 'database', check: () => probeDatabase(rooms.database) }], isDraining: () => draining },
    sessions: protocol.sessions,
    interactions: protocol.interactions,
    ...dependencies,
    federation: hopDependencies(rooms, protocol, dependencies.login.completion.complete),
  })
  const server = createFront({
    config,
    documents: ready,
    revocations: openRevocations(rooms, limits, basePath),
    protocol: protocol.holder.handle,
    pages: pages.callback(),
    logger,
    metrics: rooms.metrics,
    patience,
  })
  const jobs = startJobs(rooms)
  const metricsListener = kept === undefined ? undefined : openMetrics(rooms, kept, server)
  let closing: Promise<void> | undefined

  async function shut(): Promise<void> {
    draining = true
    await drain(server)
    await metricsListener?.close()
    await jobs.stop()
    await rooms.close()
  }

  return {
    rooms,
    async listen() {
      await metricsListener?.listen()
      return listen(server, config)
    },
    async setupLink() {
      const token = await openSetup(rooms.accounts)
      return token === null ? null : `${config.issuer}/setup/${token}`
    },
    close() {
      closing ??= shut()
      return closing
    },
  }
}

function createFrontMiddleware(
  { config, secrets, logger, metrics }: Rooms,
  render: Renderer,
  languages: Languages,
): readonly Middleware[] {
  const { issuer } = config
  return [
    pageTools({
      render,
      forms: createFormGuard({ issuer, secrets, cookies: createCookieJar(issuer) }),
      languages,
    }),
    requestId(
      createClientAddress(config.trustedProxies, (peer) =>
        logger.warn(
          { peer },
          'X-Forwarded-For is ignored: everybody behind this peer counts as one caller; if it is your proxy, name it in SALLYPORT_TRUSTED_PROXIES',
        ),
      ),
    ),
    accessLog(logger, metrics.request),
    securityHeaders(issuer),
    errorHandler(logger),
  ]
}

/** Puts metadata at every spelling of its address, and the keys beside it (RFC 8414 §3.1, §5; OpenID Discovery §4). */
function publish(
  ready: ReadyDocuments,
  { issuer, registration }: Config,
  keyset: Keyset,
  documents: ClientDocuments,
): void {
  const path = basePathOf(issuer)
  const names = ['oauth-authorization-server', 'openid-configuration']
  const spellings = names.flatMap((name) => [`/.well-known/${name}${path}`, `${path}/.well-known/${name}`])
  const document = discoveryDocument({
    issuer,
    registrationIsOpen: takesRegistrations(registration),
    documentsAreOn: documents.isOn,
    idTokenAlgs: keyset.algs,
    acrs: supportedAcrs(relyingParty(issuer, '') !== null),
  })
  // Ours: an hour; metadata changes with settings, at a restart.
  ready.put([...new Set(spellings)], document, 3600)
  // Shorter than the lead of a new key (keys/), so that every verifier has it before it signs.
  ready.put([`${path}${protocolPaths.jwks}`], keyset.published, 300)
}

function startJobs(rooms: Rooms): Jobs {
  const { audit, clock, database, keys, logger } = rooms
  const jobs = createJobs(logger)
  jobs.every('signing keys', keyTickSeconds, async () => {
    await ensureKeys(rooms)
    await keys.tick()
  })
  jobs.every('audit chain', 5, async () => void (await audit.seal()))
  const expire = createExpiry({
    ...{ audit, clients: rooms.clients, clock, expiry: createExpiryStore(database) },
    unusedHours: rooms.config.clientUnusedHours,
    idleDays: rooms.config.clientIdleDays,
  })
  jobs.every('unused clients', 60, async () => void (await expire()))
  jobs.every('expired rows', 60, async () => void (await sweepExpired(database, clock.now())))
  return jobs
}

/** Every algorithm that a resource asks for has a key, ours for ID tokens among them. */
async function ensureKeys({ keys, registry }: Rooms): Promise<Keyset> {
  return keys.ensure(new Set(['ES256', ...(await registry.algs())]))
}

function basePathOf(issuer: string): string {
  const { pathname } = new URL(issuer)
  return pathname === '/' ? '' : pathname
}
