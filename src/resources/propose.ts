import { canonicalResource } from '../oauth/resource-uri.ts'
import { checkResource, scopeNameFault } from './check.ts'
import type { ClaimedMetadata } from './look.ts'
import type { ResourceDraft, Risk, ScopeDraft } from './resource.ts'

/** What a server's document suggests for its registration; an administrator reads and changes it before it counts. */
export interface Proposal {
  readonly draft: ResourceDraft
  /** Scopes of the document that cannot be registered. */
  readonly leftOut: readonly string[]
  /** The document speaks of a server elsewhere: nothing of it was used. */
  readonly foreign: string | undefined
}

/**
 * Makes a draft from the address somebody typed and the document found there.
 *
 * @param address canonical
 * @param claims undefined when there is no document
 */
export function propose(address: string, claims: ClaimedMetadata | undefined): Proposal {
  if (claims === undefined) return { draft: { identifier: address }, leftOut: [], foreign: undefined }
  const named = canonicalResource(claims.resource)
  // E01, RFC 9728 §3.3: a document may speak for the place it lies at, and for nobody else.
  if (named === null || !isAtOrAbove(named, address)) {
    return { draft: { identifier: address }, leftOut: [], foreign: claims.resource }
  }
  const wanted = [...new Set(claims.scopes_supported ?? [])]
  // E10, E12: offline_access is not the resource's, and a scope that means everything hides what is added later.
  const usable = wanted.filter((name) => scopeNameFault(name) === null).slice(0, 100)
  const draft: ResourceDraft = {
    identifier: named,
    aliases: named === address ? [] : [address],
    name: nameFrom(claims.resource_name, named),
    scopes: usable.map(proposeScope),
  }
  return { draft, leftOut: wanted.filter((name) => !usable.includes(name)), foreign: undefined }
}

function isAtOrAbove(named: string, address: string): boolean {
  const [above, here] = [new URL(named), new URL(address)]
  const path = above.pathname === '/' ? '' : above.pathname
  return above.origin === here.origin && (here.pathname === path || here.pathname.startsWith(`${path}/`))
}

// A name that could not be stored is not proposed.
function nameFrom(claimed: string | undefined, identifier: string): string | undefined {
  if (claimed === undefined) return undefined
  return checkResource({ identifier, name: claimed }).ok ? claimed : undefined
}

const riskWords: readonly (readonly [Risk, RegExp])[] = [
  ['destructive', /\b(?:delete|remove|destroy|drop|purge|erase|admin|manage|owner|root)\b/],
  ['write', /\b(?:write|create|add|edit|update|change|modify|send|post|put|upload|execute|run|call)\b/],
  ['read', /\b(?:read|list|get|view|search|find|show|fetch|query|export|profile|info)\b/],
]

/** A guess from the scope's name alone, gravest word first; what says nothing is taken for a change, never for harmless. */
export function proposeScope(name: string): ScopeDraft {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
  const risk = riskWords.find(([, pattern]) => pattern.test(words.join(' ')))?.[0] ?? 'write'
  const verb = words.findIndex((word) => riskWords.some(([, pattern]) => pattern.test(word)))
  const ordered = verb < 1 ? words : [words[verb] ?? '', ...words.filter((_, index) => index !== verb)]
  const sentence = ordered.join(' ')
  return { name, description: sentence.charAt(0).toUpperCase() + sentence.slice(1), risk, isDefault: risk === 'read' }
}
