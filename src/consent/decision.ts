import type { Consent } from './consent.ts'
import type { ClientOrigin } from './policy.ts'

/** How much a scope can do, as resources/ stores it. */
export type Risk = 'read' | 'write' | 'destructive'

/** A scope of the MCP server, as far as the decision needs it. */
export interface OfferedScope {
  readonly name: string
  readonly description: string
  readonly risk: Risk
  readonly isDefault: boolean
  readonly tools: readonly string[]
}

/** One row of the page's permission list. */
export interface Permission {
  readonly scope: string
  readonly description: string
  readonly risk: Risk
  /** Locked: the MCP server can do nothing for the client without it. */
  readonly required: boolean
  readonly ticked: boolean
  /** Whether this person already allowed it to this client here. */
  readonly known: boolean
  /** Names of the tools that it opens; empty when the operator named none. */
  readonly tools: readonly string[]
}

/**
 * The permissions a person is asked for: what the stored request names and the MCP server still knows, in the
 * server's own order (E08).
 *
 * @param alreadyAllowed scopes of the consent that stands for the same client, redirect host and MCP server
 */
export function permissionsAsked(
  requested: readonly string[],
  offered: readonly OfferedScope[],
  alreadyAllowed: readonly string[],
  clientOrigin: ClientOrigin,
): readonly Permission[] {
  return offered
    .filter((scope) => requested.includes(scope.name))
    .map((scope) => {
      const known = alreadyAllowed.includes(scope.name)
      return {
        scope: scope.name,
        description: scope.description,
        risk: scope.risk,
        required: isRequired(scope),
        ticked: scope.risk !== 'destructive' || (known && clientOrigin !== 'registered'),
        known,
        tools: scope.tools,
      }
    })
}

// Ours: the default read scopes are the least an MCP server works with; everything that changes something is optional.
function isRequired(scope: OfferedScope): boolean {
  return scope.isDefault && scope.risk === 'read'
}

/** What the form's scope fields amount to. */
export interface Ticked {
  /** What the person grants; empty means there is nothing to grant, which is a deny. */
  readonly granted: readonly string[]
  /** Values that were not on the page: an edited form (G04). They count for nothing. */
  readonly foreign: readonly string[]
}

/**
 * Reads the ticked boxes against what was asked: ticked ∩ asked, and the required ones whatever the form says.
 *
 * @param ticked values of the form's `scope` fields, untrusted
 */
export function grantedScopes(ticked: readonly string[], permissions: readonly Permission[]): Ticked {
  const asked = new Set(permissions.map((permission) => permission.scope))
  return {
    granted: permissions
      .filter((permission) => permission.required || ticked.includes(permission.scope))
      .map((permission) => permission.scope),
    foreign: ticked.filter((scope) => !asked.has(scope)),
  }
}

/**
 * The scopes to remember: what is granted now, and what this consent held before and was not asked for this time.
 * A box that was shown and left empty is a withdrawal; one that was not shown is not.
 *
 * @param previous the consent that stands, or undefined when there is none or the client changed since
 * @returns sorted, without duplicates
 */
export function rememberedScopes(
  granted: readonly string[],
  permissions: readonly Permission[],
  previous: Consent | undefined,
): readonly string[] {
  const asked = new Set(permissions.map((permission) => permission.scope))
  const kept = (previous?.scopes ?? []).filter((scope) => !asked.has(scope))
  return [...new Set([...kept, ...granted])].sort()
}

/**
 * Reads the stay-connected box. The form sends `no` always and `yes` when ticked, so that a box left empty differs
 * from a form that does not know the field: the latter means the page's own default, ticked.
 *
 * @param values of the form's `stay_connected` fields, untrusted
 */
export function staysConnected(values: readonly string[], mayRefresh: boolean): boolean {
  return mayRefresh && (values.length === 0 || values.some((value) => value !== 'no'))
}
