// Passkeys (WebAuthn): keys that stay with a person's device or password manager and answer for our address alone, so no
// other site can ask for them. ceremony.ts makes and checks challenges, store.ts keeps the public keys; serves no path.
import { isIP } from 'node:net'

/** A public key of a person. */
export interface Passkey {
  /** Credential id, base64url. */
  readonly id: string
  readonly accountId: string
  /** COSE, base64url. */
  readonly publicKey: string
  /** Of the authenticator; 0 where it keeps none. */
  readonly counter: number
  readonly transports: readonly string[]
  /** For people. */
  readonly name: string
  readonly aaguid: string
  /** It lies in more places than one device. */
  readonly backedUp: boolean
  readonly createdAt: Date
  readonly lastUsedAt: Date | undefined
}

/** The relying party that browsers know us as. */
export interface RelyingParty {
  /** Host of the issuer. */
  readonly id: string
  readonly origin: string
  /** For people. */
  readonly name: string
}

/** Ours: enough for every device of a person; a bound on rows and on what a page lists. */
export const mostPasskeys = 20

/** The relying party of an issuer, or null: a passkey belongs to a name, never to a bare address (WebAuthn L2 §5.1.2). */
export function relyingParty(issuer: string, name: string): RelyingParty | null {
  const { hostname, origin } = new URL(issuer)
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? { id: hostname, origin, name } : null
}

/** RFC 8176 §2: a key that leaves its device is a software key, whatever it was made in. */
export function methodOf({ backedUp }: Pick<Passkey, 'backedUp'>): 'hwk' | 'swk' {
  return backedUp ? 'swk' : 'hwk'
}

/** A name for lists, or null: 1 to 60 characters, no control or formatting characters. */
export function normalisePasskeyName(text: string): string | null {
  const name = text.normalize('NFC').replace(/\s+/gu, ' ').replace(/\p{C}/gu, '').trim()
  return name === '' || [...name].length > 60 ? null : name
}
