/*
 * The verifier in the slots of the MCP SDKs. Imports neither of them: their errors are handed in.
 */
import { type Auth, toAuth } from './auth.ts'
import { VerifierError } from './errors.ts'
import type { Verifier } from './verifier.ts'

export type { Auth } from './auth.ts'

/** Fits `OAuthTokenVerifier` of @modelcontextprotocol/sdk 1.x and of @modelcontextprotocol/server 2.x. */
export interface McpTokenVerifier {
  verifyAccessToken(token: string): Promise<Auth>
}

/** How to say "this token is not valid" so that the SDK in use answers 401 and not 500. */
export interface McpErrors {
  /** 1.x: `(text) => new InvalidTokenError(text)`. 2.x: `(text) => new OAuthError(OAuthErrorCode.InvalidToken, text)`. */
  readonly invalidToken: (text: string) => Error
}

/**
 * Makes the `verifier` option of `requireBearerAuth` and `verifyBearerToken`. Give these `resourceMetadataUrl: verifier.metadataUrl` too.
 *
 * Keys that cannot be had are thrown as they are, and the SDK answers 500: it knows no 503. Use the gate of
 * `@sallyport/verifier/fetch` or `/express` for the right answers in every case.
 */
export function createTokenVerifier(verifier: Verifier, errors: McpErrors): McpTokenVerifier {
  return {
    async verifyAccessToken(token) {
      try {
        return toAuth(token, await verifier.verify(token), verifier)
      } catch (error) {
        if (!(error instanceof VerifierError) || error.code !== 'invalid_token') throw error
        const invalid = errors.invalidToken(error.message)
        invalid.cause = error // the reason, for whoever logs it
        throw invalid
      }
    },
  }
}

/** What SDK 2.x asks before a tool, prompt or resource is run. */
export type McpScopeChallenge = (context: {
  readonly authInfo?: { readonly scopes: readonly string[] } | undefined
}) => { scopes: readonly [string, ...string[]] } | undefined

/**
 * Makes the `scopeChallenge` of a tool, prompt or resource of SDK 2.x: HTTP 403 with all the scopes that it needs, before it runs.
 * Unlike `requireScopes` of the SDK it honours the configured hierarchy, and it refuses a request that passed no gate.
 *
 * @see MCP, Runtime Insufficient Scope Errors
 */
export function requireScopes(verifier: Verifier, ...neededScopes: readonly [string, ...string[]]): McpScopeChallenge {
  return ({ authInfo }) =>
    verifier.covers(authInfo ?? { scopes: [] }, neededScopes) ? undefined : { scopes: neededScopes }
}

/**
 * Does the same with the scopes that the option `tools` names for a tool: they then stand in one place for the guard, this challenge and
 * `filterTools`.
 *
 * @throws TypeError when the option names none, so that a new tool is noticed at the start
 */
export function requireToolScopes(verifier: Verifier, tool: string): McpScopeChallenge {
  const needed = verifier.scopesOfTool(tool)
  if (needed === undefined) throw new TypeError(`the option tools says nothing of ${tool}`)
  const [first, ...others] = needed
  return first === undefined ? () => undefined : requireScopes(verifier, first, ...others)
}
