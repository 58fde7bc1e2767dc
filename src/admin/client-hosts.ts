import type Router from '@koa/router'
import type { Context } from 'koa'
import { blockHost, type HostDesk, unblockHost } from '../clients/blocked-hosts/block.ts'
import type { Moment } from '../messages/format.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import type { PageLocals } from '../web/render.ts'
import { authorOf } from './console.ts'

interface HostsPage extends PageLocals {
  readonly hosts: readonly { readonly host: string; readonly since: Moment }[]
  readonly typed: string
  readonly fault: string | undefined
  readonly done: string | undefined
}

/** `/admin/clients/hosts`: hosts whose clients are refused. */
export function clientHosts(router: Router, { hostDesk }: { readonly hostDesk: HostDesk }): void {
  router.get('/clients/hosts', (ctx) => show(ctx, hostDesk))

  router.post('/clients/hosts/block', async (ctx) => {
    const typed = ((await readForm(ctx)).get('host') ?? '').slice(0, 300)
    try {
      await blockHost(hostDesk, typed, authorOf(ctx))
      seeOther(ctx, '/admin/clients/hosts?done=blocked')
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      await show(ctx, hostDesk, { typed, error })
    }
  })

  router.post('/clients/hosts/unblock', async (ctx) => {
    await unblockHost(hostDesk, (await readForm(ctx)).get('host') ?? '', authorOf(ctx))
    seeOther(ctx, '/admin/clients/hosts?done=unblocked')
  })
}

async function show(
  ctx: Context,
  { blockedHosts }: HostDesk,
  refused?: { readonly typed: string; readonly error: AppError },
): Promise<void> {
  const { format, messages, render } = ctx.state
  const { hosts: words } = messages.adminClients
  const done = ctx.URL.searchParams.get('done')
  const errors: Readonly<Record<string, unknown>> = messages.errors
  const fault = refused && errors[refused.error.code]
  const page: HostsPage = {
    title: words.title,
    page: 'clients',
    area: 'admin',
    hosts: (await blockedHosts.list()).map(({ host, since }) => ({ host, since: format.date(since) })),
    typed: refused?.typed ?? '',
    fault: typeof fault === 'string' ? fault : refused?.error.message,
    done: done === 'blocked' || done === 'unblocked' ? words[done] : undefined,
  }
  render(ctx, 'admin/client-hosts', page, refused?.error.status ?? 200)
}
