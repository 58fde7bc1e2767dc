// oauth/: the vocabulary of the protocol — errors, scopes, resource and redirect URIs, grant types, and the port between
// an authorization in progress and the pages that decide it. Pure words and rules; it asks nobody and serves no path.

/** What the log may know beyond the answer; never sent to the client. */
export interface OAuthErrorOptions {
  readonly log?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/**
 * An error that goes to a client in the registered form `{ error, error_description }`.
 * `description` helps the developer of the client and betrays nothing; details belong into `log`.
 *
 * @see RFC 6749 §5.2
 */
export class OAuthError extends Error {
  readonly code: string
  readonly status: number
  readonly description: string
  readonly log: Readonly<Record<string, unknown>>

  constructor(code: string, status: number, description: string, options: OAuthErrorOptions = {}) {
    super(`${code}: ${description}`, { cause: options.cause })
    this.name = 'OAuthError'
    this.code = code
    this.status = status
    this.description = description
    this.log = options.log ?? {}
  }

  /** The body as it is sent. */
  toJSON(): { error: string; error_description: string } {
    return { error: this.code, error_description: this.description }
  }
}

/** A function that makes one kind of error; without a description it says what the code says. */
export type OAuthErrorMaker = (description?: string, options?: OAuthErrorOptions) => OAuthError

function maker(code: string, status: number, fallback: string): OAuthErrorMaker {
  return (description = fallback, options) => new OAuthError(code, status, description, options)
}

/** RFC 6749 §4.1.2.1, §5.2: a parameter is missing, repeated or malformed. */
export const invalidRequest = maker('invalid_request', 400, 'request is malformed')
/** RFC 6749 §5.2: client authentication failed or the client is unknown; clients register again when they read it. */
export const invalidClient = maker('invalid_client', 401, 'client authentication failed')
/** RFC 6749 §5.2: code or refresh token is unknown, used, expired, revoked, or was issued to somebody else. */
export const invalidGrant = maker('invalid_grant', 400, 'grant is not valid')
/** RFC 6749 §5.2: the scope is unknown, malformed, or exceeds what was granted. */
export const invalidScope = maker('invalid_scope', 400, 'scope is not valid')
/** RFC 8707 §2: the resource is missing, unknown, malformed, or there is more than one. */
export const invalidTarget = maker('invalid_target', 400, 'resource is not known here')
/** RFC 6749 §5.2: this client may not use this grant type. */
export const unauthorizedClient = maker('unauthorized_client', 400, 'client may not do this')
/** RFC 6749 §4.1.2.1: the person or this server said no. */
export const accessDenied = maker('access_denied', 403, 'access was denied')
/** RFC 7591 §3.2.2: a member of the client metadata is not acceptable. */
export const invalidClientMetadata = maker('invalid_client_metadata', 400, 'client metadata is not valid')
/** RFC 7591 §3.2.2: a redirect URI is not acceptable. */
export const invalidRedirectUri = maker('invalid_redirect_uri', 400, 'redirect URI is not valid')
/** RFC 6749 §4.1.2.1: our own fault. */
export const serverError = maker('server_error', 500, 'the server could not do this')
/** RFC 6749 §4.1.2.1: too busy now, later it may work. */
export const temporarilyUnavailable = maker('temporarily_unavailable', 503, 'the server is busy, try again later')
