import type { Database, Statement } from '../../db/database.ts'
import { revokeAccount, revokeClient, revokeGrantTokens } from '../../revocations/store.ts'
import type { RowsDependencies } from './model-rows.ts'

/** Which grants are meant. Exactly one member. */
export type GrantSelection =
  | { readonly grantId: string }
  | { readonly accountId: string }
  | { readonly clientId: string }

/**
 * Statements that delete grants with all that stands on them: refresh families at once, codes because they need their
 * grant; and put the tokens that are out on the list of revocations. They go into a unit of work, or are committed by `revokeGrants`.
 */
export function revokeStatements(selection: GrantSelection, now: Date): readonly Statement[] {
  const { column, value } = columnOf(selection)
  return [
    listing(selection, now),
    {
      text: `DELETE FROM refresh_family WHERE grant_id IN (SELECT id FROM protocol_grant WHERE ${column} = ?)`,
      params: [value],
    },
    { text: `DELETE FROM protocol_grant WHERE ${column} = ?`, params: [value] },
  ]
}

/** Ends these grants in one commit. An access token that is out already lives to its end, where nobody follows the list of revocations. */
export async function revokeGrants(
  { database, clock }: RowsDependencies,
  selections: readonly GrantSelection[],
): Promise<void> {
  if (selections.length === 0) return
  const now = clock.now()
  await database.commit({ conditions: [], effects: selections.flatMap((one) => revokeStatements(one, now)) })
}

/** Whether a person's connection with a client to a server stands: not ended, not paused, and its consent is not withdrawn. */
export async function isConnected(
  { sql }: Pick<Database, 'sql'>,
  accountId: string,
  clientId: string,
  resource: string,
  now: Date,
): Promise<boolean> {
  const row = await sql.get(
    `SELECT 1 AS found FROM protocol_grant g
      WHERE g.account_id = ? AND g.client_id = ? AND g.resource = ? AND g.paused_at IS NULL AND g.expires_at > ?
        AND NOT EXISTS (SELECT 1 FROM consent n WHERE n.id = g.consent_id AND n.revoked_at IS NOT NULL) LIMIT 1`,
    [accountId, clientId, resource, now.getTime()],
  )
  return row !== undefined
}

/** A client that says something new of itself loses what was allowed to the old words, connections included (D13). */
export function voidStatements(clientId: string, now: Date): readonly Statement[] {
  return [
    ...revokeStatements({ clientId }, now),
    {
      text: 'UPDATE consent SET revoked_at = ? WHERE client_id = ? AND revoked_at IS NULL',
      params: [now.getTime(), clientId],
    },
  ]
}

function listing(selection: GrantSelection, now: Date): Statement {
  if ('grantId' in selection) return revokeGrantTokens(selection.grantId, now)
  if ('accountId' in selection) return revokeAccount(selection.accountId, now)
  return revokeClient(selection.clientId, now)
}

function columnOf(selection: GrantSelection): { column: string; value: string } {
  if ('grantId' in selection) return { column: 'id', value: selection.grantId }
  if ('accountId' in selection) return { column: 'account_id', value: selection.accountId }
  return { column: 'client_id', value: selection.clientId }
}
