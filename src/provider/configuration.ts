import { type Configuration, errors, type JWKS } from 'oidc-provider'
import type { Config } from '../config/config.ts'
import { customizeJwt, extraTokenClaims } from './access-tokens.ts'
import type { Rows } from './adapter/index.ts'
import type { ApprovalGate } from './approval-prompt.ts'
import type { ClientDocuments } from './client-documents.ts'
import { cookieSettings } from './cookies.ts'
import { assertionAlgs, clientAuthMethods, protocolPaths } from './discovery.ts'
import type { ConsentLookup } from './interaction-policy.ts'
import {
  createGrantLoader,
  crossSiteParam,
  interactionPrompts,
  type MakeGrant,
  noteCrossSite,
} from './interaction-policy.ts'
import { lifetimes } from './lifetimes.ts'
import {
  canonicaliseTokenRequest,
  createResourceIndicators,
  identityScopes,
  type ResourceLookups,
} from './resource-indicators.ts'
import type { SecondFactorRules } from './second-factor.ts'
import { stepUpParams } from './step-up-request.ts'
import { currentUnit } from './unit.ts'

/** Everything that the library's configuration is joined from. */
export interface ConfigurationParts {
  readonly config: Config
  readonly nowSeconds: () => number
  readonly cookieKeys: readonly string[]
  readonly jwks: JWKS
  readonly idTokenAlgs: readonly string[]
  readonly registrationIsOpen: boolean
  readonly rows: Rows
  readonly resources: ResourceLookups
  readonly consentLookup: ConsentLookup
  readonly makeGrant: MakeGrant
  /** The digest of what a client says of itself. */
  readonly digestOf: (clientId: string) => Promise<string | undefined>
  readonly approvals: ApprovalGate
  readonly secondFactors: SecondFactorRules
  readonly documents: ClientDocuments
  /** Whether a person may still be spoken for: the account exists and is active. */
  readonly isActive: (accountId: string) => Promise<boolean>
  readonly newClientId: () => string
  readonly newClientSecret: () => string
  readonly renderError: NonNullable<Configuration['renderError']>
  readonly basePath: string
}

// Ours: an assertion of a client lives minutes; one good for a year is a password (C19).
const longestAssertionSeconds = 600

/** Joins the slices; no rule of its own is longer than a line or two. */
export function createConfiguration(parts: ConfigurationParts): Configuration {
  const { config, documents, resources, rows } = parts
  const prompts = interactionPrompts(parts.digestOf, parts.approvals, parts.secondFactors)
  return {
    adapter: rows.adapter,
    jwks: parts.jwks,
    routes: { ...protocolPaths, end_session: '/logout/oidc' },
    cookies: cookieSettings(config.issuer, parts.cookieKeys),
    ttl: lifetimes(config, parts.nowSeconds),
    scopes: [...identityScopes],
    acrValues: [...parts.secondFactors.acrs],
    claims: { openid: ['sub'], acr: null, amr: null, auth_time: null, iss: null, sid: null },
    responseTypes: ['code'],
    subjectTypes: ['public'],
    clientAuthMethods: [...clientAuthMethods],
    clientDefaults: {
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      // Answers go in the query and nowhere else, whichever way a client came (B10).
      response_modes: ['query'],
      id_token_signed_response_alg: parts.idTokenAlgs[0] === 'EdDSA' ? 'EdDSA' : 'ES256',
      token_endpoint_auth_method: 'client_secret_basic',
    },
    enabledJWA: {
      clientAuthSigningAlgValues: [...assertionAlgs],
      dPoPSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519'],
      idTokenSigningAlgValues: ['ES256', 'EdDSA', 'RS256'],
    },
    pkce: { required: () => true },
    formats: { bitsOfOpaqueRandomness: 256, customizers: { jwt: customizeJwt } },
    // A token lives until its own end, not until the browser's session ends.
    expiresWithSession: async () => false,
    // The sign-in session is in the signed cookie; nothing is derived from a client's claims request.
    conformIdTokenClaims: true,
    clockTolerance: 5,
    extraParams: { [crossSiteParam]: noteCrossSite, ...stepUpParams },
    extraTokenClaims,
    extraClientMetadata: { properties: ['software_id', 'software_version'] },
    clientBasedCORS: () => true,
    fetch: documents.fetch,
    // Our form of a document may be longer than what its author wrote; what is fetched has a cap of its own.
    fetchResponseBodyLimits: { 'client_id metadata document': 16 * 1024 },
    findAccount: async (ctx, accountId) => {
      if (ctx.oidc.route === 'token') await canonicaliseTokenRequest(ctx, resources)
      return (await parts.isActive(accountId)) ? { accountId, claims: async () => ({ sub: accountId }) } : undefined
    },
    loadExistingGrant: createGrantLoader(parts.consentLookup, parts.makeGrant, prompts),
    issueRefreshToken: async (_ctx, client) =>
      client.grantTypeAllowed('refresh_token') && currentUnit()?.grantFacts?.stayConnected === true,
    // Inside the grace window the successor is answered as it is (design: one successor).
    rotateRefreshToken: () => currentUnit()?.grace === undefined,
    interactions: {
      policy: prompts,
      url: (_ctx, interaction) => `${parts.basePath}/interaction/${interaction.uid}`,
    },
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims) =>
      assertAssertion(claims, config.issuer, parts.nowSeconds()),
    renderError: parts.renderError,
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      claimsParameter: { enabled: false },
      requestObjects: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: async (_ctx, client, token) => ownToken(client, token) },
      revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
      pushedAuthorizationRequests: { enabled: true },
      dPoP: { enabled: true },
      // Keys that sign in this thread come in by this door (signing-key.ts).
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      registration: {
        enabled: parts.registrationIsOpen,
        initialAccessToken: false,
        idFactory: parts.newClientId,
        secretFactory: parts.newClientSecret,
        issueRegistrationAccessToken: true,
      },
      registrationManagement: { enabled: parts.registrationIsOpen, rotateRegistrationAccessToken: true },
      clientIdMetadataDocument: documents.feature,
      resourceIndicators: { enabled: true, ...createResourceIndicators(resources) },
    },
  }
}

/** RFC 7662 §4: a public client proves nothing, and nobody is told about somebody else's token (C16). */
function ownToken(
  client: { readonly clientId: string; readonly clientAuthMethod?: string },
  token: { readonly clientId?: string },
): boolean {
  return client.clientAuthMethod !== 'none' && token.clientId === client.clientId
}

/** What the library leaves to us of RFC 7523 §3: one audience that is us, minutes of life, a subject that is the issuer. */
function assertAssertion(claims: Record<string, unknown>, issuer: string, nowSeconds: number): void {
  const { aud, exp, sub, iss } = claims
  if (sub !== iss) throw new errors.InvalidClientAuth('sub must be the client')
  if (aud !== issuer && aud !== `${issuer}${protocolPaths.token}`) {
    throw new errors.InvalidClientAuth('aud must be the issuer')
  }
  if (typeof exp !== 'number' || exp > nowSeconds + longestAssertionSeconds) {
    throw new errors.InvalidClientAuth('the assertion lives too long')
  }
}
