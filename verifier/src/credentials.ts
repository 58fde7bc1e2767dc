/** What a request brings along to prove who asks. */
export interface PresentedCredentials {
  /** Every value of the `Authorization` header, each as received. */
  readonly authorization: readonly string[]
  /** Whether a token was also put where it does not belong: the query, or a form body. */
  readonly tokenElsewhere: boolean
  /** Every value of the `DPoP` header. Default none. */
  readonly dpop?: readonly string[]
  /** The method of the request, as received; what a DPoP proof must be for. */
  readonly method?: string
  /** The path of the request, as received, without the query; what a DPoP proof must be for. */
  readonly path?: string
}

/** A token, or what stands in its place. */
export type ReadCredentials =
  | { readonly kind: 'token'; readonly scheme: 'Bearer' | 'DPoP'; readonly token: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'several' }
  | { readonly kind: 'malformed' }

/**
 * Finds the access token of a request, in the `Authorization` header only.
 *
 * A token in the query or a body is never read (RFC 6750 §5.3; MCP forbids it); beside one in the header it makes the
 * request invalid (RFC 6750 §2: not more than one method). Another scheme counts as no credentials.
 *
 * @param acceptsDpop whether the scheme DPoP is one of ours
 * @throws nothing
 * @see RFC 6750 §2.1, RFC 9449 §7.1, RFC 9110 §11.4 (the scheme in any case)
 */
export function readCredentials(presented: PresentedCredentials, acceptsDpop = false): ReadCredentials {
  const [value, ...more] = presented.authorization
  if (value === undefined) return { kind: 'none' }
  if (more.length > 0) return { kind: 'several' }
  const match = /^([^\s,]+)(.*)$/s.exec(value.trim())
  if (match === null) return { kind: 'malformed' }
  const [, claimedScheme = '', rest = ''] = match
  const scheme = schemes.get(claimedScheme.toLowerCase())
  if (scheme === undefined || (scheme === 'DPoP' && !acceptsDpop)) return { kind: 'none' }
  if (presented.tokenElsewhere) return { kind: 'several' }
  // RFC 6750 §2.1: b64token and nothing else. A comma means that two headers were joined on the way, or that somebody tries to
  // make two readers see two tokens.
  const [, token] = /^ +([A-Za-z0-9\-._~+/]+=*)$/.exec(rest) ?? []
  if (token === undefined) return { kind: rest.includes(',') ? 'several' : 'malformed' }
  return { kind: 'token', scheme, token }
}

const schemes: ReadonlyMap<string, 'Bearer' | 'DPoP'> = new Map([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
])

/** Whether a query string, with or without its question mark, carries an access token. */
export function hasTokenInQuery(query: string): boolean {
  return new URLSearchParams(query).has('access_token')
}
