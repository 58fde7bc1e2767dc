import type { AccessTokenClaims } from './claims.ts'
import { type RefusalReason, VerifierError, type VerifierErrorCode } from './errors.ts'

/**
 * One decision, for a log. Holds no token and no proof. Who asked is named only where a signature has vouched for it: what a bad token
 * says about itself is whatever its maker wrote.
 */
export interface Decision {
  readonly decision: 'allowed' | 'refused'
  /** `ok`, the code of the refusal, or `fault` when something of yours threw while it was being decided. */
  readonly code: 'ok' | VerifierErrorCode | 'fault'
  readonly reason: RefusalReason | undefined
  readonly at: Date
  readonly iss: string | undefined
  readonly sub: string | undefined
  readonly client_id: string | undefined
  readonly jti: string | undefined
  /** As granted. */
  readonly scope: string | undefined
  /** All the scopes that were needed. */
  readonly neededScopes: readonly string[]
  /** The MCP tool that was to be called; undefined too when its name is not one. */
  readonly tool: string | undefined
  /** Whether the token was known from before, and its signature therefore not checked again. */
  readonly remembered: boolean
}

/** What is known about a decision while it is being made. */
export interface DecisionDraft {
  claims?: AccessTokenClaims | undefined
  remembered?: boolean
  neededScopes?: readonly string[]
  tool?: string | undefined
}

/** Numbers of decisions since the verifier was made. */
export interface DecisionCounts {
  readonly allowed: number
  /** All refusals together. */
  readonly refused: number
  /** Refusals by {@link RefusalReason}, and `fault`. */
  readonly refusedBy: Readonly<Record<string, number>>
  /** Tokens that were known from before. */
  readonly remembered: number
}

/** Counts decisions, and tells them to whoever wants to know. */
export interface DecisionBook {
  allow(draft: DecisionDraft): void
  refuse(draft: DecisionDraft, error: unknown): void
  counts(): DecisionCounts
}

/**
 * Makes the book of one verifier.
 *
 * @param onDecision called with each decision; what it throws goes on to the caller, so that nothing happens unlogged
 */
export function createDecisionBook(
  onDecision: ((decision: Decision) => void) | undefined,
  now: () => Date,
): DecisionBook {
  let allowed = 0
  let refused = 0
  let remembered = 0
  const refusedBy = new Map<string, number>()

  function tell(draft: DecisionDraft, outcome: Pick<Decision, 'decision' | 'code' | 'reason'>): void {
    if (draft.remembered) remembered += 1
    if (onDecision === undefined) return
    const { claims } = draft
    onDecision({
      ...outcome,
      at: now(),
      iss: claims?.iss,
      sub: claims?.sub,
      client_id: claims?.client_id,
      jti: claims?.jti,
      scope: claims?.scope,
      neededScopes: draft.neededScopes ?? [],
      tool: toolName(draft.tool),
      remembered: draft.remembered ?? false,
    })
  }

  return {
    allow(draft) {
      allowed += 1
      tell(draft, { decision: 'allowed', code: 'ok', reason: undefined })
    },
    refuse(draft, error) {
      const known = error instanceof VerifierError ? error : undefined
      const reason = known?.reason ?? 'fault'
      refused += 1
      refusedBy.set(reason, (refusedBy.get(reason) ?? 0) + 1)
      tell(draft, { decision: 'refused', code: known?.code ?? 'fault', reason: known?.reason })
    },
    counts: () => ({ allowed, refused, refusedBy: Object.fromEntries(refusedBy), remembered }),
  }
}

// MCP, Tool Names: these characters, 128 at most. Anything else is text that a stranger wants in our log.
function toolName(name: string | undefined): string | undefined {
  return name !== undefined && /^[A-Za-z0-9_.\-/]{1,128}$/.test(name) ? name : undefined
}
