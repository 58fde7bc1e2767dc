// The port between an authorization that the protocol room runs and the pages that sign a person in and ask them.
// `Ctx` is the web framework's context; this room does not know it.
import type { Strength } from './acr.ts'

/** An authorization request that waits for a person. */
export interface AuthorizationInProgress {
  readonly uid: string
  /** `approval`: an administrator has to let the client in first. */
  readonly prompt: 'login' | 'approval' | 'consent'
  /** Why the library asks: `no_session`, `consent_prompt`, `rs_scopes_missing`, … */
  readonly reasons: readonly string[]
  readonly clientId: string
  readonly redirectUri: string
  /** Canonical identifier. */
  readonly resource: string
  /** Requested scopes that this resource knows. */
  readonly scopes: readonly string[]
  /** `openid` and `offline_access`, when asked for. */
  readonly identityScopes: readonly string[]
  /** Who is signed in. */
  readonly accountId: string | undefined
  readonly loginHint: string | undefined
  /** Languages that the client asks for, BCP 47, most wanted first (OpenID Connect Core §3.1.2.1). */
  readonly uiLocales?: readonly string[]
  /** Whether another site sent the browser here. */
  readonly startedCrossSite: boolean
  /** Digest of what the client said of itself when the person was about to be asked. */
  readonly clientDigest?: string
  /** How strongly the person has to prove who they are, by the request and the MCP server; absent: one factor. */
  readonly demand?: Strength
}

/** What the pages may do with an authorization in progress; every step is bound to the browser that began it. */
export interface InteractionPort<Ctx = unknown> {
  /** The request behind the address, or null when it is expired, unknown, or belongs to another browser. */
  details(ctx: Ctx): Promise<AuthorizationInProgress | null>
  /** Records the sign-in and returns the address (of this origin) at which the authorization goes on. */
  finishSignIn(
    ctx: Ctx,
    uid: string,
    result: { readonly accountId: string; readonly amr: readonly string[]; readonly authTime: Date },
  ): Promise<string>
  /** Records the consent and returns the address (of this origin) at which the authorization goes on. */
  finishConsent(
    ctx: Ctx,
    uid: string,
    result: {
      readonly grantId: string
      /** The browser cannot reach the client: the person takes the answer there. */
      readonly byHand?: boolean
    },
  ): Promise<string>
  /** Ends the authorization with `access_denied`; returns the address to go to. */
  deny(ctx: Ctx, uid: string): Promise<string>
  /** The answer that this browser was sent on with a moment ago, for who comes back because it did not arrive. */
  answered?(ctx: Ctx): Promise<GivenAnswer | null>
}

/** An authorization that was allowed, and whose code is still good. */
export interface GivenAnswer {
  readonly uid: string
  readonly clientId: string
  /** Canonical identifier. */
  readonly resource: string
  /** The redirect URI with the answer in it: a bearer of the code until it is redeemed. */
  readonly target: string
  /** The person asked to take it there by hand, so it was sent nowhere. */
  readonly byHand: boolean
}

/** Makes the library's grant from a consent. */
export interface GrantPort {
  /** @returns the grant's id */
  create(input: {
    readonly accountId: string
    readonly clientId: string
    readonly resource: string
    readonly scopes: readonly string[]
    readonly identityScopes: readonly string[]
    readonly consentId: string
    readonly stayConnected: boolean
    /** When it ends at the latest, with all that stands on it; undefined: when its last token does. */
    readonly endsAt?: Date
  }): Promise<string>
}

/** Where a sign-in takes place: inside an authorization, or for our own pages. */
export type SignInPlace =
  | { readonly kind: 'authorization'; readonly authorization: AuthorizationInProgress }
  | {
      readonly kind: 'own'
      /** A name of the navigation, as the sign-in page was given it; checked where it is used. */
      readonly returnTo?: string | undefined
    }

/** An identity that was proved, perhaps by one factor of two. */
export interface ProvenIdentity {
  readonly accountId: string
  /** RFC 8176 methods that were used, for example `pwd`. */
  readonly amr: readonly string[]
  /** When it was proved, where that was earlier: a provider upstream says how long somebody is signed in there. */
  readonly authTime?: Date | undefined
}

/** Goes on from a proved identity: to the next factor where one is needed, else signed in. Answers the request. */
export type CompleteSignIn<Ctx = unknown> = (ctx: Ctx, place: SignInPlace, proven: ProvenIdentity) => Promise<void>

/** A provider upstream, as the sign-in page offers it. */
export interface UpstreamChoice {
  readonly id: string
  readonly name: string
  readonly preset: string
}

/** How people may sign in here. */
export interface WaysIn {
  /** With a password of ours. */
  readonly password: boolean
  readonly upstreams: readonly UpstreamChoice[]
}
