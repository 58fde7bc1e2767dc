import { createLocalJWKSet, type JWTPayload, errors as joseErrors, jwtVerify } from 'jose'
import type { Middleware } from 'koa'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ClientStore } from '../clients/store.ts'
import type { Database } from '../db/database.ts'
import { keyAlgs } from '../keys/key.ts'
import type { Keyset } from '../keys/keyset.ts'
import type { ResourceRegistry } from '../resources/registry.ts'
import { linesOfToken } from '../revocations/revocation.ts'
import { createRevocationStore } from '../revocations/store.ts'
import type { Clock } from '../runtime/clock.ts'
import { isConnected } from './adapter/connection-rows.ts'

/** What answering about access tokens needs. */
export interface IntrospectionDependencies {
  readonly config: { readonly issuer: string }
  readonly database: Database
  readonly keyset: Pick<Keyset, 'published'>
  readonly clock: Clock
  readonly clients: Pick<ClientStore, 'find'>
  readonly registry: Pick<ResourceRegistry, 'find'>
  /** Whether the client may have a token for what it was granted. */
  readonly admits: (clientId: string, accountId: string | undefined) => Promise<boolean>
  readonly isActive: (accountId: string) => Promise<boolean>
}

/** The claims of our access tokens that an answer repeats. */
interface TokenClaims extends JWTPayload {
  readonly iss: string
  readonly sub: string
  readonly aud: string
  readonly client_id: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
}

const inactive = { active: false } as const
const unsupported = 'unsupported_token_type'

/**
 * Answers for access tokens at /introspect. They are signed texts that the library does not keep: it proves who asks, and then says that it
 * cannot tell. From there on it is ours: the signature, what was revoked, and whether what the token stands on still stands.
 *
 * Who may ask: the client that the token was issued to, and operators' clients for the MCP server that the token is for. Everybody
 * else, and whoever proves nothing, is told that it is not active, whatever it is (C16).
 * @see RFC 7662 §2.2, §4
 */
export function introspection(dependencies: IntrospectionDependencies): Middleware {
  const { admits, clients, clock, config, database, isActive, registry } = dependencies
  const keys = createLocalJWKSet({ keys: [...dependencies.keyset.published.keys] })
  const revocations = createRevocationStore(database)
  return async function introspect(ctx, next) {
    await next()
    if (ctx.path !== '/introspect' || !isUnsupported(ctx.body)) return
    // Parse boundary: the library has put its context there before it answers.
    const { client: asker, params } = (ctx as KoaContextWithOIDC).oidc
    if (asker === undefined) return
    ctx.status = 200
    const text: unknown = params?.token
    const claims = asker.clientAuthMethod === 'none' ? null : await read(String(text))
    const mayKnow = claims !== null && (await mayAsk(asker.clientId, claims))
    ctx.body = mayKnow && (await stands(claims)) ? answerOf(claims) : inactive
  }

  async function read(token: string): Promise<TokenClaims | null> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: config.issuer,
        typ: 'at+jwt',
        algorithms: [...keyAlgs],
        requiredClaims: ['aud', 'sub', 'client_id', 'jti', 'iat', 'exp'],
        currentDate: clock.now(),
      })
      return isOurs(payload) ? payload : null
    } catch (error) {
      // Expired, forged, of a withdrawn key: all the same to whoever asks.
      if (error instanceof joseErrors.JOSEError) return null
      throw error
    }
  }

  async function mayAsk(askerId: string, { client_id, aud }: TokenClaims): Promise<boolean> {
    if (client_id === askerId) return true
    for (const text of (await clients.find(askerId))?.introspects ?? []) {
      // The operator may have written another spelling of the server; tokens have its identifier.
      if (text === aud || (await registry.find(text))?.identifier === aud) return true
    }
    return false
  }

  async function stands(claims: TokenClaims): Promise<boolean> {
    const { aud, client_id, sub, iat } = claims
    if (await revocations.covers(linesOfToken(claims), iat)) return false
    if ((await registry.find(aud))?.identifier !== aud) return false
    // A machine's own (access-tokens.ts): nothing stands behind it but the client.
    if (sub === `client:${client_id}`) return admits(client_id, undefined)
    return (
      (await isConnected(database, sub, client_id, aud, clock.now())) &&
      (await isActive(sub)) &&
      (await admits(client_id, sub))
    )
  }
}

/** Whether the library says that it cannot tell; it says so only to a client that it knows. */
function isUnsupported(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'error' in body && body.error === unsupported
}

function isOurs(payload: JWTPayload): payload is TokenClaims {
  const { sub, aud, jti, iat, client_id } = payload
  return [sub, aud, jti, client_id].every((member) => typeof member === 'string') && typeof iat === 'number'
}

function answerOf({ iss, sub, aud, client_id, scope, jti, iat, exp, cnf, auth_time, acr, amr }: TokenClaims): object {
  const token_type = cnf === undefined ? 'Bearer' : 'DPoP'
  return { active: true, iss, sub, aud, client_id, scope, token_type, jti, iat, exp, cnf, auth_time, acr, amr }
}
