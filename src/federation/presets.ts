import type { AccountRules, Preset, Upstream } from './upstream.ts'

/** What is known of a kind of provider before anybody asked it. */
export interface PresetFacts {
  /** `github` speaks OAuth without ID tokens. */
  readonly protocol: 'oidc' | 'github'
  /** The only issuer there is. */
  readonly fixedIssuer?: string
  /** The issuer where none is named. */
  readonly defaultIssuer?: string
  readonly scopes: readonly string[]
  /** Asked for as well where a rule looks at groups. */
  readonly groupScopes: readonly string[]
  /** Claim of the organisation that a person belongs to there. */
  readonly tenantClaim?: string
  readonly groupsClaim: string
  /** Claim whose boolean true says that the e-mail address is the person's own. */
  readonly emailVerifiedClaim: string
}

const standard = {
  protocol: 'oidc',
  scopes: ['openid', 'profile', 'email'],
  groupScopes: [],
  groupsClaim: 'groups',
  emailVerifiedClaim: 'email_verified',
} as const

/** Every kind of provider. */
export const presets: Readonly<Record<Preset, PresetFacts>> = {
  oidc: standard,
  google: { ...standard, fixedIssuer: 'https://accounts.google.com', tenantClaim: 'hd' },
  // Its e-mail claim is whatever an administrator of a tenant typed ("nOAuth"); xms_edov says that the domain was verified.
  entra: { ...standard, tenantClaim: 'tid', emailVerifiedClaim: 'xms_edov' },
  okta: { ...standard, groupScopes: ['groups'] },
  auth0: { ...standard, tenantClaim: 'org_id' },
  keycloak: standard,
  gitlab: { ...standard, defaultIssuer: 'https://gitlab.com', groupsClaim: 'groups_direct' },
  // Organisations stand for groups.
  github: {
    ...standard,
    protocol: 'github',
    defaultIssuer: 'https://github.com',
    scopes: ['read:user', 'user:email'],
    groupScopes: ['read:org'],
    groupsClaim: 'organizations',
  },
}

// Also the national clouds, which differ in the host alone.
const entraForSeveral = /^(https?:\/\/[^/]+)\/(?:organizations|common|consumers)\/v2\.0$/

/** The issuer of one tenant of Microsoft Entra. @param tenant its id, a UUID in lower case */
export function entraIssuer(tenant: string, origin = 'https://login.microsoftonline.com'): string {
  return `${origin}/${tenant}/v2.0`
}

// It serves people of several tenants; its ID tokens come from the issuer of each.
const entraSeveralTenants = entraIssuer('organizations')

/** The issuer that counts where none is named; undefined: one has to be. */
export function impliedIssuer(preset: Preset, tenants: readonly string[]): string | undefined {
  const { defaultIssuer, fixedIssuer } = presets[preset]
  if (preset !== 'entra') return fixedIssuer ?? defaultIssuer
  const [first, ...others] = tenants
  if (first === undefined) return undefined
  return others.length === 0 ? entraIssuer(first) : entraSeveralTenants
}

/** What is asked for where nothing else is said. */
export function usualScopes(preset: Preset, { adminGroups, groups }: AccountRules): readonly string[] {
  const { groupScopes, scopes } = presets[preset]
  return groups.length + adminGroups.length > 0 ? [...scopes, ...groupScopes] : scopes
}

/** Those providers give every web application a secret, and take no code without it. */
export function needsSecret(preset: Preset): boolean {
  return preset === 'google' || preset === 'entra' || preset === 'github'
}

/** Does this upstream have one issuer for each tenant (`{tenantid}` in its metadata)? */
export function hasTenantIssuers({ preset, issuer }: Pick<Upstream, 'preset' | 'issuer'>): boolean {
  return preset === 'entra' && entraForSeveral.test(issuer)
}

/**
 * Is this the issuer that an ID token of the upstream must name? With an issuer for each tenant only listed tenants have one
 * (H10): anybody can make a tenant of their own and say anything in it.
 *
 * @param tenant the token's own claim, undefined when it has none
 */
export function acceptsIssuer(
  upstream: Pick<Upstream, 'preset' | 'issuer' | 'rules'>,
  issuer: string,
  tenant: string | undefined,
): boolean {
  if (!hasTenantIssuers(upstream)) return issuer === upstream.issuer
  const origin = entraForSeveral.exec(upstream.issuer)?.[1]
  return tenant !== undefined && upstream.rules.tenants.includes(tenant) && issuer === entraIssuer(tenant, origin)
}
