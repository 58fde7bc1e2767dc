import type { Database } from '../../db/database.ts'
import type { Clock } from '../../runtime/clock.ts'
import { skeleton } from '../confusable.ts'

/** A client whose name is reserved here: its host is proven, an operator added it, or an administrator let it in. */
export interface NamedClient {
  readonly id: string
  readonly claimedName: string
  readonly provenHost: string | undefined
}

/** A client that asks, as far as its name is concerned. */
export interface Namesake {
  readonly id: string
  readonly origin: 'document' | 'registered' | 'operator'
  readonly claimedName: string
  readonly provenHost?: string | null
  readonly createdAt: Date
}

/** The names that are taken. */
export interface KnownNames {
  /**
   * The known client that this one could be taken for, or null.
   *
   * @param redirectHost where the answer goes: a known client's own host is no harm, whoever asks
   */
  lookAlike(client: Namesake, redirectHost: string): Promise<NamedClient | null>
}

interface Row {
  readonly id: string
  readonly origin: string
  readonly claimed_name: string
  readonly proven_host: string | null
  readonly redirect_hosts: string
  readonly allowed_at: number | null
  readonly created_at: number
}

// Ours: a name counts five seconds after it became known, like everything of clients that is remembered.
const keptMs = 5_000
// Ours: more known clients than a person could mean; the oldest are the ones that people know.
const mostKnown = 5_000

/** Keeps the skeletons of all known names. Look-alikes are found by UTS #39 (`confusable.ts`). */
export function createKnownNames({ sql }: Pick<Database, 'sql'>, clock: Clock): KnownNames {
  let known: ReadonlyMap<string, readonly Row[]> = new Map()
  let readAt = Number.NEGATIVE_INFINITY

  async function names(): Promise<ReadonlyMap<string, readonly Row[]>> {
    const now = clock.now().getTime()
    if (now - readAt < keptMs && now >= readAt) return known
    const rows = await sql.all<Row>(
      `SELECT id, origin, claimed_name, proven_host, redirect_hosts, allowed_at, created_at FROM client
        WHERE state = 'active' AND (origin <> 'registered' OR allowed_at IS NOT NULL) ORDER BY created_at LIMIT ?`,
      [mostKnown],
    )
    known = Map.groupBy(rows, (row) => skeleton(row.claimed_name))
    readAt = now
    return known
  }

  return {
    async lookAlike(client, redirectHost) {
      const look = skeleton(client.claimedName)
      if (look === '') return null
      const row = (await names()).get(look)?.find((one) => isAnother(one, client, redirectHost))
      return row === undefined
        ? null
        : { id: row.id, claimedName: row.claimed_name, provenHost: row.proven_host ?? undefined }
    },
  }
}

function isAnother(known: Row, client: Namesake, redirectHost: string): boolean {
  if (known.id === client.id) return false
  if (known.proven_host !== null && known.proven_host === client.provenHost) return false
  // The answer goes where the known client takes its own: nobody else gets it.
  const isLocal = redirectHost === 'loopback' || redirectHost.endsWith(':')
  if (redirectHost === known.proven_host) return false
  if (!isLocal && known.redirect_hosts.split(' ').includes(redirectHost)) return false
  // Of two that prove a host, the one that came first, or that an administrator vouches for, has the name.
  const isVouchedFor = known.origin === 'operator' || known.allowed_at !== null
  return isVouchedFor || client.origin === 'registered' || Number(known.created_at) < client.createdAt.getTime()
}
