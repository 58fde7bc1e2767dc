import { type Database, type Statement, statement } from '../../db/database.ts'
import { revokeAccount } from '../../revocations/store.ts'
import { type AccountRow, accountColumns, toAccount } from '../row.ts'
import type { AccountLink, LinkPurpose, OpenLink } from './link.ts'

/** The rows of the `account_link` table. `effects` are further writes of the same commit, such as the audit row. */
export interface LinkStore {
  /** The statement that adds a link, for the commit in which its account is made. */
  addition(link: AccountLink): Statement
  /** Adds a link in place of those of its purpose. False when there is no active account of that id. */
  replace(link: AccountLink, effects: readonly Statement[]): Promise<boolean>
  /** Adds a link beside others. False when there is no such active account, or one was added after `since` already. */
  addUnlessSince(link: AccountLink, since: Date, effects: readonly Statement[]): Promise<boolean>
  /** The living link of an active account, or null. Uses nothing up. */
  find(digest: string, purpose: LinkPurpose, now: Date): Promise<OpenLink | null>
  /**
   * Uses a link up and sets the password, in one commit; every other link of the account is dead, too. Of any number of
   * attempts at once one succeeds.
   */
  redeem(
    link: { readonly digest: string; readonly purpose: LinkPurpose; readonly accountId: string },
    passwordHash: string,
    now: Date,
    effects: readonly Statement[],
  ): Promise<boolean>
}

const columns = 'digest, purpose, account_id, created_at, expires_at'

/** Makes the store of links over a database. */
export function createLinkStore(database: Database): LinkStore {
  return {
    addition: (link) => statement(`INSERT INTO account_link (${columns}) VALUES (?, ?, ?, ?, ?)`, ...values(link)),

    replace: (link, effects) =>
      database.commit({
        conditions: [
          statement(
            `INSERT INTO account_link (${columns})
             SELECT ?, ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT)
              WHERE EXISTS (SELECT 1 FROM account WHERE id = ? AND state = 'active')`,
            ...values(link),
            link.accountId,
          ),
        ],
        effects: [
          statement(
            'DELETE FROM account_link WHERE account_id = ? AND purpose = ? AND digest <> ?',
            link.accountId,
            link.purpose,
            link.digest,
          ),
          ...effects,
        ],
      }),

    addUnlessSince: (link, since, effects) =>
      database.commit({
        conditions: [
          statement(
            `INSERT INTO account_link (${columns})
             SELECT ?, ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT)
              WHERE EXISTS (SELECT 1 FROM account WHERE id = ? AND state = 'active')
                AND NOT EXISTS (SELECT 1 FROM account_link WHERE account_id = ? AND purpose = ? AND created_at > ?)`,
            ...values(link),
            link.accountId,
            link.accountId,
            link.purpose,
            since.getTime(),
          ),
        ],
        effects,
      }),

    async find(digest, purpose, now) {
      const row = await database.sql.get<AccountRow & { readonly link_ends_at: number }>(
        `SELECT ${accountColumns
          .split(', ')
          .map((column) => `a.${column} AS ${column}`)
          .join(', ')}, l.expires_at AS link_ends_at
           FROM account_link l JOIN account a ON a.id = l.account_id
          WHERE l.digest = ? AND l.purpose = ? AND l.expires_at > ? AND a.state = 'active'`,
        [digest, purpose, now.getTime()],
      )
      return row === undefined ? null : { account: toAccount(row), expiresAt: new Date(row.link_ends_at) }
    },

    redeem: ({ digest, purpose, accountId }, passwordHash, now, effects) =>
      database.commit({
        conditions: [
          // The link goes first: of two redemptions at once, the second finds no row here.
          statement(
            'DELETE FROM account_link WHERE digest = ? AND purpose = ? AND account_id = ? AND expires_at > ?',
            digest,
            purpose,
            accountId,
            now.getTime(),
          ),
          statement(
            "UPDATE account SET password_hash = ?, password_changed_at = ? WHERE id = ? AND state = 'active'",
            passwordHash,
            now.getTime(),
            accountId,
          ),
        ],
        effects: [
          statement('DELETE FROM account_link WHERE account_id = ?', accountId),
          revokeAccount(accountId, now),
          ...effects,
        ],
      }),
  }
}

function values({ digest, purpose, accountId, createdAt, expiresAt }: AccountLink): readonly (string | number)[] {
  return [digest, purpose, accountId, createdAt.getTime(), expiresAt.getTime()]
}
