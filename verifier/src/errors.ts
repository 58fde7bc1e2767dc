/** The stable codes: three of RFC 6750 §3.1, two of RFC 9449 §7.1 and §9, and two of ours for "this cannot be checked at the moment". */
export type VerifierErrorCode =
  | 'invalid_token'
  | 'insufficient_scope'
  | 'invalid_request'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'
  | 'keys_unavailable'
  | 'temporarily_unavailable'

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
  | 'not_sender_constrained'
  | 'revoked'
  | 'inactive'
  | 'scope'
  | 'tool_unknown'
  | 'message_malformed'
  | 'message_batch'
  | 'message_too_large'
  | 'message_encoding'
  | 'method'
  | 'proof_missing'
  | 'proof_malformed'
  | 'proof_key'
  | 'proof_signature'
  | 'proof_request'
  | 'proof_token'
  | 'proof_time'
  | 'proof_nonce'
  | 'proof_replayed'
  | 'keys_unavailable'
  | 'revocations_unavailable'
  | 'introspection_unavailable'
  | 'replays_unavailable'

/** The statuses that a refusal can have. */
export type RefusalStatus = 400 | 401 | 403 | 405 | 413 | 415 | 503

/** What {@link VerifierError} is made of. */
export interface VerifierErrorFields {
  readonly code: VerifierErrorCode
  readonly status: RefusalStatus
  readonly message: string
  readonly reason: RefusalReason
  readonly challenge?: string | undefined
  readonly scopes?: readonly string[] | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly dpopNonce?: string | undefined
  readonly rpcCode?: number | undefined
  readonly cause?: unknown
}

/**
 * The one error that this package throws about a request: everything that an HTTP answer needs is on it.
 *
 * `status` is 401 for `invalid_token`, `invalid_dpop_proof` and `use_dpop_nonce`, 403 for `insufficient_scope`, 400 for
 * `invalid_request` (405, 413, 415 where HTTP has a closer word), 503 for `keys_unavailable` and `temporarily_unavailable`.
 * `challenge` is the value of `WWW-Authenticate`, undefined with 503 and where the credentials are not at fault.
 * `scopes` are all that the operation needs, with 403 only. `retryAfterSeconds` comes with 503. `dpopNonce` is the value of
 * `DPoP-Nonce`. `rpcCode` is the code of the JSON-RPC error to answer where an MCP message was at fault.
 * `reason` and `cause` are for the log, `message` may be shown to anybody.
 *
 * @see RFC 6750 §3, RFC 9728 §5.1
 */
export class VerifierError extends Error {
  override readonly name = 'VerifierError'
  readonly code: VerifierErrorCode
  readonly status: RefusalStatus
  readonly reason: RefusalReason
  readonly challenge: string | undefined
  readonly scopes: readonly string[]
  readonly retryAfterSeconds: number | undefined
  readonly dpopNonce: string | undefined
  readonly rpcCode: number | undefined

  constructor(fields: VerifierErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.code = fields.code
    this.status = fields.status
    this.reason = fields.reason
    this.challenge = fields.challenge
    this.scopes = fields.scopes ?? []
    this.retryAfterSeconds = fields.retryAfterSeconds
    this.dpopNonce = fields.dpopNonce
    this.rpcCode = fields.rpcCode
  }
}
