/** Carries out a false condition: thrown inside a transaction to undo it, never seen outside the room. */
export class ConditionFailed extends Error {}

/**
 * Is this the fault of a second row with the same key? Knows the drivers' errors and Prisma's (P2002).
 */
export function isUniqueViolation(error: unknown): boolean {
  const code = errorCode(error)
  return (
    code === 'P2002' ||
    code === '23505' ||
    code === 'SQLITE_CONSTRAINT_UNIQUE' ||
    code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
  )
}

/** The `code` member of an error of a driver or of Prisma, when it has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
