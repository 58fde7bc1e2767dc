// Keys, tokens and proofs for the table.
import { base64url, calculateJwkThumbprint, type JWK } from 'jose'
import { makeKey, signText, type TestKey } from '../issuer.ts'
import type { Document } from './table.ts'

/** What vectors are made from. */
export interface Context {
  readonly now: number
  readonly issuer: string
  readonly resource: string
  readonly documents: Readonly<Record<string, Document>>
  readonly addresses: { readonly metadata: string; readonly keys: string; readonly revocations: string }
  /** The issuer's key, its next one, one of an attacker, one of a client. */
  readonly keys: {
    readonly issuer: TestKey
    readonly next: TestKey
    readonly attacker: TestKey
    readonly client: TestKey
  }
  readonly rsa: TestKey
  readonly ed: TestKey
  readonly clientThumbprint: string
  claims(changes?: Record<string, unknown>): Record<string, unknown>
  /** A token that is right but for what is changed; members set to undefined are left out. */
  mint(changes?: Record<string, unknown>, header?: Record<string, unknown>, by?: TestKey): Promise<string>
  /** One whose parts are any text. */
  mintText(header: string, payload: string, by?: TestKey): Promise<string>
  /** A DPoP proof for a POST to the resource, right but for what is changed. */
  prove(
    token: string,
    changes?: Record<string, unknown>,
    header?: Record<string, unknown>,
    by?: TestKey,
  ): Promise<string>
  publicJwk(key: TestKey): JWK
}

const filled = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

export async function makeContext(): Promise<Context> {
  const now = Date.parse('2026-11-20T12:00:00Z') / 1000
  const issuer = 'https://auth.example'
  const resource = 'https://mcp.example/mcp'
  const keys = {
    issuer: await makeKey('key-1'),
    next: await makeKey('key-2'),
    attacker: await makeKey('key-1'),
    client: await makeKey('client'),
  }
  const rsa = await makeKey('rsa', 'RS256')
  const ed = await makeKey('ed', 'EdDSA')
  const addresses = {
    metadata: `${issuer}/.well-known/oauth-authorization-server`,
    keys: `${issuer}/jwks`,
    revocations: `${issuer}/revocations`,
  }
  let made = 0
  const context: Context = {
    now,
    issuer,
    resource,
    keys,
    rsa,
    ed,
    addresses,
    clientThumbprint: await calculateJwkThumbprint(keys.client.publicJwk),
    documents: {
      [addresses.metadata]: { json: { issuer, jwks_uri: addresses.keys } },
      [addresses.keys]: { json: { keys: [keys.issuer.publicJwk, rsa.publicJwk, ed.publicJwk] } },
    },
    claims: (changes = {}) =>
      filled({
        iss: issuer,
        sub: 'account-1',
        aud: resource,
        client_id: 'client-1',
        jti: 'token-1',
        iat: now,
        exp: now + 300,
        scope: 'notes:read',
        ...changes,
      }),
    mint: (changes = {}, header = {}, by = keys.issuer) =>
      signText(
        JSON.stringify(filled({ alg: by.publicJwk.alg, typ: 'at+jwt', kid: by.kid, ...header })),
        JSON.stringify(context.claims(changes)),
        by,
      ),
    mintText: (header, payload, by = keys.issuer) => signText(header, payload, by),
    publicJwk: ({ publicJwk: { kid: _, use: __, alg: ___, ...jwk } }) => jwk,
    async prove(token, changes = {}, header = {}, by = keys.client) {
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
      const ath = base64url.encode(new Uint8Array(digest))
      made += 1
      return signText(
        JSON.stringify(filled({ typ: 'dpop+jwt', alg: 'ES256', jwk: context.publicJwk(by), ...header })),
        JSON.stringify(filled({ jti: `proof-${made}`, htm: 'POST', htu: resource, iat: now, ath, ...changes })),
        by,
      )
    },
  }
  return context
}
