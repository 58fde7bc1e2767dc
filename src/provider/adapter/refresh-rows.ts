import { connectionEndSeconds } from '../../clients/connection-end.ts'
import { sha256Base64url } from '../../crypto/digest.ts'
import { randomId } from '../../crypto/random.ts'
import { refuseWhilePaused } from '../paused.ts'
import { formatRefreshToken, parseRefreshToken } from '../refresh-token.ts'
import { currentUnit } from '../unit.ts'
import { type ModelRows, type RowsDependencies, write } from './model-rows.ts'
import { expiryMs, member, payloadText, revive } from './payload.ts'
import { openUnder, sealUnder } from './sealed-under.ts'

/** What the rows of refresh families need beside the database. */
export interface RefreshRowsDependencies extends RowsDependencies {
  /** Key of the check in each token, 32 bytes. */
  readonly checkKey: Uint8Array
  /** Keys of tokens made before the server's secret was changed. */
  readonly olderCheckKeys?: readonly Uint8Array[]
  /** How long a consumed token is answered with its one successor; 0 turns the window off. */
  readonly graceSeconds: number
  /** Absolute life of a family. */
  readonly absoluteSeconds: number
}

interface FamilyRow {
  digest: string
  current_digest: string
  previous_digest: string | null
  rotated_at: number | null
  sealed_successor: string | null
  payload: string
}

// Ours, with the window off: a parallel loser is refused for this long without the family being revoked (as for codes).
const toleranceMs = 1000

const columns = 'digest, current_digest, previous_digest, rotated_at, sealed_successor, payload'

const insertText = `INSERT INTO refresh_family
  (digest, grant_id, client_id, account_id, current_digest, payload, created_at, used_at, expires_at, ends_at, address)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const rotateText = `UPDATE refresh_family SET previous_digest = current_digest, current_digest = ?, rotated_at = ?,
  sealed_successor = ?, payload = ?, used_at = ?, expires_at = ?, address = ? WHERE digest = ? AND current_digest = ?`

/** Rows of refresh families, and what the unit of work asks of them. */
export interface RefreshRows extends ModelRows {
  /** The successor of a token that lost the rotation race, when the window allows it; else null. */
  adopt(presented: string): Promise<string | null>
  /** Whether a grace answer still holds: its successor has not been used meanwhile. */
  graceHolds(grace: { readonly digest: string; readonly previousDigest: string }): Promise<boolean>
}

/**
 * Refresh families: one row each, rotated in place by compare-and-set. Presented = current → good; = previous inside the
 * window → the successor's payload (grace); anything older → reported as consumed, and the library revokes the family.
 */
export function refreshRows(dependencies: RefreshRowsDependencies): RefreshRows {
  const { database, clock, checkKey, graceSeconds, absoluteSeconds } = dependencies
  const checkKeys = [checkKey, ...(dependencies.olderCheckKeys ?? [])]
  const nowMs = () => clock.now().getTime()

  async function familyOf(token: string): Promise<FamilyRow | undefined> {
    const parsed = parseRefreshToken(checkKeys, token)
    if (parsed === null) return undefined
    return database.sql.get<FamilyRow>(`SELECT ${columns} FROM refresh_family WHERE digest = ?`, [
      sha256Base64url(parsed.family),
    ])
  }

  /** The one successor of `token`, if it is the generation just replaced and the window is open. */
  function successorOf(row: FamilyRow, token: string): string | null {
    if (row.previous_digest !== sha256Base64url(token) || row.rotated_at === null) return null
    if (nowMs() - row.rotated_at >= graceSeconds * 1000 || row.sealed_successor === null) return null
    return openUnder('successor', token, row.sealed_successor)
  }

  return {
    async upsert(id, payload) {
      const unit = currentUnit()
      const now = nowMs()
      const rotation = unit?.rotation
      if (unit !== undefined && rotation !== undefined) {
        const token = formatRefreshToken(checkKey, { family: rotation.family, id })
        unit.refreshToken = token
        const family = sha256Base64url(rotation.family)
        unit.collect('condition', `family:${family}`, {
          text: rotateText,
          params: [
            sha256Base64url(token),
            now,
            graceSeconds > 0 ? sealUnder('successor', rotation.presented, token) : null,
            payloadText(payload),
            now,
            expiryMs(payload),
            unit.address ?? null,
            family,
            sha256Base64url(rotation.presented),
          ],
        })
        return
      }
      const family = randomId()
      const token = formatRefreshToken(checkKey, { family, id })
      if (unit !== undefined) unit.refreshToken = token
      const digest = sha256Base64url(family)
      const grantId = member(payload.grantId, 'grantId')
      const chosenEnd = unit?.grantFacts?.endsAtMs ?? Number.POSITIVE_INFINITY
      const clientId = member(payload.clientId, 'clientId')
      const endsAt = Math.min(now + connectionEndSeconds(clientId, absoluteSeconds) * 1000, chosenEnd)
      await write(dependencies, 'write', `family:${digest}`, {
        text: insertText,
        params: [
          digest,
          grantId,
          clientId,
          member(payload.accountId, 'accountId'),
          sha256Base64url(token),
          payloadText(payload),
          now,
          now,
          expiryMs(payload),
          endsAt,
          unit?.address ?? null,
        ],
      })
      // A grant is short-lived until something long-lived stands on it.
      await write(dependencies, 'write', `grant:${grantId}:extend`, {
        text: 'UPDATE protocol_grant SET expires_at = ? WHERE id = ?',
        params: [endsAt, grantId],
      })
    },

    async find(token) {
      const row = await familyOf(token)
      if (row === undefined) return undefined
      const presentedDigest = sha256Base64url(token)
      if (row.current_digest === presentedDigest) return revive(row.payload, token)
      const unit = currentUnit()
      const successor = successorOf(row, token)
      if (unit?.kind === 'token' && successor !== null) {
        unit.grace = { digest: row.digest, previousDigest: presentedDigest }
        unit.refreshToken = successor
        return revive(row.payload, successor)
      }
      const isPrevious = row.previous_digest === presentedDigest
      if (unit !== undefined && isPrevious && graceSeconds === 0 && nowMs() - (row.rotated_at ?? 0) < toleranceMs) {
        unit.tolerated = true
      }
      return { ...revive(row.payload, token), consumed: Math.floor((row.rotated_at ?? nowMs()) / 1000) }
    },

    async consume(token) {
      const unit = currentUnit()
      const parsed = parseRefreshToken(checkKeys, token)
      if (unit === undefined || parsed === null)
        throw new TypeError('a refresh token is consumed by its rotation alone')
      refuseWhilePaused(unit)
      unit.rotation = { family: parsed.family, presented: token }
    },

    async destroy(token) {
      const parsed = parseRefreshToken(checkKeys, token)
      if (parsed === null) return
      const digest = sha256Base64url(parsed.family)
      await write(dependencies, 'revocation', `family:${digest}:destroy`, {
        text: 'DELETE FROM refresh_family WHERE digest = ?',
        params: [digest],
      })
    },

    async revokeByGrantId(grantId) {
      await write(dependencies, 'revocation', `family:of:${grantId}`, {
        text: 'DELETE FROM refresh_family WHERE grant_id = ?',
        params: [grantId],
      })
    },

    async adopt(presented) {
      const row = await familyOf(presented)
      return row === undefined ? null : successorOf(row, presented)
    },

    async graceHolds({ digest, previousDigest }) {
      const row = await database.sql.get(
        'SELECT 1 AS found FROM refresh_family WHERE digest = ? AND previous_digest = ?',
        [digest, previousDigest],
      )
      return row !== undefined
    },
  }
}
