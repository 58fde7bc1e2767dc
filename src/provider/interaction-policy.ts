import { type Grant, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import type { RememberedAnswer, RememberedQuestion } from '../consent/remembered.ts'
import { type ApprovalGate, approvalPrompt } from './approval-prompt.ts'
import { identityScopes } from './resource-indicators.ts'
import { type SecondFactorRules, secondFactorCheck } from './second-factor.ts'

const { Check, base } = interactionPolicy

/** Looks the remembered consent up: `remembered` of consent/, with its sources bound. */
export type ConsentLookup = (question: RememberedQuestion) => Promise<RememberedAnswer>

/** Makes and saves the library's grant; shared with the consent page. */
export type MakeGrant = (input: {
  readonly accountId: string
  readonly clientId: string
  readonly resource: string
  readonly scopes: readonly string[]
  readonly identityScopes: readonly string[]
  readonly consentId: string
  readonly stayConnected: boolean
  readonly endsAt?: Date
}) => Promise<Grant>

/** What `interactionPrompts` makes. */
export type Prompts = ReturnType<typeof base>

const reasonKey = 'consentReason'

/**
 * The prompts in order, as data: the library's own sign-in checks, whether the client is let in, one consent check of ours. It replaces the
 * library's scope-by-scope checks: a decision made on the page stands as it is, also where the person left scopes out.
 *
 * @param digestOf the digest of what a client says of itself now: what the page is about to show
 * @param gate whether the client may act for this person at all: asked before they are
 * @param factors what a sign-in has to have proved for this request
 */
export function interactionPrompts(
  digestOf: (clientId: string) => Promise<string | undefined>,
  gate: ApprovalGate,
  factors: SecondFactorRules,
) {
  const prompts = base()
  const login = prompts.get('login')
  const consent = prompts.get('consent')
  if (login === undefined || consent === undefined) throw new TypeError('the library has no such prompts')
  login.checks.push(
    new Check(
      'account_gone',
      'the account of this session may not sign in any more',
      'login_required',
      // C14: disabled or removed while the browser was signed in; the library would fail at a person it cannot find.
      ({ oidc }) =>
        oidc.session?.accountId === undefined || oidc.entities.Account !== undefined
          ? Check.NO_NEED_TO_PROMPT
          : Check.REQUEST_PROMPT,
    ),
    secondFactorCheck(factors),
  )
  for (const reason of [
    'native_client_prompt',
    'op_scopes_missing',
    'op_claims_missing',
    'rs_scopes_missing',
    'rar_prompt',
  ]) {
    consent.checks.remove(reason)
  }
  consent.checks.push(
    new Check(
      'consent_needed',
      'the person has not allowed this yet',
      'consent_required',
      (ctx) => {
        // Only a grant that was saved counts: where there is none, or none any more because what was just allowed has been
        // withdrawn, the library makes an empty one and would go on with it.
        const isGranted = ctx.oidc.entities.Grant?.jti !== undefined && reasonOf(ctx) === undefined
        return isGranted ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT
      },
      async (ctx) => ({
        reason: reasonOf(ctx),
        clientDigest: await digestOf(ctx.oidc.entities.Client?.clientId ?? ''),
      }),
    ),
  )
  prompts.add(approvalPrompt(gate), 1)
  return prompts
}

/**
 * The library's `loadExistingGrant`: the grant of the decision just made, or a new one from a remembered consent. Each
 * authorization has a grant of its own, so revoking one installation leaves the others alone.
 */
export function createGrantLoader(lookup: ConsentLookup, makeGrant: MakeGrant, prompts: Prompts) {
  return async function loadExistingGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
    const { oidc } = ctx
    const decided = oidc.result?.consent?.grantId
    if (decided !== undefined) return oidc.provider.Grant.find(decided)
    const clientId = oidc.entities.Client?.clientId
    const accountId = oidc.entities.Account?.accountId
    const { resource, redirect_uri: redirectUri, scope } = oidc.params ?? {}
    if (clientId === undefined || accountId === undefined || typeof resource !== 'string') return undefined
    // The person will be asked to sign in first, and a grant without a code would be a connection that nobody made.
    if (await asksForSignIn(ctx, prompts)) return undefined
    const asked = typeof scope === 'string' ? scope.split(' ') : []
    const ofResource = oidc.resourceServers?.[resource]?.scopes ?? new Set<string>()
    const answer = await lookup({
      accountId,
      clientId,
      redirectUri: String(redirectUri),
      resource,
      scopes: asked.filter((name) => ofResource.has(name)),
      startedCrossSite: oidc.params?.[crossSiteParam] === 'yes',
      askedByClient: oidc.promptPending('consent'),
    })
    if (answer.ask !== null) {
      ctx.state[reasonKey] = answer.ask
      return undefined
    }
    return makeGrant({
      accountId,
      clientId,
      resource,
      scopes: answer.scopes,
      identityScopes: asked.filter((name) => identityScopes.includes(name)),
      consentId: answer.consentId,
      stayConnected: answer.stayConnected,
      // What was allowed for a time is remembered for that time, and so is what comes of it.
      endsAt: answer.endsAt,
    })
  }
}

async function asksForSignIn(ctx: KoaContextWithOIDC, prompts: Prompts): Promise<boolean> {
  for (const { check } of prompts.get('login')?.checks ?? []) if (await check(ctx)) return true
  return false
}

/** Private parameter that carries through the interaction whether another site sent the browser here. */
export const crossSiteParam = 'sallyport_cross_site'

/**
 * Sets the private parameter from the browser's own header, whatever the request said. On the way back from our pages the
 * header tells of ourselves, so the answer of the first request is kept.
 */
export function noteCrossSite(ctx: KoaContextWithOIDC): void {
  const params = ctx.oidc.params
  if (params === undefined) return
  params[crossSiteParam] = ctx.get('Sec-Fetch-Site') === 'cross-site' ? 'yes' : undefined
}

function reasonOf(ctx: KoaContextWithOIDC): string | undefined {
  const reason: unknown = ctx.state[reasonKey]
  return typeof reason === 'string' ? reason : undefined
}
