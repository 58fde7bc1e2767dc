import type { Auth } from './auth.ts'
import type { AccessTokenClaims } from './claims.ts'
import type { PresentedCredentials } from './credentials.ts'
import type { DecisionCounts } from './decisions.ts'
import type { ProtectedResourceMetadata } from './resource-metadata.ts'
import type { TokenEnd } from './token-end.ts'

/** What a token was granted; verified claims and `Auth` both fit. */
export interface Granted {
  readonly scopes: readonly string[]
  /** Whose token it is, for the log. */
  readonly claims?: AccessTokenClaims
}

/** What an operation needs. */
export interface Needs {
  /** All scopes that it needs. */
  readonly scopes?: readonly string[]
  /** The tool that it calls; its scopes are those of the option `tools`, and are needed besides. */
  readonly tool?: string | undefined
}

/** Checks access tokens for one resource of one issuer. */
export interface Verifier {
  readonly issuer: string
  /** Canonical: what `aud` must be, unless the option `audience` says otherwise. */
  readonly resource: string
  /** The protected resource metadata document (RFC 9728 §2), its address, and the paths to serve it at. */
  readonly metadata: ProtectedResourceMetadata
  readonly metadataUrl: string
  readonly metadataPaths: readonly string[]
  /**
   * Verifies a bearer token and, when given, that it covers what an operation needs. A token that is bound to a key is refused here: its
   * proof is in the request, see `authenticate`.
   *
   * @param token the compact JWS, without `Bearer`
   * @throws VerifierError `invalid_token`, `insufficient_scope`, `invalid_request` (an unknown tool), `keys_unavailable`,
   * `temporarily_unavailable`
   * @see RFC 9068 §4
   */
  verify(token: string, needs?: Needs): Promise<AccessTokenClaims>
  /**
   * Does the same for the credentials of a request.
   *
   * @param needs or what makes them, asked after the token has held; what it throws is thrown on. When it takes long (it reads a body), the
   * token has to hold still afterwards
   * @throws VerifierError as `verify`, and `invalid_request`, `invalid_dpop_proof`, `use_dpop_nonce`; without credentials 401 with a
   * challenge that names no error
   */
  authenticate(presented: PresentedCredentials, needs?: Needs | ((auth: Auth) => Needs | Promise<Needs>)): Promise<Auth>
  /** Whether verified scopes are enough, by the configured hierarchy. */
  covers(granted: Granted, neededScopes: readonly string[]): boolean
  /**
   * Refuses an operation that a verified token does not cover, with one challenge that names all it needs. A decision of its own.
   *
   * @throws VerifierError `insufficient_scope`, `invalid_request` (an unknown tool)
   */
  authorize(granted: Granted, needs: Needs): void
  /**
   * Does the same for an operation that comes later than the request that brought the token: first it refuses a token that has expired or, with the
   * options `revocations` and `introspection`, was taken back since.
   *
   * @throws VerifierError as `authorize`, and `invalid_token`, `temporarily_unavailable`
   */
  reauthorize(auth: Auth, needs: Needs): Promise<void>
  /** {@link authorize} for a list of scopes. */
  requireScopes(granted: Granted, neededScopes: readonly string[]): void
  /** Whether verified scopes are enough for a tool; false for one that the option `tools` does not let anybody call. */
  mayCall(granted: Granted, tool: string): boolean
  /** All the scopes that a tool needs; undefined for one that nobody may call. */
  scopesOfTool(tool: string): readonly string[] | undefined
  /**
   * Takes the tools out of a `tools/list` result that the token may not call. What is hidden cannot be asked for by step-up.
   *
   * @returns a copy
   */
  filterTools<Result>(result: Result, granted: Granted): Result
  /** The value of `DPoP-Nonce` for an answer; undefined unless the option `dpop.nonces` is on. @see RFC 9449 §8.2 */
  dpopNonce(): Promise<string | undefined>
  /**
   * Watches the token of something that goes on for long, such as a stream.
   *
   * @param onEnd called once when the token has expired or, with the option `revocations`, was revoked
   * @returns stops the watch
   */
  watch(auth: Pick<Auth, 'claims'>, onEnd: (end: TokenEnd) => void): () => void
  /** Fetches the keys, for a readiness check; refuses an issuer whose metadata is not its own. @throws VerifierError `keys_unavailable` */
  ready(): Promise<void>
  /** Forgets the issuer's keys, and all tokens that they vouched for, at once, after one was compromised. */
  forgetKeys(): void
  /** Numbers since the verifier was made, for metrics. */
  counts(): VerifierCounts
}

/** What has happened since a verifier was made. */
export interface VerifierCounts extends DecisionCounts {
  readonly keyFetches: number
  readonly failedKeyFetches: number
  /** How many tokens are remembered now. */
  readonly rememberedTokens: number
  /** How many revocations are on the list now. */
  readonly listedRevocations: number
}
