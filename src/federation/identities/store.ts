import { randomId } from '../../crypto/random.ts'
import { type Database, type Statement, statement } from '../../db/database.ts'
import { afterLock, lockAccount, usableIdentity } from '../../db/ways-in.ts'

/** A person of an upstream who is linked to an account here. */
export interface Identity {
  readonly id: string
  readonly issuer: string
  readonly subject: string
  /** Where it was linked; the upstream may be gone or have another id by now. */
  readonly upstreamId: string
  readonly accountId: string
  /** E-mail address or user name there, for people; never looked anybody up by (H09). */
  readonly label: string
  readonly linkedAt: Date
  readonly lastUsedAt: Date | undefined
}

/** An identity that is about to be linked. */
export type NewIdentity = Pick<Identity, 'issuer' | 'subject' | 'upstreamId' | 'accountId' | 'label'>

/** What may stay when a link is taken away. */
export interface RemainingWays {
  /** Do passwords of ours count (`PASSWORD_SIGN_IN`)? */
  readonly passwords: boolean
}

/** Rows of linked identities. `effects` are further writes of the same commit, such as the audit row. */
export interface IdentityStore {
  /** By the only key there is (H09, H10): both exactly as the upstream says them. */
  find(issuer: string, subject: string): Promise<Identity | null>
  /** The identities of an account, oldest first. */
  ofAccount(accountId: string): Promise<readonly Identity[]>
  /** For the commit in which an account is made. The commit throws a unique violation when the identity is linked already. */
  addition(identity: NewIdentity, now: Date): Statement
  /**
   * Links an identity to an active account.
   *
   * @returns `taken` when it is linked already, to whomever; `gone` when there is no such active account
   */
  link(identity: NewIdentity, now: Date, effects: readonly Statement[]): Promise<'linked' | 'taken' | 'gone'>
  /** For the commit of a sign-in: when the identity was used, and what it is called there by now. */
  use(id: string, label: string, now: Date): Statement
  /**
   * Takes a link away, unless nothing would be left to sign in with: a password, a passkey or an identity of another enabled
   * upstream.
   *
   * @param ways undefined: even the last one goes
   * @returns false when it is not this account's, or its last way in; nothing is written then
   */
  unlink(
    id: string,
    accountId: string,
    ways: RemainingWays | undefined,
    effects: readonly Statement[],
  ): Promise<boolean>
  /** What goes with an account, in the commit that removes it: its identities, the tokens kept, its hops under way. */
  removal(accountId: string): readonly Statement[]
  /** How many identities were linked at each upstream, by its id. */
  countByUpstream(): Promise<ReadonlyMap<string, number>>
  /**
   * How many active administrators could sign in without a password: by a passkey or an identity of an enabled upstream.
   *
   * @param exceptUpstreamId an upstream that is left out, as if it were gone already
   */
  countAdminsWithoutPassword(exceptUpstreamId?: string): Promise<number>
}

interface IdentityRow {
  readonly id: string
  readonly issuer: string
  readonly subject: string
  readonly upstream_id: string
  readonly account_id: string
  readonly label: string
  readonly linked_at: number
  readonly last_used_at: number | null
}

const columns = 'id, issuer, subject, upstream_id, account_id, label, linked_at, last_used_at'
// Ours: enough to recognise oneself by; what an upstream calls somebody has no bound.
const longestLabel = 254

/** Keeps identities in the database of the server. */
export function createIdentityStore({ sql, commit }: Pick<Database, 'sql' | 'commit'>): IdentityStore {
  return {
    async find(issuer, subject) {
      const text = `SELECT ${columns} FROM upstream_identity WHERE issuer = ? AND subject = ?`
      const row = await sql.get<IdentityRow>(text, [issuer, subject])
      return row === undefined ? null : fromRow(row)
    },

    async ofAccount(accountId) {
      const text = `SELECT ${columns} FROM upstream_identity WHERE account_id = ? ORDER BY linked_at, id`
      return (await sql.all<IdentityRow>(text, [accountId])).map(fromRow)
    },

    addition: (identity, now) =>
      statement(
        `INSERT INTO upstream_identity (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)`,
        ...valuesOf(identity, now),
      ),

    async link(identity, now, effects) {
      const isLinked = await commit({
        conditions: [
          lockAccount(identity.accountId, " AND state = 'active'"),
          statement(
            `INSERT INTO upstream_identity (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING`,
            ...valuesOf(identity, now),
          ),
        ],
        effects,
      })
      if (isLinked) return 'linked'
      return (await this.find(identity.issuer, identity.subject)) === null ? 'gone' : 'taken'
    },

    use: (id, label, now) =>
      statement(
        'UPDATE upstream_identity SET last_used_at = ?, label = ? WHERE id = ?',
        now.getTime(),
        shortened(label),
        id,
      ),

    unlink: (id, accountId, ways, effects) =>
      commit({
        conditions: [
          // Two links taken away at once must not each count on the other.
          lockAccount(accountId),
          statement(
            `DELETE FROM upstream_identity WHERE id = ? AND account_id = ? AND ${afterLock('upstream_identity')}
               ${ways === undefined ? '' : `AND ${anotherWay(ways)}`}`,
            id,
            accountId,
          ),
        ],
        effects,
      }),

    removal: (accountId) => [
      statement('DELETE FROM upstream_identity WHERE account_id = ?', accountId),
      statement('DELETE FROM upstream_token WHERE account_id = ?', accountId),
      statement('DELETE FROM upstream_state WHERE account_id = ?', accountId),
    ],

    async countByUpstream() {
      const text = 'SELECT upstream_id, count(*) AS n FROM upstream_identity GROUP BY upstream_id'
      const rows = await sql.all<{ upstream_id: string; n: number }>(text)
      return new Map(rows.map(({ upstream_id, n }) => [upstream_id, Number(n)]))
    },

    async countAdminsWithoutPassword(exceptUpstreamId = '') {
      const row = await sql.get<{ n: number }>(
        `SELECT count(*) AS n FROM account WHERE role = 'admin' AND state = 'active' AND
          (EXISTS (SELECT 1 FROM passkey WHERE passkey.account_id = account.id)
           OR EXISTS (SELECT 1 FROM upstream_identity linked WHERE linked.account_id = account.id AND ${usableIdentity('?')}))`,
        [exceptUpstreamId],
      )
      return Number(row?.n ?? 0)
    },
  }
}

function anotherWay({ passwords }: RemainingWays): string {
  const ways = [
    `EXISTS (SELECT 1 FROM passkey WHERE passkey.account_id = upstream_identity.account_id)`,
    `EXISTS (SELECT 1 FROM upstream_identity linked
       WHERE linked.account_id = upstream_identity.account_id AND linked.id <> upstream_identity.id AND ${usableIdentity()})`,
  ]
  if (passwords) {
    ways.push(`EXISTS (SELECT 1 FROM account
       WHERE account.id = upstream_identity.account_id AND account.password_hash IS NOT NULL)`)
  }
  return `(${ways.join(' OR ')})`
}

function valuesOf(identity: NewIdentity, now: Date): readonly (string | number)[] {
  const { issuer, subject, upstreamId, accountId, label } = identity
  return [randomId(), issuer, subject, upstreamId, accountId, shortened(label), now.getTime()]
}

function shortened(label: string): string {
  return [...label.replace(/\p{C}/gu, '')].slice(0, longestLabel).join('')
}

function fromRow(row: IdentityRow): Identity {
  return {
    id: row.id,
    issuer: row.issuer,
    subject: row.subject,
    upstreamId: row.upstream_id,
    accountId: row.account_id,
    label: row.label,
    linkedAt: new Date(Number(row.linked_at)),
    lastUsedAt: row.last_used_at === null ? undefined : new Date(Number(row.last_used_at)),
  }
}
