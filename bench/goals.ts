// The goals of the design as data, each with the comparison that decides it.
import type { OperationName } from './operations.ts'
import type { PeerName } from './peers.ts'

/** A ratio that must hold, and one that is aimed at. */
export interface Goal {
  readonly operation: OperationName
  readonly peer: PeerName
  readonly against: PeerName
  readonly must: number
  readonly aim: number
}

export const goals: readonly Goal[] = [
  { operation: 'code', peer: 'full', against: 'bare', must: 0.7, aim: 0.85 },
  { operation: 'refresh', peer: 'full', against: 'bare', must: 0.7, aim: 0.9 },
  { operation: 'client_credentials', peer: 'full', against: 'bare', must: 1, aim: 1.2 },
  { operation: 'registration', peer: 'full', against: 'bare', must: 0.6, aim: 0.8 },
  { operation: 'discovery', peer: 'full', against: 'bare', must: 3, aim: 4 },
  { operation: 'discovery', peer: 'full', against: 'documents', must: 0.8, aim: 0.95 },
  { operation: 'jwks', peer: 'full', against: 'documents', must: 0.8, aim: 0.95 },
  { operation: 'code', peer: 'postgresql', against: 'full', must: 0.8, aim: 1 },
  { operation: 'refresh', peer: 'postgresql', against: 'full', must: 0.8, aim: 1 },
  { operation: 'code', peer: 'postgresql', against: 'bare-postgresql', must: 1, aim: 1.3 },
  { operation: 'refresh', peer: 'postgresql', against: 'bare-postgresql', must: 1, aim: 1.3 },
]

/** Highest multiples of bare oidc-provider. */
export const startGoals = {
  milliseconds: { must: 1.5, aim: 1.2 },
  megabytes: { must: 1.5, aim: 1.2 },
} as const
