import type { Upstream, UpstreamPerson } from './upstream.ts'

/** What binds a hop to its answer; all of it is made here and none of it is taken from a request. */
export interface Hop {
  /** 256 random bits each. */
  readonly state: string
  readonly nonce: string
  /** PKCE, RFC 7636. */
  readonly verifier: string
  readonly redirectUri: string
  /** The person has to prove there anew who they are. */
  readonly isAnew: boolean
  readonly startedAt: Date
}

/** Tokens of an upstream. They are kept where an MCP server needs them, and go nowhere else (threat H13). */
export interface UpstreamTokens {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly expiresAt: Date | undefined
  readonly scope: string | undefined
}

/** What came of an answer that was good. */
export interface Arrival {
  readonly person: UpstreamPerson
  readonly tokens: UpstreamTokens
  /** When the person signed in there, as far as the provider says. */
  readonly authTime: Date | undefined
}

/** One kind of protocol with an upstream. Its functions throw UpstreamFault. */
export interface Adapter {
  /** Where the browser goes. */
  authorizationUrl(upstream: Upstream, hop: Hop): Promise<URL>
  /** @param answer the redirect URI with the parameters that came back */
  redeem(upstream: Upstream, answer: URL, hop: Hop, now: Date): Promise<Arrival>
}
