import { z } from 'zod'
import type { Sealer } from '../../crypto/seal.ts'
import { type Database, type Statement, statement } from '../../db/database.ts'
import type { UpstreamTokens } from '../adapter.ts'

/** Whose tokens, of whom, for which MCP server. */
export interface TokenKey {
  readonly accountId: string
  readonly upstreamId: string
  /** Canonical identifier. */
  readonly resource: string
}

/**
 * Tokens of upstreams, sealed. They are kept for MCP servers that an operator has named for it, and are in no claim, export,
 * page or log (threat H13). They go with the account, the link and the upstream.
 */
export interface TokenStore {
  /** Keeps the newest in place of what was there. A refresh token that did not come anew stays as it was. */
  put(key: TokenKey, tokens: UpstreamTokens, now: Date): Promise<void>
  /** For the server's own calls on behalf of an MCP server; null when there are none, or no listed secret opens them. */
  find(key: TokenKey): Promise<UpstreamTokens | null>
}

/** For the commit that takes a link away: the tokens that came through it, also by another upstream of the same issuer. */
export function tokenRemoval(
  accountId: string,
  { issuer, upstreamId }: { readonly issuer: string; readonly upstreamId: string },
): Statement {
  return statement(
    `DELETE FROM upstream_token WHERE account_id = ?
       AND (upstream_id = ? OR upstream_id IN (SELECT id FROM upstream WHERE issuer = ?))`,
    accountId,
    upstreamId,
    issuer,
  )
}

const contentSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  scope: z.string().optional(),
  expiresAt: z.number().optional(),
})

/** Keeps tokens in the database of the server. @param sealer of the purpose `upstream tokens` */
export function createTokenStore({ sql }: Pick<Database, 'sql'>, sealer: Sealer): TokenStore {
  async function find({ accountId, upstreamId, resource }: TokenKey): Promise<UpstreamTokens | null> {
    const row = await sql.get<{ readonly sealed: string }>(
      'SELECT sealed FROM upstream_token WHERE account_id = ? AND upstream_id = ? AND resource_id = ?',
      [accountId, upstreamId, resource],
    )
    const opened = row === undefined ? null : sealer.open(row.sealed)
    if (opened === null) return null
    const { accessToken, refreshToken, scope, expiresAt } = contentSchema.parse(JSON.parse(opened))
    return { accessToken, refreshToken, scope, expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt) }
  }

  return {
    find,
    async put(key, tokens, now) {
      const expiresAt = tokens.expiresAt?.getTime()
      const refreshToken = tokens.refreshToken ?? (await find(key))?.refreshToken
      await sql.run(
        `INSERT INTO upstream_token (account_id, upstream_id, resource_id, sealed, expires_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (account_id, upstream_id, resource_id)
         DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at, updated_at = excluded.updated_at`,
        [
          key.accountId,
          key.upstreamId,
          key.resource,
          sealer.seal(JSON.stringify({ ...tokens, refreshToken, expiresAt })),
          expiresAt ?? null,
          now.getTime(),
        ],
      )
    },
  }
}
