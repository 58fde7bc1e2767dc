import { formatChallenge } from './challenge.ts'
import { type RefusalReason, VerifierError } from './errors.ts'

/** Makes the errors of one resource server, each with the challenge that belongs to it. */
export interface Refusals {
  /** 401 without an `error`: RFC 6750 §3.1 wants no error code where no credentials were sent. */
  noCredentials(): VerifierError
  invalidToken(reason: RefusalReason, cause?: unknown): VerifierError
  insufficientScope(neededScopes: readonly string[]): VerifierError
  invalidRequest(reason: RefusalReason): VerifierError
  keysUnavailable(retryAfterSeconds: number, cause: unknown): VerifierError
}

/**
 * Binds the answers to one resource server.
 *
 * @param resourceMetadataUrl where its protected resource metadata is (RFC 9728 §5.1)
 * @param basicScopes what a client should ask for first; the `scope` of every 401 (MCP, Scope Selection)
 */
export function createRefusals(resourceMetadataUrl: string, basicScopes: readonly string[]): Refusals {
  return {
    noCredentials: () =>
      new VerifierError({
        code: 'invalid_token',
        status: 401,
        message: 'an access token is needed',
        reason: 'no_credentials',
        challenge: formatChallenge({ scopes: basicScopes, resourceMetadataUrl }),
      }),
    invalidToken: (reason, cause) => {
      const message = 'the access token is not valid here'
      return new VerifierError({
        code: 'invalid_token',
        status: 401,
        message,
        reason,
        cause,
        challenge: formatChallenge({
          error: 'invalid_token',
          errorDescription: message,
          scopes: basicScopes,
          resourceMetadataUrl,
        }),
      })
    },
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
        challenge: formatChallenge({
          error: 'insufficient_scope',
          errorDescription: message,
          scopes: neededScopes,
          resourceMetadataUrl,
        }),
      })
    },
    invalidRequest: (reason) => {
      const message = 'the credentials are malformed or sent more than once'
      return new VerifierError({
        code: 'invalid_request',
        status: 400,
        message,
        reason,
        challenge: formatChallenge({ error: 'invalid_request', errorDescription: message, resourceMetadataUrl }),
      })
    },
    // No challenge: the token may be good, and a client that is challenged would throw it away.
    keysUnavailable: (retryAfterSeconds, cause) =>
      new VerifierError({
        code: 'keys_unavailable',
        status: 503,
        message: 'access tokens cannot be checked at the moment',
        reason: 'keys_unavailable',
        retryAfterSeconds,
        cause,
      }),
  }
}
