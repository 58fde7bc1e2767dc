/** Why a guarded fetch did not happen or did not end well; for logs and operators, never for the stranger who named the address. */
export type GuardedFetchCode =
  | 'address_refused'
  | 'busy'
  | 'encoding'
  | 'limited'
  | 'network'
  | 'not_found'
  | 'proxy'
  | 'redirected'
  | 'timeout'
  | 'too_large'
  | 'url_refused'

/** The failure of a guarded fetch. */
export class GuardedFetchError extends Error {
  readonly code: GuardedFetchCode
  constructor(code: GuardedFetchCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GuardedFetchError'
    this.code = code
  }
}

/** Brings whatever a fetch threw into the one form. */
export function asGuardedFetchError(cause: unknown, signal: AbortSignal): GuardedFetchError {
  if (cause instanceof GuardedFetchError) return cause
  if (signal.aborted) return new GuardedFetchError('timeout', 'the deadline passed', { cause })
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOTFOUND' || code === 'ENODATA') {
    return new GuardedFetchError('not_found', 'the host has no address', { cause })
  }
  if (code === 'ETIMEOUT' || (code.startsWith('UND_ERR') && code.includes('TIMEOUT'))) {
    return new GuardedFetchError('timeout', 'the deadline passed', { cause })
  }
  return new GuardedFetchError('network', 'the fetch failed', { cause })
}
