import { randomBytes } from 'node:crypto'
import type { Context } from 'koa'
import type { NewAccount } from '../../src/accounts/account.ts'
import { createForgottenRequests } from '../../src/accounts/links/forgotten.ts'
import { type MadeLink, makeLink } from '../../src/accounts/links/send.ts'
import { createLinkStore } from '../../src/accounts/links/store.ts'
import { openSetup, registerAccount } from '../../src/accounts/register.ts'
import { type AccountStore, createAccountStore } from '../../src/accounts/store.ts'
import { type Audit, createAudit } from '../../src/audit/record.ts'
import { createFactors } from '../../src/credentials/factors/factors.ts'
import { createPasswords } from '../../src/credentials/password.ts'
import { createProofGuard } from '../../src/credentials/throttle/guard.ts'
import { createKnownBrowsers } from '../../src/credentials/throttle/known-browser.ts'
import { createLockoutStore } from '../../src/credentials/throttle/store.ts'
import { createSealer } from '../../src/crypto/seal.ts'
import { createCompletion } from '../../src/login/complete.ts'
import { createBrowserMemory } from '../../src/login/known-browser.ts'
import { createPendingCookies } from '../../src/login/pending/cookie.ts'
import { createPendingStore } from '../../src/login/pending/store.ts'
import { loginRoutes } from '../../src/login/routes.ts'
import type { Mailer } from '../../src/mail/mail.ts'
import type { AuthorizationInProgress, InteractionPort } from '../../src/oauth/interaction.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import type { SessionPort, SignedIn } from '../../src/web/context.ts'
import { createCookieJar } from '../../src/web/cookies.ts'
import { openTestDatabase } from '../support/database.ts'
import { type Answer, type Ask, cookiesOf, type PageServer, startPageServer, tokenOf } from '../web/page-server.ts'

const secrets = [new Uint8Array(32)]
export const password = 'correct horse battery staple'

export interface LoginServer {
  readonly server: PageServer
  readonly accounts: AccountStore
  readonly audit: Audit
  /** What the protocol's side was told, in order. */
  readonly told: readonly string[]
  /** Accounts whose connections were ended. */
  readonly revoked: readonly string[]
  authorization: AuthorizationInProgress | null
  setupToken(): Promise<string>
  account(account?: Partial<NewAccount>): Promise<string>
  /** The path of a new link for a person, as an administrator copies it. */
  link(accountId: string): Promise<string>
  browser(): Browser
}

/** A browser of a test: keeps its cookies, and posts the token of the page it looked at last. */
export interface Browser {
  readonly cookie: string
  get(path: string): Promise<Answer>
  post(path: string, form: Ask['form'], headers?: Record<string, string>): Promise<Answer>
}

export const authorization: AuthorizationInProgress = {
  uid: 'uid-1',
  prompt: 'login',
  reasons: ['no_session'],
  clientId: 'client-1',
  redirectUri: 'http://127.0.0.1:51999/cb',
  resource: 'https://notes.acme.example/mcp',
  scopes: ['notes:read'],
  identityScopes: [],
  accountId: undefined,
  loginHint: undefined,
  startedCrossSite: true,
}

/** The pages of the room on a real koa and a real database; the protocol's side (sessions, interactions) is a small fake. */
export async function startLoginServer(issuer?: string, mailer?: Mailer): Promise<LoginServer> {
  const database = await openTestDatabase()
  const accounts = createAccountStore(database)
  const audit = createAudit(database, systemClock, new Uint8Array(32))
  // Cheap parameters: what they must be is a test of credentials/.
  const passwords = createPasswords({ memoryKibibytes: 16, iterations: 1, parallelism: 1 })
  const told: string[] = []
  const revoked: string[] = []
  const sessions = fakeSessions(accounts)
  const desk = { store: accounts, auditStatement: audit.statement, clock: systemClock }
  const linkDesk = {
    ...desk,
    links: createLinkStore(database),
    mailer,
    issuer: 'https://auth.example',
    product: 'Sallyport',
    accent: undefined,
    record: audit.record,
    cleanUps: [
      async (accountId: string) => void (await sessions.endAll(accountId)),
      async (accountId: string) => void revoked.push(accountId),
    ],
  }
  const state: { authorization: AuthorizationInProgress | null } = { authorization }
  const interactions: InteractionPort<Context> = {
    details: async () => state.authorization,
    async finishSignIn(_ctx, uid, { accountId, amr }) {
      told.push(`signed in ${accountId} ${amr.join()}`)
      return `/authorize/${uid}`
    },
    finishConsent: () => Promise.reject(new Error('not of this room')),
    async deny(_ctx, uid) {
      told.push('denied')
      return `/authorize/${uid}`
    },
  }
  const cookies = createCookieJar(issuer ?? 'https://auth.example')
  const pendingCookies = createPendingCookies(cookies)
  const pending = createPendingStore(database)
  const factors = createFactors({ database, secrets, issuer: 'https://auth.example', product: 'Sallyport' })
  const browsers = createBrowserMemory(cookies, createKnownBrowsers([new Uint8Array(32)]), systemClock)
  const server = await startPageServer({
    issuer,
    sessions,
    routes(router) {
      const routes = loginRoutes({
        interactions,
        sessions,
        accounts,
        passwords,
        audit,
        clock: systemClock,
        revokeConnections: async (accountId) => void revoked.push(accountId),
        guard: createProofGuard({ store: createLockoutStore(database), key: new Uint8Array(32), clock: systemClock }),
        browsers,
        links: {
          accounts: linkDesk,
          forgotten: mailer && createForgottenRequests(linkDesk, { warn() {}, error() {} }),
        },
        whoAsks: async () => ({
          claimedName: 'Claude <b>Code</b>',
          provenHost: undefined,
          resourceName: 'Acme Notes',
          resource: authorization.resource,
        }),
        completion: createCompletion({
          ...{ accounts, interactions, sessions, browsers, factors, pending, audit },
          cookies: pendingCookies,
          secondFactor: 'optional',
          clock: systemClock,
        }),
        needsMore: factors.needsMore,
        secondFactors: {
          ...{ factors, pending, cookies: pendingCookies },
          commit: database.commit,
          forms: createSealer(secrets, 'totp enrolment'),
        },
        waysIn: async () => ({ password: true, upstreams: [] }),
      })
      router.use(routes.routes())
    },
  })

  return {
    server,
    accounts,
    audit,
    told,
    revoked,
    get authorization() {
      return state.authorization
    },
    set authorization(value) {
      state.authorization = value
    },
    setupToken: async () => (await openSetup(desk)) ?? '',
    async account(account = {}) {
      const passwordHash = await passwords.hash(password)
      const whole: NewAccount = { email: 'ann@acme.example', name: 'Ann', role: 'member', passwordHash, ...account }
      return (await registerAccount(desk, whole, { actor: 'operator' }, 'cli'))?.id ?? ''
    },
    async link(accountId) {
      const made: MadeLink | null = await makeLink(
        { ...linkDesk, mailer: undefined },
        accountId,
        { actor: 'operator' },
        { locale: 'en', method: 'test' },
      )
      return made === null ? '' : new URL(made.url).pathname
    },
    browser: () => openBrowser(server),
  }
}

function openBrowser(server: PageServer): Browser {
  let cookie = ''
  let token = ''
  const look = (answer: Answer): Answer => {
    cookie = cookiesOf(answer, cookie)
    token = tokenOf(answer) || token
    return answer
  }
  const headers = (more = {}): Record<string, string> => ({ ...(cookie === '' ? {} : { cookie }), ...more })
  return {
    get cookie() {
      return cookie
    },
    get: async (path) => look(await server.ask(path, { headers: headers() })),
    async post(path, form, more) {
      const origin = { origin: 'null', 'sec-fetch-site': 'same-origin' }
      return look(await server.ask(path, { form: { _csrf: token, ...form }, headers: headers({ ...origin, ...more }) }))
    },
  }
}

// Sessions as the port promises them: a new id at each sign-in, the old one dead.
function fakeSessions(accounts: AccountStore): SessionPort {
  const live = new Map<string, { accountId: string; uid: string }>()
  const idOf = (ctx: Context): string => ctx.cookies.get('session') ?? ''
  return {
    async current(ctx): Promise<SignedIn | null> {
      const session = live.get(idOf(ctx))
      const account = session && (await accounts.findState(session.accountId))
      if (session === undefined || account?.state !== 'active') return null
      const { email, name, role } = account
      return {
        account: { id: session.accountId, email, name, role },
        sessionUid: session.uid,
        authTime: new Date(0),
        amr: ['pwd'],
        lacksSecondFactor: false,
      }
    },
    async signIn(ctx, { accountId }) {
      live.delete(idOf(ctx))
      const id = randomBytes(16).toString('hex')
      live.set(id, { accountId, uid: `uid-${id}` })
      ctx.cookies.set('session', id)
    },
    async signOut(ctx) {
      live.delete(idOf(ctx))
    },
    async endAll(accountId, exceptUid) {
      const ended = [...live].filter(([, one]) => one.accountId === accountId && one.uid !== exceptUid)
      for (const [id] of ended) live.delete(id)
      return ended.length
    },
    list: async () => [],
  }
}
