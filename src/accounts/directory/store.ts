import type { Database, SqlValue } from '../../db/database.ts'
import type { Account } from '../account.ts'
import { type AccountRow, accountColumns, toAccount } from '../row.ts'

/** A kind of people that a list can be narrowed to. */
export type PeopleKind = 'admins' | 'disabled' | 'invited'

/** Which people a list holds. */
export interface DirectoryFilter {
  /** Part of a name or an e-mail address, without regard to case. */
  readonly text?: string
  readonly kind?: PeopleKind
  /** E-mail address after which the page begins. */
  readonly after?: string
  readonly limit: number
}

/** Lists people. */
export interface Directory {
  /** By e-mail address, ascending. */
  list(filter: DirectoryFilter): Promise<readonly Account[]>
}

const conditions: Readonly<Record<PeopleKind, string>> = {
  admins: "role = 'admin'",
  disabled: "state = 'disabled'",
  // The same as isInvited() of account.ts.
  invited: 'password_changed_at IS NULL AND last_sign_in_at IS NULL',
}

/** Makes the directory over a database. Pages begin after a row, not at a number: the last is as quick as the first. */
export function createDirectory({ sql }: Pick<Database, 'sql'>): Directory {
  return {
    async list({ text = '', kind, after, limit }) {
      const where: string[] = []
      const params: SqlValue[] = []
      if (after !== undefined) {
        where.push('email > ?')
        params.push(after)
      }
      if (kind !== undefined) where.push(conditions[kind])
      if (text !== '') {
        // Addresses are kept in lower case; lower() of the embedded database knows ASCII only, so a name is tried in both spellings.
        where.push("(email LIKE ? ESCAPE '\\' OR lower(name) LIKE ? ESCAPE '\\' OR name LIKE ? ESCAPE '\\')")
        params.push(partOf(text.toLowerCase()), partOf(text.toLowerCase()), partOf(text))
      }
      const filter = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`
      const rows = await sql.all<AccountRow>(`SELECT ${accountColumns} FROM account${filter} ORDER BY email LIMIT ?`, [
        ...params,
        limit,
      ])
      return rows.map(toAccount)
    },
  }
}

function partOf(text: string): string {
  return `%${text.normalize('NFC').replaceAll(/[\\%_]/g, '\\$&')}%`
}
