export { type Auth, stateKey } from './auth.ts'
export { type Challenge, formatChallenge } from './challenge.ts'
export type { AccessTokenClaims, ClaimNames } from './claims.ts'
export { createVerifier } from './create-verifier.ts'
export type { PresentedCredentials } from './credentials.ts'
export type { Decision, DecisionCounts } from './decisions.ts'
export { createMemoryReplays, type ReplayStore } from './dpop-replays.ts'
export { type RefusalReason, type RefusalStatus, VerifierError, type VerifierErrorCode } from './errors.ts'
export type { IntrospectionEvent } from './introspection.ts'
export type { Fetch } from './json-fetch.ts'
export type { SigningAlgorithm } from './key-set.ts'
export type { KeysEvent } from './keys.ts'
export type { McpMessage } from './mcp-message.ts'
export type { DpopOptions, IntrospectionOptions, RevocationsOptions, VerifierOptions } from './options.ts'
export {
  buildResourceMetadata,
  canonicalResource,
  type ProtectedResourceMetadata,
  type ResourceMetadataOptions,
  resourceMetadataPaths,
  resourceMetadataUrl,
} from './resource-metadata.ts'
export type { RevocationsEvent } from './revocations.ts'
export { coversScopes, isScopeToken, parseScopes, type ScopeHierarchy } from './scopes.ts'
export type { TokenEnd } from './token-end.ts'
export type { ToolScopes } from './tools.ts'
export type { Granted, Needs, Verifier, VerifierCounts } from './verifier.ts'
