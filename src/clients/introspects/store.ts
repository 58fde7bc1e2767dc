import { type Database, type Statement, statement } from '../../db/database.ts'
import type { Client } from '../client.ts'
import { type ClientRow, clientColumns, clientFromRow, storedText } from '../row.ts'

/** Who may ask about the tokens of an MCP server. */
export interface IntrospectorStore {
  /** Clients that may ask about tokens for this server, by name; blocked ones, too. @param identifier canonical */
  of(identifier: string): Promise<readonly Client[]>
}

/** Reads them in the database of the server: operators' clients are few. */
export function createIntrospectorStore({ sql }: Pick<Database, 'sql'>): IntrospectorStore {
  return {
    async of(identifier) {
      const rows = await sql.all<ClientRow>(
        `SELECT ${clientColumns} FROM client WHERE origin = 'operator' AND state <> 'removed' ORDER BY claimed_name, id`,
      )
      return rows.map(clientFromRow).filter(({ introspects }) => introspects.includes(identifier))
    },
  }
}

/** Writes other identifiers, as a condition: only while the client is there, says what it said, and is not the file's. */
export function introspectsStatement(client: Client, identifiers: readonly string[], now: Date): Statement {
  return statement(
    `UPDATE client SET payload = ?, updated_at = ?
       WHERE id = ? AND origin = 'operator' AND set_by_file = ? AND state <> 'removed' AND payload = ?`,
    storedText({ ...client, introspects: identifiers }),
    now.getTime(),
    client.id,
    0,
    storedText(client),
  )
}
