import type { Database } from '../../db/database.ts'

/** Names for the ids of a page. What is gone has none. */
export interface Names {
  /** E-mail addresses by account id. */
  readonly people: ReadonlyMap<string, string>
  /** Claimed names by client id. */
  readonly clients: ReadonlyMap<string, string>
}

/** Looks names up, a page of ids at a time. */
export interface NameStore {
  of(accountIds: Iterable<string>, clientIds: Iterable<string>): Promise<Names>
}

// One text for every page, so that one statement is prepared; the rest is filled with nothing.
const batch = 100
const places = Array.from({ length: batch }, () => '?').join(', ')

/** Makes the look-up over a database. */
export function createNameStore({ sql }: Pick<Database, 'sql'>): NameStore {
  async function all(text: string, ids: Iterable<string>): Promise<Map<string, string>> {
    const found = new Map<string, string>()
    const wanted = [...new Set(ids)]
    for (let index = 0; index < wanted.length; index += batch) {
      const part = wanted.slice(index, index + batch)
      const filled = Array.from({ length: batch }, (_, place) => part[place] ?? null)
      for (const { id, name } of await sql.all<{ id: string; name: string }>(text, filled)) found.set(id, name)
    }
    return found
  }
  return {
    async of(accountIds, clientIds) {
      const [people, clients] = await Promise.all([
        all(`SELECT id, email AS name FROM account WHERE id IN (${places})`, accountIds),
        all(`SELECT id, claimed_name AS name FROM client WHERE id IN (${places})`, clientIds),
      ])
      return { people, clients }
    },
  }
}
