import Router from '@koa/router'
import type { Context } from 'koa'
import type { AskingClient } from '../consent/client-card.ts'
import { isAlive } from '../consent/consent.ts'
import type { Revoker } from '../consent/revoke.ts'
import type { Resource } from '../resources/resource.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { type SessionPort, seeOther, signedIn } from '../web/context.ts'
import { requireAccount } from '../web/middleware/require-account.ts'
import { lastTokenDiesAt } from './connection.ts'
import { connectionsPage, sessionsPage, tokenLifetimes } from './page.ts'
import { type MyDesk, type RevocationTarget, revokeMine } from './revoke.ts'

/** What a person's own pages need. */
export interface AccountRoutesDeps {
  readonly desk: MyDesk
  readonly findClient: (clientId: string) => Promise<AskingClient | null>
  readonly allResources: () => Promise<readonly Resource[]>
  readonly sessions: Pick<SessionPort, 'list' | 'endAll' | 'signOut'>
}

/** Serves `/account`, `/account/connections` and `/account/sessions`, each for the person signed in and nobody else. */
export function accountRoutes(deps: AccountRoutesDeps): Router {
  // sensitive: as in admin/, else /ACCOUNT would be without its guard (G21).
  const router = new Router({ prefix: '/account', sensitive: true })
  router.use(requireAccount())

  router.get('/', (ctx) => seeOther(ctx, '/account/connections'))

  router.get('/connections', async (ctx) => {
    const { account } = signedIn(ctx)
    const now = deps.desk.clock.now()
    const [connections, consents, resources] = await Promise.all([
      deps.desk.connections.list(account.id, now),
      deps.desk.store.list({ accountId: account.id, limit: 1000 }),
      deps.allResources(),
    ])
    const page = connectionsPage({
      connections,
      consents: consents.filter((consent) => isAlive(consent, now)),
      clients: await clientsOf([...connections, ...consents], deps.findClient),
      resources,
      endedUntil: endedUntil(ctx.URL.searchParams.get('ended'), now),
    })
    ctx.state.render(ctx, 'me/connections', page)
  })

  router.post('/connections/revoke', async (ctx) => {
    const { account } = signedIn(ctx)
    const target = revocationTarget(await readForm(ctx))
    const identifiers = await revokeMine(deps.desk, account.id, target, self(ctx, account.id))
    const lifetimes = tokenLifetimes(identifiers, await deps.allResources())
    seeOther(ctx, `/account/connections?ended=${lastTokenDiesAt(lifetimes, deps.desk.clock.now()).getTime()}`)
  })

  router.get('/sessions', async (ctx) => {
    const { account, sessionUid } = signedIn(ctx)
    ctx.state.render(ctx, 'me/sessions', sessionsPage(await deps.sessions.list(account.id), sessionUid))
  })

  router.post('/sessions/end-all', async (ctx) => {
    const { account } = signedIn(ctx)
    await deps.sessions.endAll(account.id)
    await deps.sessions.signOut(ctx)
    await deps.desk.record({ ...self(ctx, account.id), type: 'session.ended_all', accountId: account.id })
    seeOther(ctx, '/sign-in')
  })

  return router
}

function revocationTarget(form: URLSearchParams): RevocationTarget {
  const grantId = form.get('grant')
  if (grantId) return { kind: 'connection', grantId }
  const consentId = form.get('consent')
  if (consentId) return { kind: 'consent', consentId }
  const clientId = form.get('client')
  if (clientId) return { kind: 'client', clientId }
  if (form.get('everything') === 'yes') return { kind: 'everything' }
  throw new AppError('bad_request', 400, 'The form does not say which connection to end.')
}

async function clientsOf(
  rows: readonly { readonly clientId: string }[],
  findClient: AccountRoutesDeps['findClient'],
): Promise<ReadonlyMap<string, AskingClient>> {
  const ids = [...new Set(rows.map((row) => row.clientId))]
  const found = await Promise.all(ids.map(async (id) => [id, await findClient(id)] as const))
  return new Map(found.flatMap(([id, client]) => (client === null ? [] : [[id, client] as const])))
}

// The moment travels in the address of the redirect; anything that cannot be the life of a token is not shown.
function endedUntil(text: string | null, now: Date): Date | undefined {
  const milliseconds = text === null || !/^\d{1,15}$/.test(text) ? Number.NaN : Number(text)
  const ahead = milliseconds - now.getTime()
  return ahead > 0 && ahead <= 3_600_000 ? new Date(milliseconds) : undefined
}

function self(ctx: Context, accountId: string): Revoker {
  return { actor: `account:${accountId}`, address: ctx.state.address, requestId: ctx.state.requestId }
}
