import { sha256Base64url } from '../../crypto/digest.ts'
import { currentUnit } from '../unit.ts'
import { type ModelRows, type RowsDependencies, write } from './model-rows.ts'
import { expiryMs, payloadText, revive } from './payload.ts'

/** Replay marks (DPoP proofs, client assertions): a plain insert, 0 rows when the identifier has been seen. */
export function replayRows(dependencies: RowsDependencies): ModelRows {
  const { database } = dependencies
  return {
    async upsert(id, payload) {
      const digest = sha256Base64url(id)
      await write(dependencies, 'mark', `mark:${digest}`, {
        text: 'INSERT INTO replay_mark (digest, expires_at) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING',
        params: [digest, expiryMs(payload)],
      })
    },

    async find(id) {
      const row = await database.sql.get<{ expires_at: number }>(
        'SELECT expires_at FROM replay_mark WHERE digest = ?',
        [sha256Base64url(id)],
      )
      return row === undefined
        ? undefined
        : { jti: id, kind: 'ReplayDetection', exp: Math.floor(row.expires_at / 1000) }
    },
  }
}

interface PushedRow {
  payload: string
  consumed_at: number | null
}

/** Pushed authorization requests (RFC 9126): used once, by compare-and-set. */
export function pushedRequestRows(dependencies: RowsDependencies): ModelRows {
  const { database, clock } = dependencies
  return {
    async upsert(id, payload) {
      const digest = sha256Base64url(id)
      await write(dependencies, 'write', `pushed:${digest}`, {
        text: 'INSERT INTO pushed_request (digest, client_id, payload, expires_at) VALUES (?, ?, ?, ?)',
        params: [digest, payload.clientId ?? null, payloadText(payload), expiryMs(payload)],
      })
    },

    async find(id) {
      const row = await database.sql.get<PushedRow>(
        'SELECT payload, consumed_at FROM pushed_request WHERE digest = ?',
        [sha256Base64url(id)],
      )
      if (row === undefined) return undefined
      const payload = revive(row.payload, id)
      return row.consumed_at === null ? payload : { ...payload, consumed: Math.floor(row.consumed_at / 1000) }
    },

    async consume(id) {
      if (currentUnit() === undefined) throw new TypeError('a pushed request is consumed by its authorization alone')
      const digest = sha256Base64url(id)
      await write(dependencies, 'condition', `pushed:${digest}:consume`, {
        text: 'UPDATE pushed_request SET consumed_at = ? WHERE digest = ? AND consumed_at IS NULL',
        params: [clock.now().getTime(), digest],
      })
    },
  }
}

/** Registration access tokens (RFC 7592). */
export function registrationTokenRows(
  dependencies: RowsDependencies,
  addressedClient: () => string | undefined,
): ModelRows {
  const { database, clock } = dependencies
  return {
    async upsert(id, payload) {
      const digest = sha256Base64url(id)
      await write(dependencies, 'write', `registration:${digest}`, {
        text: 'INSERT INTO registration_token (digest, client_id, payload, created_at) VALUES (?, ?, ?, ?)',
        params: [digest, payload.clientId ?? '', payloadText(payload), clock.now().getTime()],
      })
    },

    // At another client's address the token is simply unknown: the library would destroy it, and with it the honest
    // client's only way to manage itself (D13).
    async find(id) {
      const row = await database.sql.get<{ payload: string; client_id: string }>(
        'SELECT payload, client_id FROM registration_token WHERE digest = ?',
        [sha256Base64url(id)],
      )
      if (row === undefined || row.client_id !== addressedClient()) return undefined
      return revive(row.payload, id)
    },

    async destroy(id) {
      const digest = sha256Base64url(id)
      await write(dependencies, 'condition', `registration:${digest}:destroy`, {
        text: 'DELETE FROM registration_token WHERE digest = ?',
        params: [digest],
      })
    },
  }
}
