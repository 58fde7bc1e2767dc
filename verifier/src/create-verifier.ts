/*
 * Decides whether an access token is good for this server and this operation, and says so in the words of RFC 6750 when it is not.
 * Puts the rooms together: token-check.ts (is it a token of ours), dpop-check.ts (is it the sender's), revocations.ts and
 * introspection.ts (is it still), scopes.ts and tools.ts (is it enough), decisions.ts (what was decided). Leaves HTTP to gate.ts.
 */
import { type Auth, toAuth } from './auth.ts'
import type { AccessTokenClaims } from './claims.ts'
import { type PresentedCredentials, readCredentials } from './credentials.ts'
import { createDecisionBook, type DecisionDraft } from './decisions.ts'
import { createDpopCheck } from './dpop-check.ts'
import { createIntrospection } from './introspection.ts'
import { createKeys, KeysUnavailableError } from './keys.ts'
import { refuseTool } from './mcp-message.ts'
import type { VerifierOptions } from './options.ts'
import { createRefusals, type Refusals } from './refusals.ts'
import { buildResourceMetadata, resourceMetadataPaths, resourceMetadataUrl } from './resource-metadata.ts'
import { createRevocations } from './revocations.ts'
import { coversScopes } from './scopes.ts'
import { resolveOptions } from './settings.ts'
import { type CheckedToken, createTokenCheck } from './token-check.ts'
import { watchToken } from './token-end.ts'
import { keepCallableTools, scopesOfTool } from './tools.ts'
import type { Granted, Needs, Verifier } from './verifier.ts'

// Ours: what was true a second ago need not be asked again.
const freshSeconds = 1
const noHeaders: PresentedCredentials = { authorization: [], tokenElsewhere: false }

/**
 * Creates a verifier. Nothing is fetched before the first token, or `ready()`.
 *
 * @throws TypeError when an option is wrong, naming every fault
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = resolveOptions(options)
  const metadataUrl = resourceMetadataUrl(settings.resource)
  const server = { resource: settings.resource, metadataUrl }
  const refusals = createRefusals({
    resourceMetadataUrl: metadataUrl,
    basicScopes: settings.scopes,
    dpop: settings.dpop,
  })
  const keys = createKeys(settings)
  const tokens = createTokenCheck(settings, keys)
  const dpop = settings.dpop && createDpopCheck(settings.dpop, settings)
  const revocations = settings.revocations && createRevocations(settings, settings.revocations, keys)
  const introspect = settings.introspection && createIntrospection(settings.introspection, settings)
  const book = createDecisionBook(settings.onDecision, settings.now)
  const hasStanding = revocations !== undefined || introspect !== undefined
  const plain = refusals.Bearer
  const verifiedAt = new WeakMap<object, number>()
  const nowSeconds = (): number => settings.now().getTime() / 1000

  /** Runs one decision, and enters it in the book however it ends. */
  async function decide<Result>(work: (draft: DecisionDraft) => Promise<Result>): Promise<Result> {
    const draft: DecisionDraft = {}
    let result: Result
    try {
      result = await work(draft)
    } catch (error) {
      book.refuse(draft, error)
      throw error
    }
    book.allow(draft)
    return result
  }

  function note(draft: DecisionDraft, checked: CheckedToken): CheckedToken {
    draft.claims = checked.claims
    draft.remembered = checked.isRemembered
    return checked
  }

  // Asked with every request, also about a token that is remembered: what was true a minute ago may have been taken back.
  async function requireStanding(token: string, claims: AccessTokenClaims, refuse: Refusals): Promise<void> {
    if (revocations !== undefined) {
      const standing = await revocations.judge(claims)
      if (standing === 'revoked') throw refuse.invalidToken('revoked')
      if (standing === 'unknown') throw refuse.unavailable('revocations_unavailable', 5, undefined)
    }
    if (introspect !== undefined) {
      const activity = await introspect(token, claims)
      if (activity.kind === 'inactive') throw refuse.invalidToken('inactive')
      if (activity.kind === 'unknown' && settings.introspection?.whenUnavailable !== 'accept') {
        throw refuse.unavailable('introspection_unavailable', 5, activity.cause)
      }
    }
  }

  // A body may come in over minutes, and a token that was good when it began has ended, or was taken back, when it is read.
  async function requireStill(
    token: string,
    claims: AccessTokenClaims,
    since: number,
    refuse: Refusals,
  ): Promise<void> {
    const now = nowSeconds()
    if (now >= since && now - since < freshSeconds) return
    if (Math.floor(now) >= claims.exp + settings.clockSkewSeconds) throw refuse.invalidToken('expired')
    await requireStanding(token, claims, refuse)
  }

  async function requireSender(
    checked: CheckedToken,
    presented: PresentedCredentials,
    sent: { readonly scheme: 'Bearer' | 'DPoP'; readonly token: string },
  ): Promise<void> {
    const { boundKeyThumbprint } = checked
    if (dpop === undefined || boundKeyThumbprint === undefined) {
      // RFC 9449 §7.1: the scheme says that the token is bound; one that is not has no place in it.
      if (sent.scheme === 'DPoP' || settings.dpop?.required) {
        throw refusals.DPoP.invalidToken('not_sender_constrained')
      }
      return
    }
    // RFC 9449 §7.2: a bound token that comes as a bearer token has been stolen, or is about to be.
    if (sent.scheme === 'Bearer') throw refusals.DPoP.invalidToken('sender_constrained')
    await dpop.require(presented, sent.token, boundKeyThumbprint, refusals.DPoP)
  }

  function requireNeeds(draft: DecisionDraft, granted: Granted, needs: Needs, refuse: Refusals): void {
    draft.tool = needs.tool
    if (needs.tool === undefined && needs.scopes === undefined) return
    const ofTool =
      needs.tool === undefined || settings.tools === undefined ? [] : scopesOfTool(settings.tools, needs.tool)
    if (ofTool === undefined) throw refuseTool()
    const needed = [...new Set([...(needs.scopes ?? []), ...ofTool])]
    draft.neededScopes = needed
    if (!covers(granted, needed)) throw refuse.insufficientScope(needed)
  }

  // A token with a `cnf` has come as DPoP, or it would not have come this far.
  function refusalsOf(granted: Granted): Refusals {
    return granted.claims?.cnf === undefined ? plain : refusals.DPoP
  }

  function authorize(granted: Granted, needs: Needs): void {
    const draft: DecisionDraft = { claims: granted.claims }
    try {
      requireNeeds(draft, granted, needs, refusalsOf(granted))
    } catch (error) {
      book.refuse(draft, error)
      throw error
    }
    book.allow(draft)
  }

  function covers(granted: Granted, neededScopes: readonly string[]): boolean {
    return coversScopes(granted.scopes, neededScopes, settings.scopeHierarchy)
  }

  function mayCall(granted: Granted, tool: string): boolean {
    const needed = settings.tools === undefined ? [] : scopesOfTool(settings.tools, tool)
    return needed !== undefined && covers(granted, needed)
  }

  return {
    issuer: settings.issuer,
    resource: settings.resource,
    metadata: buildResourceMetadata(settings),
    metadataUrl,
    metadataPaths: resourceMetadataPaths(settings.resource),
    verify: (token, needs = {}) =>
      decide(async (draft) => {
        const checking = tokens.check(token, plain)
        const checked = note(draft, checking instanceof Promise ? await checking : checking)
        if (dpop !== undefined) await requireSender(checked, noHeaders, { scheme: 'Bearer', token })
        if (hasStanding) await requireStanding(token, checked.claims, plain)
        requireNeeds(draft, checked.claims, needs, plain)
        return checked.claims
      }),
    authenticate: (presented, needs = {}) =>
      decide(async (draft): Promise<Auth> => {
        const credentials = readCredentials(presented, dpop !== undefined)
        if (credentials.kind === 'none') throw plain.noCredentials()
        if (credentials.kind === 'several') throw plain.invalidRequest('several_credentials')
        if (credentials.kind === 'malformed') throw plain.invalidRequest('malformed_credentials')
        const refuse = refusals[credentials.scheme]
        const checked = note(draft, await tokens.check(credentials.token, refuse))
        if (dpop !== undefined) await requireSender(checked, presented, credentials)
        if (hasStanding) await requireStanding(credentials.token, checked.claims, refuse)
        const auth = toAuth(credentials.token, checked.claims, server)
        const since = nowSeconds()
        verifiedAt.set(auth, since)
        const needed = typeof needs === 'function' ? await needs(auth) : needs
        await requireStill(auth.token, auth.claims, since, refuse)
        requireNeeds(draft, checked.claims, needed, refuse)
        return auth
      }),
    covers,
    authorize,
    reauthorize: (auth, needs) =>
      decide(async (draft) => {
        draft.claims = auth.claims
        const refuse = refusalsOf(auth)
        await requireStill(auth.token, auth.claims, verifiedAt.get(auth) ?? Number.POSITIVE_INFINITY, refuse)
        requireNeeds(draft, auth, needs, refuse)
      }),
    requireScopes: (granted, neededScopes) => authorize(granted, { scopes: neededScopes }),
    mayCall,
    scopesOfTool: (tool) => (settings.tools === undefined ? [] : scopesOfTool(settings.tools, tool)),
    filterTools: (result, granted) => keepCallableTools(result, (tool) => mayCall(granted, tool)),
    dpopNonce: async () => dpop?.nonce(),
    watch: (auth, onEnd) => watchToken(auth.claims, settings.now, recheck(), onEnd),
    async ready() {
      try {
        await keys.load()
      } catch (error) {
        if (!(error instanceof KeysUnavailableError)) throw error
        throw plain.unavailable('keys_unavailable', error.retryAfterSeconds, error.cause)
      }
    },
    forgetKeys: keys.forget,
    counts: () => ({
      ...book.counts(),
      keyFetches: keys.counts.fetches,
      failedKeyFetches: keys.counts.failedFetches,
      rememberedTokens: tokens.rememberedTokens,
      listedRevocations: revocations?.size ?? 0,
    }),
  }

  function recheck() {
    if (revocations === undefined || settings.revocations === undefined) return undefined
    const isRevoked = async (claims: AccessTokenClaims) => (await revocations.judge(claims)) !== 'good'
    return { everySeconds: settings.revocations.pollSeconds, isRevoked }
  }
}
