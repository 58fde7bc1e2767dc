import { Readable } from 'node:stream'
import Router from '@koa/router'
import type { Context } from 'koa'
import { type Account, normaliseEmail } from '../accounts/account.ts'
import type { Audit } from '../audit/record.ts'
import type { Revoker } from '../consent/revoke.ts'
import type { IdentityStore } from '../federation/identities/store.ts'
import { readForm } from '../web/body.ts'
import { type SessionPort, signedIn } from '../web/context.ts'
import { requireRecentSignIn } from '../web/middleware/recent-sign-in.ts'
import type { PageLocals } from '../web/render.ts'
import { type ExportSources, exportText } from './export.ts'
import type { MyDesk } from './revoke.ts'

/** What a person's data needs: to be read, and to be removed. */
export interface DataRoutesDeps {
  readonly issuer: string
  readonly desk: MyDesk
  readonly audit: Pick<Audit, 'list'>
  readonly factors: ExportSources['factors']
  readonly findAccount: (accountId: string) => Promise<Account | null>
  readonly identities: Pick<IdentityStore, 'ofAccount'>
  /** Removes an account with all that it holds; false for the last administrator. */
  readonly removeAccount: (accountId: string, by: Revoker) => Promise<boolean>
  readonly sessions: Pick<SessionPort, 'list' | 'signOut'>
}

/** Why an account is not deleted. */
type RemovalFault = 'email' | 'last_administrator'

interface DataPage extends PageLocals {
  readonly fault: string | undefined
  readonly message: string | undefined
}

/**
 * `/data` below `/account`: take one's data along, delete one's account. Both want a recent sign-in (G22): a browser that
 * was left open neither hands out a life's history nor ends it.
 */
export function dataRoutes(deps: DataRoutesDeps): Router {
  const { desk, sessions } = deps
  const router = new Router({ prefix: '/data', sensitive: true })
  const recent = requireRecentSignIn(10, { clock: desk.clock })

  router.get('/', (ctx) => ctx.state.render(ctx, 'me/data', dataPage(ctx)))

  router.post('/export', recent, async (ctx) => {
    const { account } = signedIn(ctx)
    const whole = await deps.findAccount(account.id)
    if (whole === null) return
    const now = desk.clock.now()
    await desk.record({ ...self(ctx, account.id), type: 'account.exported', accountId: account.id })
    ctx.type = 'application/json'
    ctx.set('Content-Disposition', `attachment; filename="sallyport-${now.toISOString().slice(0, 10)}.json"`)
    ctx.body = Readable.from(
      exportText({
        issuer: deps.issuer,
        account: whole,
        sessions: await sessions.list(account.id),
        identities: await deps.identities.ofAccount(account.id),
        consents: desk.store,
        connections: desk.connections,
        audit: deps.audit,
        factors: deps.factors,
        now,
      }),
    )
  })

  router.post('/delete', recent, async (ctx) => {
    const { account } = signedIn(ctx)
    const typed = normaliseEmail((await readForm(ctx)).get('email') ?? '')
    const fault = typed === account.email ? await remove(deps, ctx, account.id) : 'email'
    if (fault !== undefined) {
      ctx.state.render(ctx, 'me/data', dataPage(ctx, fault), fault === 'email' ? 400 : 409)
      return
    }
    await sessions.signOut(ctx)
    ctx.state.session = undefined
    ctx.state.render(ctx, 'me/gone', { title: ctx.state.messages.me.gone.heading, page: 'account-deleted' })
  })

  return router
}

async function remove(deps: DataRoutesDeps, ctx: Context, accountId: string): Promise<RemovalFault | undefined> {
  return (await deps.removeAccount(accountId, self(ctx, accountId))) ? undefined : 'last_administrator'
}

function dataPage(ctx: Context, fault?: RemovalFault): DataPage {
  const { data } = ctx.state.messages.me
  return {
    title: data.heading,
    page: 'data',
    area: 'account',
    here: '/account/data',
    message: fault && data.refused,
    fault: fault && data.faults[fault],
  }
}

function self(ctx: Context, accountId: string): Revoker {
  return { actor: `account:${accountId}`, address: ctx.state.address, requestId: ctx.state.requestId }
}
