import { type Challenge, formatChallenge } from './challenge.ts'
import { type RefusalReason, VerifierError, type VerifierErrorCode } from './errors.ts'

/** Makes the errors of one resource server for one scheme of credentials, each with the challenge that belongs to it. */
export interface Refusals {
  /** 401 without an `error`: RFC 6750 §3.1 wants no error code where no credentials were sent. */
  noCredentials(): VerifierError
  invalidToken(reason: RefusalReason, cause?: unknown): VerifierError
  invalidProof(reason: RefusalReason, cause?: unknown): VerifierError
  /** 401 with a nonce to make the next proof with. @see RFC 9449 §9 */
  useNonce(nonce: string): VerifierError
  insufficientScope(neededScopes: readonly string[]): VerifierError
  invalidRequest(reason: RefusalReason): VerifierError
  /** 503 without a challenge: the token may be good, and a client that is challenged would throw it away. */
  unavailable(reason: UnavailableReason, retryAfterSeconds: number, cause: unknown): VerifierError
}

/** What could not be had. */
export type UnavailableReason =
  | 'keys_unavailable'
  | 'revocations_unavailable'
  | 'introspection_unavailable'
  | 'replays_unavailable'

/** What the challenges of a resource server are made of. */
export interface ChallengeFacts {
  /** Where its protected resource metadata is (RFC 9728 §5.1). */
  readonly resourceMetadataUrl: string
  /** What a client should ask for first; the `scope` of every 401 (MCP, Scope Selection). */
  readonly basicScopes: readonly string[]
  /** Undefined: DPoP is not offered. */
  readonly dpop: { readonly required: boolean; readonly algorithms: readonly string[] } | undefined
}

/** Binds the answers to one resource server. */
export function createRefusals(facts: ChallengeFacts): { readonly Bearer: Refusals; readonly DPoP: Refusals } {
  return { Bearer: refusalsFor(facts.dpop?.required ? 'DPoP' : 'Bearer', facts), DPoP: refusalsFor('DPoP', facts) }
}

function refusalsFor(scheme: 'Bearer' | 'DPoP', facts: ChallengeFacts): Refusals {
  const { basicScopes, dpop, resourceMetadataUrl } = facts
  const algorithms = dpop?.algorithms

  // What went wrong stands in the challenge of the scheme that was used. DPoP is named beside Bearer, after it, because clients
  // of MCP that know nothing else read only the first word and the first parameter of each name.
  function print(challenge: Challenge): string {
    if (scheme === 'DPoP') return formatChallenge({ ...challenge, scheme, algorithms, resourceMetadataUrl })
    const bearer = formatChallenge({ ...challenge, resourceMetadataUrl })
    return algorithms === undefined ? bearer : `${bearer}, ${formatChallenge({ scheme: 'DPoP', algorithms })}`
  }

  function unauthorized(
    code: VerifierErrorCode,
    errorDescription: string,
    more: { reason: RefusalReason; cause?: unknown; dpopNonce?: string },
  ): VerifierError {
    const challenge = print({ error: code, errorDescription, scopes: basicScopes })
    return new VerifierError({ code, status: 401, message: errorDescription, challenge, ...more })
  }

  return {
    noCredentials: () =>
      new VerifierError({
        code: 'invalid_token',
        status: 401,
        message: 'an access token is needed',
        reason: 'no_credentials',
        challenge: print({ scopes: basicScopes }),
      }),
    invalidToken: (reason, cause) =>
      unauthorized('invalid_token', 'the access token is not valid here', { reason, cause }),
    invalidProof: (reason, cause) =>
      unauthorized('invalid_dpop_proof', 'the DPoP proof is not valid for this request', { reason, cause }),
    useNonce: (dpopNonce) =>
      unauthorized('use_dpop_nonce', 'the DPoP proof must carry the nonce given here', {
        reason: 'proof_nonce',
        dpopNonce,
      }),
    insufficientScope: (neededScopes) => {
      const message = 'the access token does not allow this operation'
      return new VerifierError({
        code: 'insufficient_scope',
        status: 403,
        message,
        reason: 'scope',
        scopes: neededScopes,
        // MCP, Runtime Insufficient Scope Errors: everything that this operation needs, in one challenge,
        // and nothing else of the catalogue.
        challenge: print({ error: 'insufficient_scope', errorDescription: message, scopes: neededScopes }),
      })
    },
    invalidRequest: (reason) => {
      const message = 'the credentials are malformed or sent more than once'
      return new VerifierError({
        code: 'invalid_request',
        status: 400,
        message,
        reason,
        challenge: print({ error: 'invalid_request', errorDescription: message }),
      })
    },
    unavailable: (reason, retryAfterSeconds, cause) =>
      new VerifierError({
        code: reason === 'keys_unavailable' ? reason : 'temporarily_unavailable',
        status: 503,
        message: 'access tokens cannot be checked at the moment',
        reason,
        retryAfterSeconds,
        cause,
      }),
  }
}
