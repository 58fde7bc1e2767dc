import type { Context } from 'koa'
import { errors, type Provider } from 'oidc-provider'
import { requestedLanguages } from '../messages/negotiate.ts'
import { acrOf, type Strength, strengthOf } from '../oauth/acr.ts'
import type { AuthorizationInProgress, GrantPort, InteractionPort } from '../oauth/interaction.ts'
import { parseScope } from '../oauth/scope.ts'
import type { ResourceRegistry } from '../resources/registry.ts'
import type { Resource } from '../resources/resource.ts'
import { preferLocales } from '../web/language.ts'
import type { GrantRows } from './adapter/grant-rows.ts'
import type { GivenAnswers } from './given-answers.ts'
import { crossSiteParam, type MakeGrant } from './interaction-policy.ts'
import { identityScopes } from './resource-indicators.ts'
import type { Sessions } from './session-port.ts'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** What pages may do with a request that waits for somebody who is not at its page. */
export interface ResumePort {
  /** Whether the request behind this uid still waits, whichever browser asks. */
  isWaiting(uid: string): Promise<boolean>
  /** Lets the library look again, with nothing recorded; returns the address (of this origin) at which it goes on. */
  resume(ctx: Context, uid: string): Promise<string>
}

/** What the port stands on; `provider` is asked anew each time, because it is swapped when keys change. */
export interface InteractionPortDependencies {
  readonly provider: () => Provider
  readonly resources: Pick<ResourceRegistry, 'find'>
  readonly sessions: Pick<Sessions, 'signInOrGoOn'>
  readonly answers: Pick<GivenAnswers, 'of'>
  /** How strongly somebody has to prove who they are for these parameters and this MCP server. */
  readonly demand: (params: Interaction['params'], resource: Resource) => Strength
  /** Path prefix of an issuer with a path, or empty. */
  readonly basePath: string
}

/**
 * Carries out the port of `oauth/interaction.ts` on the library. The library binds an interaction to the browser by a
 * cookie; the address must name the same interaction, else the page of one tab would decide that of another (G05, G12).
 */
export function createInteractionPort(
  dependencies: InteractionPortDependencies,
): InteractionPort<Context> & ResumePort {
  const { provider, sessions, answers, basePath } = dependencies

  async function load(ctx: Context, uid: string): Promise<Interaction | null> {
    try {
      const interaction = await provider().interactionDetails(ctx.req, ctx.res)
      return interaction.uid === uid ? interaction : null
    } catch (error) {
      if (error instanceof errors.SessionNotFound) return null
      throw error
    }
  }

  async function required(ctx: Context, uid: string): Promise<Interaction> {
    const interaction = await load(ctx, uid)
    if (interaction === null) throw new errors.SessionNotFound('interaction not found')
    return interaction
  }

  async function finish(interaction: Interaction, result: NonNullable<Interaction['result']>): Promise<string> {
    interaction.result = 'error' in result ? result : { ...interaction.lastSubmission, ...result }
    await interaction.persist()
    return `${basePath}/authorize/${interaction.uid}`
  }

  return {
    async details(ctx) {
      const uid: unknown = ctx.params?.uid
      if (typeof uid !== 'string') return null
      const interaction = await load(ctx, uid)
      if (interaction === null) return null
      const uiLocales = requestedLanguages(interaction.params.ui_locales)
      preferLocales(ctx, uiLocales)
      return describe(interaction, dependencies, uiLocales)
    },

    isWaiting: async (uid) => (await provider().Interaction.find(uid)) !== undefined,

    async finishSignIn(ctx, uid, { accountId, amr, authTime }) {
      const interaction = await required(ctx, uid)
      // The session begins here, not when the browser goes on: a sign-in that waits somewhere would outlive the end of all
      // sessions and a change of password (C14); and nobody signs in over the session of somebody else, whose identifier
      // others may know (G06). From here on the library demands that this session is alive.
      const session = await sessions.signInOrGoOn(ctx, { accountId, amr, authTime })
      // The library never reads the cookie's value from here, and our rows do not keep it.
      interaction.session = { accountId, uid: session, amr: [...amr], cookie: '' }
      const ts = Math.floor(authTime.getTime() / 1000)
      const acr = acrOf[strengthOf(amr)]
      return finish(interaction, { login: { accountId, amr: [...amr], acr, ts, remember: true } })
    },

    async finishConsent(ctx, uid, { grantId, byHand }) {
      return finish(await required(ctx, uid), { consent: byHand === true ? { grantId, byHand } : { grantId } })
    },

    async resume(ctx, uid) {
      return finish(await required(ctx, uid), {})
    },

    answered: async (ctx) => answers.of(ctx),

    async deny(ctx, uid) {
      const description = 'the person said no'
      return finish(await required(ctx, uid), { error: 'access_denied', error_description: description })
    },
  }
}

async function describe(
  interaction: Interaction,
  { resources, demand }: Pick<InteractionPortDependencies, 'resources' | 'demand'>,
  uiLocales: readonly string[],
): Promise<AuthorizationInProgress | null> {
  const { params, prompt, session, result, lastSubmission } = interaction
  const resource = typeof params.resource === 'string' ? await resources.find(params.resource) : null
  // Removed while the person was reading: nothing is left to allow.
  if (resource === null) return null
  const asked = parseScope(typeof params.scope === 'string' ? params.scope : '')
  const known = new Set(resource.scopes.map(({ name }) => name))
  const { reason, clientDigest }: Record<string, unknown> = prompt.details
  return {
    uid: interaction.uid,
    prompt: prompt.name === 'login' || prompt.name === 'approval' ? prompt.name : 'consent',
    reasons: typeof reason === 'string' ? [...prompt.reasons, reason] : prompt.reasons,
    clientId: String(params.client_id),
    redirectUri: String(params.redirect_uri),
    resource: resource.identifier,
    scopes: asked.filter((scope) => known.has(scope)),
    identityScopes: asked.filter((scope) => identityScopes.includes(scope)),
    accountId: result?.login?.accountId ?? lastSubmission?.login?.accountId ?? session?.accountId,
    loginHint: typeof params.login_hint === 'string' ? params.login_hint : undefined,
    uiLocales,
    startedCrossSite: params[crossSiteParam] === 'yes',
    clientDigest: typeof clientDigest === 'string' ? clientDigest : undefined,
    demand: demand(params, resource),
  }
}

/** Makes the library's grants from consents. */
export function createGrantMaker(provider: () => Provider, rows: GrantRows): { make: MakeGrant; port: GrantPort } {
  const make: MakeGrant = async (input) => {
    const grant = new (provider().Grant)({ accountId: input.accountId, clientId: input.clientId })
    grant.addResourceScope(input.resource, input.scopes.join(' '))
    if (input.identityScopes.length > 0) grant.addOIDCScope(input.identityScopes.join(' '))
    // The library names the grant when it saves it; its origin is noted under that name just before.
    grant.jti = grant.jti ?? rows.nextId()
    rows.noteOrigin(grant.jti, {
      consentId: input.consentId,
      resource: input.resource,
      stayConnected: input.stayConnected,
      endsAt: input.endsAt,
    })
    await grant.save()
    return grant
  }
  return { make, port: { create: async (input) => (await make(input)).jti } }
}
