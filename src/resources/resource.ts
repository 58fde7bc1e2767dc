// Room: resources. An MCP server that tokens are made for: its identifier, the other spellings that clients send, its scopes
// with words for people, how long its tokens live and how they are signed. Serves no path of its own: the console, the command
// line and the YAML file change resources through `change.ts` and `sync.ts`; the protocol side asks `registry.ts`.
// Left to others: who was allowed what (consent/), the metadata that an MCP server publishes of itself (the verifier package).

/** How much harm a scope can do: it orders and colours the consent page. */
export type Risk = 'read' | 'write' | 'destructive'

/** Every risk class, mildest first. */
export const risks: readonly Risk[] = ['read', 'write', 'destructive']

/** Algorithms an access token may be signed with. */
export type SigningAlg = 'ES256' | 'EdDSA' | 'RS256'

/** Every signing algorithm, preferred first. */
export const signingAlgs: readonly SigningAlg[] = ['ES256', 'EdDSA', 'RS256']

/** Who says what a resource is: people through console or command line, or the YAML file, which alone may change its own. */
export type ResourceOrigin = 'operator' | 'file'

/** Who may use a resource: everybody with an account, administrators, or the people on its list. */
export type Access = 'everyone' | 'admins' | 'listed'

/** Every kind of access, widest first. */
export const accesses: readonly Access[] = ['everyone', 'admins', 'listed']

/** When people need two factors to allow a client something here: never by itself, for destructive scopes, always. */
export type SecondFactorDemand = 'never' | 'destructive' | 'always'

/** Every such demand, mildest first. */
export const secondFactorDemands: readonly SecondFactorDemand[] = ['never', 'destructive', 'always']

/** One permission at one resource. */
export interface ResourceScope {
  /** The scope token on the wire, RFC 6749 §3.3. */
  readonly name: string
  /** What it lets a client do, in words for people. */
  readonly description: string
  readonly risk: Risk
  /** Asked for when a client names no scope at all. */
  readonly isDefault: boolean
  /** Names of the MCP tools that it opens, as the operator tells them; empty: nobody told. */
  readonly tools: readonly string[]
}

/** What is said of a resource, checked. */
export interface ResourceFacts {
  /** Canonical identifier, RFC 8707 §2; the `aud` of every token for it, byte for byte. */
  readonly identifier: string
  readonly name: string
  /** Canonical spellings that mean the same resource. */
  readonly aliases: readonly string[]
  readonly scopes: readonly ResourceScope[]
  readonly tokenLifetimeSeconds: number
  readonly signingAlg: SigningAlg
  readonly access: Access
  /** Ids of the accounts on the list, sorted; empty unless access is `listed`. */
  readonly members: readonly string[]
  readonly secondFactor: SecondFactorDemand
}

/** A registered MCP server. */
export interface Resource extends ResourceFacts {
  readonly id: string
  readonly origin: ResourceOrigin
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** One scope as somebody wrote it, unchecked. */
export interface ScopeDraft {
  readonly name: string
  readonly description: string
  readonly risk?: string
  readonly isDefault?: boolean
  readonly tools?: readonly string[]
}

/** A resource as somebody wrote it, unchecked: a form, a command line, a file. */
export interface ResourceDraft {
  readonly identifier: string
  readonly name?: string
  readonly aliases?: readonly string[]
  readonly scopes?: readonly ScopeDraft[]
  readonly tokenLifetimeSeconds?: number
  readonly signingAlg?: string
  readonly access?: string
  /** Account ids; they count when access is `listed`. */
  readonly members?: readonly string[]
  readonly secondFactor?: string
}

/** Names of the scopes this resource knows, in its own order. */
export function scopeNames(resource: Pick<ResourceFacts, 'scopes'>): string[] {
  return resource.scopes.map((scope) => scope.name)
}

/** Names of the scopes meant when a client asks for none (RFC 6749 §3.3: a pre-defined default value). */
export function defaultScopes(resource: Pick<ResourceFacts, 'scopes'>): string[] {
  return resource.scopes.filter((scope) => scope.isDefault).map((scope) => scope.name)
}

/** True when both say the same, so that nothing needs to be written. */
export function saysTheSame(one: ResourceFacts, other: ResourceFacts): boolean {
  return changedMembers(one, other).length === 0
}

/** Names of the members in which two resources differ. */
export function changedMembers(one: ResourceFacts, other: ResourceFacts): string[] {
  const before = Object.entries(facts(one))
  const after = new Map(Object.entries(facts(other)))
  return before
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(after.get(name)))
    .map(([name]) => name)
}

/** The facts alone, members in a fixed order. */
export function facts(resource: ResourceFacts): ResourceFacts {
  return {
    identifier: resource.identifier,
    name: resource.name,
    aliases: [...resource.aliases].sort(),
    scopes: resource.scopes.map(({ name, description, risk, isDefault, tools }) => {
      return { name, description, risk, isDefault, tools }
    }),
    tokenLifetimeSeconds: resource.tokenLifetimeSeconds,
    signingAlg: resource.signingAlg,
    access: resource.access,
    members: [...resource.members].sort(),
    secondFactor: resource.secondFactor,
  }
}
