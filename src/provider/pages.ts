import type { Context } from 'koa'
import { type Configuration, errors } from 'oidc-provider'
import type { Client } from '../clients/client.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import { checkRedirectUri } from '../oauth/redirect-uri.ts'
import { canonicalResource } from '../oauth/resource-uri.ts'
import { type ErrorFacts, errorPage } from '../web/error-page.ts'
import type { RenderRefusal } from './authorize-request.ts'
import { programOf, programOfRedirect } from './client-programs.ts'
import { EntryRefused, type Refusal } from './entry-refusal.ts'

/** What the error pages may know of the client that sent the person here. */
export interface PageLookups {
  /** The client in whichever state, removed ones included. */
  readonly anyClient: (clientId: string) => Promise<Client | null>
  /** Identifiers of every MCP server; only those at the host that was asked for are shown. */
  readonly resourceIdentifiers: () => Promise<readonly string[]>
  /** Why today's rule shuts a client out; null when it does not, or when there is none. */
  readonly refusalOf: (clientId: string, redirectUri: string | undefined) => Promise<Refusal | null>
}

type PageCode = keyof Messages['provider']['pages']
type Asked = NonNullable<ErrorFacts['asked']>

// Ours: a client may register many addresses, and each may be long; the page stays a page.
const mostShown = 5
const longestShown = 300

/** Makes an error page for a code of ours or of the protocol. */
export function protocolErrorPage(
  ctx: Context,
  status: number,
  code: string,
  {
    client = null,
    pageCode = code,
    ...extra
  }: Partial<ErrorFacts> & { client?: Client | null; pageCode?: string } = {},
): void {
  const { provider, common } = ctx.state.messages
  const page = provider.pages[isPageCode(provider.pages, pageCode) ? pageCode : 'other']
  const name = client === null ? undefined : fill(common.quote, { text: client.claimedName })
  const message = fill(page.message, {
    client: name ?? (page.message.startsWith('{client}') ? provider.theProgram : provider.programWithin),
  })
  errorPage(ctx, { code, status, heading: page.heading, message, steps: page.steps, home: true, ...extra })
}

function isPageCode(pages: Messages['provider']['pages'], code: string): code is PageCode {
  return Object.hasOwn(pages, code)
}

/**
 * The library's `renderError`: what cannot be sent back to a client ends here. A client that was removed is told apart
 * from one that never was, because the person can do something about it.
 */
export function createRenderError(lookups: PageLookups): NonNullable<Configuration['renderError']> {
  return async function renderError(ctx, out, error) {
    // A second click on a link that was good once, the back button: the person did nothing wrong.
    if (error instanceof errors.SessionNotFound) return protocolErrorPage(ctx, ctx.status, 'session_not_found')
    const params = paramsOf(ctx)
    const client = params.client_id === undefined ? null : await lookups.anyClient(params.client_id)
    const refusal = await refusalBehind(error, out.error, params, client, lookups)
    if (refusal !== null) return refusalPage(ctx, out.error, refusal, params, client)
    const description = typeof out.error_description === 'string' ? out.error_description : undefined
    protocolErrorPage(ctx, ctx.status, out.error, {
      client,
      pageCode: out.error === 'invalid_client' ? stateOf(client) : out.error,
      developer: description,
      asked: await askedOf(ctx.state.messages, out.error, params, client, lookups),
      program: programFacts(ctx.state.messages, client, params.redirect_uri),
      clientId: params.client_id,
    })
  }
}

/** The library knows a client whose document is not read here as little as one that never was; the person is told the difference. */
async function refusalBehind(
  error: unknown,
  code: string,
  params: Params,
  client: Client | null,
  { refusalOf }: PageLookups,
): Promise<Refusal | null> {
  if (error instanceof EntryRefused) return error.refusal
  const isOpen = client === null || client.state === 'active' || client.state === 'pending'
  if (code !== 'invalid_client' || params.client_id === undefined || !isOpen) return null
  return refusalOf(params.client_id, params.redirect_uri)
}

/** Who may come in is the operator's choice: the page says which rule it was, and whom to ask. Nothing on it leads to the client. */
function refusalPage(ctx: Context, code: string, refusal: Refusal, params: Params, client: Client | null): void {
  const { asked } = ctx.state.messages.provider
  const values = shown(refusal.hosts.map(disarmed))
  protocolErrorPage(ctx, 400, code, {
    client,
    pageCode: refusal.reason,
    developer: refusal.words,
    asked: values.length === 0 ? undefined : [{ label: asked.redirect, values }],
    clientId: params.client_id,
  })
}

function stateOf(client: Client | null): PageCode {
  return client === null || client.state === 'active' ? 'invalid_client' : client.state
}

/** What the request asked for beside what is on record: the person, or whoever helps them, sees the difference. */
async function askedOf(
  { provider }: Messages,
  error: string,
  params: Params,
  client: Client | null,
  { resourceIdentifiers }: PageLookups,
): Promise<Asked | undefined> {
  const { asked } = provider
  if (error === 'invalid_redirect_uri' && client !== null) {
    return [
      { label: asked.redirect, values: shown([disarmed(params.redirect_uri ?? asked.nothing)]) },
      {
        label: asked.registered,
        values: shown(client.redirectUris.length === 0 ? [asked.nothing] : client.redirectUris),
      },
    ]
  }
  if (error === 'invalid_target') {
    const wanted = params.resource ?? []
    const hosts = new Set(wanted.map(hostOf))
    // Only at the same host: a page that anybody can call up must not list every MCP server there is.
    const near = (await resourceIdentifiers()).filter((identifier) => hosts.has(hostOf(identifier)))
    return [
      { label: asked.resource, values: shown(wanted.length === 0 ? [asked.noResource] : wanted) },
      ...(near.length === 0 ? [] : [{ label: asked.known, values: shown(near) }]),
    ]
  }
  if (error === 'invalid_scope' && params.scope !== undefined) {
    return [{ label: asked.scope, values: shown([params.scope]) }]
  }
  return undefined
}

function hostOf(identifier: string): string {
  return URL.parse(canonicalResource(identifier) ?? identifier)?.host ?? identifier
}

/** An address of a scheme that runs something is not even shown so that it could be copied into a browser (A09). */
function disarmed(uri: string): string {
  const isHarmless = /^https?:\/\//i.test(uri) || checkRedirectUri(uri).ok
  return isHarmless ? uri : uri.replaceAll(':', '\\u{3a}')
}

/** Values of strangers as text: short, and without characters that hide or turn round what stands beside them. */
function shown(values: readonly string[]): readonly string[] {
  return values.slice(0, mostShown).map((value) => {
    const visible = value.replaceAll(
      /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    )
    return visible.length > longestShown ? `${visible.slice(0, longestShown)}…` : visible
  })
}

function programFacts(
  { provider }: Messages,
  client: Client | null,
  redirectUri: string | undefined,
): ErrorFacts['program'] {
  const program =
    client === null ? programOfRedirect(redirectUri ?? '') : programOf(client.claimedName, client.redirectUris)
  return (
    program && { heading: fill(provider.inProgram, { program: program.name }), text: provider.programs[program.key] }
  )
}

/** The page between a refusal and a client that nobody vouched for: where it would go, and a link, no jump; or no link. */
export function createRenderRefusal(lookups: PageLookups): RenderRefusal {
  const { anyClient } = lookups
  return async function renderRefusal(ctx, { error, target }) {
    const clientId: unknown = ctx.oidc?.entities.Client?.clientId
    const client = typeof clientId === 'string' ? await anyClient(clientId) : null
    if (target === undefined) return protocolErrorPage(ctx, 400, error, { client })
    const { provider, common } = ctx.state.messages
    const name = client === null ? provider.programWithin : fill(common.quote, { text: client.claimedName })
    const url = new URL(target)
    const place = url.host === '' ? url.protocol : url.host
    const description = url.searchParams.get('error_description') ?? undefined
    const params = paramsOf(ctx)
    protocolErrorPage(ctx, 400, error, {
      client,
      developer: description,
      asked: await askedOf(ctx.state.messages, error, params, client, lookups),
      program: programFacts(ctx.state.messages, client, params.redirect_uri),
      clientId: client?.id,
      continueTo: { href: target, label: fill(provider.back, { client: name, place }) },
    })
  }
}

interface Params {
  readonly client_id?: string
  readonly redirect_uri?: string
  readonly resource?: readonly string[]
  readonly scope?: string
}

/** The parameters that the pages show, as the library read them, else as they came. */
function paramsOf(ctx: Context): Params {
  const source: Readonly<Record<string, unknown>> = ctx.oidc?.params ?? ctx.query
  const text = (name: string) => {
    const value = source[name] ?? ctx.query[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const resource = source.resource ?? ctx.query.resource
  return {
    client_id: text('client_id'),
    redirect_uri: text('redirect_uri'),
    resource: [resource].flat().filter((one): one is string => typeof one === 'string' && one !== ''),
    scope: text('scope'),
  }
}
