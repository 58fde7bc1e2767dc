import type { Context, Middleware } from 'koa'
import type { Provider } from 'oidc-provider'
import type { AccountStore } from '../accounts/store.ts'
import type { Audit, AuditEvent } from '../audit/record.ts'
import type { Admissions } from '../clients/approvals/approval.ts'
import { askedEvent } from '../clients/approvals/decide.ts'
import type { ApprovalStore } from '../clients/approvals/store.ts'
import type { InitialAccessTokenStore } from '../clients/initial-access-tokens/store.ts'
import { normaliseClientMetadata } from '../clients/normalise.ts'
import { type EntryRule, firstState, judgeEntry, takesRegistrations } from '../clients/registration-policy.ts'
import { secretMatches } from '../clients/secret.ts'
import type { ClientStore } from '../clients/store.ts'
import type { Config } from '../config/config.ts'
import { remembered } from '../consent/remembered.ts'
import type { ConsentStore } from '../consent/store.ts'
import type { Factors } from '../credentials/factors/factors.ts'
import { randomSecret } from '../crypto/random.ts'
import { createSealer, deriveKey } from '../crypto/seal.ts'
import type { Database } from '../db/database.ts'
import type { Keyset } from '../keys/keyset.ts'
import { limitDoors, protocolDoors } from '../limits/door.ts'
import type { Limits } from '../limits/limits.ts'
import type { GrantPort, InteractionPort } from '../oauth/interaction.ts'
import { createAccessCheck } from '../resources/access.ts'
import type { ResourceRegistry } from '../resources/registry.ts'
import type { SigningAlg } from '../resources/resource.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import type { SessionPort } from '../web/context.ts'
import { createCookieJar } from '../web/cookies.ts'
import { voidStatements } from './adapter/connection-rows.ts'
import { createRows } from './adapter/index.ts'
import type { ClientDocuments } from './client-documents.ts'
import { createProvider } from './create.ts'
import { createGivenAnswers } from './given-answers.ts'
import { createProviderHolder, type ProviderHolder } from './holder.ts'
import { createGrantMaker, createInteractionPort, type ResumePort } from './interaction-port.ts'
import { newClientId } from './new-client-id.ts'
import { createRenderError, createRenderRefusal, protocolErrorPage } from './pages.ts'
import { createSecondFactorRules, demandOf } from './second-factor.ts'
import { createSessionPort } from './session-port.ts'
import { signingKeys } from './signing-key.ts'
import { currentUnit } from './unit.ts'

/** The rooms that the protocol stands on. */
export interface ProtocolDependencies {
  readonly config: Config
  readonly secrets: readonly Uint8Array[]
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly audit: Audit
  readonly metrics: { event(event: AuditEvent): void }
  readonly accounts: Pick<AccountStore, 'findState'>
  readonly clients: ClientStore
  readonly approvals: ApprovalStore
  readonly admissions: Admissions
  readonly entryRule: EntryRule
  readonly initialAccessTokens: InitialAccessTokenStore
  readonly registry: ResourceRegistry
  readonly consents: ConsentStore
  readonly factors: Pick<Factors, 'ceremonies' | 'enrolled'>
  readonly documents: ClientDocuments
  readonly limits: Limits
  readonly keyset: Keyset
  /** Makes the first key of an algorithm; whoever listens to the keys calls `useKeys`. */
  readonly ensureAlg: (alg: SigningAlg) => Promise<unknown>
  /** Request id, log, headers, page tools. */
  readonly front: readonly Middleware[]
  readonly basePath: string
}

/** The protocol as the rest of the house sees it. */
export interface Protocol {
  readonly holder: ProviderHolder
  readonly interactions: InteractionPort<Context> & ResumePort
  readonly grants: GrantPort
  readonly sessions: SessionPort<Context>
  /** Puts a new key set in force, without a restart. */
  useKeys(keyset: Keyset): void
}

/** Joins the library, its rows and its bridges. */
export function createProtocol(dependencies: ProtocolDependencies): Protocol {
  const { config, secrets, database, clock, logger, audit, accounts, clients, registry, consents, basePath } =
    dependencies
  const { admissions, approvals, factors, metrics } = dependencies
  const [secret] = secrets
  if (secret === undefined) throw new RangeError('at least one secret is needed')
  const nowSeconds = () => Math.floor(clock.now().getTime() / 1000)
  const rows = createRows({
    database,
    clock,
    clients,
    firstState: firstState(config.registration, { origin: 'registered' }),
    checkKey: refreshCheckKey(secret),
    olderCheckKeys: secrets.slice(1).map(refreshCheckKey),
    graceSeconds: config.refreshGraceSeconds,
    absoluteSeconds: config.refreshAbsoluteSeconds,
    authorizationUrl: `${config.issuer}/authorize`,
    addressedClient: () => currentUnit()?.addressedClient,
  })
  const answers = createGivenAnswers({
    cookies: createCookieJar(config.issuer),
    sealer: createSealer(secrets, 'given answers'),
    clock,
    basePath,
  })
  const anyClient = (clientId: string) => clients.find(clientId)
  const grantMaker = createGrantMaker(() => holder.current(), rows.grants)
  const refusalOf = async (clientId: string, redirectUri: string | undefined) => {
    const verdict = await admissions.verdictOf(clientId, redirectUri)
    return verdict === null || verdict.ok ? null : verdict
  }
  const isActive = async (accountId: string) => (await accounts.findState(accountId))?.state === 'active'
  const admits = async (clientId: string, accountId: string | undefined) =>
    (await admissions.forTokens(clientId, accountId)) === 'in'
  const mayUse = createAccessCheck(accounts.findState)
  // A consent that is remembered from better days is none while the client waits.
  const clientFor = async (clientId: string, accountId: string) => {
    const client = await admissions.clientFor(clientId, accountId)
    return client?.state === 'active' ? client : null
  }
  const consentSources = { store: consents, findClient: clientFor, findResource: registry.find, mayUse }

  const secondFactors = createSecondFactorRules(config, factors, registry)
  const pageLookups = {
    anyClient,
    refusalOf,
    resourceIdentifiers: async () => (await registry.all()).map(({ identifier }) => identifier),
  }

  function build(keyset: Keyset): Provider {
    return createProvider({
      front: dependencies.front,
      limit: limitDoors(dependencies.limits, protocolDoors),
      keepAnswer: answers.middleware(),
      logger,
      configuration: {
        config,
        nowSeconds,
        basePath,
        rows,
        isActive,
        documents: dependencies.documents,
        cookieKeys: secrets.map((one) => Buffer.from(deriveKey(one, 'cookies', 32)).toString('base64url')),
        jwks: signingKeys(keyset.jwks),
        idTokenAlgs: keyset.algs,
        registrationIsOpen: takesRegistrations(config.registration),
        resources: {
          find: registry.find,
          only: registry.only,
          mayUse,
          admits,
          refusalOf,
          prepareAlg: async (alg) => {
            if (keyset.algs.includes(alg)) return true
            await dependencies.ensureAlg(alg)
            return false
          },
          ceilingOf: async (clientId) => (await clients.find(clientId))?.resourceCeiling ?? null,
        },
        consentLookup: (question) => remembered(consentSources, question, clock.now()),
        makeGrant: grantMaker.make,
        digestOf: async (clientId) => (await anyClient(clientId))?.metadataDigest,
        secondFactors,
        approvals: {
          of: admissions.of,
          async ask(clientId, accountId) {
            const client = await clients.find(clientId)
            if (client === null || (await approvals.find(clientId, accountId)) !== null) return null
            const statement = approvals.askStatement(clientId, accountId, clock.now())
            return { statement, event: askedEvent(client, accountId) }
          },
        },
        newClientId: () => newClientId(clock.now()),
        newClientSecret: randomSecret,
        renderError: createRenderError(pageLookups),
      },
      unit: {
        database,
        audit,
        refreshRows: rows.refresh,
        logger,
        committed: (events) => events.forEach(metrics.event),
        renderLost: protocolErrorPage,
      },
      authorize: {
        resources: registry,
        basePath,
        isTrusted: async (clientId) => (await clients.find(clientId))?.origin === 'operator',
        isShutOut: async (clientId, redirectUri) => (await refusalOf(clientId, redirectUri)) !== null,
        renderRefusal: createRenderRefusal(pageLookups),
      },
      introspection: { ...dependencies, keyset, admits, isActive },
      register: {
        normalise: (said) => normaliseClientMetadata(said, { origin: 'registered' }),
        async judge(redirectUris, clientId) {
          const known = clientId === undefined ? null : await clients.find(clientId)
          // Of a new client the invitation was looked at before. Vouched for by other words, a client is not vouched for by these.
          const isInvited = clientId === undefined || known?.invitedBy != null
          const applicant = {
            id: clientId ?? '',
            origin: 'registered',
            redirectUris,
            isInvited,
            isVouchedFor: false,
          } as const
          return judgeEntry(applicant, dependencies.entryRule)
        },
        invitation:
          config.registration === 'token'
            ? { tokens: dependencies.initialAccessTokens, clock, issuer: config.issuer }
            : undefined,
        isSecretOf: async (clientId, said) => secretMatches(said, (await clients.find(clientId))?.secretDigest),
        voidConsents: (clientId) => [...voidStatements(clientId, clock.now()), approvals.dropStatement(clientId)],
        forget: clients.forget,
      },
    })
  }

  const holder = createProviderHolder(build(dependencies.keyset))
  const activeAccount = async (accountId: string) => {
    const facts = await accounts.findState(accountId)
    return facts === null || facts.state !== 'active' ? null : { id: accountId, ...facts }
  }
  const sessions = createSessionPort({ provider: holder.current, database, clock, config, activeAccount })
  return {
    holder,
    interactions: createInteractionPort({
      provider: holder.current,
      resources: registry,
      sessions,
      answers,
      basePath,
      demand: (params, resource) => demandOf(secondFactors, params, resource),
    }),
    grants: grantMaker.port,
    sessions,
    useKeys: (keyset) => holder.swap(build(keyset)),
  }
}

function refreshCheckKey(secret: Uint8Array): Uint8Array {
  return deriveKey(secret, 'refresh token check', 32)
}
