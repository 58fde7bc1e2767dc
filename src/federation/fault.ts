/**
 * Why a hop to an upstream came to nothing. `down`: it does not answer, or with garbage; it counts for the breaker.
 * `refused`: what it answered is not accepted. `denied`: the person said no there.
 */
export type UpstreamFaultKind = 'down' | 'refused' | 'denied'

/** The failure of a step with an upstream. The message goes to the log; the person reads words of ours. */
export class UpstreamFault extends Error {
  readonly kind: UpstreamFaultKind
  /** Short, snake_case, for the audit book: `unreachable`, `id_token`, `metadata`, … */
  readonly reason: string

  constructor(kind: UpstreamFaultKind, reason: string, options?: ErrorOptions) {
    super(`upstream: ${reason}`, options)
    this.name = 'UpstreamFault'
    this.kind = kind
    this.reason = reason
  }
}

/** The fault of ours among the causes of an error, when there is one: libraries wrap what they cannot name. */
export function faultWithin(error: unknown): UpstreamFault | undefined {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 8; depth += 1) {
    if (cause instanceof UpstreamFault) return cause
    cause = cause.cause
  }
  return undefined
}
