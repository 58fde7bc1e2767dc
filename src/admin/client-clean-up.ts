import type Router from '@koa/router'
import type { Context } from 'koa'
import { type CleanUpPreview, type CleanUpRule, cleanUp, previewCleanUp } from '../clients/clean-up/clean-up.ts'
import { redirectHosts } from '../clients/client.ts'
import type { Moment } from '../messages/format.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import type { PageLocals } from '../web/render.ts'
import { clientPath } from './client-list.ts'
import { type AdminRoutesDeps, authorOf } from './console.ts'

interface CleanUpPage extends PageLocals {
  readonly fields: { readonly unusedHours: string; readonly idleDays: string }
  readonly fault: string | undefined
  readonly done: string | undefined
  readonly preview:
    | {
        readonly unused: string
        readonly idle: string
        readonly count: number
        readonly countWords: string
        /** Said when more fit than go at once. */
        readonly limitWords: string | undefined
        readonly samples: readonly {
          readonly href: string
          readonly claimedName: string
          readonly redirectHosts: readonly string[]
          readonly created: Moment
        }[]
        readonly asOf: string
        readonly token: string
      }
    | undefined
}

// Ours: a day is long enough to finish connecting, a quarter long enough to come back from a holiday (D01).
const usualFields = { unusedHours: '24', idleDays: '90' }

/** `/admin/clients/clean-up`: a rule, what it would remove, and the removal of exactly that. */
export function clientCleanUp(router: Router, { clientDesk: desk }: AdminRoutesDeps): void {
  router.get('/clients/clean-up', async (ctx) => {
    const query = ctx.URL.searchParams
    const removed = query.get('removed')
    if (removed !== null && /^\d{1,7}$/.test(removed)) return show(ctx, usualFields, { removed: Number(removed) })
    if (!query.has('unused_hours') && !query.has('idle_days')) return show(ctx, usualFields, {})
    await preview(ctx, query)
  })

  router.post('/clients/clean-up', async (ctx) => {
    const form = await readForm(ctx)
    const asOf = new Date(Number(form.get('as_of') ?? ''))
    try {
      if (Number.isNaN(asOf.getTime())) throw new AppError('clean_up_changed', 409, 'the preview has no moment')
      const previewed = { asOf, token: form.get('token') ?? '' }
      const removed = await cleanUp(desk, ruleOf(form), previewed, authorOf(ctx))
      seeOther(ctx, `/admin/clients/clean-up?removed=${removed}`)
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'clean_up_changed')) throw error
      await preview(ctx, form, ctx.state.messages.errors.clean_up_changed)
    }
  })

  async function preview(ctx: Context, form: URLSearchParams, fault?: string): Promise<void> {
    const fields = fieldsOf(form)
    try {
      show(ctx, fields, { preview: await previewCleanUp(desk, ruleOf(form)), fault })
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'bad_request')) throw error
      const words = ctx.state.messages.errors
      const isEmpty = fields.unusedHours === '' && fields.idleDays === ''
      show(ctx, fields, { fault: isEmpty ? words.clean_up_empty : words.clean_up_range })
    }
  }
}

function show(
  ctx: Context,
  fields: CleanUpPage['fields'],
  { preview, fault, removed }: { preview?: CleanUpPreview; fault?: string; removed?: number },
): void {
  const { format, messages } = ctx.state
  const words = messages.adminClients.cleanUp
  const page: CleanUpPage = {
    title: words.title,
    page: 'clients',
    area: 'admin',
    fields,
    fault,
    done: removed === undefined ? undefined : words.done(removed, format.number(removed)),
    preview: preview && {
      unused: format.number(preview.unused),
      idle: format.number(preview.idle),
      count: preview.count,
      countWords: format.number(preview.count),
      limitWords:
        preview.unused + preview.idle > preview.count ? words.capped(format.number(preview.limit)) : undefined,
      samples: preview.samples.map((client) => ({
        href: `${ctx.state.render.basePath}${clientPath(client.id)}`,
        claimedName: client.claimedName,
        redirectHosts: redirectHosts(client.metadata),
        created: format.date(client.createdAt),
      })),
      asOf: String(preview.asOf.getTime()),
      token: preview.token,
    },
  }
  ctx.state.render(ctx, 'admin/client-clean-up', page, fault === undefined ? 200 : preview === undefined ? 400 : 409)
}

function fieldsOf(form: URLSearchParams): CleanUpPage['fields'] {
  const text = (name: string) => (form.get(name) ?? '').trim().slice(0, 8)
  return { unusedHours: text('unused_hours'), idleDays: text('idle_days') }
}

function ruleOf(form: URLSearchParams): CleanUpRule {
  const { unusedHours, idleDays } = fieldsOf(form)
  // What is no whole number is refused by the room, not read as something near it.
  const number = (text: string) => (text === '' ? undefined : /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN)
  return { unusedHours: number(unusedHours), idleDays: number(idleDays) }
}
