import { normaliseName } from '../accounts/account.ts'
import { type FileUpstream, upstreamPresets } from '../config/config.ts'
import { type Messages, messagesFor } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import { canonicalResource } from '../oauth/resource-uri.ts'
import { hasTenantIssuers, impliedIssuer, needsSecret, type PresetFacts, presets, usualScopes } from './presets.ts'
import type { AccountRules, Upstream } from './upstream.ts'

/** An upstream as somebody wrote it: in the file, in a form, on the command line. */
export type UpstreamDraft = Omit<FileUpstream, 'preset' | 'rules'> & {
  readonly preset: string
  readonly rules: AccountRules
}

/** What is wrong, in words of one language. */
export type UpstreamFaultWords = Messages['upstreams']['faults']

/** The outcome of a check: what may be stored, or every fault as a sentence for people. */
export type CheckedUpstream =
  | { readonly ok: true; readonly upstream: Omit<Upstream, 'setByFile'> }
  | { readonly ok: false; readonly faults: readonly string[] }

type AddFault = (code: keyof UpstreamFaultWords, values?: Readonly<Record<string, string>>) => void

/** The log and the command line speak English; pages hand in the language of their reader. */
export const english: UpstreamFaultWords = messagesFor('en').upstreams.faults

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const domain = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/
// RFC 6749 §3.3
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/
// Ours: far more than anybody lists, far less than what slows a sign-in down.
const longestList = 200

/**
 * Checks one upstream by itself and brings it into its stored form: issuer derived where the preset knows it, scopes of the
 * preset, domains and tenants in lower case.
 *
 * @returns what may be stored, or all faults at once
 */
export function checkUpstream(draft: UpstreamDraft, words: UpstreamFaultWords = english): CheckedUpstream {
  const faults: string[] = []
  const add: AddFault = (code, values = {}) => void faults.push(fill(words[code], values))
  const preset = upstreamPresets.find((known) => known === draft.preset)
  if (preset === undefined) {
    add('preset', { known: upstreamPresets.join(', ') })
    return { ok: false, faults }
  }
  const facts = presets[preset]
  if (!/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(draft.id)) add('id')
  const name = normaliseName(draft.name)
  if (name === null) add('name')
  const rules = checkRules(draft.rules, facts, preset, add)
  const issuer = checkIssuer(draft.issuer?.trim() || undefined, preset, rules, add)
  if (!/^[\x21-\x7e]{1,512}$/.test(draft.clientId)) add('client_id')
  checkSecret(draft.clientSecret, preset, add)
  const scopes = checkScopes(draft.scopes, preset, rules, add)
  const keepTokensFor = draft.keepTokensFor.map((text) => {
    const canonical = canonicalResource(text)
    if (canonical === null) add('keep_tokens_for', { text: JSON.stringify(text) })
    return canonical ?? text
  })
  if (faults.length > 0 || name === null || issuer === null) return { ok: false, faults }
  const { id, clientId, clientSecret, enabled } = draft
  return {
    ok: true,
    upstream: { id, preset, name, issuer, clientId, clientSecret, scopes, rules, keepTokensFor, enabled },
  }
}

/** Would anybody at all with an account there get one here? Allowed, and worth saying. */
export function isOpenToAll({ preset, issuer, rules }: Pick<Upstream, 'preset' | 'issuer' | 'rules'>): boolean {
  const { create, domains, groups, tenants } = rules
  const isPublic = preset === 'google' || presets[preset].defaultIssuer === issuer
  return isPublic && create && domains.length + groups.length + tenants.length === 0
}

function checkIssuer(
  given: string | undefined,
  preset: Upstream['preset'],
  rules: AccountRules,
  add: AddFault,
): string | null {
  const { fixedIssuer } = presets[preset]
  if (fixedIssuer !== undefined) {
    if (given !== undefined && given !== fixedIssuer) add('issuer_fixed', { issuer: fixedIssuer })
    return fixedIssuer
  }
  const issuer = given ?? impliedIssuer(preset, rules.tenants)
  if (issuer === undefined) {
    add(preset === 'entra' ? 'tenants_missing' : 'issuer_missing')
    return null
  }
  if (!isIssuer(issuer)) {
    add('issuer', { issuer })
    return null
  }
  if (preset === 'entra') checkEntra(issuer, rules, add)
  return issuer
}

// H10: whoever can make a tenant can say anything in it, so an address for all of them needs the list of those that count.
function checkEntra(issuer: string, { tenants }: AccountRules, add: AddFault): void {
  if (hasTenantIssuers({ preset: 'entra', issuer })) {
    if (tenants.length === 0) add('tenants_missing')
    return
  }
  const tenant = /^\/([^/]+)\/v2\.0$/.exec(new URL(issuer).pathname)?.[1]
  if (tenant === undefined || !uuid.test(tenant)) add('entra_issuer', { issuer })
  else if (tenants.some((one) => one !== tenant)) add('entra_tenants', { issuer })
}

// H11: what is fetched in the clear can be rewritten on the way. A development provider on this machine is no way.
function isIssuer(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || text.length > 1024 || /[\s\\?#]/.test(text) || url.username !== '' || url.password !== '')
    return false
  const isLoopback = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\./.test(url.hostname)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)
}

function checkSecret(secret: string | undefined, preset: Upstream['preset'], add: AddFault): void {
  if (secret === undefined && needsSecret(preset)) add('secret_missing')
  if (secret !== undefined && !/^[\x20-\x7e]{1,2048}$/.test(secret)) add('secret')
}

function checkScopes(
  given: readonly string[] | undefined,
  preset: Upstream['preset'],
  rules: AccountRules,
  add: AddFault,
): readonly string[] {
  const asked = given === undefined || given.length === 0 ? usualScopes(preset, rules) : given
  for (const scope of asked) if (!scopeToken.test(scope)) add('scope', { scope })
  // OpenID Connect Core §3.1.2.1: without it there is no ID token.
  if (presets[preset].protocol === 'oidc' && !asked.includes('openid')) add('openid_missing')
  return [...new Set(asked)]
}

function checkRules(rules: AccountRules, facts: PresetFacts, preset: string, add: AddFault): AccountRules {
  const tenants = lowerCase(rules.tenants)
  const domains = lowerCase(rules.domains)
  if (tenants.length > 0 && facts.tenantClaim === undefined) add('tenants_of_no_use', { preset })
  if (preset === 'entra') for (const tenant of tenants) if (!uuid.test(tenant)) add('tenant', { tenant })
  for (const one of domains) if (!domain.test(one)) add('domain', { domain: one })
  const lists = [rules.tenants, rules.domains, rules.groups, rules.adminGroups]
  if (lists.some((list) => list.length > longestList || list.some((one) => one.length > 512))) add('too_long')
  const groupsClaim = rules.groupsClaim?.trim() || undefined
  const wantsGroups = rules.groups.length + rules.adminGroups.length > 0
  if (preset === 'google' && wantsGroups && groupsClaim === undefined) add('groups_of_no_use')
  return { ...rules, tenants, domains, groupsClaim }
}

function lowerCase(list: readonly string[]): readonly string[] {
  return [...new Set(list.map((text) => text.trim().toLowerCase()))]
}
