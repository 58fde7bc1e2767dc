import type Router from '@koa/router'
import type { Context } from 'koa'
import { type Account, normaliseEmail, parseRole } from '../accounts/account.ts'
import { disableAccount, enableAccount } from '../accounts/close.ts'
import { type MadeLink, makeLink } from '../accounts/links/send.ts'
import { setRole } from '../accounts/role.ts'
import { signOutEverywhere } from '../accounts/sign-out.ts'
import { countFactors, resetFactors } from '../credentials/factors/reset.ts'
import { unlockAccount } from '../credentials/throttle/unlock.ts'
import { upstreamOf } from '../federation/linked/page.ts'
import { unlinkIdentity } from '../federation/people.ts'
import { AppError } from '../runtime/app-error.ts'
import { field, readForm } from '../web/body.ts'
import { seeOther, signedIn } from '../web/context.ts'
import { requireRecentSignIn } from '../web/middleware/recent-sign-in.ts'
import { authorOf } from './console.ts'
import { requirePasswordSignIn } from './password-links.ts'
import type { PeopleDeps } from './people.ts'
import { linkPage } from './people-page.ts'
import { type PersonDone, type PersonFault, personPage } from './person-page.ts'

const doneWords: readonly PersonDone[] = [
  'role',
  'disabled',
  'enabled',
  'signed_out',
  'unlocked',
  'factors_reset',
  'disconnected',
  'unlinked',
]

/** `/admin/people/:id`: one person, and every act on them. Each act wants a recent sign-in (threat G22). */
export function personActs(router: Router, deps: PeopleDeps): void {
  const { desk } = deps
  const recent = requireRecentSignIn()

  router.get('/:id', async (ctx) => {
    const account = await personHere(deps, ctx)
    const done = doneWords.find((word) => word === ctx.query.done)
    await showPerson(ctx, deps, account, { done })
  })

  router.post('/:id/role', recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    const role = parseRole(field(await readForm(ctx), 'role'))
    if (role === null) return showPerson(ctx, deps, account, { fault: 'role' })
    if (role === account.role || (await setRole(desk, account.id, role, authorOf(ctx)))) {
      return backTo(ctx, account, 'role')
    }
    await showPerson(ctx, deps, account, { fault: 'last_admin' })
  })

  router.post('/:id/disable', recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    if (account.state === 'disabled' || (await disableAccount(desk, account.id, authorOf(ctx), 'console'))) {
      return backTo(ctx, account, 'disabled')
    }
    await showPerson(ctx, deps, account, { fault: 'last_admin' })
  })

  router.post('/:id/enable', recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    await enableAccount(desk, account.id, authorOf(ctx))
    backTo(ctx, account, 'enabled')
  })

  router.post('/:id/sign-out', recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    await signOutEverywhere(desk, account.id, authorOf(ctx))
    backTo(ctx, account, 'signed_out')
  })

  router.post('/:id/unlock', recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    const { guard } = deps
    await unlockAccount({ guard, auditStatement: desk.auditStatement }, account, authorOf(ctx), 'console')
    backTo(ctx, account, 'unlocked')
  })

  router.post('/:id/reset-factors', recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    await resetFactors(deps.factors, account.id, authorOf(ctx), 'console')
    backTo(ctx, account, 'factors_reset')
  })

  router.post('/:id/link', requirePasswordSignIn(deps.federation.passwords), recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    const request = { locale: ctx.state.locale, method: 'console' }
    const made = await makeLink(desk, account.id, authorOf(ctx), request)
    if (made === null) return showPerson(ctx, deps, account, { fault: 'disabled' })
    showLink(ctx, made)
  })

  router.post('/:id/disconnect', recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    // G21: the connection is looked for among this person's own; another's id opens nothing.
    await deps.connections.end(account.id, field(await readForm(ctx), 'connection'), authorOf(ctx))
    backTo(ctx, account, 'disconnected')
  })

  router.post('/:id/unlink', recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    const identity = field(await readForm(ctx), 'identity')
    const outcome = await unlinkIdentity(deps.federation, account.id, identity, { ...authorOf(ctx), method: 'console' })
    if (outcome === 'last_way_in') return showPerson(ctx, deps, account, { fault: 'last_way_in' })
    backTo(ctx, account, 'unlinked')
  })

  router.post('/:id/remove', recent, async (ctx) => {
    const account = await personHere(deps, ctx)
    const typed = normaliseEmail(field(await readForm(ctx), 'confirm'))
    if (typed !== account.email) return showPerson(ctx, deps, account, { fault: 'not_confirmed' })
    if (await deps.remove(account.id, authorOf(ctx))) {
      return seeOther(ctx, '/admin/people?done=removed')
    }
    await showPerson(ctx, deps, account, { fault: 'last_admin' })
  })
}

/** Answers the post itself, without a redirect: the link is shown once and stored nowhere it could be fetched again. */
export function showLink(ctx: Context, made: MadeLink): void {
  ctx.state.render(ctx, 'admin/person-link', linkPage(ctx.state.messages, ctx.state.format, made))
}

async function personHere({ desk }: PeopleDeps, ctx: Context & { params: Record<string, string> }): Promise<Account> {
  const account = await desk.store.find(ctx.params.id ?? '')
  if (account !== null) return account
  throw new AppError('not_found', 404, 'There is no such account here (any more).', { words: 'person_not_found' })
}

function backTo(ctx: Context, { id }: Account, done: PersonDone): void {
  seeOther(ctx, `/admin/people/${id}?done=${done}`)
}

const statuses: Readonly<Record<PersonFault, number>> = {
  last_admin: 409,
  not_confirmed: 400,
  role: 400,
  disabled: 409,
  last_way_in: 409,
}

async function showPerson(
  ctx: Context,
  deps: PeopleDeps,
  account: Account,
  { done, fault }: { readonly done?: PersonDone; readonly fault?: PersonFault },
): Promise<void> {
  const [sessions, connections, lockout, factors, identities, upstreams] = await Promise.all([
    deps.sessions.list(account.id),
    deps.connections.list(account.id),
    deps.guard.standing(account.email),
    countFactors(deps.factors, account.id),
    deps.federation.identities.ofAccount(account.id),
    deps.upstreams.list(),
  ])
  const { format, messages, render } = ctx.state
  const ownId = signedIn(ctx).account.id
  const page = personPage(messages, format, {
    account,
    ownId,
    sessionCount: sessions.length,
    connections,
    lockout,
    factors,
    identities: identities.map((identity) => ({ identity, upstream: upstreamOf(identity, upstreams) })),
    mayLink: deps.federation.passwords,
    done,
    fault,
  })
  render(ctx, 'admin/person', page, fault === undefined ? 200 : statuses[fault])
}
