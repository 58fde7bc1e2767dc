import { canonicalResource } from '../oauth/resource-uri.ts'
import {
  type Access,
  accesses,
  type ResourceDraft,
  type ResourceFacts,
  type ResourceScope,
  type Risk,
  risks,
  type ScopeDraft,
  type SigningAlg,
  signingAlgs,
} from './resource.ts'

/** Token lifetimes that are accepted, in seconds. Ours: below half a minute every call refreshes, above an hour a leak lasts too long. */
export const tokenLifetimeSeconds = { least: 30, most: 3600, usual: 300 } as const

const most = {
  aliases: 20,
  scopes: 100,
  nameLength: 200,
  descriptionLength: 400,
  scopeLength: 256,
  members: 1000,
} as const

// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

// Meanings of their own in every authorization request, OpenID Connect Core §3.1.2.1 and §11.
const reservedScopes = new Set(['openid', 'offline_access'])

// E12: a scope that means "everything" hides later permissions from the person who allows it today.
const wildcardScopes = new Set(['all', 'any', 'everything'])

// Control characters and the marks that turn the reading direction around: on a consent page they make one text look like another.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** The outcome of a check: the facts, or every fault as a sentence for people. */
export type CheckedResource =
  | { readonly ok: true; readonly facts: ResourceFacts }
  | { readonly ok: false; readonly faults: readonly string[] }

/**
 * Checks one resource as somebody wrote it and brings it into its stored form: identifier and aliases canonical, gaps filled
 * with defaults (name: host and path of the identifier; 300 seconds; ES256). Says nothing about other resources: see `collisions`.
 *
 * @returns the facts, or all faults at once
 * @see RFC 8707 §2, RFC 6749 §3.3
 */
export function checkResource(draft: ResourceDraft): CheckedResource {
  const faults: string[] = []
  const identifier = canonicalResource(draft.identifier)
  if (identifier === null) {
    faults.push(
      `The identifier ${quote(draft.identifier)} is not an absolute http or https URL without fragment and user.`,
    )
  }
  const name = checkName(draft.name, identifier, faults)
  const aliases = checkAliases(draft.aliases ?? [], identifier, faults)
  const scopes = checkScopes(draft.scopes ?? [], faults)
  const lifetime = draft.tokenLifetimeSeconds ?? tokenLifetimeSeconds.usual
  if (!Number.isInteger(lifetime) || lifetime < tokenLifetimeSeconds.least || lifetime > tokenLifetimeSeconds.most) {
    faults.push(
      `The token lifetime must be a whole number of seconds from ${tokenLifetimeSeconds.least} to ${tokenLifetimeSeconds.most}.`,
    )
  }
  const signingAlg = signingAlgs.find((alg) => alg === (draft.signingAlg ?? 'ES256'))
  if (signingAlg === undefined) {
    faults.push(`The signing algorithm ${quote(draft.signingAlg ?? '')} is not one of ${signingAlgs.join(', ')}.`)
  }
  const access = checkAccess(draft, faults)
  if (faults.length > 0 || identifier === null || signingAlg === undefined) return { ok: false, faults }
  return {
    ok: true,
    facts: { identifier, name, aliases, scopes, tokenLifetimeSeconds: lifetime, signingAlg, ...access },
  }
}

/**
 * Finds what one resource takes away from others: each identifier and each alias may mean one resource only, or a token
 * could be made for another server than the one the client named (E07, E09).
 *
 * @param facts  the resource to be written, checked
 * @param others every other resource
 * @returns sentences for people; empty when there is none
 */
export function collisions(facts: ResourceFacts, others: Iterable<ResourceFacts>): string[] {
  const taken = new Map<string, string>()
  for (const other of others) {
    taken.set(other.identifier, other.name)
    for (const alias of other.aliases) taken.set(alias, other.name)
  }
  return [facts.identifier, ...facts.aliases].flatMap((text) => {
    const owner = taken.get(text)
    return owner === undefined ? [] : [`${text} already belongs to the MCP server “${owner}”.`]
  })
}

function checkName(written: string | undefined, identifier: string | null, faults: string[]): string {
  const name = (written ?? '').normalize('NFC').trim()
  if (name.length > most.nameLength) faults.push(`The name is longer than ${most.nameLength} characters.`)
  if (unprintable.test(name)) faults.push('The name holds characters that cannot be seen.')
  return name === '' && identifier !== null ? withoutScheme(identifier) : name
}

function checkAliases(written: readonly string[], identifier: string | null, faults: string[]): string[] {
  if (written.length > most.aliases) faults.push(`There are more than ${most.aliases} aliases.`)
  const aliases = new Set<string>()
  for (const text of written) {
    const alias = canonicalResource(text)
    if (alias === null)
      faults.push(`The alias ${quote(text)} is not an absolute http or https URL without fragment and user.`)
    // An alias that is the identifier in another spelling is understood without being kept.
    else if (alias !== identifier) aliases.add(alias)
  }
  return [...aliases].sort()
}

function checkScopes(written: readonly ScopeDraft[], faults: string[]): ResourceScope[] {
  if (written.length > most.scopes) faults.push(`There are more than ${most.scopes} scopes.`)
  const seen = new Set<string>()
  return written.map((draft) => {
    const name = draft.name
    if (seen.has(name)) faults.push(`The scope ${quote(name)} is there twice.`)
    seen.add(name)
    const fault = scopeNameFault(name)
    if (fault !== null) faults.push(fault)
    return { name, ...checkScopeWords(draft, faults), isDefault: draft.isDefault ?? false }
  })
}

/** What is wrong with a scope's name, as a sentence; null when it may be used. */
export function scopeNameFault(name: string): string | null {
  if (!scopeToken.test(name) || name.length > most.scopeLength) {
    return `The scope ${quote(name)} must be 1 to ${most.scopeLength} printable ASCII characters without space, quote and backslash.`
  }
  if (reservedScopes.has(name))
    return `The scope ${quote(name)} has a meaning of its own in OpenID Connect; choose another name.`
  if (name.includes('*') || wildcardScopes.has(name.toLowerCase())) {
    return `The scope ${quote(name)} means everything at once; name each permission, so that people know what they allow.`
  }
  return null
}

function checkScopeWords(draft: ScopeDraft, faults: string[]): { description: string; risk: Risk } {
  const description = draft.description.normalize('NFC').trim()
  if (description === '' || description.length > most.descriptionLength) {
    faults.push(
      `The scope ${quote(draft.name)} needs a description of 1 to ${most.descriptionLength} characters: the consent page shows it.`,
    )
  }
  if (unprintable.test(description)) {
    faults.push(`The description of the scope ${quote(draft.name)} holds characters that cannot be seen.`)
  }
  // Ours: a scope whose risk nobody named is shown as one that changes things, never as harmless.
  const risk = risks.find((known) => known === (draft.risk ?? 'write'))
  if (risk === undefined) faults.push(`The risk of the scope ${quote(draft.name)} is not one of ${risks.join(', ')}.`)
  return { description, risk: risk ?? 'destructive' }
}

function checkAccess(draft: ResourceDraft, faults: string[]): { access: Access; members: readonly string[] } {
  const access = accesses.find((known) => known === (draft.access ?? 'everyone'))
  if (access === undefined) faults.push(`Who may use it is not one of ${accesses.join(', ')}.`)
  if ((draft.members?.length ?? 0) > most.members)
    faults.push(`There are more than ${most.members} people on the list.`)
  // A list that does not count is not kept: nobody should believe in it later.
  return { access: access ?? 'listed', members: access === 'listed' ? [...new Set(draft.members ?? [])].sort() : [] }
}

function withoutScheme(identifier: string): string {
  return identifier.replace(/^https?:\/\//, '').slice(0, most.nameLength)
}

function quote(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return JSON.stringify(shown)
}

/** The algorithms that a set of resources signs with, each once, preferred first; ES256 is always among them. */
export function neededAlgs(resources: Iterable<Pick<ResourceFacts, 'signingAlg'>>): SigningAlg[] {
  const used = new Set<SigningAlg>(['ES256'])
  for (const resource of resources) used.add(resource.signingAlg)
  return signingAlgs.filter((alg) => used.has(alg))
}
