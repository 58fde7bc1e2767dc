// Room: web. The tool-kit of every page: context, rendering, forms, bodies, headers, errors, assets. It knows koa and no
// other room; what it needs from one is handed in. Serves /assets/*; the addresses of pages belong to their rooms.
import type { Context } from 'koa'
import type { Format } from '../messages/format.ts'
import type { Locale, Messages } from '../messages/messages.ts'
import type { FormGuard } from './forms.ts'
import type { Renderer } from './render.ts'

/** The request and its answer, for what answers one without being a route. */
export type PageContext = Context

/** The account of the person in front of the browser, as far as pages need it. */
export interface SignedInAccount {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: 'member' | 'admin'
}

/** A live browser session with an active account. */
export interface SignedIn {
  readonly account: SignedInAccount
  /** Public handle of the session; the cookie's value never leaves the store. */
  readonly sessionUid: string
  readonly authTime: Date
  /** RFC 8176 methods of the sign-in, for example `pwd`. */
  readonly amr: readonly string[]
  /** An administrator whose sign-in proved too little for the console (`ADMIN_SECOND_FACTOR`). */
  readonly lacksSecondFactor: boolean
}

/** One of a person's sessions, for lists. */
export interface SessionSummary {
  readonly uid: string
  readonly createdAt: Date
  readonly usedAt: Date
  readonly expiresAt: Date
  /** Where the sign-in came from, coarsely: `192.0.2.0/24`, `2001:db8:1::/48`, `loopback`. */
  readonly address?: string | undefined
  /** `Firefox/Windows`: see `readDevice()`. */
  readonly device?: string | undefined
}

/** Browser sessions as pages see them; the protocol's side implements it. */
export interface SessionPort<Ctx = Context> {
  /** The session of this browser, or null when there is none, it has ended, or its account is disabled. */
  current(ctx: Ctx): Promise<SignedIn | null>
  /** Signs in under a new session id; the old id is dead afterwards (threat G06). */
  signIn(
    ctx: Ctx,
    input: {
      readonly accountId: string
      readonly amr: readonly string[]
      /** When it was proved; undefined: just now. */
      readonly authTime?: Date | undefined
    },
  ): Promise<void>
  /** Ends this browser's session. */
  signOut(ctx: Ctx): Promise<void>
  /** Ends an account's sessions but one; returns how many. */
  endAll(accountId: string, exceptUid?: string): Promise<number>
  /** An account's live sessions, newest first. */
  list(accountId: string): Promise<readonly SessionSummary[]>
}

/** What our middleware leaves in `ctx.state`. */
export interface WebState {
  /** Set by `requestId()`. */
  requestId: string
  /** The caller's address behind trusted proxies; set by `requestId()`. */
  address: string
  /** Set by `loadSession()`; absent when nobody is signed in. */
  session?: SignedIn
  /** Pattern for the access log when no router matched one, never a raw path. */
  route?: string
  /** Numbers beside entries of the navigation, by their names. */
  badges?: Readonly<Record<string, number>>
  /** Set by `pageTools()`. */
  render: Renderer
  /** Set by `pageTools()`. */
  forms: FormGuard
  /** The language of this answer; set by `pageTools()`, and again by `preferLocales()`. */
  locale: Locale
  /** All texts in that language. */
  messages: Messages
  /** How that language writes dates, numbers and spans. */
  format: Format
  /** The language that the person chose in this browser. */
  ownLocale?: Locale
  /** The browser's form cookie when it was set in this request. */
  browser?: string
  /** The form of this request once `readForm()` has read it. */
  form?: URLSearchParams
}

declare module 'koa' {
  interface DefaultState extends WebState {}
}

/** Who is signed in; for routes behind `requireAccount()` and `requireAdmin()`. */
export function signedIn(ctx: Context): SignedIn {
  const session: SignedIn | undefined = ctx.state.session
  if (session === undefined) throw new Error('signedIn() is for routes behind requireAccount()')
  return session
}

/**
 * Answers 303 with a path of ours; the prefix of an issuer with a path is put in front.
 *
 * @param path begins with one slash and is written by us, never taken from a request (threats G26, CVE-2025-32379)
 */
export function seeOther(ctx: Context, path: string): void {
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(path)) throw new Error('seeOther() takes a path of this server')
  ctx.status = 303
  ctx.set('Location', `${ctx.state.render.basePath}${path}`)
  ctx.body = null
  ctx.status = 303
}
