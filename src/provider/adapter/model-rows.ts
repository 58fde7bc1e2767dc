import type { Adapter } from 'oidc-provider'
import type { Database, Statement } from '../../db/database.ts'
import type { Clock } from '../../runtime/clock.ts'
import { conditionRoles, currentUnit, type Role } from '../unit.ts'

/** What the rows of every model need. */
export interface RowsDependencies {
  readonly database: Database
  readonly clock: Clock
}

/** The part of the library's adapter that a model really uses; the rest answers «nothing». */
export type ModelRows = Partial<Adapter>

/**
 * Hands a write to the unit of the request; outside one (our own pages) it is committed at once.
 * @returns false when it was committed at once and its condition changed no row
 */
export async function write(
  { database }: RowsDependencies,
  role: Role,
  key: string,
  statement: Statement,
): Promise<boolean> {
  const unit = currentUnit()
  if (unit !== undefined) {
    unit.collect(role, key, statement)
    return true
  }
  const isCondition = conditionRoles.has(role)
  return database.commit(
    isCondition ? { conditions: [statement], effects: [] } : { conditions: [], effects: [statement] },
  )
}
