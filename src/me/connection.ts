/**
 * Me: a person's own pages. What acts as them, since when, and how to end, pause or narrow it; what happened; where they
 * are signed in; what is known of them, to take along or to delete.
 *
 * Serves `/account` and below, except `/account/security`, which is login/'s. Consents are consent/'s, grants and sessions
 * are provider/'s: this room lists them for their owner and hands the acts over.
 */
import { type ProgramFacts, programKey } from '../clients/program.ts'

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
  /** From where, coarsely: `192.0.2.0/24`, `2001:db8:1::/48`, `loopback`. */
  readonly address: string | undefined
  readonly staysConnected: boolean
  /** When it ends by itself. */
  readonly endsAt: Date
  /** When it ends before that, unless it is used; undefined when it does not refresh. */
  readonly idleEndsAt: Date | undefined
  /** Since when it is paused; undefined when it is not. */
  readonly pausedAt: Date | undefined
}

/** All of a person's connections through one program. */
export interface ProgramGroup<Row> {
  /** Of the first row. */
  readonly clientId: string
  /** Of all of them: a program registers anew on each computer, and often on each day. */
  readonly clientIds: readonly string[]
  readonly rows: readonly Row[]
}

/**
 * Groups rows by program (`programKey`), in the order of their first row.
 */
export function groupByProgram<Row extends { readonly clientId: string }>(
  rows: readonly Row[],
  clients: ReadonlyMap<string, ProgramFacts>,
): readonly ProgramGroup<Row>[] {
  const keyOf = ({ clientId }: Row) => programKey(clientId, clients.get(clientId))
  return [...Map.groupBy(rows, keyOf).values()].map((ofProgram) => {
    const clientIds = [...new Set(ofProgram.map(({ clientId }) => clientId))]
    return { clientId: clientIds[0] ?? '', clientIds, rows: ofProgram }
  })
}

/**
 * Until when an access token that is already out can still be accepted.
 *
 * @param lifetimesSeconds of the tokens of everything that was ended
 */
export function lastTokenDiesAt(lifetimesSeconds: readonly number[], now: Date): Date {
  return new Date(now.getTime() + Math.max(0, ...lifetimesSeconds) * 1000)
}

/**
 * What is taken away when a person keeps only some scopes.
 *
 * @param kept as it came from the form; what the connection does not hold is nothing to keep: it never grows
 * @returns `nothing` when all are kept, `everything` when none is left, which is a revocation and not a narrowing
 */
export function removedScopes(
  held: readonly string[],
  kept: readonly string[],
): { readonly kept: readonly string[]; readonly removed: readonly string[] } | 'nothing' | 'everything' {
  const removed = held.filter((scope) => !kept.includes(scope))
  if (removed.length === 0) return 'nothing'
  if (removed.length === held.length) return 'everything'
  return { kept: held.filter((scope) => kept.includes(scope)), removed }
}
