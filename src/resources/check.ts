import { type Messages, messagesFor } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
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
  secondFactorDemands,
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
  tools: 100,
  members: 1000,
} as const

// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** A tool's name: letters, digits and `_ . - /`, at most 128 of them (MCP specification, tool names). */
export const toolName = /^[A-Za-z0-9_.\-/]{1,128}$/

// Meanings of their own in every authorization request, OpenID Connect Core §3.1.2.1 and §11.
const reservedScopes = new Set(['openid', 'offline_access'])

// E12: a scope that means "everything" hides later permissions from the person who allows it today.
const wildcardScopes = new Set(['all', 'any', 'everything'])

// Control characters and the marks that turn the reading direction around: on a consent page they make one text look like another.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** What is wrong, in words of one language. */
export type FaultWords = Messages['resources']['faults']

// The log and the command line speak English; pages hand in the language of their reader.
const english: FaultWords = messagesFor('en').resources.faults

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
export function checkResource(draft: ResourceDraft, words: FaultWords = english): CheckedResource {
  const faults: string[] = []
  const add: AddFault = (code, values = {}) => void faults.push(fill(words[code], values))
  const identifier = canonicalResource(draft.identifier)
  if (identifier === null) {
    add('identifier', { text: quote(draft.identifier) })
  }
  const name = checkName(draft.name, identifier, add)
  const aliases = checkAliases(draft.aliases ?? [], identifier, add)
  const scopes = checkScopes(draft.scopes ?? [], add)
  const lifetime = draft.tokenLifetimeSeconds ?? tokenLifetimeSeconds.usual
  if (!Number.isInteger(lifetime) || lifetime < tokenLifetimeSeconds.least || lifetime > tokenLifetimeSeconds.most) {
    add('lifetime', { least: tokenLifetimeSeconds.least, most: tokenLifetimeSeconds.most })
  }
  const signingAlg = signingAlgs.find((alg) => alg === (draft.signingAlg ?? 'ES256'))
  if (signingAlg === undefined) {
    add('alg', { text: quote(draft.signingAlg ?? ''), known: signingAlgs.join(', ') })
  }
  const access = checkAccess(draft, add)
  const secondFactor = secondFactorDemands.find((known) => known === (draft.secondFactor ?? 'never'))
  if (secondFactor === undefined) add('second_factor', { known: secondFactorDemands.join(', ') })
  if (faults.length > 0 || identifier === null || signingAlg === undefined || secondFactor === undefined) {
    return { ok: false, faults }
  }
  return {
    ok: true,
    facts: { identifier, name, aliases, scopes, tokenLifetimeSeconds: lifetime, signingAlg, ...access, secondFactor },
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
export function collisions(
  facts: ResourceFacts,
  others: Iterable<ResourceFacts>,
  words: FaultWords = english,
): string[] {
  const taken = new Map<string, string>()
  for (const other of others) {
    taken.set(other.identifier, other.name)
    for (const alias of other.aliases) taken.set(alias, other.name)
  }
  return [facts.identifier, ...facts.aliases].flatMap((text) => {
    const owner = taken.get(text)
    return owner === undefined ? [] : [fill(words.taken, { text, owner })]
  })
}

type AddFault = (code: keyof FaultWords, values?: Readonly<Record<string, string | number>>) => void

function checkName(written: string | undefined, identifier: string | null, add: AddFault): string {
  const name = (written ?? '').normalize('NFC').trim()
  if (name.length > most.nameLength) add('name_long', { most: most.nameLength })
  if (unprintable.test(name)) add('name_unseen')
  return name === '' && identifier !== null ? withoutScheme(identifier) : name
}

function checkAliases(written: readonly string[], identifier: string | null, add: AddFault): string[] {
  if (written.length > most.aliases) add('aliases', { most: most.aliases })
  const aliases = new Set<string>()
  for (const text of written) {
    const alias = canonicalResource(text)
    if (alias === null) add('alias', { text: quote(text) })
    // An alias that is the identifier in another spelling is understood without being kept.
    else if (alias !== identifier) aliases.add(alias)
  }
  return [...aliases].sort()
}

function checkScopes(written: readonly ScopeDraft[], add: AddFault): ResourceScope[] {
  if (written.length > most.scopes) add('scopes', { most: most.scopes })
  const seen = new Set<string>()
  return written.map((draft) => {
    const name = draft.name
    if (seen.has(name)) add('scope_twice', { text: quote(name) })
    seen.add(name)
    const fault = scopeNameCode(name)
    if (fault !== null) add(fault, { text: quote(name), most: most.scopeLength })
    return { name, ...checkScopeWords(draft, add), isDefault: draft.isDefault ?? false, tools: checkTools(draft, add) }
  })
}

/** What is wrong with a scope's name, as a sentence; null when it may be used. */
export function scopeNameFault(name: string, words: FaultWords = english): string | null {
  const code = scopeNameCode(name)
  return code === null ? null : fill(words[code], { text: quote(name), most: most.scopeLength })
}

function scopeNameCode(name: string): 'scope_name' | 'scope_reserved' | 'scope_wildcard' | null {
  if (!scopeToken.test(name) || name.length > most.scopeLength) return 'scope_name'
  if (reservedScopes.has(name)) return 'scope_reserved'
  return name.includes('*') || wildcardScopes.has(name.toLowerCase()) ? 'scope_wildcard' : null
}

function checkScopeWords(draft: ScopeDraft, add: AddFault): { description: string; risk: Risk } {
  const description = draft.description.normalize('NFC').trim()
  if (description === '' || description.length > most.descriptionLength) {
    add('words', { text: quote(draft.name), most: most.descriptionLength })
  }
  if (unprintable.test(description)) {
    add('words_unseen', { text: quote(draft.name) })
  }
  // Ours: a scope whose risk nobody named is shown as one that changes things, never as harmless.
  const risk = risks.find((known) => known === (draft.risk ?? 'write'))
  if (risk === undefined) add('risk', { text: quote(draft.name), known: risks.join(', ') })
  return { description, risk: risk ?? 'destructive' }
}

// The consent page shows them: one name twice would count as two tools.
function checkTools({ name, tools = [] }: ScopeDraft, add: AddFault): string[] {
  const named = [...new Set(tools)]
  if (named.length > most.tools) add('tools', { text: quote(name), most: most.tools })
  const wrong = named.find((tool) => !toolName.test(tool))
  if (wrong !== undefined) add('tool_name', { tool: quote(wrong), text: quote(name) })
  return named
}

function checkAccess(draft: ResourceDraft, add: AddFault): { access: Access; members: readonly string[] } {
  const access = accesses.find((known) => known === (draft.access ?? 'everyone'))
  if (access === undefined) add('access', { known: accesses.join(', ') })
  if ((draft.members?.length ?? 0) > most.members) add('members', { most: most.members })
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
