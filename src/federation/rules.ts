import { normaliseEmail, normaliseName, type Role } from '../accounts/account.ts'
import { acceptsIssuer } from './presets.ts'
import type { AccountRules, Upstream, UpstreamPerson } from './upstream.ts'

/** Why somebody who proved who they are at an upstream does not come in by rule. */
export type AdmissionRefusal =
  | 'disabled'
  | 'issuer'
  | 'tenant'
  | 'domain'
  | 'group'
  | 'no_new_accounts'
  | 'no_email'
  | 'email_unverified'

/** What the rules of an upstream say about a person. */
export type Admission =
  | {
      readonly ok: true
      /** Undefined: the rules say nothing about it. */
      readonly role: Role | undefined
      /** Normalised; null for somebody known who has none, or none that may be believed. */
      readonly email: string | null
      readonly name: string
    }
  | { readonly ok: false; readonly reason: AdmissionRefusal }

/**
 * Decides whether a person may come in through an upstream, and as what. Asked at every sign-in, so that who left the tenant
 * or the group upstream does not come in any more (H14).
 *
 * @param person what the upstream says, its signature and audience checked already
 * @param known  is (issuer, subject) linked to an account here? The only key there is: an e-mail address finds nobody (H09)
 */
export function admit(upstream: Upstream, person: UpstreamPerson, known: boolean): Admission {
  const refused = refusalOf(upstream, person)
  if (refused !== null) return { ok: false, reason: refused }
  const email = believedEmail(upstream.rules, person)
  const role = roleOf(upstream.rules, person)
  if (known) return { ok: true, role, email, name: nameOf(person, email) }
  if (!upstream.rules.create) return { ok: false, reason: 'no_new_accounts' }
  if (email !== null) return { ok: true, role, email, name: nameOf(person, email) }
  // An address that its owner never confirmed would take the place of whoever really has it.
  const hasOne = person.email !== undefined && normaliseEmail(person.email) !== null
  return { ok: false, reason: hasOne ? 'email_unverified' : 'no_email' }
}

/** Whether a person may link this upstream to an account they are signed in to: all rules but those for new accounts. */
export function mayLink(upstream: Upstream, person: UpstreamPerson): AdmissionRefusal | null {
  return refusalOf(upstream, person)
}

function refusalOf(upstream: Upstream, person: UpstreamPerson): AdmissionRefusal | null {
  const { rules } = upstream
  if (!upstream.enabled) return 'disabled'
  // H10: with one issuer for each tenant, the tenant named in the claim must be the one that signed.
  if (person.subject === '' || !acceptsIssuer(upstream, person.issuer, person.tenant)) return 'issuer'
  if (rules.tenants.length > 0 && !includes(rules.tenants, person.tenant)) return 'tenant'
  if (rules.domains.length > 0 && !isOfDomain(upstream, person)) return 'domain'
  if (rules.groups.length > 0 && !rules.groups.some((group) => person.groups.includes(group))) return 'group'
  return null
}

function isOfDomain({ rules, preset }: Upstream, person: UpstreamPerson): boolean {
  const email = believedEmail(rules, person)
  if (email === null || !includes(rules.domains, email.slice(email.lastIndexOf('@') + 1))) return false
  // A private Google account may carry an address of a firm whose Workspace it never was in; only `hd` tells them apart.
  return preset !== 'google' || includes(rules.domains, person.tenant)
}

function believedEmail(rules: AccountRules, person: UpstreamPerson): string | null {
  if (person.email === undefined || !(person.emailVerified === true || rules.trustsEmail)) return null
  return normaliseEmail(person.email)
}

function roleOf({ adminGroups }: AccountRules, { groups }: UpstreamPerson): Role | undefined {
  if (adminGroups.length === 0) return undefined
  return adminGroups.some((group) => groups.includes(group)) ? 'admin' : 'member'
}

function nameOf(person: UpstreamPerson, email: string | null): string {
  const claimed = person.name === undefined ? null : normaliseName(person.name)
  const local = email === null ? null : normaliseName(email.slice(0, email.lastIndexOf('@')))
  return claimed ?? local ?? person.subject.slice(0, 100)
}

function includes(list: readonly string[], value: string | undefined): boolean {
  return value !== undefined && list.includes(value.toLowerCase())
}
