/** The raw parts of a URI, as written: nothing decoded, nothing normalised. */
export interface RawUri {
  readonly scheme: string
  /** null when there is no `//` */
  readonly authority: string | null
  readonly path: string
  /** without `?`; null when there is none */
  readonly query: string | null
  /** without `#`; null when there is none */
  readonly fragment: string | null
}

/**
 * Takes a URI apart without repairing it, unlike the WHATWG parser, which silently drops tabs, turns backslashes and resolves dots.
 *
 * @returns null when there is no scheme
 * @see RFC 3986 appendix B
 */
export function splitUri(text: string): RawUri | null {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text)
  if (match === null) return null
  const [, scheme = '', authority, path = '', query, fragment] = match
  return { scheme, authority: authority ?? null, path, query: query ?? null, fragment: fragment ?? null }
}

/** Whether the path as written has a `.` or `..` segment, in any percent-encoding (RFC 3986 §5.2.4). */
export function hasDotSegment(text: string): boolean {
  const path = splitUri(text)?.path ?? text
  return path.split(/[/\\]/).some((segment) => /^\.{1,2}$/.test(segment.replace(/%2e/gi, '.')))
}
