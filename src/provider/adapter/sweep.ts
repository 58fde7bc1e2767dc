import type { Database } from '../../db/database.ts'

/** Tables whose rows have an end, their keys, and where the end stands. */
const ending: readonly (readonly [table: string, key: string, end?: string])[] = [
  ['authorization_code', 'digest'],
  ['refresh_family', 'digest'],
  ['protocol_grant', 'id'],
  ['browser_session', 'digest'],
  ['interaction', 'digest'],
  ['replay_mark', 'digest'],
  ['pushed_request', 'digest'],
  ['account_link', 'digest'],
  ['sign_in_throttle', 'key'],
  // The layout of the library that counts there.
  ['rate_limit', 'key', 'expire'],
  ['upstream_state', 'digest'],
  ['pending_sign_in', 'digest'],
  ['passkey_ceremony', 'digest'],
  ['revocation', 'mark, moment'],
]

// Small enough that a token request never waits long behind one batch.
const batchRows = 500

/**
 * Deletes rows whose end has passed, table by table, in small batches. Two processes at it do no harm: each deletes what
 * it finds.
 * @returns how many rows went
 */
export async function sweepExpired({ sql }: Pick<Database, 'sql'>, now: Date): Promise<number> {
  let total = 0
  for (const [table, key, end = 'expires_at'] of ending) {
    for (;;) {
      const count = await sql.run(
        `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${end} < ? LIMIT ${batchRows})`,
        [now.getTime()],
      )
      total += count
      if (count < batchRows) break
    }
  }
  return total
}
