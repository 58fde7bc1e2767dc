import { type Database, type Statement, statement } from '../../db/database.ts'
import { revokeGrantTokens } from '../../revocations/store.ts'
import type { Clock } from '../../runtime/clock.ts'

/** Changes a connection without ending it; `effects` are written in the same commit, such as the audit row. */
export interface ConnectionChanges {
  /** Lets nothing be fetched any more until it is resumed; false when it is paused already, or gone. */
  pause(grantId: string, now: Date, effects: readonly Statement[]): Promise<boolean>
  /** Lets it go on; false when it is not paused. */
  resume(grantId: string, effects: readonly Statement[]): Promise<boolean>
  /**
   * Takes scopes away from the grant, from what its refresh tokens ask for, and from the consent that is remembered.
   * Nothing is ever added: a scope that is not there is not taken.
   *
   * @returns false when the connection is gone, or changed too often to be caught
   */
  narrow(grantId: string, removed: readonly string[], effects: readonly Statement[]): Promise<boolean>
}

interface PayloadRow {
  digest: string
  payload: string
}

interface GrantRow {
  payload: string
  consent_id: string | null
  scopes: string | null
}

// Ours: a refresh between reading and writing is rare, but a client in a loop must not outrun the person.
const attempts = 50

const selectGrant = `SELECT g.payload AS payload, g.consent_id AS consent_id, n.scopes AS scopes
  FROM protocol_grant g LEFT JOIN consent n ON n.id = g.consent_id WHERE g.id = ?`

// The remembered consent would let a paused client back in without a question, as a connection that is not paused.
const forgetText = `UPDATE consent SET expires_at = ?
  WHERE id = (SELECT consent_id FROM protocol_grant WHERE id = ?)
    AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)`

/** Makes the changes over a database. */
export function createConnectionChanges(database: Pick<Database, 'sql' | 'commit'>, clock: Clock): ConnectionChanges {
  async function narrowOnce(grantId: string, removed: ReadonlySet<string>, effects: readonly Statement[]) {
    const grant = await database.sql.get<GrantRow>(selectGrant, [grantId])
    if (grant === undefined) return 'gone'
    const families = await database.sql.all<PayloadRow>(
      'SELECT digest, payload FROM refresh_family WHERE grant_id = ?',
      [grantId],
    )
    const narrowed = narrowGrant(grant.payload, removed)
    const consent =
      grant.consent_id === null || grant.scopes === null
        ? []
        : [statement('UPDATE consent SET scopes = ? WHERE id = ?', without(grant.scopes, removed), grant.consent_id)]
    const done = await database.commit({
      conditions: [
        statement(
          'UPDATE protocol_grant SET payload = ? WHERE id = ? AND payload = ?',
          narrowed,
          grantId,
          grant.payload,
        ),
        // One that was rotated meanwhile is read again: it must not keep the words of before.
        ...families.map(({ digest, payload }) =>
          statement(
            'UPDATE refresh_family SET payload = ? WHERE digest = ? AND payload = ?',
            narrowToken(payload, removed),
            digest,
            payload,
          ),
        ),
      ],
      // The tokens that are out may do more than is left; whoever brings one gets another by refreshing.
      effects: [...consent, revokeGrantTokens(grantId, clock.now()), ...effects],
    })
    return done ? 'done' : 'again'
  }

  return {
    pause: (grantId, now, effects) =>
      database.commit({
        conditions: [
          statement(
            'UPDATE protocol_grant SET paused_at = ? WHERE id = ? AND paused_at IS NULL',
            now.getTime(),
            grantId,
          ),
        ],
        effects: [
          statement(forgetText, now.getTime(), grantId, now.getTime()),
          revokeGrantTokens(grantId, now),
          ...effects,
        ],
      }),

    resume: (grantId, effects) =>
      database.commit({
        conditions: [
          statement('UPDATE protocol_grant SET paused_at = NULL WHERE id = ? AND paused_at IS NOT NULL', grantId),
        ],
        effects,
      }),

    async narrow(grantId, removed, effects) {
      const names = new Set(removed)
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const outcome = await narrowOnce(grantId, names, effects)
        if (outcome !== 'again') return outcome === 'done'
      }
      return false
    },
  }
}

/** The library answers a refresh with no scope that its grant does not hold, so this is what narrows; the rest follows. */
function narrowGrant(payload: string, removed: ReadonlySet<string>): string {
  // Parse boundary: rows of this column are written by `payloadText` alone.
  const grant = JSON.parse(payload) as { resources?: Readonly<Record<string, string>> }
  const resources = Object.entries(grant.resources ?? {}).map(([resource, scopes]) => [
    resource,
    without(scopes, removed),
  ])
  return JSON.stringify({ ...grant, resources: Object.fromEntries(resources) })
}

function narrowToken(payload: string, removed: ReadonlySet<string>): string {
  // Parse boundary, as above.
  const token = JSON.parse(payload) as { scope?: string }
  return JSON.stringify({ ...token, ...(token.scope === undefined ? {} : { scope: without(token.scope, removed) }) })
}

function without(scopes: string, removed: ReadonlySet<string>): string {
  return scopes
    .split(' ')
    .filter((scope) => scope !== '' && !removed.has(scope))
    .join(' ')
}
