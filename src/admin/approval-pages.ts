import type Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { allowForEveryone, allowForPerson, rejectClient } from '../clients/approvals/decide.ts'
import type { ApprovalStore, WaitingClient, WaitingPerson } from '../clients/approvals/store.ts'
import { type Client, isLoopbackOnly, redirectHosts } from '../clients/client.ts'
import { programKey } from '../clients/program.ts'
import type { Moment } from '../messages/format.ts'
import { AppError } from '../runtime/app-error.ts'
import type { Clock } from '../runtime/clock.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import type { PageLocals } from '../web/render.ts'
import { clientPath } from './client-list.ts'
import { type AdminRoutesDeps, authorOf } from './console.ts'

// Ours: enough that a program which somebody connects again and again stands on one page.
const pageSize = 100
const mostPeople = 1000
const shownPeople = 5

interface WaitingCard {
  readonly client: Client
  readonly redirectHosts: readonly string[]
  readonly isLocal: boolean
  readonly since: Moment
  readonly created: Moment
  readonly peopleWords: string
  readonly people: readonly {
    readonly accountId: string
    readonly name: string
    readonly email: string
    readonly asked: Moment
  }[]
  /** Said when not all are shown. */
  readonly moreWords: string | undefined
  readonly alike: string | undefined
  readonly href: string
}

interface ApprovalsPage extends PageLocals {
  /** One for each program. */
  readonly cards: readonly (WaitingCard & {
    /** Its older registrations that somebody waits for. */
    readonly earlier: readonly WaitingCard[]
    readonly earlierWords: string
  })[]
  /** The mode of registration when it holds nobody up. */
  readonly mode: string | undefined
  readonly nextHref: string | undefined
}

/** `/admin/approvals`: the queue of clients that wait, and the three answers. */
export function approvalPages(router: Router, deps: AdminRoutesDeps): void {
  const { clientDesk: desk } = deps
  router.get('/approvals', (ctx) => show(ctx, deps))

  router.post('/approvals', async (ctx) => {
    const form = await readForm(ctx)
    const id = form.get('client_id') ?? ''
    switch (form.get('decision')) {
      case 'everyone':
        await allowForEveryone(desk, id, authorOf(ctx))
        break
      case 'person':
        await allowForPerson(desk, id, form.get('account') ?? '', authorOf(ctx))
        break
      case 'never':
        await rejectClient(desk, id, authorOf(ctx))
        break
      default:
        throw new AppError('bad_request', 400, 'Choose one of the three answers.')
    }
    seeOther(ctx, '/admin/approvals')
  })
}

// Ours: long enough that a row of pages counts once, short enough that nobody waits to see who waits.
const countedForMs = 5000

/** Middleware: how many clients somebody waits for, beside the entry of the navigation. Whatever is done here is counted at once. */
export function countWaiting(approvals: Pick<ApprovalStore, 'count'>, clock: Clock): Middleware {
  let counted: { readonly count: number; readonly at: number } | undefined
  return async function count(ctx, next) {
    if (ctx.method !== 'GET') {
      try {
        await next()
      } finally {
        counted = undefined
      }
      return
    }
    const at = clock.now().getTime()
    if (counted === undefined || Math.abs(at - counted.at) >= countedForMs) {
      counted = { count: await approvals.count(), at }
    }
    ctx.state.badges = { approvals: counted.count }
    await next()
  }
}

async function show(ctx: Context, deps: AdminRoutesDeps): Promise<void> {
  const { approvals, registration } = deps.clientDesk
  const waiting = await approvals.list({ limit: pageSize, after: cursorOf(ctx.URL.searchParams) })
  const people = await approvals.people(
    waiting.map(({ clientId }) => clientId),
    mostPeople,
  )
  const cards = await Promise.all(waiting.map((one) => cardOf(ctx, deps, one, people)))
  const last = waiting.length === pageSize ? waiting.at(-1) : undefined
  const page: ApprovalsPage = {
    title: ctx.state.messages.approvals.title,
    page: 'approvals',
    area: 'admin',
    cards: folded(
      ctx,
      cards.filter((card) => card !== null),
    ),
    mode: registration === 'approval' ? undefined : registration,
    nextHref:
      last &&
      `${ctx.state.render.basePath}/admin/approvals?${new URLSearchParams({ since: String(last.since.getTime()), after: last.clientId })}`,
  }
  ctx.state.render(ctx, 'admin/approvals', page)
}

/** Registrations of one program as one card: the newest leads, in the place of the one that waits longest. */
function folded(ctx: Context, cards: readonly WaitingCard[]): ApprovalsPage['cards'] {
  const { format, messages } = ctx.state
  return [...Map.groupBy(cards, ({ client }) => programKey(client.id, client)).values()].map((ofProgram) => {
    const [lead, ...earlier] = ofProgram.toSorted((a, b) => b.client.createdAt.getTime() - a.client.createdAt.getTime())
    if (lead === undefined) throw new RangeError('a group has no member')
    return { ...lead, earlier, earlierWords: messages.approvals.earlier(format.number(earlier.length)) }
  })
}

async function cardOf(
  ctx: Context,
  deps: AdminRoutesDeps,
  waiting: WaitingClient,
  everybody: readonly WaitingPerson[],
): Promise<WaitingCard | null> {
  const { format, messages, render } = ctx.state
  const words = messages.approvals
  const client = await deps.clients.find(waiting.clientId)
  if (client === null) return null
  const counts = await deps.clientDirectory.counts(client)
  const people = everybody.filter(({ clientId }) => clientId === client.id).slice(0, shownPeople)
  const now = deps.clock.now()
  return {
    client,
    redirectHosts: redirectHosts(client.metadata),
    isLocal: isLoopbackOnly(client.metadata),
    since: format.relative(waiting.since, now),
    created: format.dateTime(client.createdAt),
    peopleWords: words.people(waiting.people),
    people: people.map((person) => ({ ...person, asked: format.relative(person.askedAt, now) })),
    moreWords: waiting.people > people.length ? words.morePeople(waiting.people - people.length) : undefined,
    alike: counts.alike > 1 ? words.alike(counts.alike - 1) : undefined,
    href: `${render.basePath}${clientPath(client.id)}`,
  }
}

function cursorOf(query: URLSearchParams): { since: Date; clientId: string } | undefined {
  const since = query.get('since') ?? ''
  const clientId = query.get('after')
  return /^\d{13}$/.test(since) && clientId !== null ? { since: new Date(Number(since)), clientId } : undefined
}
