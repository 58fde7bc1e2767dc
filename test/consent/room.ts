// The consent room on a real koa, a real database and the real web room. Only the protocol library is played: one
// interaction, and grants as the rows that it would write.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Koa, { type Context } from 'koa'
import { onTestFinished } from 'vitest'
import { createAudit } from '../../src/audit/record.ts'
import type { AskedAccount } from '../../src/consent/asked.ts'
import type { AskingClient } from '../../src/consent/client-card.ts'
import type { KnownClient } from '../../src/consent/friction.ts'
import { createOwnBlocks } from '../../src/consent/own-blocks/store.ts'
import { consentRoutes } from '../../src/consent/routes.ts'
import { createConsentStore } from '../../src/consent/store.ts'
import type { Database } from '../../src/db/database.ts'
import type { AuthorizationInProgress, GivenAnswer } from '../../src/oauth/interaction.ts'
import type { Resource } from '../../src/resources/resource.ts'
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
import { openTestDatabase } from '../support/database.ts'
import { Browser } from './browser.ts'

export const notes: Resource = {
  id: 'notes-id',
  identifier: 'https://notes.example/mcp',
  name: 'Acme Notes',
  aliases: [],
  secondFactor: 'never',
  scopes: [
    {
      name: 'notes:read',
      description: 'Read your notes',
      risk: 'read',
      isDefault: true,
      tools: ['search_notes', 'read_note'],
    },
    { name: 'notes:write', description: 'Change your notes', risk: 'write', isDefault: false, tools: ['write_note'] },
    {
      name: 'notes:delete',
      description: 'Delete your notes for good',
      risk: 'destructive',
      isDefault: false,
      tools: [],
    },
  ],
  tokenLifetimeSeconds: 300,
  signingAlg: 'ES256',
  access: 'everyone',
  members: [],
  origin: 'operator',
  createdAt: new Date(0),
  updatedAt: new Date(0),
}

export const registered: AskingClient = {
  id: 'client-1',
  origin: 'registered',
  state: 'active',
  claimedName: 'Claude',
  provenHost: undefined,
  grantTypes: ['authorization_code', 'refresh_token'],
  metadataDigest: 'digest-1',
  createdAt: new Date('2026-03-03T10:00:00Z'),
}

export const ada: AskedAccount = { id: 'ada', email: 'ada@acme.example', name: 'Ada', state: 'active', role: 'member' }

export function anAuthorization(over: Partial<AuthorizationInProgress> = {}): AuthorizationInProgress {
  return {
    uid: 'uid-1',
    prompt: 'consent',
    reasons: [],
    clientId: 'client-1',
    redirectUri: 'https://app.example/cb',
    resource: notes.identifier,
    scopes: ['notes:read', 'notes:write', 'notes:delete'],
    identityScopes: [],
    accountId: 'ada',
    loginHint: undefined,
    startedCrossSite: false,
    ...over,
  }
}

export interface Room {
  readonly url: string
  readonly browser: Browser
  readonly database: Database
  readonly store: ReturnType<typeof createConsentStore>
  readonly warnings: object[]
  /** What was done for everyone, by an administrator. */
  readonly adminActs: readonly string[]
  /** What the library was told, in order. */
  readonly outcomes: { uid: string; grantId?: string; byHand?: true; denied?: true }[]
  readonly grants: {
    scopes: readonly string[]
    identityScopes: readonly string[]
    stayConnected: boolean
    endsAt?: Date
    id: string
  }[]
}

export interface RoomOptions {
  readonly client?: AskingClient | null
  readonly resource?: Resource | null
  readonly account?: AskedAccount
  /** The interaction of this cookie value; by default one, for everybody. */
  readonly authorization?: AuthorizationInProgress | null
  readonly consentLifetimeSeconds?: number
  readonly lookAlike?: KnownClient
  readonly logo?: string
  /** The answer that this browser was sent on with. */
  readonly answered?: GivenAnswer
  readonly database?: Database
  /** How the session of this browser differs from that of the person with everything proved; null: there is none. */
  readonly session?: Partial<SignedIn> | null
}

export async function openRoom(options: RoomOptions = {}): Promise<Room> {
  const database = options.database ?? (await openTestDatabase())
  const store = createConsentStore(database)
  const audit = createAudit(database, systemClock, new Uint8Array(32))
  const warnings: object[] = []
  const adminActs: string[] = []
  const blocks = createOwnBlocks(database)
  const revokeGrants = async (ids: readonly string[]) => {
    for (const id of ids) await database.sql.run('DELETE FROM protocol_grant WHERE id = ?', [id])
  }
  const outcomes: Room['outcomes'] = []
  const grants: Room['grants'] = []
  const interactions = {
    // Looked at anew by each request, as everything here: a test that lets something change gives it as a getter.
    details: async () => (options.authorization === undefined ? anAuthorization() : options.authorization),
    finishSignIn: async () => '/authorize/uid-1',
    finishConsent: async (_ctx: Context, uid: string, { grantId, byHand }: { grantId: string; byHand?: boolean }) => {
      outcomes.push({ uid, grantId, ...(byHand === true ? { byHand } : {}) })
      return `/authorize/${uid}`
    },
    answered: async () => options.answered ?? null,
    deny: async (_ctx: Context, uid: string) => {
      outcomes.push({ uid, denied: true })
      return `/authorize/${uid}`
    },
  }

  const app = new Koa()
  const issuer = 'http://localhost:8414'
  const logger = { info() {}, warn: () => {}, error: (details: object) => void warnings.push(details) }
  app.use(
    pageTools({
      render: createRenderer({ issuer, assets: createAssets() }),
      forms: createFormGuard({ issuer, secrets: [new Uint8Array(32)], cookies: createCookieJar(issuer) }),
      languages: createLanguages(createCookieJar(issuer)),
    }),
  )
  app.use(requestId(() => '192.0.2.7'))
  app.use(errorHandler(logger as never))
  app.use(crossSite())
  app.use((ctx, next) => {
    // Whose decision it is has the session here, too, with everything proved.
    const account = options.account ?? ada
    const since = { sessionUid: 'session-1', authTime: new Date(), amr: ['pwd', 'otp', 'mfa'] }
    const session = { account, ...since, lacksSecondFactor: false }
    ctx.state.session = options.session === null ? undefined : { ...session, ...options.session }
    return next()
  })
  app.use(
    consentRoutes({
      interactions,
      showSignIn: (ctx, { uid }) => {
        ctx.body = `sign-in of ${uid}`
      },
      store,
      findClient: async () => (options.client === undefined ? registered : options.client),
      findResource: async () => (options.resource === undefined ? notes : options.resource),
      findAccount: async () => options.account ?? ada,
      lookAlike: async () => options.lookAlike ?? null,
      isBlocked: blocks.has,
      logoOf: async () => options.logo,
      blockDesk: {
        blocks,
        revocation: { store, revokeGrants, auditStatement: audit.statement, clock: systemClock },
        auditStatement: audit.statement,
        clock: systemClock,
        blockForAll: async (clientId, { actor }) => void adminActs.push(`${actor} blocks ${clientId}`),
        allowForAll: async (clientId, { actor }) => void adminActs.push(`${actor} allows ${clientId}`),
      },
      desk: {
        interactions,
        grants: {
          async create(input) {
            const id = `grant-${grants.length + 1}`
            grants.push({ ...input, id })
            await addGrant(database, { id, ...input })
            return id
          },
        },
        store,
        revokeGrants,
        auditStatement: audit.statement,
        record: audit.record,
        consentLifetimeSeconds: options.consentLifetimeSeconds,
      },
      clock: systemClock,
      logger: { warn: (details) => void warnings.push(details) },
    }).routes(),
  )
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, browser: new Browser(url), database, store, warnings, outcomes, grants, adminActs }
}

/** A grant as the protocol room writes it. */
export async function addGrant(
  database: Database,
  grant: {
    id: string
    accountId: string
    clientId: string
    consentId?: string
    resource: string
    scopes: readonly string[]
    createdAt?: Date
  },
): Promise<void> {
  await database.sql.run(
    'INSERT INTO protocol_grant (id, account_id, client_id, consent_id, resource, payload, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    [
      grant.id,
      grant.accountId,
      grant.clientId,
      grant.consentId ?? null,
      grant.resource,
      JSON.stringify({ resources: { [grant.resource]: grant.scopes.join(' ') } }),
      grant.createdAt?.getTime() ?? systemClock.now().getTime(),
      systemClock.now().getTime() + 90 * 86_400_000,
    ],
  )
}
