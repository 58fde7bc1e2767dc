import { hasDotSegment } from './uri-syntax.ts'

const maximumLength = 2048

/**
 * The one spelling of a resource identifier that is stored, compared and put into `aud`.
 * Scheme and host in lower case, host in punycode, default port, empty query and one trailing slash dropped; path and query keep their case
 * and their percent-encoding. The result is its own canonical form.
 *
 * @param text what a client, a person or a file calls the resource
 * @returns the canonical identifier, or null when the text cannot name a resource: relative, not http(s), with a fragment,
 *   with userinfo, with dot segments (`/mcp/../admin` must not become another resource), or over 2048 characters
 * @see RFC 8707 §2; MCP authorization, "canonical server URI"
 */
export function canonicalResource(text: string): string | null {
  if (text.length > maximumLength) return null
  // Space, control characters and backslash would be dropped or turned by the URL parser: two spellings, one resource.
  if (/[\s\\]/.test(text) || /\p{Cc}/u.test(text)) return null
  if (!/^https?:\/\/[^/?#]/i.test(text)) return null
  // RFC 8707 §2: no fragment, not even an empty one
  if (text.includes('#') || hasDotSegment(text)) return null
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?]*@/.test(text)) return null
  const path = url.pathname
  // Exactly one slash is forgiven: of two neither is dropped, else the result had another canonical form than itself.
  const dropsSlash = url.search === '' && path.endsWith('/') && !path.endsWith('//')
  const canonical = `${url.protocol}//${url.host}${dropsSlash ? path.slice(0, -1) : path}${url.search}`
  return canonical.length > maximumLength ? null : canonical
}
