import { sha256Base64url } from '../../crypto/digest.ts'
import { type Database, type Statement, statement } from '../../db/database.ts'
import type { InitialAccessToken } from './initial-access-token.ts'

/** Rows of `initial_access_token`: digests, never tokens. */
export interface InitialAccessTokenStore {
  /** The token that was presented, in whichever state; null when it is none of ours. */
  findByToken(token: string): Promise<InitialAccessToken | null>
  save(row: InitialAccessToken, token: string, also: readonly Statement[]): Promise<void>
  /** One registration with it. As a condition it succeeds as often as the token has uses, however many ask at once. */
  useStatement(id: string, now: Date): Statement
  /** @returns false when there is none that could be revoked */
  revoke(id: string, now: Date, also: readonly Statement[]): Promise<boolean>
  /** Newest first. */
  list(limit: number): Promise<readonly InitialAccessToken[]>
}

interface Row {
  readonly id: string
  readonly note: string
  readonly uses_left: number | null
  readonly used: number
  readonly created_by: string
  readonly created_at: number
  readonly expires_at: number
  readonly revoked_at: number | null
}

const columns = 'id, note, uses_left, used, created_by, created_at, expires_at, revoked_at'

/** Makes the store over a database. */
export function createInitialAccessTokenStore({
  sql,
  commit,
}: Pick<Database, 'sql' | 'commit'>): InitialAccessTokenStore {
  return {
    async findByToken(token) {
      const row = await sql.get<Row>(`SELECT ${columns} FROM initial_access_token WHERE digest = ?`, [
        sha256Base64url(token),
      ])
      return row === undefined ? null : fromRow(row)
    },

    async save(row, token, also) {
      const insert = statement(
        `INSERT INTO initial_access_token (id, digest, note, uses_left, used, created_by, created_at, expires_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        row.id,
        sha256Base64url(token),
        row.note,
        row.usesLeft,
        row.used,
        row.createdBy,
        row.createdAt.getTime(),
        row.expiresAt.getTime(),
      )
      await commit({ conditions: [insert], effects: also })
    },

    // Without a limit the column stays absent: NULL - 1 is NULL.
    useStatement: (id, now) =>
      statement(
        `UPDATE initial_access_token SET used = used + 1, uses_left = uses_left - 1
           WHERE id = ? AND revoked_at IS NULL AND expires_at > ? AND (uses_left IS NULL OR uses_left > 0)`,
        id,
        now.getTime(),
      ),

    revoke: (id, now, also) =>
      commit({
        conditions: [
          statement(
            'UPDATE initial_access_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
            now.getTime(),
            id,
          ),
        ],
        effects: also,
      }),

    async list(limit) {
      const rows = await sql.all<Row>(
        `SELECT ${columns} FROM initial_access_token ORDER BY created_at DESC, id DESC LIMIT ?`,
        [limit],
      )
      return rows.map(fromRow)
    },
  }
}

function fromRow(row: Row): InitialAccessToken {
  return {
    id: row.id,
    note: row.note,
    usesLeft: row.uses_left === null ? null : Number(row.uses_left),
    used: Number(row.used),
    createdBy: row.created_by,
    createdAt: new Date(Number(row.created_at)),
    expiresAt: new Date(Number(row.expires_at)),
    revokedAt: row.revoked_at === null ? null : new Date(Number(row.revoked_at)),
  }
}
