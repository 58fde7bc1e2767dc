import type { Context } from 'koa'
import type { Provider } from 'oidc-provider'
import type { Config } from '../config/config.ts'
import type { Database } from '../db/database.ts'
import { coarseAddress } from '../net/coarse-address.ts'
import { acrOf, covers, strengthOf } from '../oauth/acr.ts'
import type { Clock } from '../runtime/clock.ts'
import type { SessionPort, SignedInAccount } from '../web/context.ts'
import { deviceOf } from '../web/device.ts'
import { deleteSessions, listSessions, noteOrigin } from './adapter/session-rows.ts'
import { cookieSettings } from './cookies.ts'
import { lifetimes } from './lifetimes.ts'

/** What the port stands on. */
export interface SessionPortDependencies {
  readonly provider: () => Provider
  readonly database: Database
  readonly clock: Clock
  readonly config: Config
  /** The account if it may sign in, else null. */
  readonly activeAccount: (accountId: string) => Promise<SignedInAccount | null>
}

type SignInInput = Parameters<SessionPort<Context>['signIn']>[1]

/** The port, and what a sign-in inside an authorization needs beside it. */
export interface Sessions extends SessionPort<Context> {
  /**
   * Signs in; a session that this browser has of the same person already goes on.
   *
   * @returns the public handle of the session that is in force now
   */
  signInOrGoOn(ctx: Context, input: SignInInput): Promise<string>
}

// Ours: the idle end moves once a twentieth of it is gone, so that reading pages costs no write each.
const renewShare = 0.05

/**
 * The person's sign-in is the library's own session row: one truth for the protocol and for our pages. Ending it here
 * ends it there.
 */
export function createSessionPort(dependencies: SessionPortDependencies): Sessions {
  const { provider, database, clock, config, activeAccount } = dependencies
  const nowSeconds = () => Math.floor(clock.now().getTime() / 1000)
  const ttl = lifetimes(config, nowSeconds).Session
  const { names, long } = cookieSettings(config.issuer, [])

  function setCookie(ctx: Context, value: string | null, expiresAt?: Date): void {
    const cookies = provider().createContext(ctx.req, ctx.res).cookies
    cookies.set(names.session, value, { ...long, ...(expiresAt === undefined ? undefined : { expires: expiresAt }) })
  }

  /** A new row with a new uid: nothing of whoever was here before, nothing that was planted in the browser (G06). */
  async function begin(ctx: Context, { accountId, amr, authTime }: SignInInput): Promise<string> {
    const session = new (provider().Session)()
    const loginTs = authTime === undefined ? nowSeconds() : Math.floor(authTime.getTime() / 1000)
    session.loginAccount({ accountId, amr: [...amr], acr: acrOf[strengthOf(amr)], loginTs })
    await session.save(ttl(undefined, session))
    await noteOrigin(database, session.uid, {
      address: coarseAddress(ctx.state.address),
      device: deviceOf(ctx.get('User-Agent')),
    })
    setCookie(ctx, session.jti, new Date(session.exp * 1000))
    return session.uid
  }

  return {
    async current(ctx) {
      const session = await provider().Session.get(ctx)
      if (session.accountId === undefined || session.loginTs === undefined) return null
      const account = await activeAccount(session.accountId)
      if (account === null) return null
      const life = ttl(undefined, session)
      if (session.exp - nowSeconds() < life * (1 - renewShare)) {
        await session.save(life)
        setCookie(ctx, session.jti, new Date(session.exp * 1000))
      }
      return {
        account,
        sessionUid: session.uid,
        authTime: new Date(session.loginTs * 1000),
        amr: session.amr ?? [],
        lacksSecondFactor:
          config.adminSecondFactor === 'required' &&
          account.role === 'admin' &&
          !covers(strengthOf(session.amr ?? []), 'two'),
      }
    },

    async signIn(ctx, input) {
      const before = await provider().Session.get(ctx)
      if (before.accountId !== undefined) await before.destroy()
      await begin(ctx, input)
    },

    async signInOrGoOn(ctx, input) {
      const before = await provider().Session.get(ctx)
      if (before.accountId === input.accountId) return before.uid
      if (before.accountId !== undefined) await before.destroy()
      return begin(ctx, input)
    },

    async signOut(ctx) {
      const session = await provider().Session.get(ctx)
      if (session.accountId !== undefined) await session.destroy()
      setCookie(ctx, null)
    },

    endAll: (accountId, exceptUid) => deleteSessions(database, accountId, clock.now(), exceptUid),
    list: (accountId) => listSessions(database, accountId, clock.now()),
  }
}
