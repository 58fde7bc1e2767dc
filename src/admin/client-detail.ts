import type { Context } from 'koa'
import { lastChanges, type MetadataChange } from '../clients/changes.ts'
import { type Client, isLoopbackOnly, redirectHosts } from '../clients/client.ts'
import type { ClientCounts } from '../clients/directory/directory.ts'
import type { Moment } from '../messages/format.ts'
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
  readonly allowedFor: readonly { readonly name: string; readonly email: string }[]
  readonly acts: { readonly [Name in 'allow' | 'block' | 'unblock' | 'remove']: boolean }
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
  const [counts, allowedFor] = await Promise.all([
    deps.clientDirectory.counts(client),
    deps.clientDesk.approvals.allowedFor(client.id, mostNamed),
  ])
  ctx.state.render(ctx, 'admin/client', clientPage(ctx, client, counts, allowedFor, doneWords(ctx, query.get('done'))))
}

function clientPage(
  ctx: Context,
  client: Client,
  counts: ClientCounts,
  allowedFor: ClientPage['allowedFor'],
  done: string | undefined,
): ClientPage {
  const { format, render } = ctx.state
  const day = (at: Date | null) => (at === null ? undefined : format.dateTime(at))
  const isChangeable = !client.setByFile && client.state !== 'removed'
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
    allowedFor,
    acts: {
      allow: isChangeable && client.state !== 'blocked' && client.allowedAt === null && client.origin !== 'operator',
      block: isChangeable && client.state !== 'blocked',
      unblock: isChangeable && client.state === 'blocked',
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
