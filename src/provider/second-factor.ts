import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider'
import type { Config } from '../config/config.ts'
import type { Factors } from '../credentials/factors/factors.ts'
import { covers, type Strength, strengthAsked, strengthOf, strongest, supportedAcrs } from '../oauth/acr.ts'
import { parseScope } from '../oauth/scope.ts'
import type { ResourceRegistry } from '../resources/registry.ts'
import type { Resource } from '../resources/resource.ts'

const { Check } = interactionPolicy

/** What an authorization may demand of a sign-in, and from where it is known. */
export interface SecondFactorRules {
  /** `SECOND_FACTOR=required`. */
  readonly everybody: boolean
  /** Values of `acr` that this server can fulfil. */
  readonly acrs: readonly string[]
  readonly findResource: (identifier: string) => Promise<Resource | null>
  /** Has this person a second factor? */
  readonly hasFactor: (accountId: string) => Promise<boolean>
}

/** Joins the rules to the settings and the rooms that know of factors and MCP servers. */
export function createSecondFactorRules(
  { secondFactor }: Pick<Config, 'secondFactor'>,
  factors: Pick<Factors, 'ceremonies' | 'enrolled'>,
  registry: Pick<ResourceRegistry, 'find'>,
): SecondFactorRules {
  return {
    everybody: secondFactor === 'required',
    acrs: supportedAcrs(factors.ceremonies !== null),
    findResource: registry.find,
    async hasFactor(accountId) {
      const { totp, passkeys } = await factors.enrolled(accountId)
      return totp || passkeys
    },
  }
}

/** Of the check below; pages tell by it that the person need not enter the password again. */
export const secondFactorReason = 'second_factor_needed'

/** What the request, its MCP server and the settings demand together. */
export function demandOf(
  { everybody, acrs }: Pick<SecondFactorRules, 'everybody' | 'acrs'>,
  params: { readonly acr_values?: unknown; readonly scope?: unknown },
  resource: Pick<Resource, 'secondFactor' | 'scopes'> | null,
): Strength {
  const byRequest = strengthAsked(typeof params.acr_values === 'string' ? params.acr_values : undefined, acrs)
  const asked = new Set(parseScope(typeof params.scope === 'string' ? params.scope : ''))
  const isDestructive = resource?.scopes.some(({ name, risk }) => risk === 'destructive' && asked.has(name)) ?? false
  const byResource =
    resource?.secondFactor === 'always' || (resource?.secondFactor === 'destructive' && isDestructive) ? 'two' : 'one'
  return strongest(byRequest, byResource, everybody ? 'two' : 'one')
}

/**
 * A check of the sign-in prompt: the session has to have proved what is demanded, and whoever has a second factor has to
 * have used it (G19: also a session from before it was set up). The person goes to that factor, not to the password.
 *
 * @see RFC 9470; OpenID Connect Core 1.0 §3.1.2.1 `acr_values`
 */
export function secondFactorCheck(rules: SecondFactorRules) {
  return new Check(
    secondFactorReason,
    'this request needs a sign-in with a further factor',
    'login_required',
    async (ctx) => {
      const { session, entities } = ctx.oidc
      // Other checks ask for the whole sign-in.
      if (session?.accountId === undefined || entities.Account === undefined) return Check.NO_NEED_TO_PROMPT
      const has = strengthOf(session.amr ?? [])
      const demand = await demandHere(rules, ctx)
      if (!covers(has, demand)) return Check.REQUEST_PROMPT
      const lacks = has === 'one' && (await rules.hasFactor(session.accountId))
      return lacks ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT
    },
  )
}

async function demandHere(rules: SecondFactorRules, ctx: KoaContextWithOIDC): Promise<Strength> {
  const { acr_values, resource, scope } = ctx.oidc.params ?? {}
  const found = typeof resource === 'string' ? await rules.findResource(resource) : null
  return demandOf(rules, { acr_values, scope }, found)
}
