import type { SqlValue } from '../../db/database.ts'
import type { DirectoryFilter } from './directory.ts'

/** The part of a statement that a filter makes, for a table `client c`; the number of different texts is small. */
export interface Where {
  readonly text: string
  readonly params: readonly SqlValue[]
}

/** What registrations of one program have in common. */
export interface ProgramKey {
  readonly origin: string
  readonly host: string | null
  readonly software_id: string | null
  /** Means nothing where there is a software id. */
  readonly name: string | null
  readonly hosts: string
}

/** The registrations of one program, by index; one who calls itself like another's software id is somebody else. */
export function alike({ origin, host, software_id, name, hosts }: ProgramKey): Where {
  // Two texts instead of one: each has its index.
  const bySoftware = software_id === null ? 'c.software_id IS NULL AND c.claimed_name = ?' : 'c.software_id = ?'
  return {
    text: `${bySoftware} AND c.redirect_hosts = ? AND c.origin = ? AND coalesce(c.proven_host, '') = ?`,
    params: [software_id ?? name, hosts, origin, host ?? ''],
  }
}

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
