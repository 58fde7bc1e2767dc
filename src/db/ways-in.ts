import { type Statement, statement } from './database.ts'

/**
 * A condition on rows of `upstream_identity`, called `linked`: somebody could sign in with it today. With an issuer for each tenant
 * the row of the upstream names none of them; there the id where it was linked decides.
 *
 * @param except SQL for the id of an upstream that is left out
 */
export const usableIdentity = (except = "''"): string => `EXISTS (SELECT 1 FROM upstream
  WHERE upstream.enabled = TRUE AND upstream.id <> ${except} AND (upstream.issuer = linked.issuer
    OR (upstream.preset = 'entra' AND upstream.id = linked.upstream_id
      AND (upstream.issuer LIKE '%/organizations/v2.0' OR upstream.issuer LIKE '%/common/v2.0'
        OR upstream.issuer LIKE '%/consumers/v2.0'))))`

/**
 * A condition on rows of a table with an `account_id`: always true, and about `account`. Without it a unit that begins with
 * `lockAccount` could become one statement, and would look at the other ways as they were before it waited.
 */
export const afterLock = (table: string): string =>
  `EXISTS (SELECT 1 FROM account locked WHERE locked.id = ${table}.account_id)`

/**
 * A condition, the first of a commit that takes a way into an account away or adds one: on PostgreSQL whoever changes the ways of
 * the same account, or removes it, waits here for the other.
 *
 * @param and SQL, what must be true of the account besides
 */
export function lockAccount(accountId: string, and = ''): Statement {
  return statement(`UPDATE account SET name = name WHERE id = ?${and}`, accountId)
}
