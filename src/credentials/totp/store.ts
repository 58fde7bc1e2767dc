import type { Sealer } from '../../crypto/seal.ts'
import { type Database, type Statement, statement } from '../../db/database.ts'

/** What the pages say of an authenticator app. */
export interface TotpSummary {
  readonly createdAt: Date
  readonly lastUsedAt: Date | undefined
}

/**
 * The rows of `totp_factor`: one authenticator app for each account. Statements are conditions of a unit of work: each
 * changes one row, or the unit does not happen.
 */
export interface TotpStore {
  find(accountId: string): Promise<TotpSummary | null>
  /** The seed, base32, or null without an app; also when no listed secret opens its box. */
  seed(accountId: string): Promise<string | null>
  /**
   * Puts an app in place of what was there.
   *
   * @param step the one of the code that confirmed it: it has counted
   * @param onlyFirst changes nothing where the account has any second factor already
   */
  enrolStatement(accountId: string, seed: string, step: number, now: Date, onlyFirst: boolean): Statement
  /** Uses a step up: of any number of attempts at once, one changes the row, and no earlier step counts afterwards. */
  useStatement(accountId: string, step: number, now: Date): Statement
  removeStatement(accountId: string): Statement
}

interface Row {
  readonly sealed_seed: string
  readonly created_at: number
  readonly last_used_at: number | null
}

/** Keeps authenticator apps; seeds are sealed. */
export function createTotpStore({ sql }: Pick<Database, 'sql'>, sealer: Sealer): TotpStore {
  const row = (accountId: string) =>
    sql.get<Row>(
      'SELECT sealed_seed, created_at, last_used_at FROM totp_factor WHERE account_id = ? AND confirmed_at IS NOT NULL',
      [accountId],
    )
  return {
    async find(accountId) {
      const found = await row(accountId)
      if (found === undefined) return null
      const { created_at: created, last_used_at: used } = found
      return { createdAt: new Date(created), lastUsedAt: used === null ? undefined : new Date(used) }
    },
    async seed(accountId) {
      const found = await row(accountId)
      return found === undefined ? null : sealer.open(found.sealed_seed)
    },
    enrolStatement(accountId, seed, step, now, onlyFirst) {
      const at = now.getTime()
      const values = [accountId, sealer.seal(seed), step, at, at]
      const columns = '(account_id, sealed_seed, last_step, created_at, confirmed_at)'
      // A sign-in that has proved one factor may add the first other one, and never a second or another in its place (G19).
      if (onlyFirst) {
        return statement(
          `INSERT INTO totp_factor ${columns}
           SELECT ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT)
            WHERE NOT EXISTS (SELECT 1 FROM passkey WHERE passkey.account_id = ?)
           ON CONFLICT DO NOTHING`,
          ...values,
          accountId,
        )
      }
      return statement(
        `INSERT INTO totp_factor ${columns} VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (account_id) DO UPDATE SET sealed_seed = excluded.sealed_seed, last_step = excluded.last_step,
           created_at = excluded.created_at, confirmed_at = excluded.confirmed_at, last_used_at = NULL`,
        ...values,
      )
    },
    useStatement: (accountId, step, now) =>
      statement(
        `UPDATE totp_factor SET last_step = ?, last_used_at = ?
          WHERE account_id = ? AND confirmed_at IS NOT NULL AND last_step < ?`,
        step,
        now.getTime(),
        accountId,
        step,
      ),
    removeStatement: (accountId) => statement('DELETE FROM totp_factor WHERE account_id = ?', accountId),
  }
}
