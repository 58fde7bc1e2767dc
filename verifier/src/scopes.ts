/** Which scopes a scope brings with it: `{ 'notes:write': ['notes:read'] }`. Nothing is implied that is not written here. */
export type ScopeHierarchy = Readonly<Record<string, readonly string[]>>

/**
 * Reads a `scope` claim.
 *
 * @param claim the claim as it came; only a string of scope tokens with one space between them counts
 * @returns the scopes; none for anything malformed, so that a token with a strange claim can do nothing rather than something
 * @see RFC 6749 §3.3, RFC 9068 §2.2.3
 */
export function parseScopes(claim: unknown): readonly string[] {
  if (typeof claim !== 'string') return []
  const scopes = claim.split(' ')
  return scopes.every(isScopeToken) ? [...new Set(scopes)] : []
}

/** Whether a value can be a scope: printable ASCII without space, quote and backslash (RFC 6749 §3.3). */
export function isScopeToken(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value)
}

/**
 * Whether the granted scopes are enough for all the needed ones, whole names only (`read` never covers `readonly`).
 *
 * @see MCP, Step-Up Authorization Flow: hierarchies must be honoured; here only those that were configured
 */
export function coversScopes(
  granted: readonly string[],
  needed: readonly string[],
  hierarchy: ScopeHierarchy = {},
): boolean {
  const held = new Set<string>()
  const waiting = [...granted]
  for (let scope = waiting.pop(); scope !== undefined; scope = waiting.pop()) {
    if (held.has(scope)) continue
    held.add(scope)
    if (Object.hasOwn(hierarchy, scope)) waiting.push(...(hierarchy[scope] ?? []))
  }
  return needed.every((scope) => held.has(scope))
}
