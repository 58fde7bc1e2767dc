import Router from '@koa/router'
import type { Context } from 'koa'
import { normaliseEmail, normaliseName, parseRole } from '../accounts/account.ts'
import type { ClosingDesk } from '../accounts/close.ts'
import type { Directory, PeopleKind } from '../accounts/directory/store.ts'
import { invitePerson } from '../accounts/invite.ts'
import type { LinkDesk } from '../accounts/links/send.ts'
import type { SignOutDesk } from '../accounts/sign-out.ts'
import type { ResetDesk } from '../credentials/factors/reset.ts'
import type { ProofGuard } from '../credentials/throttle/guard.ts'
import type { FederationDesk } from '../federation/people.ts'
import type { UpstreamStore } from '../federation/upstreams/store.ts'
import { isLocale } from '../messages/messages.ts'
import { field, readForm } from '../web/body.ts'
import { type SessionPort, signedIn } from '../web/context.ts'
import { requireRecentSignIn } from '../web/middleware/recent-sign-in.ts'
import { requireAdmin } from '../web/middleware/require-account.ts'
import { allowOwnScripts } from '../web/middleware/security-headers.ts'
import { authorOf } from './console.ts'
import { requirePasswordSignIn } from './password-links.ts'
import { type InviteFaults, type InviteInput, invitePage, peoplePage } from './people-page.ts'
import { personActs, showLink } from './person.ts'
import type { PersonConnection } from './person-page.ts'

/** What the pages about people need. The acts are those of the command line. */
export interface PeopleDeps {
  readonly desk: LinkDesk & ClosingDesk & SignOutDesk & { readonly directory: Directory }
  readonly sessions: Pick<SessionPort, 'list'>
  readonly federation: FederationDesk
  readonly upstreams: Pick<UpstreamStore, 'list'>
  /** Failed sign-ins, and what makes an account wait. */
  readonly guard: ProofGuard
  readonly factors: ResetDesk
  /** Removes an account with everything it holds. False when it is unknown, or the last active administrator. */
  readonly remove: (accountId: string, by: ReturnType<typeof authorOf>) => Promise<boolean>
  readonly connections: {
    list(accountId: string): Promise<readonly PersonConnection[]>
    /** Ends one connection of this account. @throws AppError `not_found` when it is not this account's */
    end(accountId: string, grantId: string, by: ReturnType<typeof authorOf>): Promise<void>
  }
}

const pageSize = 50
const kinds: readonly PeopleKind[] = ['admins', 'invited', 'disabled']

/** Serves `/admin/people`: the list, invitations, and below them one person each. A member gets 404, also on posts (G21). */
export function peopleRoutes(deps: PeopleDeps): Router {
  const router = new Router({ prefix: '/admin/people', sensitive: true })
  router.use(requireAdmin())
  router.use(allowOwnScripts())
  // The page that the person comes back to holds the form.
  const recent = requireRecentSignIn(10, { form: (path) => path })
  const invites = requirePasswordSignIn(deps.federation.passwords)

  router.get('/', async (ctx) => {
    const query = ctx.URL.searchParams
    const filter = {
      text: (query.get('q') ?? '').trim().slice(0, 200) || undefined,
      kind: kinds.find((kind) => kind === query.get('kind')),
      after: query.get('after')?.slice(0, 254) || undefined,
    }
    const found = await deps.desk.directory.list({ ...filter, limit: pageSize + 1 })
    const ownId = signedIn(ctx).account.id
    const wasRemoved = query.get('done') === 'removed'
    const { format, messages, render } = ctx.state
    const mayInvite = deps.federation.passwords
    const facts = { found, pageSize, filter, ownId, wasRemoved, mayInvite }
    render(ctx, 'admin/people', peoplePage(messages, format, facts))
  })

  router.get('/invite', invites, recent, (ctx) => {
    showInvite(ctx, deps, { email: '', name: '', role: 'member', locale: ctx.state.locale })
  })

  router.post('/invite', invites, recent, async (ctx) => {
    const form = await readForm(ctx)
    // G21: these four and nothing else; whatever more a form holds is not looked at.
    const input = {
      email: field(form, 'email'),
      name: field(form, 'name'),
      role: field(form, 'role'),
      locale: field(form, 'locale'),
    }
    const email = normaliseEmail(input.email)
    const name = normaliseName(input.name)
    const role = parseRole(input.role)
    if (email === null || name === null || role === null) {
      return showInvite(ctx, deps, input, {
        email: email === null ? 'email' : undefined,
        name: name === null ? 'name' : undefined,
        role: role === null ? 'role' : undefined,
      })
    }
    const request = { locale: isLocale(input.locale) ? input.locale : ctx.state.locale, method: 'console' }
    const made = await invitePerson(deps.desk, { email, name, role }, authorOf(ctx), request)
    if (made === null) return showInvite(ctx, deps, input, { email: 'taken' })
    showLink(ctx, made)
  })

  personActs(router, deps)
  return router
}

function showInvite(ctx: Context, { desk }: PeopleDeps, input: InviteInput, faults?: InviteFaults): void {
  const page = invitePage(ctx.state.messages, input, desk.mailer !== undefined, faults)
  ctx.state.render(ctx, 'admin/person-invite', page, faults === undefined ? 200 : 400)
}
