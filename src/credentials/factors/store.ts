import type { Database } from '../../db/database.ts'

/** Which ways of a second factor an account has. */
export interface EnrolledFactors {
  readonly totp: boolean
  readonly passkeys: boolean
  /** Codes that are left. */
  readonly recoveryCodes: boolean
}

/** One read for all three: asked at every sign-in, and at every authorization of who has signed in with one factor. */
export async function readEnrolled({ sql }: Pick<Database, 'sql'>, accountId: string): Promise<EnrolledFactors> {
  const row = await sql.get<{ totp: number; passkeys: number; codes: number }>(
    `SELECT EXISTS (SELECT 1 FROM totp_factor WHERE account_id = ? AND confirmed_at IS NOT NULL) AS totp,
            EXISTS (SELECT 1 FROM passkey WHERE account_id = ?) AS passkeys,
            EXISTS (SELECT 1 FROM recovery_code WHERE account_id = ? AND used_at IS NULL) AS codes`,
    [accountId, accountId, accountId],
  )
  return { totp: row?.totp === 1, passkeys: row?.passkeys === 1, recoveryCodes: row?.codes === 1 }
}
