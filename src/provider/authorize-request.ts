import type { Context, Middleware } from 'koa'
import { canonicalSpelling, type ResourceLookups } from './resource-indicators.ts'
import { carryStepUp } from './step-up-request.ts'

/** Shows the person a refusal that goes to a client nobody here has vouched for. */
export type RenderRefusal = (
  ctx: Context,
  refusal: { readonly error: string; readonly target?: string },
) => Promise<void>

/** What the middleware around /authorize needs. */
export interface AuthorizeRequestDependencies {
  readonly resources: Pick<ResourceLookups, 'find'>
  /** Whether an administrator has vouched for the client. */
  readonly isTrusted: (clientId: string) => Promise<boolean>
  /** Whether today's rule shuts the client out, at this redirect URI. */
  readonly isShutOut: (clientId: string, redirectUri: string | undefined) => Promise<boolean>
  readonly renderRefusal: RenderRefusal
  /** Path prefix of an issuer with a path, or empty. */
  readonly basePath: string
}

/**
 * Around /authorize: brings `resource` into its one spelling before the library compares strings, and keeps this server
 * from being an open redirector: an error is sent on by itself only to a client that an administrator vouched for; for
 * the others the person sees where the answer would go, and decides (RFC 9700 §4.11.2, A16).
 */
export function authorizeRequest(dependencies: AuthorizeRequestDependencies): Middleware {
  const { isTrusted, isShutOut, renderRefusal } = dependencies
  return async function authorize(ctx, next) {
    if (ctx.path !== '/authorize' && !ctx.path.startsWith('/authorize/')) return next()
    if (ctx.path === '/authorize') await canonicaliseQuery(ctx, dependencies)
    await next()
    const target = ctx.response.get('Location')
    const error = refusalIn(ctx, target)
    if (error === null) return
    // The person has answered on our pages, and the answer goes where the page said.
    if (ctx.oidc?.entities.Interaction?.result?.error !== undefined) return
    if (Array.isArray(ctx.query.redirect_uri)) {
      // RFC 6749 §3.1: parameters come once. Of two addresses none is the one that is meant (A19).
      ctx.remove('Location')
      await renderRefusal(ctx, { error })
      return
    }
    const clientId = ctx.oidc?.entities.Client?.clientId
    if (typeof clientId === 'string' && (await isTrusted(clientId))) return
    ctx.remove('Location')
    // Refused for another reason before the rule was asked: all the same no way leads to a place that is not let in.
    const redirectUri: unknown = ctx.oidc?.params?.redirect_uri
    const isClosed = await isShutOut(String(clientId), typeof redirectUri === 'string' ? redirectUri : undefined)
    await renderRefusal(ctx, isClosed ? { error } : { error, target })
  }
}

async function canonicaliseQuery(ctx: Context, { resources, basePath }: AuthorizeRequestDependencies): Promise<void> {
  const query = new URLSearchParams(ctx.querystring)
  const asked = query.getAll('resource')
  const canonical = await Promise.all(asked.map((text) => canonicalSpelling(resources, text)))
  const isRespelled = asked.length > 1 || canonical[0] !== asked[0]
  if (isRespelled) {
    query.delete('resource')
    // Two spellings of one resource are one.
    for (const text of new Set(canonical)) query.append('resource', text)
  }
  const isCarried = carryStepUp(query)
  if (!isRespelled && !isCarried) return
  ctx.querystring = query.toString()
  // The library finds the path prefix of the issuer by comparing the two addresses.
  Reflect.set(ctx.req, 'originalUrl', `${basePath}${ctx.req.url ?? ''}`)
}

/** The error in a redirect to a client, or null when the answer is something else. */
function refusalIn(ctx: Context, target: string): string | null {
  if (ctx.status !== 303 || target === '' || !URL.canParse(target)) return null
  return new URL(target).searchParams.get('error')
}
