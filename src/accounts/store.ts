import { randomId } from '../crypto/random.ts'
import { type Database, type Statement, statement } from '../db/database.ts'
import { isUniqueViolation } from '../db/errors.ts'
import { revokeAccount } from '../revocations/store.ts'
import type { Account, NewAccount, Role } from './account.ts'
import { type AccountRow, accountColumns as columns, roleOf, stateOf, toAccount, valuesOf } from './row.ts'

/** What every request of a signed-in person asks. */
export interface AccountFacts {
  readonly state: 'active' | 'disabled'
  readonly email: string
  readonly name: string
  readonly role: Role
}

/**
 * The rows of the `account` and `setup_link` tables, one at a time; directory/ lists them. `effects` are further writes of the same commit, such as the audit row.
 * Every method that changes a row says whether it did.
 */
export interface AccountStore {
  find(id: string): Promise<Account | null>
  /** @param email normalised */
  findByEmail(email: string): Promise<Account | null>
  /** The account with its password's hash, in one read. @param email normalised */
  findForSignIn(email: string): Promise<{ account: Account; passwordHash: string | undefined } | null>
  passwordHash(id: string): Promise<string | undefined>
  /** Hot path: one prepared statement. */
  findState(id: string): Promise<AccountFacts | null>
  count(): Promise<number>
  countAdmins(): Promise<number>
  /** @returns null when the e-mail address is taken */
  create(account: NewAccount, now: Date, effects: (id: string) => readonly Statement[]): Promise<Account | null>
  /**
   * Creates the first administrator and uses up the setup link, in one commit.
   *
   * @returns `closed` when the link is not the living one or an administrator exists, whoever was first
   */
  createFirstAdmin(
    linkDigest: string,
    account: Omit<NewAccount, 'role'>,
    now: Date,
    effects: (id: string) => readonly Statement[],
  ): Promise<Account | 'closed' | 'email_taken'>
  /** False when nothing changes: unknown, already so, or the last active administrator. */
  setState(id: string, state: 'active' | 'disabled', effects: readonly Statement[]): Promise<boolean>
  /** False when nothing changes: unknown, already so, or the last active administrator. */
  setRole(id: string, role: Role, effects: readonly Statement[]): Promise<boolean>
  /** Every link of the account is dead afterwards, and every token of it is on the list of revocations. */
  setPassword(id: string, passwordHash: string, now: Date, effects: readonly Statement[]): Promise<boolean>
  /**
   * Writes the moment of a sign-in, and the hash again when today's parameters ask for more.
   *
   * @param checked the hash that the password was checked against
   * @returns false when the account has another one by now, or may not sign in any more: this sign-in came too late
   */
  rememberSignIn(
    id: string,
    checked: string,
    now: Date,
    rehashed: string | undefined,
    effects: readonly Statement[],
  ): Promise<boolean>
  /** Writes the moment of a sign-in without a password. False when the account is not there or not active any more. */
  rememberArrival(id: string, now: Date, effects: readonly Statement[]): Promise<boolean>
  /** The same, for the commit in which the account is made. */
  arrivalStatement(id: string, now: Date): Statement
  /** False when unknown or the last active administrator. */
  remove(id: string, effects: readonly Statement[]): Promise<boolean>
  /** Makes this the one living setup link. */
  replaceSetupLink(digest: string, now: Date): Promise<void>
  isSetupLink(digest: string): Promise<boolean>
}

// Nobody can lock the last administrator out, themselves included. Who was invited and has no password yet does not count.
const anotherAdmin = `(role <> 'admin' OR state <> 'active' OR EXISTS
  (SELECT 1 FROM account other WHERE other.role = 'admin' AND other.state = 'active' AND other.id <> account.id
      AND (other.password_hash IS NOT NULL OR other.last_sign_in_at IS NOT NULL)))`

// Two administrators who end each other at once: on PostgreSQL the second waits here, and then sees what the first has done.
const lockAdmins = (id: string): Statement =>
  statement("UPDATE account SET role = role WHERE (role = 'admin' AND state = 'active') OR id = ?", id)
const dropLinks = (id: string): Statement => statement('DELETE FROM account_link WHERE account_id = ?', id)

function arrivalStatement(id: string, now: Date): Statement {
  return statement("UPDATE account SET last_sign_in_at = ? WHERE id = ? AND state = 'active'", now.getTime(), id)
}

/** Makes the account store over a database. */
export function createAccountStore(database: Database): AccountStore {
  const { sql } = database
  const one = async (where: string, value: string): Promise<Account | null> => {
    const row = await sql.get<AccountRow>(`SELECT ${columns} FROM account WHERE ${where} = ?`, [value])
    return row === undefined ? null : toAccount(row)
  }
  const counted = async (text: string): Promise<number> => Number((await sql.get<{ n: number }>(text))?.n ?? 0)
  const change = (condition: Statement, effects: readonly Statement[]): Promise<boolean> =>
    database.commit({ conditions: [condition], effects })

  return {
    find: (id) => one('id', id),
    findByEmail: (email) => one('email', email),
    async findForSignIn(email) {
      const row = await sql.get<AccountRow>(`SELECT ${columns}, password_hash FROM account WHERE email = ?`, [email])
      return row === undefined ? null : { account: toAccount(row), passwordHash: row.password_hash ?? undefined }
    },
    async passwordHash(id) {
      const row = await sql.get<Pick<AccountRow, 'password_hash'>>('SELECT password_hash FROM account WHERE id = ?', [
        id,
      ])
      return row?.password_hash ?? undefined
    },
    async findState(id) {
      const row = await sql.get<AccountRow>('SELECT state, email, name, role FROM account WHERE id = ?', [id])
      return row === undefined ? null : { state: stateOf(row), email: row.email, name: row.name, role: roleOf(row) }
    },
    count: () => counted('SELECT count(*) AS n FROM account'),
    countAdmins: () => counted("SELECT count(*) AS n FROM account WHERE role = 'admin'"),

    async create(account, now, effects) {
      const created = fresh(account, now)
      const condition = statement(
        `INSERT INTO account (${columns}, password_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        ...valuesOf(created, account.passwordHash),
      )
      const done = await change(condition, effects(created.id))
      return done ? created : null
    },

    async createFirstAdmin(linkDigest, account, now, effects) {
      const created = fresh({ ...account, role: 'admin' }, now)
      try {
        const done = await database.commit({
          conditions: [
            // The link goes first: of two setups at once, the second finds no row here.
            statement('DELETE FROM setup_link WHERE digest = ?', linkDigest),
            statement(
              `INSERT INTO account (${columns}, password_hash)
               SELECT ?, ?, ?, ?, ?, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), ?
                WHERE NOT EXISTS (SELECT 1 FROM account WHERE role = 'admin')`,
              ...valuesOf(created, account.passwordHash),
            ),
          ],
          effects: [statement('DELETE FROM setup_link'), ...effects(created.id)],
        })
        return done ? created : 'closed'
      } catch (error) {
        if (isUniqueViolation(error)) return 'email_taken'
        throw error
      }
    },

    setState(id, state, effects) {
      const guard = state === 'disabled' ? ` AND ${anotherAdmin}` : ''
      const update = statement(`UPDATE account SET state = ? WHERE id = ? AND state <> ?${guard}`, state, id, state)
      if (state === 'active') return change(update, effects)
      return database.commit({ conditions: [lockAdmins(id), update], effects: [dropLinks(id), ...effects] })
    },
    setRole(id, role, effects) {
      const guard = role === 'member' ? ` AND ${anotherAdmin}` : ''
      const update = statement(`UPDATE account SET role = ? WHERE id = ? AND role <> ?${guard}`, role, id, role)
      return database.commit({ conditions: role === 'member' ? [lockAdmins(id), update] : [update], effects })
    },
    setPassword: (id, passwordHash, now, effects) =>
      change(
        statement(
          'UPDATE account SET password_hash = ?, password_changed_at = ? WHERE id = ?',
          passwordHash,
          now.getTime(),
          id,
        ),
        // Whoever has a link from before could undo the change.
        [dropLinks(id), revokeAccount(id, now), ...effects],
      ),
    rememberSignIn: (id, checked, now, rehashed, effects) =>
      change(
        statement(
          `UPDATE account SET last_sign_in_at = ?, password_hash = ?
            WHERE id = ? AND password_hash = ? AND state = 'active'`,
          now.getTime(),
          rehashed ?? checked,
          id,
          checked,
        ),
        effects,
      ),
    rememberArrival: (id, now, effects) => change(arrivalStatement(id, now), effects),
    arrivalStatement,
    remove: (id, effects) =>
      database.commit({
        conditions: [lockAdmins(id), statement(`DELETE FROM account WHERE id = ? AND ${anotherAdmin}`, id)],
        effects: [dropLinks(id), ...effects],
      }),

    async replaceSetupLink(digest, now) {
      await database.commit({
        conditions: [],
        effects: [
          statement('DELETE FROM setup_link'),
          statement('INSERT INTO setup_link (digest, created_at) VALUES (?, ?)', digest, now.getTime()),
        ],
      })
    },
    isSetupLink: async (digest) =>
      (await sql.get('SELECT 1 AS found FROM setup_link WHERE digest = ?', [digest])) !== undefined,
  }
}

function fresh(account: NewAccount, now: Date): Account {
  const { email, name, role, passwordHash } = account
  const passwordChangedAt = passwordHash === undefined ? undefined : now
  return {
    id: randomId(),
    email,
    name,
    role,
    state: 'active',
    createdAt: now,
    passwordChangedAt,
    lastSignInAt: undefined,
  }
}
