import { sha256Base64url } from '../../crypto/digest.ts'
import { type ModelRows, type RowsDependencies, write } from './model-rows.ts'
import { expiryMs, type Payload, payloadText, revive } from './payload.ts'

const upsertText = `INSERT INTO interaction (digest, payload, expires_at) VALUES (?, ?, ?)
  ON CONFLICT (digest) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`

/** What the rows of interactions need beside the database. */
export interface InteractionRowsDependencies extends RowsDependencies {
  /** Where a finished interaction goes on, without the identifier: `<issuer>/authorize`. */
  readonly authorizationUrl: string
}

/**
 * Interactions: single use, digests at rest. Two members would carry live secrets past the digest column and are left
 * out: the raw session identifier (never read again by the library) and the address to go on, which ends in the uid.
 */
export function interactionRows(dependencies: InteractionRowsDependencies): ModelRows {
  const { database, authorizationUrl } = dependencies
  return {
    async upsert(id, payload) {
      const digest = sha256Base64url(id)
      await write(dependencies, 'session', `interaction:${digest}`, {
        text: upsertText,
        params: [digest, payloadText(withoutSecrets(payload)), expiryMs(payload)],
      })
    },

    async find(id) {
      const row = await database.sql.get<{ payload: string }>('SELECT payload FROM interaction WHERE digest = ?', [
        sha256Base64url(id),
      ])
      return row === undefined ? undefined : { ...revive(row.payload, id), returnTo: `${authorizationUrl}/${id}` }
    },

    // Single use: of several tabs that go on with one interaction, one gets a code (G12).
    async destroy(id) {
      const digest = sha256Base64url(id)
      await write(dependencies, 'passage', `interaction:${digest}`, {
        text: 'DELETE FROM interaction WHERE digest = ?',
        params: [digest],
      })
    },
  }
}

function withoutSecrets({ returnTo: _returnTo, session, ...payload }: Payload): Payload {
  if (session === undefined) return payload
  const { cookie: _cookie, ...rest } = session
  return { ...payload, session: rest }
}
