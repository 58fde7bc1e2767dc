import Router from '@koa/router'
import type { Context } from 'koa'
import type { Admissions } from '../clients/approvals/approval.ts'
import type { Client } from '../clients/client.ts'
import { redirectHosts } from '../clients/client.ts'
import type { AuthorizationInProgress, InteractionPort } from '../oauth/interaction.ts'
import { seeOther } from '../web/context.ts'
import { continuePage } from '../web/continue-page.ts'
import type { PageLocals } from '../web/render.ts'
import type { ResumePort } from './interaction-port.ts'
import { protocolErrorPage } from './pages.ts'

/** What the page of a parked request needs. */
export interface ApprovalRoutesDeps {
  readonly interactions: Pick<InteractionPort<Context>, 'details'> & ResumePort
  readonly admissions: Pick<Admissions, 'of'>
  readonly findClient: (clientId: string) => Promise<Client | null>
  readonly findAccount: (accountId: string) => Promise<{ readonly email: string; readonly role: string } | null>
  readonly resourceName: (identifier: string) => Promise<string>
}

interface WaitingPage extends PageLocals {
  readonly client: Pick<Client, 'claimedName' | 'provenHost'>
  readonly redirectHosts: readonly string[]
  readonly resourceName: string
  readonly email: string
  readonly isAdmin: boolean
  readonly uid: string
}

/**
 * Serves `/interaction/:uid/approval`: the page that says that an administrator must let the client in. Loaded again after the
 * decision, it goes on by itself; the request lives as long as any other that waits for a person.
 */
export function approvalRoutes(deps: ApprovalRoutesDeps): Router {
  const router = new Router({ sensitive: true })
  router.get('/interaction/:uid/approval', async (ctx) => {
    const authorization = await deps.interactions.details(ctx)
    if (authorization === null || authorization.uid !== ctx.params.uid) {
      return protocolErrorPage(ctx, 400, 'session_not_found')
    }
    const { accountId, clientId, uid } = authorization
    if (authorization.prompt === 'login' || accountId === undefined) return seeOther(ctx, `/interaction/${uid}/sign-in`)
    const client = await deps.findClient(clientId)
    const admission = await deps.admissions.of(clientId, accountId)
    if (client === null || admission === 'out')
      return protocolErrorPage(ctx, 403, client?.state ?? 'invalid_client', { client })
    if (admission === 'in') return continuePage(ctx, await deps.interactions.resume(ctx, uid))
    await showWaiting(deps, ctx, authorization, client, accountId)
  })
  return router
}

async function showWaiting(
  deps: ApprovalRoutesDeps,
  ctx: Context,
  { uid, resource }: AuthorizationInProgress,
  client: Client,
  accountId: string,
): Promise<void> {
  const [account, resourceName] = await Promise.all([deps.findAccount(accountId), deps.resourceName(resource)])
  const page: WaitingPage = {
    title: ctx.state.messages.approvals.waiting.heading,
    page: 'approval-pending',
    client,
    redirectHosts: redirectHosts(client.metadata),
    resourceName,
    email: account?.email ?? '',
    isAdmin: account?.role === 'admin',
    uid,
  }
  ctx.state.render(ctx, 'admin/approval-pending', page)
}
