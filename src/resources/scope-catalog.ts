import { type ResourceFacts, type ResourceScope, type Risk, risks } from './resource.ts'

/** What the consent page shows of one permission. */
export interface ScopeWords {
  readonly name: string
  readonly description: string
  readonly risk: Risk
}

/** Permissions of one risk class, in the resource's own order. */
export interface RiskGroup {
  readonly risk: Risk
  readonly scopes: readonly ScopeWords[]
}

/**
 * The words for the requested scopes that the resource knows; what it does not know is left out (E08: a scope of another
 * resource gives nothing here), and the order is the resource's, so that a client cannot bury one permission below others.
 */
export function describeScopes(resource: Pick<ResourceFacts, 'scopes'>, requested: Iterable<string>): ScopeWords[] {
  const wanted = new Set(requested)
  return resource.scopes.filter((scope) => wanted.has(scope.name)).map(words)
}

/** The requested scopes grouped by risk, gravest first, groups that would be empty left out (E12: the grave one is never hidden). */
export function groupByRisk(resource: Pick<ResourceFacts, 'scopes'>, requested: Iterable<string>): RiskGroup[] {
  const known = describeScopes(resource, requested)
  return [...risks]
    .reverse()
    .map((risk) => ({ risk, scopes: known.filter((scope) => scope.risk === risk) }))
    .filter((group) => group.scopes.length > 0)
}

/** The gravest risk among the requested scopes; null when none of them is known. */
export function gravestRisk(resource: Pick<ResourceFacts, 'scopes'>, requested: Iterable<string>): Risk | null {
  return groupByRisk(resource, requested)[0]?.risk ?? null
}

function words({ name, description, risk }: ResourceScope): ScopeWords {
  return { name, description, risk }
}
