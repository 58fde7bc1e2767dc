/*
 * Decides whether an access token is good for this server, and says so in the words of RFC 6750 when it is not.
 * Owns the order of the checks; each check lives in a file of its own. Leaves HTTP to fetch.ts and express.ts.
 */
import { compactVerify, errors } from 'jose'
import { type Auth, toAuth } from './auth.ts'
import { type AccessTokenClaims, judgeClaims } from './claims.ts'
import { parseCompactToken } from './compact-token.ts'
import { type PresentedCredentials, readCredentials } from './credentials.ts'
import type { RefusalReason } from './errors.ts'
import { createKeys, KeysUnavailableError } from './keys.ts'
import { resolveOptions, type VerifierOptions } from './options.ts'
import { createRefusals } from './refusals.ts'
import {
  buildResourceMetadata,
  type ProtectedResourceMetadata,
  resourceMetadataPaths,
  resourceMetadataUrl,
} from './resource-metadata.ts'
import { coversScopes } from './scopes.ts'

/** Checks access tokens for one resource of one issuer. */
export interface Verifier {
  readonly issuer: string
  /** Canonical: what `aud` must be. */
  readonly resource: string
  /** The protected resource metadata document (RFC 9728 §2), its address, and the paths to serve it at. */
  readonly metadata: ProtectedResourceMetadata
  readonly metadataUrl: string
  readonly metadataPaths: readonly string[]
  /**
   * Verifies an access token and, when given, that it covers the scopes.
   *
   * @param token the compact JWS, without `Bearer`
   * @param needs scopes: all that the operation needs
   * @throws VerifierError `invalid_token`, `insufficient_scope`, `keys_unavailable`
   * @see RFC 9068 §4
   */
  verify(token: string, needs?: { readonly scopes?: readonly string[] }): Promise<AccessTokenClaims>
  /**
   * Does the same for the credentials of a request.
   *
   * @throws VerifierError as `verify`, and `invalid_request`; without credentials 401 with a challenge that names no error
   */
  authenticate(presented: PresentedCredentials, needs?: { readonly scopes?: readonly string[] }): Promise<Auth>
  /** Whether verified scopes are enough, by the configured hierarchy. */
  covers(granted: { readonly scopes: readonly string[] }, neededScopes: readonly string[]): boolean
  /**
   * Refuses an operation that verified scopes do not cover, with one challenge that names all it needs.
   *
   * @throws VerifierError `insufficient_scope`
   */
  requireScopes(granted: { readonly scopes: readonly string[] }, neededScopes: readonly string[]): void
  /** Fetches the keys, for a readiness check; refuses an issuer whose metadata is not its own. @throws VerifierError `keys_unavailable` */
  ready(): Promise<void>
  /** Forgets the issuer's keys at once, after one was compromised. */
  forgetKeys(): void
}

/**
 * Creates a verifier. Nothing is fetched before the first token, or `ready()`.
 *
 * @throws TypeError when an option is wrong, naming every fault
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = resolveOptions(options)
  const metadataUrl = resourceMetadataUrl(settings.resource)
  const server = { resource: settings.resource, metadataUrl }
  const refusals = createRefusals(metadataUrl, settings.scopes)
  const keys = createKeys(settings)

  // Cheap checks first, in one visible order; the signature last. Nothing is believed, or answered, before it has held.
  async function verify(
    token: string,
    needs: { readonly scopes?: readonly string[] } = {},
  ): Promise<AccessTokenClaims> {
    const parsed = parseCompactToken(token, settings.maxTokenBytes)
    if (!parsed.ok) throw refusals.invalidToken(parsed.reason)
    const header = judgeHeader(parsed.header, settings.algorithms)
    if (!header.ok) throw refusals.invalidToken(header.reason)
    const nowSeconds = Math.floor(settings.now().getTime() / 1000)
    const verdict = judgeClaims(parsed.payload, settings, nowSeconds)
    if (!verdict.ok) throw refusals.invalidToken(verdict.reason)
    const key = await orUnavailable(() => keys.find(header.kid, header.algorithm))
    if (key === undefined) throw refusals.invalidToken('key_unknown')
    try {
      await compactVerify(token, key, { algorithms: [header.algorithm] })
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refusals.invalidToken('signature', error)
      throw error
    }
    requireScopes(verdict.claims, needs.scopes ?? [])
    return verdict.claims
  }

  async function authenticate(
    presented: PresentedCredentials,
    needs: { readonly scopes?: readonly string[] } = {},
  ): Promise<Auth> {
    const credentials = readCredentials(presented)
    switch (credentials.kind) {
      case 'none':
        throw refusals.noCredentials()
      case 'several':
        throw refusals.invalidRequest('several_credentials')
      case 'malformed':
        throw refusals.invalidRequest('malformed_credentials')
      case 'token':
        return toAuth(credentials.token, await verify(credentials.token, needs), server)
    }
  }

  function covers(granted: { readonly scopes: readonly string[] }, neededScopes: readonly string[]): boolean {
    return coversScopes(granted.scopes, neededScopes, settings.scopeHierarchy)
  }

  function requireScopes(granted: { readonly scopes: readonly string[] }, neededScopes: readonly string[]): void {
    if (!covers(granted, neededScopes)) throw refusals.insufficientScope(neededScopes)
  }

  async function orUnavailable<Value>(look: () => Promise<Value>): Promise<Value> {
    try {
      return await look()
    } catch (error) {
      if (error instanceof KeysUnavailableError) throw refusals.keysUnavailable(error.retryAfterSeconds, error.cause)
      throw error
    }
  }

  return {
    issuer: settings.issuer,
    resource: settings.resource,
    metadata: buildResourceMetadata(settings),
    metadataUrl,
    metadataPaths: resourceMetadataPaths(settings.resource),
    verify,
    authenticate,
    covers,
    requireScopes,
    ready: () => orUnavailable(keys.load),
    forgetKeys: keys.forget,
  }
}

type HeaderVerdict =
  | { readonly ok: true; readonly algorithm: string; readonly kid: string | undefined }
  | { readonly ok: false; readonly reason: RefusalReason }

// Only alg and kid are ever used. jwk, jku, x5c, x5u are not looked at: a token must not bring its own key (RFC 8725 §3.10).
function judgeHeader(header: Readonly<Record<string, unknown>>, allowed: readonly string[]): HeaderVerdict {
  const { alg, kid, typ, crit, b64 } = header
  // RFC 9068 §4: the type keeps ID tokens, logout tokens and proofs of the same issuer out; RFC 7515 §4.1.9: media types have no case.
  if (typeof typ !== 'string' || !/^(application\/)?at\+jwt$/i.test(typ)) return { ok: false, reason: 'wrong_type' }
  // RFC 8725 §3.1: what may be used is our decision, not the token's.
  if (typeof alg !== 'string' || !allowed.includes(alg)) return { ok: false, reason: 'algorithm_not_allowed' }
  // RFC 7515 §4.1.11: an extension that is not understood must be refused, and we understand none (RFC 7797 neither).
  if (crit !== undefined || b64 !== undefined) return { ok: false, reason: 'critical_header' }
  if (kid !== undefined && typeof kid !== 'string') return { ok: false, reason: 'key_unknown' }
  return { ok: true, algorithm: alg, kid }
}
