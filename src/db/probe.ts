import type { Database } from './database.ts'

/** Asks the database the smallest question. @throws the driver's error when it does not answer */
export async function probeDatabase({ sql }: Pick<Database, 'sql'>): Promise<void> {
  await sql.get('SELECT 1 AS one')
}
