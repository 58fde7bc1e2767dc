/**
 * Me: a person's own pages. What acts as them, since when, and how to end it; and where they are signed in.
 *
 * Serves `/account` and below. Consents are consent/'s, grants and sessions are provider/'s: this room lists them for
 * their owner and hands the acts over. The change of password belongs to login/.
 */

/** One installation of a client that acts as a person: one grant. */
export interface Connection {
  readonly grantId: string
  readonly accountId: string
  readonly clientId: string
  /** The remembered consent it was made from; undefined for one without. */
  readonly consentId: string | undefined
  /** Identifier of the MCP server; undefined when the row does not tell. */
  readonly resource: string | undefined
  readonly scopes: readonly string[]
  /** Where the answer went: `loopback`, a host, `scheme:`. */
  readonly redirectHost: string | undefined
  readonly since: Date
  /** The last time it fetched a token; undefined when it never did after the first. */
  readonly usedAt: Date | undefined
  readonly staysConnected: boolean
  /** When it ends by itself. */
  readonly endsAt: Date
}

/** All of a person's connections through one client. */
export interface ClientGroup<Row> {
  readonly clientId: string
  readonly rows: readonly Row[]
}

/** Groups rows by client, in the order of their first row. */
export function groupByClient<Row extends { readonly clientId: string }>(
  rows: readonly Row[],
): readonly ClientGroup<Row>[] {
  return [...Map.groupBy(rows, (row) => row.clientId)].map(([clientId, ofClient]) => ({ clientId, rows: ofClient }))
}

/** Where an installation sits, in words, by the redirect host of its consent. */
export function placeWords(host: string | undefined): string {
  if (host === undefined) return 'unknown place'
  if (host === 'loopback') return 'a program on a computer of yours'
  if (host.endsWith(':')) return `an app that answers to ${host}`
  return host
}

/**
 * Until when an access token that is already out can still be accepted.
 *
 * @param lifetimesSeconds of the tokens of everything that was ended
 */
export function lastTokenDiesAt(lifetimesSeconds: readonly number[], now: Date): Date {
  return new Date(now.getTime() + Math.max(0, ...lifetimesSeconds) * 1000)
}
