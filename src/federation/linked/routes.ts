import Router from '@koa/router'
import type { Context } from 'koa'
import { AppError } from '../../runtime/app-error.ts'
import { seeOther, signedIn } from '../../web/context.ts'
import { requireRecentSignIn } from '../../web/middleware/recent-sign-in.ts'
import { requireAccount } from '../../web/middleware/require-account.ts'
import { type FederationDesk, unlinkIdentity } from '../people.ts'
import type { UpstreamStore } from '../upstreams/store.ts'
import { type LinkedDone, linkedPage } from './page.ts'

/** What a person's own page about linked accounts needs. */
export interface LinkedRoutesDeps {
  readonly desk: FederationDesk
  readonly upstreams: Pick<UpstreamStore, 'list'>
}

const path = '/account/security/upstreams'
const doneWords: readonly LinkedDone[] = ['linked', 'unlinked']

/** Serves the linked accounts of the person who is signed in. Linking itself begins a hop, beside the others. */
export function linkedRoutes(deps: LinkedRoutesDeps): Router {
  const router = new Router({ sensitive: true })

  router.get(path, requireAccount(), async (ctx) => {
    await showLinked(deps, ctx, { done: doneWords.find((word) => word === ctx.query.done) })
  })

  // Who takes a link away may shut its person out: asked for a recent sign-in like every change of the ways in (G22).
  const recent = requireRecentSignIn(10, { form: () => path })
  router.post('/account/security/identities/:id/unlink', requireAccount(), recent, async (ctx) => {
    const { account } = signedIn(ctx)
    const { address, requestId } = ctx.state
    const by = { actor: `account:${account.id}`, address, requestId, method: 'own_page' } as const
    // G21: looked for among this person's own; another's id takes nothing away.
    const outcome = await unlinkIdentity(deps.desk, account.id, ctx.params.id ?? '', by)
    if (outcome === 'unlinked') return seeOther(ctx, `${path}?done=unlinked`)
    if (outcome === 'last_way_in') return showLinked(deps, ctx, { isLastWayIn: true }, 409)
    throw new AppError('not_found', 404, 'There is no such linked account.', { words: 'identity_not_found' })
  })

  return router
}

async function showLinked(
  { desk, upstreams }: LinkedRoutesDeps,
  ctx: Context,
  state: { readonly done?: LinkedDone | undefined; readonly isLastWayIn?: boolean },
  status = 200,
): Promise<void> {
  const [identities, all] = await Promise.all([desk.identities.ofAccount(signedIn(ctx).account.id), upstreams.list()])
  const given = { ...state, identities, upstreams: all, passwords: desk.passwords }
  ctx.state.render(ctx, 'federation/linked', linkedPage(ctx.state.messages, ctx.state.format, given), status)
}
