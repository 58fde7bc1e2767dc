import type Router from '@koa/router'
import type { Context } from 'koa'
import type { PageLocals } from '../web/render.ts'
import type { AdminRoutesDeps } from './console.ts'
import { type FeedLine, feedLines } from './home-feed.ts'
import { type HomeFacts, homePage, refusalTypes } from './home-page.ts'
import { shownRefusals } from './home-refusals.ts'

const feedLength = 12
const dayMilliseconds = 86_400_000
// Ours: at one beat every ten seconds a forgotten tab stops asking after ten minutes, so that it does not keep a session alive.
const mostBeats = 60

interface FeedPage extends PageLocals {
  readonly feed: readonly FeedLine[]
  /** How often the list has renewed itself; at the end it stops. */
  readonly beat: number
}

/** `/admin`: what is still to do until the first client works, how the server is, what happens. `/admin/feed`: the last alone. */
export function homePages(router: Router, deps: AdminRoutesDeps): void {
  router.get('/', async (ctx) => {
    const { messages, format } = ctx.state
    ctx.state.render(ctx, 'admin/home', homePage(messages, format, await homeFacts(ctx, deps)))
  })

  router.get('/feed', async (ctx) => {
    const wanted = Number(ctx.URL.searchParams.get('beat') ?? 0)
    const page: FeedPage = {
      title: ctx.state.messages.adminHome.feed.page,
      page: 'feed',
      area: 'admin',
      feed: await readFeed(ctx, deps),
      beat: Number.isInteger(wanted) && wanted >= 0 ? Math.min(wanted, mostBeats) : mostBeats,
    }
    ctx.state.render(ctx, 'admin/home-feed', page)
  })
}

async function homeFacts(ctx: Context, deps: AdminRoutesDeps): Promise<HomeFacts> {
  const { overview, resources: desk, inspector, clients, consents, keys } = deps
  const now = deps.clock.now()
  const since = new Date(now.getTime() - dayMilliseconds)
  const [resources, client, consent, hours, refusals, connections, chain, databaseMilliseconds, feed] =
    await Promise.all([
      desk.store.list(),
      clients.list({ limit: 1 }),
      consents.list({ limit: 1, withRevoked: true }),
      overview.hours(since),
      overview.refusals(since, refusalTypes),
      overview.connections(),
      overview.chain(),
      probe(deps),
      readFeed(ctx, deps),
    ])
  const wanted = ctx.URL.searchParams.get('server')
  const chosen = resources.find(({ id }) => id === wanted) ?? resources[0]
  return {
    config: deps.config,
    resources,
    chosen,
    light: chosen && inspector.last(chosen)?.light,
    hasClient: client.length > 0,
    hasConsent: consent.length > 0,
    hours,
    connections,
    chain,
    keys: keys.keys(),
    policy: keys.policy,
    databaseMilliseconds,
    refusals: shownRefusals(ctx.state.messages, ctx.state.format, refusals, resources, now),
    feed,
    now,
  }
}

async function probe({ probeDatabase }: AdminRoutesDeps): Promise<number | undefined> {
  const startedAt = performance.now()
  try {
    await probeDatabase()
    return Math.max(1, Math.round(performance.now() - startedAt))
  } catch {
    // The page says it; /readyz and the log say why.
    return undefined
  }
}

async function readFeed(ctx: Context, deps: AdminRoutesDeps): Promise<readonly FeedLine[]> {
  const { messages, format } = ctx.state
  const [events, resources] = await Promise.all([deps.audit.list({ limit: feedLength }), deps.resources.store.list()])
  const names = {
    account: async (id: string) => (await deps.accounts.find(id))?.email,
    client: async (id: string) => (await deps.clients.find(id))?.claimedName,
    server: (identifier: string) => resources.find((resource) => resource.identifier === identifier)?.name,
  }
  return feedLines(messages, format, events, names, deps.clock.now())
}
