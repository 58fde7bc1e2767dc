import { z } from 'zod'
import { sha256Base64url } from '../../crypto/digest.ts'
import { randomSecret } from '../../crypto/random.ts'
import { type Database, type Statement, statement } from '../../db/database.ts'

/** A sign-in that has proved something and not everything. It opens the page of the next factor and nothing else (G19). */
export interface PendingSignIn {
  /** Digest of the cookie's value. */
  readonly digest: string
  readonly accountId: string
  /** The authorization that waits, or our own pages. */
  readonly place: string
  /** RFC 8176 methods that were proved. */
  readonly amr: readonly string[]
  /** When the oldest of them was proved. */
  readonly since: Date
  /** A name of the navigation; checked where it is used. */
  readonly returnTo: string | undefined
}

/** The rows of `pending_sign_in`. */
export interface PendingStore {
  /** Stores a new one. @returns the secret for the browser's cookie */
  begin(sign: Omit<PendingSignIn, 'digest'>, now: Date): Promise<string>
  /** The living one behind a cookie at this place: in time, with guesses left, of an account as it was. */
  find(secret: string, place: string, now: Date): Promise<PendingSignIn | null>
  /**
   * Takes one guess. Counted before it is checked: of any number at once no more are checked than there are (G16).
   *
   * @returns false when there are none left
   */
  takeGuess(digest: string, now: Date): Promise<boolean>
  /** A condition: ends it where it is as `find` wants it; it counts once. */
  finishStatement(digest: string, now: Date): Statement
  /** Ends one that nobody finishes. */
  drop(digest: string): Promise<void>
  /** Ends all of an account. */
  dropAll(accountId: string): Promise<void>
}

// Ours: time to find the phone, and a few wrong codes; after that the first factor is asked again, which is limited, too.
const lifetimeSeconds = 600
/** Guesses of one sign-in. Of a million codes three are right at a time (RFC 6238 with a step to either side). */
export const guessesOfASignIn = 5

interface Row {
  readonly digest: string
  readonly account_id: string
  readonly place: string
  readonly amr: string
  readonly detail: string
}

const detailShape = z.object({
  since: z.number(),
  returnTo: z.string().optional(),
})

// Another password, or no right to sign in any more, ends what was begun before (C14).
const living = `expires_at > ? AND EXISTS (SELECT 1 FROM account WHERE account.id = pending_sign_in.account_id
  AND account.state = 'active' AND COALESCE(account.password_changed_at, 0) = pending_sign_in.password_stamp)`

/** Keeps sign-ins under way; of their cookies only digests. */
export function createPendingStore({ sql }: Pick<Database, 'sql'>): PendingStore {
  return {
    async begin({ accountId, place, amr, since, returnTo }, now) {
      const secret = randomSecret()
      const at = now.getTime()
      const detail = JSON.stringify({ since: since.getTime(), returnTo })
      await sql.run(
        `INSERT INTO pending_sign_in
           (digest, account_id, place, amr, password_stamp, detail, failures, created_at, expires_at)
         SELECT ?, id, ?, ?, COALESCE(password_changed_at, 0), ?, 0, CAST(? AS BIGINT), CAST(? AS BIGINT)
           FROM account WHERE id = ?`,
        [sha256Base64url(secret), place, amr.join(' '), detail, at, at + lifetimeSeconds * 1000, accountId],
      )
      return secret
    },
    async find(secret, place, now) {
      const row = await sql.get<Row>(
        `SELECT digest, account_id, place, amr, detail FROM pending_sign_in
          WHERE digest = ? AND place = ? AND failures < ? AND ${living}`,
        [sha256Base64url(secret), place, guessesOfASignIn, now.getTime()],
      )
      if (row === undefined) return null
      const { since, returnTo } = detailShape.parse(JSON.parse(row.detail))
      return {
        digest: row.digest,
        accountId: row.account_id,
        place: row.place,
        amr: row.amr.split(' ').filter((one) => one !== ''),
        since: new Date(since),
        returnTo,
      }
    },
    takeGuess: async (digest, now) =>
      (await sql.run(
        'UPDATE pending_sign_in SET failures = failures + 1 WHERE digest = ? AND failures < ? AND expires_at > ?',
        [digest, guessesOfASignIn, now.getTime()],
      )) > 0,
    finishStatement: (digest, now) =>
      statement(`DELETE FROM pending_sign_in WHERE digest = ? AND ${living}`, digest, now.getTime()),
    async drop(digest) {
      await sql.run('DELETE FROM pending_sign_in WHERE digest = ?', [digest])
    },
    async dropAll(accountId) {
      await sql.run('DELETE FROM pending_sign_in WHERE account_id = ?', [accountId])
    },
  }
}
