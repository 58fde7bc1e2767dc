import { sha256Base64url } from '../../crypto/digest.ts'
import { refuseWhilePaused } from '../paused.ts'
import { currentUnit } from '../unit.ts'
import { type ModelRows, type RowsDependencies, write } from './model-rows.ts'
import { expiryMs, member, payloadText, revive } from './payload.ts'

// Ours: a parallel loser cannot be told from a replay; within one second of the first redemption a spent code is refused
// without revoking, so that fifty redemptions at once leave the winner's tokens alive (C02). Later ones revoke (C01).
const toleranceMs = 1000
const usedEveryMs = 3_600_000
const mostNoted = 10_000

interface CodeRow {
  payload: string
  consumed_at: number | null
}

/** Authorization codes: single use by compare-and-set, digests at rest. */
export function codeRows(dependencies: RowsDependencies): ModelRows {
  const { database, clock } = dependencies
  const notedAt = new Map<string, number>()

  // In the same commit: a clean-up that runs at this moment sees a client that is in use. Once an hour for each client, so that
  // many people at one client neither write nor wait for its row.
  async function noteUse(clientId: string): Promise<void> {
    const now = clock.now().getTime()
    if (now - (notedAt.get(clientId) ?? Number.NEGATIVE_INFINITY) < usedEveryMs) return
    if (notedAt.size >= mostNoted) notedAt.clear()
    notedAt.set(clientId, now)
    await write(dependencies, 'write', `client:${clientId}:used`, {
      text: 'UPDATE client SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)',
      params: [now, clientId, now - usedEveryMs],
    })
  }

  return {
    async upsert(id, payload) {
      const digest = sha256Base64url(id)
      await write(dependencies, 'write', `code:${digest}`, {
        text: 'INSERT INTO authorization_code (digest, grant_id, client_id, account_id, payload, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
        params: [
          digest,
          member(payload.grantId, 'grantId'),
          member(payload.clientId, 'clientId'),
          member(payload.accountId, 'accountId'),
          payloadText(payload),
          expiryMs(payload),
        ],
      })
      await noteUse(member(payload.clientId, 'clientId'))
    },

    async find(id) {
      const row = await database.sql.get<CodeRow>(
        'SELECT payload, consumed_at FROM authorization_code WHERE digest = ?',
        [sha256Base64url(id)],
      )
      if (row === undefined) return undefined
      if (row.consumed_at === null) return revive(row.payload, id)
      const unit = currentUnit()
      const payload = revive(row.payload, id)
      if (unit !== undefined) {
        unit.spentCode = { grantId: payload.grantId, accountId: payload.accountId }
        unit.tolerated = clock.now().getTime() - row.consumed_at < toleranceMs
      }
      return { ...payload, consumed: Math.floor(row.consumed_at / 1000) }
    },

    async consume(id) {
      // Outside a unit nothing would look at the outcome, and a code would be good twice.
      const unit = currentUnit()
      if (unit === undefined) throw new TypeError('a code is consumed by its redemption alone')
      refuseWhilePaused(unit)
      const digest = sha256Base64url(id)
      await write(dependencies, 'condition', `code:${digest}:consume`, {
        text: 'UPDATE authorization_code SET consumed_at = ? WHERE digest = ? AND consumed_at IS NULL',
        params: [clock.now().getTime(), digest],
      })
    },

    async destroy(id) {
      const digest = sha256Base64url(id)
      await write(dependencies, 'revocation', `code:${digest}:destroy`, {
        text: 'DELETE FROM authorization_code WHERE digest = ?',
        params: [digest],
      })
    },

    // A code is good only with its grant, and the library destroys the grant in the same unit: no index, no second delete.
    async revokeByGrantId() {},
  }
}
