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

/** The messages of an error and its causes, for the log. Messages only: a cause of the library carries tokens and claims. */
export function reasonsWithin(error: unknown): string {
  const messages: string[] = []
  for (let cause: unknown = error; cause instanceof Error && messages.length < 6; cause = cause.cause) {
    messages.push(cause.message)
  }
  return messages.join(': ')
}

/** The fault of ours among the causes of an error, when there is one: libraries wrap what they cannot name. */
export function faultWithin(error: unknown): UpstreamFault | undefined {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 8; depth += 1) {
    if (cause instanceof UpstreamFault) return cause
    cause = cause.cause
  }
  return undefined
}
