import { type Database, type Statement, statement } from '../../db/database.ts'

/** The rows of `recovery_code`. */
export interface RecoveryStore {
  /** How many are left, and when they were made; null when none were made. */
  summary(accountId: string): Promise<{ readonly left: number; readonly madeAt: Date } | null>
  /** A condition: uses a code up. Of any number of attempts at once, one changes the row. */
  useStatement(accountId: string, digest: string, now: Date): Statement
  /** Effects: these codes in place of all others. */
  replaceStatements(accountId: string, digests: readonly string[], now: Date): readonly Statement[]
  removeStatement(accountId: string): Statement
  /** An effect: the codes go where the account has no other second factor. */
  removeLonelyStatement(accountId: string): Statement
}

/** Keeps recovery codes; only their digests. */
export function createRecoveryStore({ sql }: Pick<Database, 'sql'>): RecoveryStore {
  const removeStatement = (accountId: string) => statement('DELETE FROM recovery_code WHERE account_id = ?', accountId)
  return {
    async summary(accountId) {
      const row = await sql.get<{ total: number; left_over: number; made_at: number | null }>(
        `SELECT count(*) AS total, count(*) - count(used_at) AS left_over, min(created_at) AS made_at
           FROM recovery_code WHERE account_id = ?`,
        [accountId],
      )
      if (row === undefined || row.made_at === null) return null
      return { left: Number(row.left_over), madeAt: new Date(Number(row.made_at)) }
    },
    useStatement: (accountId, digest, now) =>
      statement(
        'UPDATE recovery_code SET used_at = ? WHERE digest = ? AND account_id = ? AND used_at IS NULL',
        now.getTime(),
        digest,
        accountId,
      ),
    replaceStatements: (accountId, digests, now) => [
      removeStatement(accountId),
      ...digests.map((digest) =>
        statement(
          'INSERT INTO recovery_code (digest, account_id, created_at) VALUES (?, ?, ?)',
          digest,
          accountId,
          now.getTime(),
        ),
      ),
    ],
    removeStatement,
    removeLonelyStatement: (accountId) =>
      statement(
        `DELETE FROM recovery_code WHERE account_id = ?
           AND NOT EXISTS (SELECT 1 FROM totp_factor WHERE totp_factor.account_id = recovery_code.account_id)
           AND NOT EXISTS (SELECT 1 FROM passkey WHERE passkey.account_id = recovery_code.account_id)`,
        accountId,
      ),
  }
}
