import { sha256Base64url } from '../../crypto/digest.ts'
import type { Database, Statement } from '../../db/database.ts'
import { revokeAccount } from '../../revocations/store.ts'
import type { SessionSummary } from '../../web/context.ts'
import { currentUnit } from '../unit.ts'
import { type ModelRows, type RowsDependencies, write } from './model-rows.ts'
import { expiryMs, member, type Payload, payloadText, revive } from './payload.ts'

interface SessionRow {
  digest: string
  payload: string
  expires_at: number
}

const insertText = `INSERT INTO browser_session (digest, uid, account_id, payload, created_at, used_at, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)`

// One statement moves a session to a new identifier (fixation, G06) and writes its content: the uid stays the same. Only
// the session that was read is changed: one that moved on in another tab, or was ended meanwhile, is left as it is.
const updateText = `UPDATE browser_session SET digest = ?, account_id = ?, payload = ?, used_at = ?, expires_at = ?
  WHERE uid = ? AND digest = ?`

// Ours: a session of which only the end moved is written again once a twentieth of its life is gone.
const rewriteShare = 0.05

interface ListedRow {
  uid: string
  created_at: number
  used_at: number
  expires_at: number
  address: string | null
  device: string | null
}

/** Browser sessions: who is signed in. A private handle stands for the identifier where only the uid is known. */
export function sessionRows(dependencies: RowsDependencies): ModelRows {
  const { database, clock } = dependencies

  function inserted(digest: string, payload: Payload): Statement {
    const now = clock.now().getTime()
    const params = [digest, member(payload.uid, 'uid'), payload.accountId ?? null, stored(payload), now, now]
    return { text: insertText, params: [...params, expiryMs(payload)] }
  }

  function updated(digest: string, payload: Payload, knownDigest: string): Statement {
    const now = clock.now().getTime()
    const params = [digest, payload.accountId ?? null, stored(payload), now, expiryMs(payload)]
    return { text: updateText, params: [...params, member(payload.uid, 'uid'), knownDigest] }
  }

  /** Outside the protocol's requests: our pages begin sessions, and renew those that a browser has shown. */
  async function save(id: string, payload: Payload): Promise<void> {
    const handle = handleDigest(id)
    const digest = handle ?? sha256Base64url(id)
    // A new session is saved in the second in which it was made; an older one has a row, and when it has none any more it
    // was ended, and must not come back to life.
    const isNew = handle === undefined && (payload.iat ?? 0) >= Math.floor(clock.now().getTime() / 1000) - 1
    const statement = updated(digest, payload, digest)
    if ((await database.sql.run(statement.text, statement.params)) === 0 && isNew) {
      const { text, params } = inserted(digest, payload)
      await database.sql.run(`${text} ON CONFLICT DO NOTHING`, params)
    }
  }

  return {
    async upsert(id, payload, expiresIn = 0) {
      const unit = currentUnit()
      if (unit === undefined) return save(id, payload)
      // The library makes an empty session for a cookie that it does not know. Written and set, it would take the place of
      // the session that another tab of this browser has just been given.
      if (payload.accountId === undefined && payload.state === undefined) return
      const digest = sha256Base64url(id)
      const known = unit.session?.uid === payload.uid ? unit.session : undefined
      const isUnchanged = known?.digest === digest && known.payload === content(payload)
      if (isUnchanged && expiryMs(payload) - known.expiresAt < expiresIn * 1000 * rewriteShare) return
      // The library destroys the old identifier right before it saves the new one; one statement does both.
      if (known !== undefined) unit.forget(`session:${known.digest}`)
      if (known === undefined) unit.collect('session', `session:${digest}`, inserted(digest, payload))
      else {
        const role = known.digest === digest ? 'renewal' : 'move'
        unit.collect(role, `session:${digest}`, updated(digest, payload, known.digest))
      }
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
      if (unit !== undefined) {
        unit.session = {
          uid: member(payload.uid, 'uid'),
          digest,
          payload: content(payload),
          expiresAt: row.expires_at,
        }
      }
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

/** What is kept of a session: all but the grants that it led to, of which each authorization has its own. */
function stored(payload: Payload): string {
  const { authorizations, ...rest } = payload
  if (authorizations === undefined) return payloadText(rest)
  const kept = Object.entries(authorizations).map(([clientId, { grantId: _grantId, ...one }]) => [clientId, one])
  return payloadText({ ...rest, authorizations: Object.fromEntries(kept) })
}

/** What makes a rewrite needed: everything but the times, in an order of its own, since the library's changes. */
function content({ exp: _exp, iat: _iat, ...rest }: Payload): string {
  return stored(Object.fromEntries(Object.entries(rest).sort(([one], [other]) => (one < other ? -1 : 1))))
}

/** Under which digest a session is to be found now, or undefined when it was ended. */
export async function sessionDigest({ sql }: Pick<Database, 'sql'>, uid: string): Promise<string | undefined> {
  const row = await sql.get<{ digest: string }>('SELECT digest FROM browser_session WHERE uid = ?', [uid])
  return row?.digest
}

// `!` is in no identifier that a browser could send, so a handle can never come from outside.
function sessionHandle(digest: string): string {
  return `!${digest}`
}

function handleDigest(id: string): string | undefined {
  return id.startsWith('!') ? id.slice(1) : undefined
}

/**
 * Ends an account's sessions, all but one if so wished; returns how many. Whoever signs out everywhere does not want the tokens that are
 * out to go on either: those that may be refreshed are, by connections that stay.
 */
export async function deleteSessions(
  { sql, commit }: Pick<Database, 'sql' | 'commit'>,
  accountId: string,
  now: Date,
  exceptUid = '',
): Promise<number> {
  const params = [accountId, exceptUid]
  const row = await sql.get<{ n: number }>(
    'SELECT count(*) AS n FROM browser_session WHERE account_id = ? AND uid <> ?',
    params,
  )
  const gone = { text: 'DELETE FROM browser_session WHERE account_id = ? AND uid <> ?', params }
  await commit({ conditions: [], effects: exceptUid === '' ? [gone, revokeAccount(accountId, now)] : [gone] })
  return Number(row?.n ?? 0)
}

/** Ends one session of an account; false when it has no such session (any more). */
export async function deleteSession(database: Database, accountId: string, uid: string): Promise<boolean> {
  const text = 'DELETE FROM browser_session WHERE account_id = ? AND uid = ?'
  return (await database.sql.run(text, [accountId, uid])) > 0
}

/** Notes where a sign-in came from, coarsely; written once, so that a session is no trail of movements. */
export async function noteOrigin(
  database: Database,
  uid: string,
  origin: { readonly address: string | undefined; readonly device: string | undefined },
): Promise<void> {
  const text = 'UPDATE browser_session SET address = ?, device = ? WHERE uid = ?'
  await database.sql.run(text, [origin.address ?? null, origin.device ?? null, uid])
}

/** An account's live sessions, newest first. */
export async function listSessions(
  database: Database,
  accountId: string,
  now: Date,
): Promise<readonly SessionSummary[]> {
  const rows = await database.sql.all<ListedRow>(
    `SELECT uid, created_at, used_at, expires_at, address, device FROM browser_session
     WHERE account_id = ? AND expires_at > ? ORDER BY used_at DESC LIMIT 200`,
    [accountId, now.getTime()],
  )
  return rows.map((row) => ({
    uid: row.uid,
    createdAt: new Date(row.created_at),
    usedAt: new Date(row.used_at),
    expiresAt: new Date(row.expires_at),
    address: row.address ?? undefined,
    device: row.device ?? undefined,
  }))
}
