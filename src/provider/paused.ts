import { errors } from 'oidc-provider'
import type { Unit } from './unit.ts'

/**
 * Refuses what would be consumed on a paused connection, before it is: a code, a refresh token. Nothing is used up and
 * nothing revoked, so the connection goes on where it stood once it is resumed. What was used up before is told apart
 * earlier: its reuse ends a paused connection as any other (C01, C06).
 *
 * @throws InvalidGrant
 */
export function refuseWhilePaused({ grantFacts }: Pick<Unit, 'grantFacts'>): void {
  if (grantFacts?.isPaused === true) throw new errors.InvalidGrant('the connection is paused by its person')
}
