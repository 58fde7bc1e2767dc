import type { Account, Role } from './account.ts'

/** A row of the `account` table as the databases give it. */
export interface AccountRow {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly state: string
  readonly created_at: number
  readonly password_changed_at: number | null
  readonly last_sign_in_at: number | null
  readonly password_hash: string | null
}

/** The columns of an `Account`, in the order of `valuesOf`. */
export const accountColumns = 'id, email, name, role, state, created_at, password_changed_at, last_sign_in_at'

/** A row as an account. */
export function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: roleOf(row),
    state: stateOf(row),
    createdAt: new Date(row.created_at),
    passwordChangedAt: row.password_changed_at === null ? undefined : new Date(row.password_changed_at),
    lastSignInAt: row.last_sign_in_at === null ? undefined : new Date(row.last_sign_in_at),
  }
}

/** The values of a new row: `accountColumns`, then the hash. */
export function valuesOf(account: Account, passwordHash: string | undefined): readonly (string | number | null)[] {
  const { id, email, name, role, state, createdAt, passwordChangedAt } = account
  const changedAt = passwordChangedAt?.getTime() ?? null
  return [id, email, name, role, state, createdAt.getTime(), changedAt, null, passwordHash ?? null]
}

// Fail closed: what is not exactly the one word is the lesser right.
/** The role of a row. */
export function roleOf(row: Pick<AccountRow, 'role'>): Role {
  return row.role === 'admin' ? 'admin' : 'member'
}

/** The state of a row. */
export function stateOf(row: Pick<AccountRow, 'state'>): Account['state'] {
  return row.state === 'active' ? 'active' : 'disabled'
}
