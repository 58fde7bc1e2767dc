import type { ClaimNames } from './claims.ts'
import type { Decision } from './decisions.ts'
import type { ReplayStore } from './dpop-replays.ts'
import type { IntrospectionEvent } from './introspection.ts'
import type { Fetch } from './json-fetch.ts'
import type { SigningAlgorithm } from './key-set.ts'
import type { KeysEvent } from './keys.ts'
import type { RevocationsEvent } from './revocations.ts'
import type { ScopeHierarchy } from './scopes.ts'
import type { ToolScopes } from './tools.ts'

/** The settings of a verifier. `issuer` and `resource` are enough. */
export interface VerifierOptions {
  /** The authorization server, exactly as it writes itself in `iss`. https, or http on loopback. */
  readonly issuer: string
  /** This server, as registered with the authorization server. https, or http on loopback. A trailing slash is dropped. */
  readonly resource: string
  /** What a client should ask for first: the `scope` of a 401 and `scopes_supported`. Default none; `offline_access` is left out. */
  readonly scopes?: readonly string[]
  /** Which scopes a scope brings with it. Default nothing. */
  readonly scopeHierarchy?: ScopeHierarchy
  /** Tool → all the scopes that a call of it needs; `'*'` for every other tool. Default none, and no tool is looked at. */
  readonly tools?: ToolScopes
  /** Signature algorithms. Default ES256, EdDSA, RS256. */
  readonly algorithms?: readonly SigningAlgorithm[]
  /** What `aud` must be, where the authorization server does not write the resource there. Default the resource. */
  readonly audience?: string
  /** Whether `aud` may be an array that holds our audience among others. Default false. */
  readonly acceptAudienceArrays?: boolean
  /** Values of `typ`. Default `at+jwt`; `JWT` lets in authorization servers without RFC 9068, and then ID tokens are told by their claims. */
  readonly acceptTypes?: readonly ('at+jwt' | 'JWT')[]
  /** Under which names the authorization server writes `client_id`, `jti` and `scope`. Default these. */
  readonly claimNames?: ClaimNames
  /** The longest `exp - iat`. Default 3600. */
  readonly maxLifetimeSeconds?: number
  /** How far the clocks may be apart. Default 5, at most 60. */
  readonly clockSkewSeconds?: number
  /** The longest token, or DPoP proof, that is looked at. Default 8192. */
  readonly maxTokenBytes?: number
  /** How many verified tokens are remembered, each for a minute at most. Default 1000; 0 remembers none. */
  readonly rememberedTokens?: number
  /**
   * Where the keys are, instead of discovery; the only way to an address off the issuer's origin. http is taken too, for a network of your own:
   * whoever can change what it answers can make tokens.
   */
  readonly jwksUri?: string
  /** How long keys are used without asking again. Default 600; a withdrawn key dies after at most as long. */
  readonly keysMaxAgeSeconds?: number
  /** How long keys are used when asking again fails. Default 86400. */
  readonly keysStaleSeconds?: number
  /** How long after a look for an unknown key the next one waits. Default 30. */
  readonly keysCooldownSeconds?: number
  /** How long a document of the issuer may take. Default 5, at most 60. */
  readonly fetchTimeoutSeconds?: number
  /** Tokens that are bound to a key of the client (RFC 9449). Default none is accepted. */
  readonly dpop?: DpopOptions
  /** The issuer's list of what it has revoked. Default not asked for: a revoked token lives until it expires. */
  readonly revocations?: RevocationsOptions
  /** Asking the issuer about each token (RFC 7662). Default never. */
  readonly introspection?: IntrospectionOptions
  /** `resource_name` of the metadata. */
  readonly resourceName?: string
  /** `resource_documentation` of the metadata, a URL. */
  readonly resourceDocumentation?: string
  /** Called with every decision, for a log. What it throws fails the request. Not awaited: an async function must catch for itself. */
  readonly onDecision?: (decision: Decision) => void
  /** Called when keys could not be fetched, for logs and metrics. What it throws is dropped. */
  readonly onKeysEvent?: (event: KeysEvent) => void
  /** Default the global `fetch`. It must heed `signal`: nothing else bounds how long a request waits for the issuer. */
  readonly fetch?: Fetch
  /** Default the clock of the machine. */
  readonly now?: () => Date
}

/** How tokens bound to a key are accepted. @see RFC 9449 */
export interface DpopOptions {
  /** Whether tokens that are not bound are refused. Default false. */
  readonly required?: boolean
  /** Signature algorithms of proofs. Default ES256, EdDSA, Ed25519, RS256, PS256. */
  readonly algorithms?: readonly SigningAlgorithm[]
  /** How old a proof may be. Default 60, at most 300. */
  readonly maxAgeSeconds?: number
  /** Whether a proof must carry a nonce of ours (RFC 9449 §9). Default false. */
  readonly nonces?: boolean
  /** What nonces are made from, 32 characters or more, the same in all instances. Default random, one for each process. */
  readonly nonceSecret?: string
  /** Where proofs are remembered that were used. Default this process's memory; several instances need a shared one. */
  readonly replays?: ReplayStore
  /** The URL that a client used for a path as received. Default the origin of the resource and that path; needed behind a proxy that changes paths. */
  readonly publicUrl?: (path: string) => string
}

/** How the issuer's revocations are followed; see docs/verifier.md for the format. */
export interface RevocationsOptions {
  /** Default `{issuer}/revocations`. */
  readonly url?: string
  /** How often the list is asked for while requests come in. Default 5: a revoked token dies within twice as long. */
  readonly pollSeconds?: number
  /** What happens once the last list is past its `exp`: tokens go on being accepted by it, or all are answered 503. Default `accept`. */
  readonly whenStale?: 'accept' | 'refuse'
  /** Called when the list could not be had, for logs and metrics. What it throws is dropped. */
  readonly onEvent?: (event: RevocationsEvent) => void
}

/** How the issuer is asked about a token. */
export interface IntrospectionOptions {
  /** The introspection endpoint. */
  readonly url: string
  /** The `Authorization` header that we identify ourselves with, or what makes it. */
  readonly authorization: string | (() => string | Promise<string>)
  /** How long "active" is believed. Default 10, at most 60; 0 asks every time. */
  readonly cacheSeconds?: number
  /** What happens when there is no answer. Default `refuse`, with 503. `accept` also when the issuer does not take our credentials: log `onEvent`. */
  readonly whenUnavailable?: 'accept' | 'refuse'
  /** Called when there was no answer that could be understood, for logs and metrics. What it throws is dropped. */
  readonly onEvent?: (event: IntrospectionEvent) => void
}
