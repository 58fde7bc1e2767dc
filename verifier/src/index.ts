export type { Auth } from './auth.ts'
export { type BearerChallenge, formatChallenge } from './challenge.ts'
export type { AccessTokenClaims } from './claims.ts'
export type { PresentedCredentials } from './credentials.ts'
export { type RefusalReason, VerifierError, type VerifierErrorCode } from './errors.ts'
export type { SigningAlgorithm } from './key-set.ts'
export type { KeysEvent } from './keys.ts'
export type { VerifierOptions } from './options.ts'
export {
  buildResourceMetadata,
  canonicalResource,
  type ProtectedResourceMetadata,
  type ResourceMetadataOptions,
  resourceMetadataPaths,
  resourceMetadataUrl,
} from './resource-metadata.ts'
export { coversScopes, isScopeToken, parseScopes, type ScopeHierarchy } from './scopes.ts'
export { createVerifier, type Verifier } from './verifier.ts'
