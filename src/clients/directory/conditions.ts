import type { SqlValue } from '../../db/database.ts'
import type { DirectoryFilter } from './directory.ts'

/** The part of a statement that a filter makes, for a table `client c`; the number of different texts is small. */
export interface Where {
  readonly text: string
  readonly params: readonly SqlValue[]
}

/** What a program is known by: the id of its software, else the name it gives itself; one never reads like the other. */
export const softwareOf = "coalesce('id ' || c.software_id, 'name ' || c.claimed_name)"

/** Nobody has ever allowed it anything. */
export const neverUsed = `NOT EXISTS (SELECT 1 FROM consent n WHERE n.client_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM protocol_grant g WHERE g.client_id = c.id)`

/** The conditions of a filter. */
export function whereOf({ origin, state, text, unused }: DirectoryFilter): Where {
  const conditions: string[] = [state === undefined ? "c.state <> 'removed'" : 'c.state = ?']
  const params: SqlValue[] = state === undefined ? [] : [state]
  if (origin !== undefined) {
    conditions.push('c.origin = ?')
    params.push(origin)
  }
  if (text !== undefined && text !== '') {
    const like = `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`
    const searched = ['claimed_name', 'id', 'redirect_hosts', 'proven_host']
    conditions.push(`(${searched.map((column) => `lower(c.${column}) LIKE ? ESCAPE '\\'`).join(' OR ')})`)
    params.push(...searched.map(() => like))
  }
  if (unused === true) conditions.push(neverUsed)
  return { text: conditions.join(' AND '), params }
}
