import { sha256Base64url } from '../../crypto/digest.ts'
import type { Database } from '../../db/database.ts'
import type { SessionSummary } from '../../web/context.ts'
import { currentUnit } from '../unit.ts'
import { type ModelRows, type RowsDependencies, write } from './model-rows.ts'
import { expiryMs, member, type Payload, payloadText, revive } from './payload.ts'

interface SessionRow {
  digest: string
  payload: string
  expires_at: number
}

// One statement moves a session to a new identifier (fixation, G06) and writes its content: the uid stays the same.
const upsertText = `INSERT INTO browser_session (digest, uid, account_id, payload, created_at, used_at, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (uid) DO UPDATE SET digest = excluded.digest, account_id = excluded.account_id,
    payload = excluded.payload, used_at = excluded.used_at, expires_at = excluded.expires_at`

// Ours: a session of which only the end moved is written again once a twentieth of its life is gone.
const rewriteShare = 0.05

/** Browser sessions: who is signed in. A private handle stands for the identifier where only the uid is known. */
export function sessionRows(dependencies: RowsDependencies): ModelRows {
  const { database, clock } = dependencies

  function content(payload: Payload): string {
    const { exp: _exp, iat: _iat, ...rest } = payload
    return payloadText(rest)
  }

  return {
    async upsert(id, payload, expiresIn = 0) {
      const unit = currentUnit()
      const digest = handleDigest(id) ?? sha256Base64url(id)
      const expiresAt = expiryMs(payload)
      const known = unit?.session
      const unchanged = known?.digest === digest && known.payload === content(payload)
      if (unchanged && expiresAt - known.expiresAt < expiresIn * 1000 * rewriteShare) return
      // The library destroys the old identifier right before it saves the new one; the upsert by uid does both.
      unit?.forget('session:')
      const now = clock.now().getTime()
      await write(dependencies, 'session', `session:${digest}`, {
        text: upsertText,
        params: [
          digest,
          member(payload.uid, 'uid'),
          payload.accountId ?? null,
          payloadText(payload),
          now,
          now,
          expiresAt,
        ],
      })
    },

    async find(id) {
      const digest = sha256Base64url(id)
      const row = await database.sql.get<SessionRow>(
        'SELECT digest, payload, expires_at FROM browser_session WHERE digest = ?',
        [digest],
      )
      if (row === undefined) return undefined
      const payload = revive(row.payload, id)
      const unit = currentUnit()
      if (unit !== undefined) unit.session = { digest, payload: content(payload), expiresAt: row.expires_at }
      return payload
    },

    async findByUid(uid) {
      const row = await database.sql.get<SessionRow>(
        'SELECT digest, payload, expires_at FROM browser_session WHERE uid = ?',
        [uid],
      )
      return row === undefined ? undefined : revive(row.payload, sessionHandle(row.digest))
    },

    async destroy(id) {
      const digest = handleDigest(id) ?? sha256Base64url(id)
      await write(dependencies, 'session', `session:${digest}`, {
        text: 'DELETE FROM browser_session WHERE digest = ?',
        params: [digest],
      })
    },
  }
}

// `!` is in no identifier that a browser could send, so a handle can never come from outside.
function sessionHandle(digest: string): string {
  return `!${digest}`
}

function handleDigest(id: string): string | undefined {
  return id.startsWith('!') ? id.slice(1) : undefined
}

/** Ends an account's sessions, all but one if so wished; returns how many. */
export async function deleteSessions(database: Database, accountId: string, exceptUid = ''): Promise<number> {
  return database.sql.run('DELETE FROM browser_session WHERE account_id = ? AND uid <> ?', [accountId, exceptUid])
}

/** An account's live sessions, newest first. */
export async function listSessions(
  database: Database,
  accountId: string,
  now: Date,
): Promise<readonly SessionSummary[]> {
  const rows = await database.sql.all<{ uid: string; created_at: number; used_at: number; expires_at: number }>(
    `SELECT uid, created_at, used_at, expires_at FROM browser_session
     WHERE account_id = ? AND expires_at > ? ORDER BY used_at DESC`,
    [accountId, now.getTime()],
  )
  return rows.map((row) => ({
    uid: row.uid,
    createdAt: new Date(row.created_at),
    usedAt: new Date(row.used_at),
    expiresAt: new Date(row.expires_at),
  }))
}
