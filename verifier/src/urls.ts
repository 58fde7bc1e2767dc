/** Whether a value is an http or https URL, without the white space that parsers drop: a line feed after an issuer makes it another one. */
export function isHttpUrl(value: unknown): value is string {
  return (
    typeof value === 'string' && !/\s/.test(value) && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
  )
}

/**
 * Whether a value is a URL that tokens may travel to: https, or http on loopback, which leaves no machine; no user, no fragment.
 *
 * @see RFC 8414 §2, RFC 9728 §1.2
 */
export function isSafeUrl(value: unknown): value is string {
  if (!isHttpUrl(value)) return false
  const { protocol, hostname, username, password } = new URL(value)
  if (username !== '' || password !== '' || value.includes('#')) return false
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

/** Whether a value can be an issuer: a safe URL without a query. @see RFC 8414 §2 */
export function isIssuer(value: unknown): value is string {
  return isSafeUrl(value) && !value.includes('?')
}
