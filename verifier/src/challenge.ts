/** The parameters of a challenge, in the order in which they are printed. */
export interface Challenge {
  /** Default Bearer. */
  readonly scheme?: 'Bearer' | 'DPoP' | undefined
  readonly error?: string | undefined
  readonly errorDescription?: string | undefined
  readonly scopes?: readonly string[] | undefined
  /** Algorithms of proofs, with DPoP. */
  readonly algorithms?: readonly string[] | undefined
  readonly resourceMetadataUrl?: string | undefined
}

/**
 * Prints one challenge of `WWW-Authenticate`. Every value is a quoted-string, escaped, and comes from configuration:
 * nothing of the request (Host, path) is ever repeated here, so nobody can write into the header.
 *
 * @see RFC 6750 §3, RFC 9449 §7.1, RFC 9728 §5.1, RFC 9110 §11.6.1
 */
export function formatChallenge(challenge: Challenge): string {
  const parameters: readonly (readonly [name: string, value: string | undefined])[] = [
    ['error', challenge.error],
    ['error_description', challenge.errorDescription],
    ['scope', joined(challenge.scopes)],
    ['algs', joined(challenge.algorithms)],
    ['resource_metadata', challenge.resourceMetadataUrl],
  ]
  const printed = parameters.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quote(value)}`]))
  return `${challenge.scheme ?? 'Bearer'} ${printed.join(', ')}`
}

function joined(values: readonly string[] | undefined): string | undefined {
  return values === undefined || values.length === 0 ? undefined : values.join(' ')
}

// RFC 9110 §5.6.4: in a quoted-string only " and \ are escaped. Anything outside printable ASCII becomes a space,
// so that a line break cannot start a header of its own (CWE-113).
function quote(value: string): string {
  return `"${value.replaceAll(/[^\x20-\x7e]/g, ' ').replaceAll(/["\\]/g, '\\$&')}"`
}
