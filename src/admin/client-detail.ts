import type { Context } from 'koa'
import { lastChanges, type MetadataChange } from '../clients/changes.ts'
import { type Client, isLoopbackOnly, redirectHosts } from '../clients/client.ts'
import type { ClientCounts } from '../clients/directory/directory.ts'
import type { Moment } from '../messages/format.ts'
import type { Resource } from '../resources/resource.ts'
import { AppError } from '../runtime/app-error.ts'
import type { PageLocals } from '../web/render.ts'
import { doneWords } from './client-list.ts'
import { typedWord } from './client-removal.ts'
import type { AdminRoutesDeps } from './console.ts'

interface ClientPage extends PageLocals {
  readonly client: Client
  readonly redirectHosts: readonly string[]
  readonly isLocal: boolean
  readonly created: Moment
  readonly changed: Moment | undefined
  readonly allowed: Moment | undefined
  readonly removed: Moment | undefined
  readonly counts: { readonly [Name in 'people' | 'connections' | 'consents' | 'alike']: string }
  readonly used: Moment | undefined
  readonly changes: readonly MetadataChange[]
  readonly ceiling: readonly { readonly resource: string; readonly scopes: readonly string[] }[]
  /** MCP servers that it asks about, and in the form every one that there is. */
  readonly introspects: readonly IntrospectChoice[]
  readonly introspectChoices: readonly IntrospectChoice[]
  readonly allowedFor: readonly { readonly name: string; readonly email: string }[]
  readonly acts: { readonly [Name in 'allow' | 'block' | 'unblock' | 'introspects' | 'remove']: boolean }
  readonly typed: ReturnType<typeof typedWord>
  readonly alikeHref: string | undefined
  readonly done: string | undefined
}

// Ours: who has more than these alone is better let in for everyone.
const mostNamed = 50

/** Shows `/admin/clients/show?id=…`: what is known of one client, what it claims, how it is used, what can be done. */
export async function showClient(ctx: Context, deps: AdminRoutesDeps): Promise<void> {
  const query = ctx.URL.searchParams
  const client = await deps.clients.find(query.get('id') ?? '')
  if (client === null) {
    throw new AppError('not_found', 404, 'This client is not registered here (any more).', {
      words: 'client_not_found',
    })
  }
  const [counts, allowedFor, resources] = await Promise.all([
    deps.clientDirectory.counts(client),
    deps.clientDesk.approvals.allowedFor(client.id, mostNamed),
    deps.resources.store.list(),
  ])
  const done = doneWords(ctx, query.get('done'))
  ctx.state.render(ctx, 'admin/client', clientPage(ctx, client, { counts, allowedFor, resources, done }))
}

/** An MCP server as a client may ask about it. */
export interface IntrospectChoice {
  readonly identifier: string
  /** Undefined: it is not registered here (any more). */
  readonly name: string | undefined
  /** Its page; undefined where it has none. */
  readonly path: string | undefined
  readonly isChosen: boolean
}

/** Every MCP server that there is, and behind them what the client may ask about though it is not registered. */
export function introspectChoices(
  { introspects }: Pick<Client, 'introspects'>,
  resources: readonly Resource[],
): readonly IntrospectChoice[] {
  const known = resources.map(({ id, identifier, name }) => ({
    ...{ identifier, name, path: `/admin/resources/${id}` },
    isChosen: introspects.includes(identifier),
  }))
  const others = introspects.filter((one) => !resources.some(({ identifier }) => identifier === one))
  return [...known, ...others.map((identifier) => ({ identifier, name: undefined, path: undefined, isChosen: true }))]
}

function clientPage(
  ctx: Context,
  client: Client,
  {
    counts,
    allowedFor,
    resources,
    done,
  }: Pick<ClientPage, 'allowedFor' | 'done'> & {
    readonly counts: ClientCounts
    readonly resources: readonly Resource[]
  },
): ClientPage {
  const { format, render } = ctx.state
  const day = (at: Date | null) => (at === null ? undefined : format.dateTime(at))
  const isChangeable = !client.setByFile && client.state !== 'removed'
  const choices = introspectChoices(client, resources)
  const canProve = client.origin === 'operator' && client.tokenEndpointAuthMethod !== 'none'
  return {
    title: client.claimedName,
    page: 'client',
    area: 'admin',
    here: `/admin/clients/show?id=${encodeURIComponent(client.id)}`,
    client,
    redirectHosts: redirectHosts(client.metadata),
    isLocal: isLoopbackOnly(client.metadata),
    created: format.dateTime(client.createdAt),
    changed: day(client.changedAt),
    allowed: day(client.allowedAt),
    removed: day(client.removedAt),
    counts: {
      people: format.number(counts.people),
      connections: format.number(counts.connections),
      consents: format.number(counts.consents),
      alike: format.number(Math.max(counts.alike - 1, 0)),
    },
    used: day(counts.lastUsedAt),
    changes: lastChanges(client),
    ceiling: Object.entries(client.resourceCeiling ?? {}).map(([resource, scopes]) => ({ resource, scopes })),
    introspects: choices.filter(({ isChosen }) => isChosen),
    introspectChoices: choices,
    allowedFor,
    acts: {
      allow: isChangeable && client.state !== 'blocked' && client.allowedAt === null && client.origin !== 'operator',
      block: isChangeable && client.state !== 'blocked',
      unblock: isChangeable && client.state === 'blocked',
      introspects: isChangeable && canProve && choices.length > 0,
      remove: isChangeable,
    },
    typed: typedWord(client),
    alikeHref:
      counts.alike > 1
        ? `${render.basePath}/admin/clients?${new URLSearchParams({ q: client.claimedName, origin: client.origin })}`
        : undefined,
    done,
  }
}
