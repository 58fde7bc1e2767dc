const tokenText = "[\\w!#$%&'*+.^`|~-]+"
const piece = new RegExp(
  `(${tokenText})[ \\t]{0,4}=[ \\t]{0,4}(?:"((?:[^"\\\\]|\\\\.)*)"|(${tokenText}))|(${tokenText})`,
  'g',
)

/**
 * The parameters of the Bearer challenge in a `WWW-Authenticate`, which may hold several challenges.
 *
 * @param header at most its first 4096 characters are read
 * @returns null when no Bearer challenge is there; names in lower case, the first of several counts
 * @see RFC 9110 §11.6.1, RFC 9728 §5.1
 */
export function bearerParameters(header: string): ReadonlyMap<string, string> | null {
  let current: Map<string, string> | undefined
  let bearer: Map<string, string> | null = null
  for (const [, name, quoted, plain, scheme] of header.slice(0, 4096).matchAll(piece)) {
    if (scheme !== undefined) {
      current = new Map()
      if (scheme.toLowerCase() === 'bearer') bearer ??= current
    } else if (name !== undefined && current !== undefined && !current.has(name.toLowerCase())) {
      current.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '')
    }
  }
  return bearer
}
