// RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** Whether the text is one well-formed scope token (RFC 6749 §3.3). */
export function isScopeToken(text: string): boolean {
  return scopeToken.test(text)
}

/**
 * Whether a scope may belong to a resource: well-formed, at most 128 characters, and no wildcard.
 * A wildcard hides what a person allows: `*`, `notes:*` and the bare `all` are refused.
 */
export function isRegistrableScope(text: string): boolean {
  return isScopeToken(text) && text.length <= 128 && !text.includes('*') && text.toLowerCase() !== 'all'
}

/**
 * Splits a scope parameter into its tokens, in order, each once. Repeated spaces are tolerated.
 * A malformed token stays in the list: no resource can know it, so it is never granted. Ask `isScopeToken` to refuse it.
 *
 * @param text the parameter; absent or empty gives no scopes
 */
export function parseScope(text: string | undefined): string[] {
  return [...new Set((text ?? '').split(' ').filter((token) => token !== ''))]
}

/** Joins scope tokens into a scope parameter, each once, in the given order. */
export function formatScope(scopes: Iterable<string>): string {
  return [...new Set(scopes)].join(' ')
}

/** The tokens of `scopes` that `allowed` holds too, in the order of `scopes`, each once. */
export function intersectScopes(scopes: readonly string[], allowed: Iterable<string>): string[] {
  const known = new Set(allowed)
  return [...new Set(scopes)].filter((scope) => known.has(scope))
}

/** Whether every token of `scopes` is in `allowed`. */
export function isSubset(scopes: readonly string[], allowed: Iterable<string>): boolean {
  const known = new Set(allowed)
  return scopes.every((scope) => known.has(scope))
}
