import { personFrom } from '../../src/federation/claims.ts'
import type { AccountRules, Upstream, UpstreamPerson } from '../../src/federation/upstream.ts'

const rules: AccountRules = {
  create: true,
  tenants: [],
  domains: [],
  groupsClaim: undefined,
  groups: [],
  adminGroups: [],
  trustsEmail: false,
}

/** An upstream that shows only what matters. */
export function madeUpstream(
  given: Partial<Omit<Upstream, 'rules'>> & { rules?: Partial<AccountRules> } = {},
): Upstream {
  return {
    id: 'acme',
    preset: 'oidc',
    name: 'Acme',
    issuer: 'https://login.acme.example',
    clientId: 'sallyport',
    clientSecret: 'the client secret',
    scopes: ['openid', 'profile', 'email'],
    keepTokensFor: [],
    enabled: true,
    setByFile: false,
    ...given,
    rules: { ...rules, ...given.rules },
  }
}

/** Somebody as an upstream tells of them. */
export function madePerson(upstream: Upstream, claims: Record<string, unknown> = {}): UpstreamPerson {
  const { iss = upstream.issuer, sub = 'sub-1', ...rest } = claims
  const told = { email: 'ada@acme.example', email_verified: true, name: 'Ada', ...rest }
  return personFrom(upstream, String(iss), String(sub), told)
}
