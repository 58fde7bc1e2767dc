/**
 * Consent: what one person allowed one client to do at one MCP server, and the page that asks for it.
 *
 * Owns the rule when a remembered consent is good enough, the reasons to ask again, the consent rows, and
 * `/interaction/:uid/consent` with `/interaction/:uid/switch`. Who the person is comes from login/; the library's
 * grant that is made from a consent belongs to provider/ and is reached through GrantPort.
 */

/** What a consent is remembered under: another redirect host or MCP server is another consent (RFC 9700 §4.11, G01). */
export interface ConsentKey {
  readonly accountId: string
  readonly clientId: string
  /** `loopback`, `host[:port]` or `scheme:`, as `redirectHost()` of oauth/redirect-uri gives it. */
  readonly redirectHost: string
  readonly resourceId: string
}

/** A consent as stored. */
export interface Consent extends ConsentKey {
  readonly id: string
  /** Sorted, without duplicates. */
  readonly scopes: readonly string[]
  /** SHA-256 of what the client said of itself when the person agreed. */
  readonly metadataDigest: string
  readonly stayConnected: boolean
  readonly grantedAt: Date
  readonly expiresAt: Date | undefined
  readonly revokedAt: Date | undefined
}

/** What an authorization request needs a consent for. */
export interface ConsentRequest extends ConsentKey {
  readonly scopes: readonly string[]
  readonly metadataDigest: string
}

/** @returns whether both name the same person, client, redirect host and MCP server */
export function hasSameKey(a: ConsentKey, b: ConsentKey): boolean {
  return (
    a.accountId === b.accountId &&
    a.clientId === b.clientId &&
    a.redirectHost === b.redirectHost &&
    a.resourceId === b.resourceId
  )
}

/** @returns whether the consent still stands at `now`: neither withdrawn nor past its end */
export function isAlive(consent: Consent, now: Date): boolean {
  return consent.revokedAt === undefined && !isExpired(consent, now)
}

/** @returns whether the consent's end has come; one without an end never expires */
export function isExpired(consent: Consent, now: Date): boolean {
  return consent.expiresAt !== undefined && consent.expiresAt.getTime() <= now.getTime()
}

/**
 * Tells whether a stored consent is permission for exactly this request.
 *
 * @returns false as soon as one member differs: person, client, redirect host, MCP server, a scope that was not
 *          allowed, a client that describes itself otherwise now, a consent that ended
 */
export function covers(consent: Consent, request: ConsentRequest, now: Date): boolean {
  return (
    hasSameKey(consent, request) &&
    isAlive(consent, now) &&
    consent.metadataDigest === request.metadataDigest &&
    request.scopes.every((scope) => consent.scopes.includes(scope))
  )
}
