import type { Context } from 'koa'
import { type Client, type ClientOrigin, type ClientState, redirectHosts } from '../clients/client.ts'
import type { ClientDirectory, ClientGroup, DirectoryFilter, Usage } from '../clients/directory/directory.ts'
import type { Moment } from '../messages/format.ts'
import type { PageLocals } from '../web/render.ts'

const pageSize = 50
const origins: readonly ClientOrigin[] = ['registered', 'document', 'operator']
const states: readonly ClientState[] = ['active', 'pending', 'blocked', 'removed']

/** One line of the list: a client, or many that are one program. */
export interface ClientLine {
  readonly id: string
  readonly claimedName: string
  readonly provenHost: string | null
  readonly origin: ClientOrigin
  readonly state: ClientState | 'mixed'
  readonly setByFile: boolean
  readonly isVouched: boolean
  readonly redirectHosts: readonly string[]
  readonly created: Moment
  readonly people: string
  readonly used: Moment | undefined
  /** Others are folded into it. */
  readonly isFolded: boolean
  /** How many they are, itself included. */
  readonly countWords: string
  readonly detailHref: string
  /** Shows or hides the ones that are folded. */
  readonly foldHref: string
  /** The folded ones, when they are shown. */
  readonly members: readonly ClientLine[]
}

type Cut = Pick<ClientGroup, 'isCut' | 'isUsageCut'>

interface ClientsPage extends PageLocals {
  readonly lines: readonly ClientLine[]
  readonly filter: { readonly text: string; readonly origin: string; readonly state: string; readonly unused: boolean }
  readonly isFiltered: boolean
  readonly origins: readonly ClientOrigin[]
  readonly states: readonly ClientState[]
  readonly olderHref: string | undefined
  readonly newestHref: string | undefined
  readonly done: string | undefined
}

/** What the list asks of the room of clients. */
export interface ClientListDeps {
  readonly clientDirectory: ClientDirectory
}

/** Shows `/admin/clients`: filtered and paged by the database; works without script, folds by a link. */
export async function showClients(ctx: Context, { clientDirectory }: ClientListDeps): Promise<void> {
  const query = ctx.URL.searchParams
  const filter = filterOf(query)
  const after = cursorOf(query.get('after'))
  const { groups, next } = await clientDirectory.groups(filter, { limit: pageSize, after })
  const opened = query.get('open')
  const open = opened === null ? undefined : groups.find(({ client }) => client.id === opened)
  const members = open === undefined ? [] : await clientDirectory.members(open.client, filter, { limit: pageSize })
  const address = addresses(ctx, filter)
  const toLine = lineMaker(ctx, (id) => address({ after, open: id === opened ? undefined : id, anchor: id }))
  const page: ClientsPage = {
    title: ctx.state.messages.adminClients.title,
    page: 'clients',
    area: 'admin',
    lines: groups.map((group) => ({
      ...toLine(group.client, group.usage, group.count, group),
      state: group.state ?? 'mixed',
      members: group === open ? members.map(({ client, usage }) => toLine(client, usage, 1)) : [],
    })),
    filter: {
      text: filter.text ?? '',
      origin: filter.origin ?? '',
      state: filter.state ?? '',
      unused: filter.unused === true,
    },
    isFiltered: Object.values(filter).some((value) => value !== undefined),
    origins,
    states,
    olderHref: next === undefined ? undefined : address({ after: next }),
    newestHref: after === undefined ? undefined : address({}),
    done: doneWords(ctx, query.get('done')),
  }
  ctx.state.render(ctx, 'admin/clients', page)
}

/** The line of a message that an act leaves behind: a name of ours, never a text of the address. */
export function doneWords(ctx: Context, name: string | null): string | undefined {
  const words: Readonly<Record<string, string>> = ctx.state.messages.adminClients.acts.done
  return name === null || !Object.hasOwn(words, name) ? undefined : words[name]
}

/** The address of the page of one client, below the issuer; ids of documents are URLs, so they travel in the query. */
export function clientPath(id: string): string {
  return `/admin/clients/show?id=${encodeURIComponent(id)}`
}

function lineMaker(ctx: Context, foldHref: (id: string) => string) {
  const { format } = ctx.state
  const { basePath } = ctx.state.render
  const words = ctx.state.messages.adminClients
  const numberOf = (count: number, isCut: boolean) =>
    isCut ? words.atLeast(format.number(count)) : format.number(count)
  return (client: Client, usage: Usage, count: number, cut?: Cut): ClientLine => ({
    id: client.id,
    claimedName: client.claimedName,
    provenHost: client.provenHost,
    origin: client.origin,
    state: client.state,
    setByFile: client.setByFile,
    isVouched: client.allowedAt !== null,
    redirectHosts: redirectHosts(client.metadata),
    created: format.date(client.createdAt),
    people: numberOf(usage.people, cut?.isUsageCut === true),
    used: usage.lastUsedAt === null ? undefined : format.date(usage.lastUsedAt),
    isFolded: count > 1 || cut?.isCut === true,
    countWords: numberOf(count, cut?.isCut === true),
    detailHref: `${basePath}${clientPath(client.id)}`,
    foldHref: foldHref(client.id),
    members: [],
  })
}

function filterOf(query: URLSearchParams): DirectoryFilter {
  const text = (query.get('q') ?? '').trim().slice(0, 200)
  return {
    text: text === '' ? undefined : text,
    origin: origins.find((origin) => origin === query.get('origin')),
    state: states.find((state) => state === query.get('state')),
    unused: query.get('unused') === 'yes' ? true : undefined,
  }
}

// 13 digits, a space, an id: anything else begins at the top.
function cursorOf(text: string | null): string | undefined {
  return text !== null && /^\d{13} [\x21-\x7e]{1,1024}$/.test(text) ? text : undefined
}

function addresses(ctx: Context, { text, origin, state, unused }: DirectoryFilter) {
  return ({ after, open, anchor }: { after?: string; open?: string; anchor?: string }): string => {
    const query = new URLSearchParams()
    const members = { q: text, origin, state, unused: unused === true ? 'yes' : undefined, after, open }
    for (const [name, value] of Object.entries(members)) if (value !== undefined) query.set(name, value)
    const search = query.size === 0 ? '' : `?${query}`
    return `${ctx.state.render.basePath}/admin/clients${search}${anchor === undefined ? '' : `#${encodeURIComponent(anchor)}`}`
  }
}
