import { type Database, type Statement, statement } from '../../db/database.ts'
import { afterLock, lockAccount, usableIdentity } from '../../db/ways-in.ts'
import { mostPasskeys, type Passkey } from './passkey.ts'

/** The rows of `passkey` and `passkey_ceremony`. Statements are conditions of a unit of work unless they say otherwise. */
export interface PasskeyStore {
  find(id: string): Promise<Passkey | null>
  /** Oldest first. */
  list(accountId: string): Promise<readonly Passkey[]>
  /** Changes nothing where the key is known already, or the account has as many as it may. @param onlyFirst as of an app */
  addStatement(passkey: Passkey, onlyFirst: boolean): Statement
  /** The counter goes up, unless the authenticator keeps none: a copy that lags behind changes nothing (WebAuthn L2 §6.1.1). */
  useStatement(id: string, counter: number, backedUp: boolean, now: Date): Statement
  /** A challenge counts once. @param until when nobody would take it any more */
  spendStatement(challengeDigest: string, purpose: string, browserDigest: string, until: Date): Statement
  /** False when this account has no such passkey. */
  rename(accountId: string, id: string, name: string): Promise<boolean>
  /**
   * Change nothing where this is the only way into the account, in which two ways that are taken away at once do not count on each
   * other.
   *
   * @param passwordsCount whether passwords let people in here
   */
  removeStatements(accountId: string, id: string, passwordsCount: boolean): readonly Statement[]
  /** An effect. */
  removeAllStatement(accountId: string): Statement
}

interface Row {
  readonly id: string
  readonly account_id: string
  readonly public_key: string
  readonly counter: number
  readonly transports: string
  readonly name: string
  readonly aaguid: string
  readonly backed_up: number
  readonly created_at: number
  readonly last_used_at: number | null
}

const columns = 'id, account_id, public_key, counter, transports, name, aaguid, backed_up, created_at, last_used_at'

/** Keeps public keys. */
export function createPasskeyStore({ sql }: Pick<Database, 'sql'>): PasskeyStore {
  return {
    async find(id) {
      const row = await sql.get<Row>(`SELECT ${columns} FROM passkey WHERE id = ?`, [id])
      return row === undefined ? null : toPasskey(row)
    },
    async list(accountId) {
      const rows = await sql.all<Row>(`SELECT ${columns} FROM passkey WHERE account_id = ? ORDER BY created_at, id`, [
        accountId,
      ])
      return rows.map(toPasskey)
    },
    addStatement(passkey, onlyFirst) {
      const { id, accountId, publicKey, counter, transports, name, aaguid, backedUp, createdAt } = passkey
      return statement(
        `INSERT INTO passkey (${columns})
         SELECT ?, ?, ?, CAST(? AS BIGINT), ?, ?, ?, CAST(? AS BOOLEAN), CAST(? AS BIGINT), NULL
          WHERE (SELECT count(*) FROM passkey WHERE account_id = ?) < CAST(? AS BIGINT)
            ${onlyFirst ? 'AND NOT EXISTS (SELECT 1 FROM totp_factor WHERE totp_factor.account_id = ?)' : ''}
         ON CONFLICT DO NOTHING`,
        ...[id, accountId, publicKey, counter, transports.join(' '), name, aaguid, Number(backedUp)],
        ...[createdAt.getTime(), accountId, onlyFirst ? 1 : mostPasskeys, ...(onlyFirst ? [accountId] : [])],
      )
    },
    useStatement: (id, counter, backedUp, now) =>
      statement(
        `UPDATE passkey SET counter = ?, backed_up = CAST(? AS BOOLEAN), last_used_at = ?
          WHERE id = ? AND (counter < CAST(? AS BIGINT) OR (counter = 0 AND CAST(? AS BIGINT) = 0))`,
        ...[counter, Number(backedUp), now.getTime(), id, counter, counter],
      ),
    spendStatement: (digest, purpose, browserDigest, until) =>
      statement(
        `INSERT INTO passkey_ceremony (digest, purpose, browser_digest, expires_at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        ...[digest, purpose, browserDigest, until.getTime()],
      ),
    rename: async (accountId, id, name) =>
      (await sql.run('UPDATE passkey SET name = ? WHERE id = ? AND account_id = ?', [name, id, accountId])) > 0,
    removeStatements: (accountId, id, passwordsCount) => [
      lockAccount(accountId),
      statement(
        `DELETE FROM passkey WHERE id = ? AND account_id = ? AND ${afterLock('passkey')} AND (
           EXISTS (SELECT 1 FROM passkey other WHERE other.account_id = passkey.account_id AND other.id <> passkey.id)
           OR EXISTS (SELECT 1 FROM upstream_identity linked
                       WHERE linked.account_id = passkey.account_id AND ${usableIdentity()})
           ${passwordsCount ? 'OR EXISTS (SELECT 1 FROM account WHERE account.id = passkey.account_id AND password_hash IS NOT NULL)' : ''})`,
        id,
        accountId,
      ),
    ],
    removeAllStatement: (accountId) => statement('DELETE FROM passkey WHERE account_id = ?', accountId),
  }
}

function toPasskey(row: Row): Passkey {
  return {
    id: row.id,
    accountId: row.account_id,
    publicKey: row.public_key,
    counter: Number(row.counter),
    transports: row.transports.split(' ').filter((one) => one !== ''),
    name: row.name,
    aaguid: row.aaguid,
    backedUp: row.backed_up === 1,
    createdAt: new Date(row.created_at),
    lastUsedAt: row.last_used_at === null ? undefined : new Date(row.last_used_at),
  }
}
