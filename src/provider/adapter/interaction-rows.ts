import { sha256Base64url } from '../../crypto/digest.ts'
import { currentUnit } from '../unit.ts'
import { type ModelRows, type RowsDependencies, write } from './model-rows.ts'
import { expiryMs, type Payload, payloadText, revive } from './payload.ts'
import { openUnder, sealUnder } from './sealed-under.ts'

const upsertText = `INSERT INTO interaction (digest, payload, expires_at) VALUES (?, ?, ?)
  ON CONFLICT (digest) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`
const updateText = 'UPDATE interaction SET payload = ?, expires_at = ? WHERE digest = ?'

/** What the rows of interactions need beside the database. */
export interface InteractionRowsDependencies extends RowsDependencies {
  /** Where a finished interaction goes on, without the identifier: `<issuer>/authorize`. */
  readonly authorizationUrl: string
}

/**
 * Interactions: single use, digests at rest. Three members would carry live secrets past the digest column: the raw
 * session identifier (never read again by the library) and the address to go on, which ends in the uid, are left out; the
 * identifier of a pushed request is needed again and is sealed under the uid.
 */
export function interactionRows(dependencies: InteractionRowsDependencies): ModelRows {
  const { database, authorizationUrl } = dependencies
  return {
    async upsert(id, payload) {
      const digest = sha256Base64url(id)
      const text = payloadText(withoutSecrets(id, payload))
      // Our pages answer an interaction that exists. One that another tab has finished meanwhile must not come back to
      // life with the answer of this one: that would be a second code (G12).
      const statement =
        currentUnit() === undefined
          ? { text: updateText, params: [text, expiryMs(payload), digest] }
          : { text: upsertText, params: [digest, text, expiryMs(payload)] }
      await write(dependencies, 'session', `interaction:${digest}`, statement)
    },

    async find(id) {
      const row = await database.sql.get<{ payload: string }>('SELECT payload FROM interaction WHERE digest = ?', [
        sha256Base64url(id),
      ])
      if (row === undefined) return undefined
      const { parJti, ...payload } = revive(row.payload, id)
      const pushed = typeof parJti === 'string' ? openUnder('pushed-request', id, parJti) : null
      return {
        ...payload,
        returnTo: `${authorizationUrl}/${id}`,
        ...(pushed === null ? undefined : { parJti: pushed }),
      }
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

function withoutSecrets(id: string, { returnTo: _returnTo, session, parJti, ...payload }: Payload): Payload {
  const sealed = typeof parJti === 'string' ? { parJti: sealUnder('pushed-request', id, parJti) } : undefined
  if (session === undefined) return { ...payload, ...sealed }
  const { cookie: _cookie, ...rest } = session
  return { ...payload, ...sealed, session: rest }
}
