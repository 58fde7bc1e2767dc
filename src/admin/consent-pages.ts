import type Router from '@koa/router'
import { revokeConsent } from '../consent/revoke.ts'
import type { ConsentEntry } from '../consent/store.ts'
import { dayWords, type Moment } from '../consent/words.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import type { PageLocals } from '../web/render.ts'
import { type AdminRoutesDeps, authorOf } from './console.ts'

const pageSize = 100

interface ConsentsPage extends PageLocals {
  readonly consents: readonly (ConsentEntry & { readonly granted: Moment; readonly ends: Moment | undefined })[]
  readonly filter: { readonly account: string | undefined; readonly client: string | undefined }
  /** Query of the next page when there are more rows. */
  readonly next: string | undefined
}

/** `/admin/consents`: who allowed what, filtered by person or client, and taking it back. */
export function consentPages(router: Router, deps: AdminRoutesDeps): void {
  router.get('/consents', async (ctx) => {
    const query = ctx.URL.searchParams
    const account = query.get('account') ?? undefined
    const client = query.get('client') ?? undefined
    const offset = /^\d{1,7}$/.test(query.get('from') ?? '') ? Number(query.get('from')) : 0
    const found = await deps.consents.list({ accountId: account, clientId: client, limit: pageSize, offset })
    const page: ConsentsPage = {
      title: 'Consents',
      page: 'consents',
      area: 'admin',
      consents: found.map((consent) => ({
        ...consent,
        granted: dayWords(consent.grantedAt),
        ends: consent.expiresAt === undefined ? undefined : dayWords(consent.expiresAt),
      })),
      filter: { account, client },
      next: found.length < pageSize ? undefined : nextQuery(account, client, offset + pageSize),
    }
    ctx.state.render(ctx, 'admin/consents', page)
  })

  router.post('/consents/revoke', async (ctx) => {
    const consent = await deps.consents.find((await readForm(ctx)).get('consent') ?? '')
    if (consent === null) throw new AppError('not_found', 404, 'There is no such consent. It may have ended already.')
    await revokeConsent(deps.revocation, consent, authorOf(ctx))
    seeOther(ctx, '/admin/consents')
  })
}

function nextQuery(account: string | undefined, client: string | undefined, from: number): string {
  const query = new URLSearchParams({ from: String(from) })
  if (account !== undefined) query.set('account', account)
  if (client !== undefined) query.set('client', client)
  return query.toString()
}
