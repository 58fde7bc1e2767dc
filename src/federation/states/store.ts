import { z } from 'zod'
import { sha256Base64url } from '../../crypto/digest.ts'
import type { Sealer } from '../../crypto/seal.ts'
import type { Database } from '../../db/database.ts'
import { type HopPurpose, stateLifetimeSeconds, type UpstreamState } from './state.ts'

/** Rows of hops that are under way. */
export interface StateStore {
  /** @param handle the `state` parameter, or the cookie of an arrival: 256 random bits, of which a digest is stored */
  add(handle: string, state: UpstreamState): Promise<void>
  /**
   * Takes a state away and answers with it; a second call finds nothing, whoever makes it (threat H01).
   *
   * @returns null when unknown, used or expired
   * Deletes the row in the statement that reads it, so that of any number of calls at once one gets it.
   */
  consume(handle: string, now: Date): Promise<UpstreamState | null>
  /** Drops the hops of cookies that the browser has given up. */
  drop(browserDigests: readonly string[]): Promise<void>
}

interface StateRow {
  readonly browser_digest: string
  readonly upstream_id: string
  readonly issuer: string
  readonly sealed: string
  readonly created_at: number
  readonly expires_at: number
}

const purposeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('authorization'), uid: z.string(), clientId: z.string(), resource: z.string() }),
  z.object({ kind: z.literal('own'), returnTo: z.string().optional(), accountId: z.string().optional() }),
  z.object({ kind: z.literal('link'), accountId: z.string() }),
  z.object({
    kind: z.literal('arrived'),
    uid: z.string(),
    clientId: z.string(),
    accountId: z.string(),
    authTime: z.number().optional(),
  }),
])
const sealedSchema = z.object({
  digest: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  isAnew: z.boolean(),
  purpose: purposeSchema,
})

/** Keeps states in the database of the server. @param sealer of the purpose `upstream states` */
export function createStateStore({ sql }: Pick<Database, 'sql'>, sealer: Sealer): StateStore {
  return {
    async add(handle, state) {
      const { purpose } = state
      const digest = sha256Base64url(handle)
      const createdAt = state.createdAt.getTime()
      await sql.run(
        `INSERT INTO upstream_state (digest, browser_digest, upstream_id, issuer, purpose, interaction_id, client_id,
           account_id, return_to, sealed, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          digest,
          state.browserDigest,
          state.upstreamId,
          state.issuer,
          purpose.kind,
          'uid' in purpose ? sha256Base64url(purpose.uid) : null,
          'clientId' in purpose ? purpose.clientId : null,
          ('accountId' in purpose ? purpose.accountId : undefined) ?? null,
          ('returnTo' in purpose ? purpose.returnTo : undefined) ?? null,
          sealer.seal(contentOf(digest, state)),
          createdAt,
          createdAt + stateLifetimeSeconds * 1000,
        ],
      )
    },

    async consume(handle, now) {
      const digest = sha256Base64url(handle)
      const row = await sql.get<StateRow>(
        `DELETE FROM upstream_state WHERE digest = ?
         RETURNING browser_digest, upstream_id, issuer, sealed, created_at, expires_at`,
        [digest],
      )
      if (row === undefined || Number(row.expires_at) <= now.getTime()) return null
      const opened = sealer.open(row.sealed)
      if (opened === null) return null
      const content = sealedSchema.parse(JSON.parse(opened))
      // A box belongs to its row: one that was moved to another is none.
      if (content.digest !== digest) return null
      const { nonce, verifier, isAnew } = content
      return {
        ...{ nonce, verifier, isAnew, purpose: purposeOf(content.purpose) },
        upstreamId: row.upstream_id,
        issuer: row.issuer,
        browserDigest: row.browser_digest,
        createdAt: new Date(Number(row.created_at)),
      }
    },

    async drop(browserDigests) {
      for (const digest of browserDigests) {
        await sql.run('DELETE FROM upstream_state WHERE browser_digest = ?', [digest])
      }
    },
  }
}

function contentOf(digest: string, { nonce, verifier, isAnew, purpose }: UpstreamState): string {
  const stored = purpose.kind === 'arrived' ? { ...purpose, authTime: purpose.authTime?.getTime() } : purpose
  return JSON.stringify({ digest, nonce, verifier, isAnew, purpose: stored })
}

function purposeOf(stored: z.infer<typeof purposeSchema>): HopPurpose {
  if (stored.kind === 'arrived') {
    return { ...stored, authTime: stored.authTime === undefined ? undefined : new Date(stored.authTime) }
  }
  if (stored.kind === 'own') return { kind: 'own', returnTo: stored.returnTo, accountId: stored.accountId }
  return stored
}
