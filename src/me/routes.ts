import Router from '@koa/router'
import type { Context } from 'koa'
import type { Audit } from '../audit/record.ts'
import type { ProgramFacts } from '../clients/program.ts'
import type { AskingClient } from '../consent/client-card.ts'
import { isAlive } from '../consent/consent.ts'
import type { Revoker } from '../consent/revoke.ts'
import type { Resource } from '../resources/resource.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { type SessionPort, seeOther, signedIn } from '../web/context.ts'
import { requireAccount } from '../web/middleware/require-account.ts'
import { narrowMine, pauseMine, resumeMine } from './change.ts'
import { lastTokenDiesAt } from './connection.ts'
import { type DataRoutesDeps, dataRoutes } from './data-routes.ts'
import { readAlarms, readHistory } from './history.ts'
import { historyPage } from './history-page.ts'
import { connectionsPage, type Done, tokenLifetimes } from './page.ts'
import { type MyDesk, type RevocationTarget, revokeMine } from './revoke.ts'
import { type SessionLimits, sessionsPage } from './sessions-page.ts'

/** What a person's own pages need. */
export interface AccountRoutesDeps extends DataRoutesDeps {
  readonly desk: MyDesk
  readonly audit: Pick<Audit, 'list'>
  readonly findClient: (clientId: string) => Promise<(AskingClient & ProgramFacts) | null>
  readonly allResources: () => Promise<readonly Resource[]>
  readonly sessions: Pick<SessionPort, 'list' | 'endAll' | 'signOut'> & {
    /** Ends one session; false when this account has no such session. */
    end(accountId: string, uid: string): Promise<boolean>
  }
  readonly limits: SessionLimits
}

// Ours: an alarm stands on the first page for two weeks, and in the history for good.
const alarmMilliseconds = 14 * 86_400_000

/** Serves `/account` and below, each page for the person signed in and nobody else. */
export function accountRoutes(deps: AccountRoutesDeps): Router {
  // sensitive: as in admin/, else /ACCOUNT would be without its guard (G21).
  const router = new Router({ prefix: '/account', sensitive: true })
  router.use(requireAccount())

  router.get('/', (ctx) => seeOther(ctx, '/account/connections'))
  addConnections(router, deps)
  addSessions(router, deps)

  router.get('/history', async (ctx) => {
    const { account } = signedIn(ctx)
    const before = eventId(ctx.URL.searchParams.get('before'))
    const [part, resources] = await Promise.all([readHistory(deps.audit, account.id, before), deps.allResources()])
    const clients = await clientsOf(
      part.entries.map(({ event }) => event),
      deps.findClient,
    )
    const page = historyPage(ctx.state.messages, ctx.state.format, { part, before, clients, resources })
    ctx.state.render(ctx, 'me/history', page)
  })

  router.use(dataRoutes(deps).routes())
  return router
}

function addConnections(router: Router, deps: AccountRoutesDeps): void {
  const { desk } = deps

  /** Back to the page, which says what was done and until when a token that is out can live. */
  async function done(ctx: Context, act: Done, servers: readonly (string | undefined)[]): Promise<void> {
    const until = lastTokenDiesAt(tokenLifetimes(servers, await deps.allResources()), desk.clock.now())
    seeOther(
      ctx,
      act === 'resumed' ? '/account/connections?resumed=1' : `/account/connections?${act}=${until.getTime()}`,
    )
  }

  router.get('/connections', async (ctx) => {
    const { account } = signedIn(ctx)
    const now = desk.clock.now()
    const [connections, consents, resources, alarms] = await Promise.all([
      desk.connections.list(account.id, now),
      desk.store.list({ accountId: account.id, limit: 1000 }),
      deps.allResources(),
      readAlarms(deps.audit, account.id, new Date(now.getTime() - alarmMilliseconds)),
    ])
    const page = connectionsPage(ctx.state.messages, ctx.state.format, {
      connections,
      consents: consents.filter((consent) => isAlive(consent, now)),
      clients: await clientsOf([...connections, ...consents, ...alarms], deps.findClient),
      resources,
      alarms,
      done: whatWasDone(ctx.URL.searchParams, now),
      now,
    })
    ctx.state.render(ctx, 'me/connections', page)
  })

  router.post('/connections/revoke', async (ctx) => {
    const { account } = signedIn(ctx)
    const target = revocationTarget(await readForm(ctx))
    await done(ctx, 'ended', await revokeMine(desk, account.id, target, self(ctx, account.id)))
  })

  router.post('/connections/pause', async (ctx) => {
    const { account } = signedIn(ctx)
    const { resource } = await pauseMine(desk, account.id, grantOf(await readForm(ctx)), self(ctx, account.id))
    await done(ctx, 'paused', [resource])
  })

  router.post('/connections/resume', async (ctx) => {
    const { account } = signedIn(ctx)
    const { resource } = await resumeMine(desk, account.id, grantOf(await readForm(ctx)), self(ctx, account.id))
    await done(ctx, 'resumed', [resource])
  })

  router.post('/connections/narrow', async (ctx) => {
    const { account } = signedIn(ctx)
    const form = await readForm(ctx)
    const kept = form.getAll('scope')
    const { resource } = await narrowMine(desk, account.id, grantOf(form), kept, self(ctx, account.id))
    await done(ctx, 'narrowed', [resource])
  })
}

function addSessions(router: Router, { desk, limits, sessions }: AccountRoutesDeps): void {
  router.get('/sessions', async (ctx) => {
    const { account, sessionUid } = signedIn(ctx)
    const page = sessionsPage(ctx.state.messages, ctx.state.format, {
      sessions: await sessions.list(account.id),
      currentUid: sessionUid,
      limits,
      ended: ctx.URL.searchParams.get('ended') === '1',
      now: desk.clock.now(),
    })
    ctx.state.render(ctx, 'me/sessions', page)
  })

  router.post('/sessions/end', async (ctx) => {
    const { account } = signedIn(ctx)
    const uid = (await readForm(ctx)).get('session') ?? ''
    if (!(await sessions.end(account.id, uid))) {
      throw new AppError('not_found', 404, 'There is no such session of yours. It may have ended already.', {
        words: 'session_not_found',
      })
    }
    await desk.record({ ...self(ctx, account.id), type: 'session.ended', accountId: account.id })
    seeOther(ctx, '/account/sessions?ended=1')
  })

  router.post('/sessions/end-all', async (ctx) => {
    const { account } = signedIn(ctx)
    const count = await sessions.endAll(account.id)
    await sessions.signOut(ctx)
    const detail = { count }
    await desk.record({ ...self(ctx, account.id), type: 'session.ended_all', accountId: account.id, detail })
    seeOther(ctx, '/sign-in')
  })
}

function revocationTarget(form: URLSearchParams): RevocationTarget {
  const grantId = form.get('grant')
  if (grantId) return { kind: 'connection', grantId }
  const consentId = form.get('consent')
  if (consentId) return { kind: 'consent', consentId }
  const clientIds = form.getAll('client').filter((id) => id !== '')
  if (clientIds.length > 0) return { kind: 'program', clientIds }
  if (form.get('everything') === 'yes') return { kind: 'everything' }
  throw notNamed()
}

function grantOf(form: URLSearchParams): string {
  const grantId = form.get('grant')
  if (!grantId) throw notNamed()
  return grantId
}

function notNamed(): AppError {
  return new AppError('bad_request', 400, 'The form does not say which connection is meant.', {
    words: 'connection_not_named',
  })
}

async function clientsOf(
  rows: readonly { readonly clientId: string | undefined }[],
  findClient: AccountRoutesDeps['findClient'],
): Promise<ReadonlyMap<string, AskingClient & ProgramFacts>> {
  const ids = [...new Set(rows.flatMap(({ clientId }) => (clientId === undefined ? [] : [clientId])))]
  const found = await Promise.all(ids.map(async (id) => [id, await findClient(id)] as const))
  return new Map(found.flatMap(([id, client]) => (client === null ? [] : [[id, client] as const])))
}

// The moment travels in the address of the redirect; anything that cannot be the life of a token is not shown.
function whatWasDone(query: URLSearchParams, now: Date): { act: Done; until: Date | undefined } | undefined {
  if (query.get('resumed') === '1') return { act: 'resumed', until: undefined }
  for (const act of ['ended', 'paused', 'narrowed'] as const) {
    const text = query.get(act)
    const milliseconds = text === null || !/^\d{1,15}$/.test(text) ? Number.NaN : Number(text)
    const ahead = milliseconds - now.getTime()
    if (ahead > 0 && ahead <= 3_600_000) return { act, until: new Date(milliseconds) }
  }
  return undefined
}

function eventId(text: string | null): string | undefined {
  return text !== null && /^[0-9a-z]{26}$/.test(text) ? text : undefined
}

function self(ctx: Context, accountId: string): Revoker {
  return { actor: `account:${accountId}`, address: ctx.state.address, requestId: ctx.state.requestId }
}
