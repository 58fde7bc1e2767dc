/** The stable codes: three of RFC 6750 §3.1, and one of ours for "the issuer's keys cannot be had". */
export type VerifierErrorCode = 'invalid_token' | 'insufficient_scope' | 'invalid_request' | 'keys_unavailable'

/**
 * Why a request was refused, for the log only: an answer never carries it, because each word of it
 * would tell a forger which check to work on next.
 */
export type RefusalReason =
  | 'no_credentials'
  | 'several_credentials'
  | 'malformed_credentials'
  | 'token_too_large'
  | 'token_malformed'
  | 'duplicate_member'
  | 'wrong_type'
  | 'algorithm_not_allowed'
  | 'critical_header'
  | 'key_unknown'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'claim'
  | 'expired'
  | 'not_yet_valid'
  | 'lifetime'
  | 'sender_constrained'
  | 'scope'
  | 'keys_unavailable'

/** What {@link VerifierError} is made of. */
export interface VerifierErrorFields {
  readonly code: VerifierErrorCode
  readonly status: 400 | 401 | 403 | 503
  readonly message: string
  readonly reason: RefusalReason
  readonly challenge?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly cause?: unknown
}

/**
 * The one error that this package throws about a request: everything that an HTTP answer needs is on it.
 *
 * `status` is 401 for `invalid_token`, 403 for `insufficient_scope`, 400 for `invalid_request`, 503 for `keys_unavailable`.
 * `challenge` is the value of `WWW-Authenticate`, undefined with 503. `scopes` are all that the operation needs, with 403 only.
 * `retryAfterSeconds` comes with 503. `reason` and `cause` are for the log, `message` may be shown to anybody.
 *
 * @see RFC 6750 §3, RFC 9728 §5.1
 */
export class VerifierError extends Error {
  override readonly name = 'VerifierError'
  readonly code: VerifierErrorCode
  readonly status: 400 | 401 | 403 | 503
  readonly reason: RefusalReason
  readonly challenge: string | undefined
  readonly scopes: readonly string[]
  readonly retryAfterSeconds: number | undefined

  constructor(fields: VerifierErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.code = fields.code
    this.status = fields.status
    this.reason = fields.reason
    this.challenge = fields.challenge
    this.scopes = fields.scopes ?? []
    this.retryAfterSeconds = fields.retryAfterSeconds
  }
}
