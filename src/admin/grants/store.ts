import type { Audit } from '../../audit/record.ts'
import type { Database } from '../../db/database.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { GrantState } from '../diagnostics-token.ts'

// A token is written down within its own commit, whose clock may differ from the token's whole seconds by a little.
const windowMilliseconds = 10_000
const issues = ['token.issued', 'token.refreshed', 'token.refresh_grace'] as const

/**
 * What became of the connection that a token belongs to. Access tokens are never stored: the audit book alone knows
 * which connection one was made for.
 */
export function createGrantLookup(
  { sql }: Pick<Database, 'sql'>,
  audit: Pick<Audit, 'list'>,
  clock: Clock,
): (tokenId: string, clientId: string, issuedAt: Date) => Promise<GrantState> {
  return async function grantOf(tokenId, clientId, issuedAt) {
    const since = new Date(Math.max(0, issuedAt.getTime() - windowMilliseconds))
    const until = new Date(issuedAt.getTime() + windowMilliseconds)
    const found = await Promise.all(issues.map((type) => audit.list({ type, clientId, since, until, limit: 500 })))
    const grantId = found.flat().find(({ detail }) => detail.tokenId === tokenId)?.grantId
    if (grantId === undefined) return 'unknown'
    const row = await sql.get<{ paused_at: number | null; expires_at: number }>(
      'SELECT paused_at, expires_at FROM protocol_grant WHERE id = ?',
      [grantId],
    )
    if (row === undefined || Number(row.expires_at) <= clock.now().getTime()) return 'gone'
    return row.paused_at === null ? 'alive' : 'paused'
  }
}
